#!/usr/bin/python3
"""new_probe - scripts/new-probe makes what a probe needs, and the build wants all of it.

    new_probe.py SOURCE-ROOT
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])


def run(*words, where):
    return subprocess.run(words, cwd=where, capture_output=True, text=True, check=False)


def texts(root):
    return {path.relative_to(root): path.read_bytes()
            for path in root.rglob("*") if path.is_file()}


def copy(root):
    for part in ("daemon", "man", "tests", "scripts", "systemd", "conf"):
        shutil.copytree(SOURCE / part, root / part,
                        ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("meson.build", "meson_options.txt", ".clang-format"):
        shutil.copy(SOURCE / part, root / part)


def compiles(root, text):
    """Whether the compiler takes the test in that form."""
    path = root / "tests" / "unit" / "probe" / "demo.c"
    path.write_text(text)
    return run("cc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", f"-I{root}/daemon", path,
               where=root).returncode == 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        copy(root)
        before = texts(root)
        assert run("scripts/new-probe", "Demo", where=root).returncode == 64
        assert run("scripts/new-probe", "http", where=root).returncode == 1
        assert texts(root) == before, "a name that is refused changes nothing"
        made = run("scripts/new-probe", "demo", where=root)
        assert made.returncode == 0, made.stderr
        after = texts(root)
        new = {str(path) for path in after.keys() - before.keys()}
        assert new == {"daemon/probe/demo.c", "tests/unit/probe/demo.c",
                       "man/probe-demo.mdoc"}, new
        changed = {str(path) for path in before if before[path] != after[path]}
        assert changed == {"daemon/probe/registry.inc"}, changed
        sources = [path for path in new if path.endswith(".c")]
        looks = run("clang-format", "--dry-run", "--Werror", "--style=file", *sources, where=root)
        assert looks.returncode == 0, looks.stderr
        assert run("cc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra",
                   "-Wno-unused-parameter", "-Werror", "-fsyntax-only", f"-I{root}/daemon",
                   "daemon/probe/demo.c", where=root).returncode == 0
        test = (root / "tests/unit/probe/demo.c").read_text()
        real = "".join(line + "\n" for line in test.splitlines() if "#error" not in line)
        assert not compiles(root, test), "the build fails until the test is real"
        assert compiles(root, real)
        (root / "man/probe-demo.mdoc").unlink()
        refused = run("meson", "setup", "build", where=root)
        assert refused.returncode != 0
        assert "probe-demo.mdoc" in refused.stdout + refused.stderr, refused.stdout
    return 0


if __name__ == "__main__":
    sys.exit(main())
