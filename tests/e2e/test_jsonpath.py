"""picketctl jsonpath and RFC 9535: every row of tests/unit/expect/jsonpath/rfc9535.txt."""

import concurrent.futures
import json
import pathlib
import re
import subprocess

import house

ROWS = pathlib.Path(__file__).parent.parent / "unit/expect/jsonpath/rfc9535.txt"
UNSEEN = str.maketrans("␠␉␊␍␇", " \t\n\r\x07")


def rows():
    """(section, document, query, outcomes) of each row."""
    section, document, found = None, None, []
    for line in ROWS.read_text().splitlines():
        if line.startswith("== "):
            section = line[3:]
        elif line.startswith("document: "):
            document = line.removeprefix("document: ")
        elif line.startswith("\t"):
            found[-1][3].append(line[1:])
        elif line and not line.startswith("#"):
            found.append((section, document, line.translate(UNSEEN), []))
    return found


def ask(query, document):
    """Exit status, the nodes, and the column of the fault."""
    done = subprocess.run([house.PICKETCTL, "jsonpath", query], input=document.encode(),
                          capture_output=True, timeout=120, check=False)
    said = done.stderr.decode()
    column = re.match(r"picketctl jsonpath: (\d+): ", said) if done.returncode == 2 else None
    return (done.returncode, json.loads(done.stdout) if done.returncode == 0 else None,
            int(column[1]) if column else None)


def fault_of(row):
    """What is wrong with the answer to one row, or None."""
    section, document, query, outcomes = row
    if query.startswith("?") and outcomes[0] in ("true", "false"):
        children = json.loads(document)
        everything = list(children.values() if isinstance(children, dict) else children)
        wanted = {"status": 0, "nodes": [everything if outcomes[0] == "true" else []]}
        query = f"$[{query}]"
    elif outcomes[0].startswith("column "):
        wanted = {"status": 2, "column": int(outcomes[0].removeprefix("column "))}
    else:
        wanted = {"status": 0, "nodes": [json.loads(o) for o in outcomes if o[0] == "["]}
    status, nodes, column = ask(query, document)
    if (status != wanted["status"] or column != wanted.get("column") or
            ("nodes" in wanted and nodes not in wanted["nodes"])):
        return f"{section}: {query!r}: status {status}, {nodes}, column {column}, not {wanted}"
    return None


def test_every_row_of_the_rfc_is_answered_as_it_says():
    every = rows()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        faults = [fault for fault in pool.map(fault_of, every) if fault]
    assert not faults, "\n".join(faults)
    invalid = sum(row[3][0].startswith("column ") for row in every)
    print(f"{len(every)} queries of RFC 9535: {len(every) - invalid} valid, {invalid} invalid")
    assert len(every) - invalid >= 300 and invalid >= 200
