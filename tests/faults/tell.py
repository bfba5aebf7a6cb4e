"""One line of TAP a row of the catalogue: what shows it, and that this is really run.

A test is run if one of meson's tests runs its file and does not leave it out: of pytest the words
are looked at (-m, -k), of a C file the program that it belongs to.  That a function of a C file is
in its program's list is the compiler's business: one that nobody names does not build.
"""

import collections
import json
import os
import pathlib
import re
import sys

import pytest

import catalogue

TESTS = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ["PICKET_BUILD"])


def introspect(name):
    return json.loads((BUILD / "meson-info" / f"intro-{name}.json").read_text())


class Collector:
    """The names of tests that pytest finds in a file, and whether each is a long one."""

    def __init__(self, files):
        self.found = collections.defaultdict(dict)
        words = ["-c", str(TESTS / "e2e" / "pytest.ini"), "--collect-only", "-qq", *map(str, files)]
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            out, sys.stdout = sys.stdout, nowhere
            try:
                assert pytest.main(words, plugins=[self]) == 0
            finally:
                sys.stdout = out

    def pytest_collection_modifyitems(self, items):
        for item in items:
            is_long = item.get_closest_marker("long") is not None
            self.found[pathlib.Path(item.path)][item.name] = is_long


def option(words, letter):
    return words[words.index(letter) + 1] if letter in words else None


def is_chosen(words, name, is_long):
    """As pytest chooses by the words of a test of meson's: only these two are understood."""
    marks, part = option(words, "-m"), option(words, "-k")
    # The first -m is python's own.
    if words.count("-m") > 1:
        marks = words[len(words) - words[::-1].index("-m")]
    assert marks in (None, "pytest", "not long"), marks
    return not (marks == "not long" and is_long) and (not part or part.lower() in name.lower())


class Runs:
    """What meson runs."""

    def __init__(self):
        self.python = collections.defaultdict(list)
        self.sources = {}
        programs = {}
        for one in introspect("tests"):
            programs[one["cmd"][0]] = one["name"]
            for word in one["cmd"]:
                if word.endswith(".py"):
                    self.python[(BUILD / word).resolve()].append((one["name"], one["cmd"]))
        for target in introspect("targets"):
            for program in target["filename"]:
                if program in programs:
                    for source in sum((s["sources"] for s in target["target_sources"]), []):
                        self.sources[pathlib.Path(source)] = programs[program]
        self.service = [one["name"] for one in introspect("tests") if one["suite"][0].endswith("service")]
        self.collected = Collector([path for path in self.python if path.name.startswith("test_")])

    def of_python(self, path, name):
        items = self.collected.found.get(path)
        if items is None:
            return f"meson runs no {path.name}"
        if name not in items:
            return f"{path.name} has no '{name}'"
        if not any(is_chosen(words, name, items[name]) for _, words in self.python[path]):
            return f"'{name}' of {path.name} is left out wherever that is run"
        return None

    def of_c(self, path, name):
        if path not in self.sources:
            return f"{path.name} is in no program that meson runs as a test"
        if not re.search(rf"^static void {name}\(void \*\*state\)$", path.read_text(), re.M):
            return f"{path.name} has no '{name}'"
        return None

    def of_claims(self, path, name):
        """Of the service: the list at its end is what runs."""
        claims = path.read_text().partition("\nCLAIMS = [\n")[2].partition("\n]\n")[0]
        if not self.service or f"    {name}," not in claims.splitlines():
            return f"{path.name} does not claim '{name}'"
        return None

    def fault(self, path, name):
        """Why this is no test, or None."""
        path = TESTS / path
        if not path.exists():
            return f"there is no {path.relative_to(TESTS)}"
        if path.suffix == ".yaml":
            # Read by the test that stands before it.
            return None if path.with_suffix(".expected").exists() else f"{path.name} has no complaints"
        if path.parent.name == "fuzz":
            return None if path in self.sources else f"{path.name} is no target that meson replays"
        if path.name == "claims.py":
            return self.of_claims(path, name)
        return self.of_python(path, name) if path.suffix == ".py" else self.of_c(path, name)


def kind(row):
    if row.open:
        return "open"
    if row.cannot:
        return "cannot"
    return "partly" if row.lacks else "whole"


def faults_of(row, runs):
    faults = [fault for path, name in row.tests if (fault := runs.fault(path, name))]
    if bool(row.tests) == bool(row.open or row.cannot) or (row.lacks and not row.tests):
        faults.append("it has either tests, or the reason for having none")
    if not row.fault or not row.id[1:].isdigit():
        faults.append("it has an id and words")
    mine = re.compile(rf"test_{row.id}_")
    for path, names in runs.collected.found.items():
        for name in names:
            if path.parent.name == "faults" and mine.match(name) and \
                    (f"faults/{path.name}", name) not in row.tests:
                faults.append(f"'{name}' is not in the catalogue")
    return faults


def shown(row):
    tests = ", ".join(f"{path}: {name}" if name else path for path, name in row.tests)
    return row.open or row.cannot or tests + (f" (lacks: {row.lacks})" if row.lacks else "")


def main():
    rows, runs = catalogue.ROWS, Runs()
    readme = (TESTS / "faults" / "README.md").read_text()
    print(f"1..{len(rows) + 2}")
    bad = False
    for number, row in enumerate(rows, 1):
        faults = faults_of(row, runs)
        if kind(row) != "whole" and not re.search(rf"^\| {row.id} \|", readme, re.M):
            faults.append("README.md does not name it among those that are not whole")
        bad |= bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {row.id} {kind(row)}: {row.fault}")
        print("#   " + "; ".join(faults or [shown(row)]))
    wanted = [f"{letter}{i}" for letter, count in catalogue.LETTERS.items() for i in range(1, count + 1)]
    is_complete = [row.id for row in rows] == wanted
    print(f"{'ok' if is_complete else 'not ok'} {len(rows) + 1} - each row is there once, in order")
    named = set(re.findall(r"^\| ([A-Z]\d+) \|", readme, re.M))
    is_true = named == {row.id for row in rows if kind(row) != "whole"}
    print(f"{'ok' if is_true else 'not ok'} {len(rows) + 2} - README.md lists those that are not whole")
    print("#", dict(collections.Counter(map(kind, rows))))
    return bad or not is_complete or not is_true


if __name__ == "__main__":
    sys.exit(main())
