"""Which tests reach which line of daemon/: gcov's counters of each test of one run of all."""

import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

# Runs a test with counters of its own: a folder, then the command.
KEEP_APART = 'GCOV_PREFIX="$1/$(printf "%s\\n" "$@" | tail -n +2 | md5sum | cut -c1-32)"; ' \
             'export GCOV_PREFIX; shift; exec "$@"'


def folder_of(command):
    """The name that KEEP_APART gives to the counters of a command."""
    return hashlib.md5("".join(f"{word}\n" for word in command).encode()).hexdigest()


class Reach:
    """Built and run once for a tree, with its tests; kept for the next seed."""

    def __init__(self, tree, folder, suites):
        self.tree, self.folder, self.suites = tree, folder.resolve(), suites
        self.build, self.counters = self.folder / "build", self.folder / "counters"
        self.tests, self.objects = [], {}

    def get_ready(self):
        finished = self.folder / "finished"
        if not finished.exists():
            print("looking which tests reach which lines", file=sys.stderr, flush=True)
            for old in self.folder.parent.glob("mutate-reach-*"):
                shutil.rmtree(old)
            self.folder.mkdir()
            self.run_all()
            finished.touch()
        # Named after the wrapper too.
        log = next((self.build / "meson-logs").glob("reach*.json")).read_text().splitlines()
        took = {}
        for entry in map(json.loads, log):
            name = entry["name"].split(" / ")[-1]
            if entry["result"] == "OK":
                took[name] = entry["duration"]
            else:  # what fails in the whole tree notices nothing
                print(f"without {name}: {entry['result']}", file=sys.stderr)
        self.tests = sorted(
            ((took[test["name"]], test) for test in self.introspect() if test["name"] in took),
            key=lambda pair: (self.suites.index(self.suite_of(pair[1])), pair[0]))
        self.objects = {
            os.path.realpath(self.build / entry["file"]): entry["output"]
            for entry in json.loads((self.build / "compile_commands.json").read_text())}

    def introspect(self):
        said = subprocess.run(["meson", "introspect", "--tests", self.build], check=True,
                              capture_output=True, text=True).stdout
        return json.loads(said)

    def suite_of(self, test):
        names = [suite.rpartition(":")[2] for suite in test["suite"]]
        return next((suite for suite in self.suites if suite in names), None)

    def run_all(self):
        shutil.copytree(self.tree, self.folder / "tree")
        options = ["-Dwerror=false", "-Dshared_rooms=true", "-Dbuildtype=debug",
                   "-Doptimization=1", "-Db_coverage=true"]
        chosen = [word for suite in self.suites for word in ("--suite", suite)]
        wrapper = shlex.join(["sh", "-c", KEEP_APART, "apart", str(self.counters)])
        for words in (["meson", "setup", self.build, self.folder / "tree", *options],
                      ["ninja", "-C", self.build]):
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", check=False)
            if done.returncode != 0:
                sys.exit(done.stdout[-4000:] + "\nmutate: the tree does not build")
        subprocess.run(["meson", "test", "-C", self.build, "--no-rebuild", "--logbase", "reach",
                        "--timeout-multiplier", "3", "--wrapper", wrapper, *chosen,
                        "--no-suite", "long"], stdout=subprocess.DEVNULL, check=False)

    def times(self, place, counters, file, line):
        """How often a line was run; of one without counters, the last before it that has some."""
        notes = place / counters.with_suffix(".gcno")
        if not notes.exists():
            notes.symlink_to(self.build / counters.with_suffix(".gcno"))
        said = subprocess.run(["gcov", "--json-format", "--stdout", counters.name],
                              cwd=notes.parent, check=True, capture_output=True, text=True)
        lines = [(entry["line_number"], entry["count"])
                 for part in json.loads(said.stdout)["files"] if part["file"].endswith(file)
                 for entry in part["lines"] if entry["line_number"] <= line]
        last = max(lines, default=(0, 0))[0]
        return sum(count for number, count in lines if number == last)

    def of(self, file, line):
        """(seconds, name, suite) of the tests that reach a line, the first suites first."""
        counters = pathlib.Path(self.objects[os.path.realpath(self.folder / "tree" / file)])
        counters = counters.with_suffix(".gcda")
        found = []
        for seconds, test in self.tests:
            place = self.counters / folder_of(test["cmd"]) / str(self.build)[1:]
            if (place / counters).exists() and self.times(place, counters, file, line):
                found.append((seconds, test["name"], self.suite_of(test)))
        return found
