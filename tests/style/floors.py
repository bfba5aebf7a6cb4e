#!/usr/bin/python3
"""Does scripts/check-floors see what it must?  Houses of a few files tell."""

import pathlib
import subprocess
import sys
import tempfile

CHECK = sys.argv[1]
FLOORS = "# lowest first\nground\nleft right   # neighbours\nroof main\n"

# claim, files, what the complaint must name (None: no complaint)
CLAIMS = [
    ("a lower floor and the own room are fine",
     {"left/a.c": '#include <stdio.h>\n#include "ground/g.h"\n#include "left/a.h"\n'}, None),
    ("a file beside may be named without its room",
     {"left/a.c": '#include "a.h"\n', "left/a.h": ""}, None),
    ("a folder of a room is that room",
     {"left/deep/a.c": '#include "left/a.h"\n#include "ground/g.h"\n'}, None),
    ("the top file is a room of its own",
     {"main.c": '#include "left/a.h"\n'}, None),
    ("a neighbour is a fault",
     {"left/a.c": 'int x;\n#include "right/r.h"\n'}, "left/a.c:2: right/r.h"),
    ("a higher floor is a fault",
     {"ground/g.h": '#include "roof/r.h"\n'}, "ground/g.h:1: roof/r.h"),
    ("blanks do not hide an include",
     {"ground/g.h": '  #  include   "roof/r.h"\n'}, "ground/g.h:1"),
    ("a way out through the parent folder is a fault",
     {"ground/g.c": '#include "../roof/r.h"\n', "roof/r.h": ""}, "above"),
    ("an .inc file is read",
     {"ground/g.inc": '#include "roof/r.h"\n'}, "ground/g.inc:1"),
    ("an unknown room is a fault where it is included",
     {"left/a.c": '#include "cellar/c.h"\n'}, "'cellar' is not in FLOORS"),
    ("an unknown room is a fault where it stands",
     {"cellar/c.c": "int x;\n"}, "'cellar' is not in FLOORS"),
    ("main may not be included",
     {"left/a.c": '#include "main.h"\n'}, "above"),
]


def complaint_about(files):
    with tempfile.TemporaryDirectory() as folder:
        house = pathlib.Path(folder)
        (house / "FLOORS").write_text(FLOORS)
        for name, text in files.items():
            (house / name).parent.mkdir(parents=True, exist_ok=True)
            (house / name).write_text(text)
        run = subprocess.run([CHECK, folder], capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1) or bool(run.returncode) != bool(run.stdout):
        raise SystemExit(f"check-floors: status {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stdout


failed = 0
for claim, files, wanted in CLAIMS:
    said = complaint_about(files)
    held = not said if wanted is None else wanted in said
    failed += not held
    print("ok" if held else "NOT OK", claim, "" if held else f"(said: {said!r})")
sys.exit(bool(failed))
