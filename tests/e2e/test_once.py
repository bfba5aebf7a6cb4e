"""picketd without a daemon: --check, --once, --schema, and its exit statuses."""

import json
import urllib.parse

import house


def test_once_shows_a_table_and_fails_if_one_fails(world, tmp_path):
    places = world("/bad: 500\n")
    path = tmp_path / "picket.yaml"
    path.write_text(
        "endpoints:\n"
        f"  - {{ name: good, http: '{places.url('/good')}' }}\n"
        f"  - {{ name: bad, http: '{places.url('/bad')}' }}\n"
    )
    answer = house.run(house.PICKETD, "--once", "-c", path)
    assert answer.returncode == 1
    assert "down" in answer.stdout and "bad" in answer.stdout and "500" in answer.stdout
    assert answer.stderr == ""
    answer = house.run(house.PICKETD, "--once", "--only", "go*", "-c", path)
    assert answer.returncode == 0
    assert "bad" not in answer.stdout


def test_once_with_urls_needs_no_file(world):
    places = world()
    answer = house.run(
        house.PICKETD, "--once", "--json", places.url("/a"), places.url("/status/503")
    )
    assert answer.returncode == 1
    shown = json.loads(answer.stdout)
    assert [one["state"] for one in shown] == ["up", "down"]
    assert shown[0]["last_check"]["verdict"] == "pass"


def test_once_reads_a_list_on_standard_input(world):
    places = world()
    answer = house.run(
        house.PICKETD, "--once", "-", input=f"# mine\n{places.url('/a')}\n\n{places.url('/b')}\n"
    )
    assert answer.returncode == 0
    assert answer.stdout.count("up") >= 2


def test_once_looks_for_what_is_found(world, tmp_path):
    places = world("dns nodes.test: 127.0.0.3\n", "--http", "*:0", "--dns", "127.0.0.1:0")
    targets = urllib.parse.quote(json.dumps([{"targets": ["127.0.0.1", "127.0.0.2"]}]), safe="")
    places.set("/targets", f"200 type=application/json body={targets}")
    path = tmp_path / "picket.yaml"
    config = (
        f"picket: {{ resolver: {{ servers: '127.0.0.1:{places.ports['dns']}' }} }}\n"
        "endpoints:\n"
        f"  - {{ name: fixed, http: '{places.url('/fixed')}' }}\n"
        "  - name: node {}\n"
        f"    discover: {{ http: '{places.url('/targets')}' }}\n"
        f"    http: 'http://{{}}:{places.port}/n'\n"
        "  - name: name {}\n"
        "    discover: { dns: nodes.test }\n"
        f"    http: 'http://{{}}:{places.port}/n'\n"
    )
    path.write_text(config)
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert answer.returncode == 0 and answer.stderr == "", answer
    assert {one["name"]: one["state"] for one in json.loads(answer.stdout)} == {
        "fixed": "up", "name 127.0.0.3": "up", "node 127.0.0.1": "up", "node 127.0.0.2": "up"}
    # What can't be found has not passed.
    places.set("/targets", "500")
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert answer.returncode == 1 and "status 500" in answer.stderr, answer
    assert "nothing of it is checked" in answer.stderr and "nodes.test" not in answer.stderr
    assert [one["name"] for one in json.loads(answer.stdout)] == ["fixed", "name 127.0.0.3"]


def test_check_prints_every_fault_and_exits_with_78(tmp_path):
    path = tmp_path / "picket.yaml"
    path.write_text("endpoints:\n  - { name: a, htp: x }\n  - { name: 'b/c', http: 'http://x/' }\n")
    answer = house.run(house.PICKETD, "--check", "-c", path)
    assert answer.returncode == 78
    assert ":2:" in answer.stderr and ":3:" in answer.stderr
    assert "http" in answer.stderr
    path.write_text("endpoints: []\n")
    assert house.run(house.PICKETD, "-t", "-c", path).returncode == 0


def test_a_broken_file_keeps_the_daemon_from_starting(tmp_path):
    path = tmp_path / "picket.yaml"
    path.write_text("endpoints: 7\n")
    answer = house.run(house.PICKETD, "-c", path)
    assert answer.returncode == 78
    assert "picket.yaml:1:" in answer.stderr


def test_usage_is_64(tmp_path):
    assert house.run(house.PICKETD, "--nonsense").returncode == 64
    assert house.run(house.PICKETD, "--json").returncode == 64
    assert house.run(house.PICKETD, "http://x/").returncode == 64
    assert house.run(house.PICKETD, "--version").returncode == 0


def test_the_schema_is_json(tmp_path):
    answer = house.run(house.PICKETD, "--schema")
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["$schema"].startswith("http://json-schema.org/draft-07")
