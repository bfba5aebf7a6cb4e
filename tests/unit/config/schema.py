#!/usr/bin/python3
"""schema.py SCHEMA FOLDER - whether the JSON Schema and the parser agree.

The files of FOLDER/good must be valid by the schema as well; of those of FOLDER/bad the
ones that say "# schema: sees this" in their first line must not be, and the others
must be: what they have wrong is beyond a schema.
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: `no` is a text, 0777 is 777."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
        ("int", r"[-+]?[0-9]+", "-+0123456789"),
        ("merge", r"<<", "<")):
    for letter in first:
        # What is asked for first wins: so the whole numbers come before the others.
        Core.yaml_implicit_resolvers.setdefault(letter, []).insert(
            0, ("tag:yaml.org,2002:" + tag, re.compile(r"^(?:%s)$" % pattern)))
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 10))
Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def verdict(validator, path):
    """None where the file is no YAML at all, else whether the schema takes it."""
    try:
        return validator.is_valid(yaml.load(path.read_text(), Loader=Core))
    except (yaml.YAMLError, UnicodeDecodeError):
        return None


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(sys.argv[2])
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    wrong = []
    seen = 0
    for path in sorted(folder.glob("good/*.yaml")):
        if not verdict(validator, path):
            fault = jsonschema.exceptions.best_match(
                validator.iter_errors(yaml.load(path.read_text(), Loader=Core)))
            wrong.append(f"{path.name}: the schema refuses it: {fault.json_path}: {fault.message}")
    for path in sorted(folder.glob("bad/*.yaml")):
        sees = path.read_text(errors="replace").startswith("# schema: sees this\n")
        seen += sees
        taken = verdict(validator, path)
        if sees and taken is not False:
            wrong.append(f"{path.name}: the schema takes it")
        if not sees and taken is False:
            wrong.append(f"{path.name}: the schema refuses it, so it should say that it does")
    print("\n".join(wrong) if wrong else f"they agree; the schema sees {seen} faults")
    return 1 if wrong or seen < 20 else 0


sys.exit(main())
