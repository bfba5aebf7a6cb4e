"""Endpoints that are found: by files, by a URL, by DNS; and nothing else is disturbed."""

import json
import os
import signal
import urllib.parse

import house
import real


# Its verdicts give the time to whoever waits for another thing to happen.
FIXED = (
    "defaults: {{ interval: 1s }}\n"
    "endpoints:\n"
    "  - {{ name: fixed, http: '{}' }}\n"
)


def group(targets, **labels):
    return {"targets": targets, "labels": labels}


def put(path, *groups):
    """As Prometheus' own tools do it: written beside it, and renamed."""
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(groups))
    os.rename(beside, path)


def wait_for(daemon, is_so):
    """Until the listing is as it should be, looked at after each change of the configuration."""
    with daemon.events("?type=config&since=0") as events:
        if is_so(shown := daemon.endpoints("?limit=1000")):
            return shown
        for _ in events:
            if is_so(shown := daemon.endpoints("?limit=1000")):
                return shown
    raise AssertionError("the stream of events ended")


def wait_source(daemon, is_so):
    """Until what the status says of the only source is so: `alive` events give the time."""
    with daemon.events("?since=0") as events:
        if is_so(source := daemon.status()["discovery"][0]):
            return source
        for _ in events:
            if is_so(source := daemon.status()["discovery"][0]):
                return source
    raise AssertionError("the stream of events ended")


def config(places, folder, extra=""):
    return (
        "picket: { max_per_host: 100 }\n"
        "defaults: { interval: 1s, labels: { site: here, tier: none } }\n"
        "endpoints:\n"
        f"  - {{ name: fixed, http: '{places.url('/fixed')}' }}\n"
        "  - name: node {}\n"
        f"    discover: {{ file: {folder}/*.json }}\n"
        f"    http: 'http://{{}}:{places.port}/n'\n"
        "    labels: { kind: found }\n" + extra
    )


def test_files_are_followed_and_others_not_disturbed(world, picketd, tmp_path):
    places = world("", "--http", "*:0")
    targets = tmp_path / "targets.json"
    put(targets, group(["127.0.0.1", "127.0.0.2"], tier="web", kind="not-mine",
                       __meta_x="dropped", instance="dropped"))
    daemon = picketd(config(places, tmp_path))
    # The files are read before the first check: nothing that is known is missed.
    assert sorted(daemon.endpoints()) == ["fixed", "node 127.0.0.1", "node 127.0.0.2"]
    first = daemon.wait_state("node 127.0.0.1", "up")
    assert first["labels"] == {"site": "here", "tier": "web", "kind": "found"}
    assert daemon.wait_state("fixed", "up")
    before = daemon.endpoint("node 127.0.0.1")

    put(targets, group(["127.0.0.1", "127.0.0.3"], tier="web"))
    shown = wait_for(daemon, lambda all: "node 127.0.0.3" in all)
    assert sorted(shown) == ["fixed", "node 127.0.0.1", "node 127.0.0.3"]
    assert shown["node 127.0.0.1"]["since"] == before["since"]
    assert daemon.wait_state("node 127.0.0.3", "up")
    assert "reloaded" not in daemon.logged()

    # A label is another endpoint configuration, not another endpoint.
    put(targets, group(["127.0.0.1"], tier="db"))
    shown = wait_for(daemon, lambda all: len(all) == 2)
    assert shown["node 127.0.0.1"]["labels"]["tier"] == "db"
    assert shown["node 127.0.0.1"]["since"] == before["since"]
    assert shown["node 127.0.0.1"]["state"] == "up"

    # Another file of the pattern, in YAML's sister form, written in place.
    (tmp_path / "more.json").write_text(json.dumps([group(["127.0.0.9"])]))
    shown = wait_for(daemon, lambda all: "node 127.0.0.9" in all)
    (tmp_path / "more.json").unlink()
    wait_for(daemon, lambda all: "node 127.0.0.9" not in all)


def test_a_bad_file_keeps_the_last_good_set_and_is_shown(world, picketd, tmp_path):
    places = world("", "--http", "*:0")
    targets = tmp_path / "targets.json"
    targets.write_text("[{]")
    daemon = picketd(config(places, tmp_path) + "\n")
    assert sorted(daemon.endpoints()) == ["fixed"]
    source = daemon.status()["discovery"][0]
    assert source["failing"] and "targets.json" in source["fault"], source
    assert "JSON" in daemon.ctl("status").stdout

    put(targets, group(["127.0.0.1"]))
    wait_for(daemon, lambda all: len(all) == 2)
    source = daemon.status()["discovery"][0]
    assert not source["failing"] and source["targets"] == source["endpoints"] == 1
    assert source["kind"] == "file" and source["read_at"]

    for bad in ("{}", '[{"targets": [7]}]', '[{"targets": ["-x"]}]', '[{"targets": [""]}]',
                '[{"targets": ["a"], "labels": {"9": "x"}}]', '[{"targets": ["a"], "more": 1}]',
                '[{"targets": ["a\\nb"]}]', '[{"targets": ["a"], "labels": {"x": 1}}]'):
        targets.write_text(bad)
        wait_source(daemon, lambda source: source["failing"])
        assert sorted(daemon.endpoints()) == ["fixed", "node 127.0.0.1"]
        put(targets, group(["127.0.0.1"]))
        wait_source(daemon, lambda source: not source["failing"])


def test_what_comes_from_outside_is_no_fault_of_the_configuration(world, picketd, tmp_path):
    places = world("", "--http", "*:0")
    targets = tmp_path / "targets.json"
    put(targets, group(["127.0.0.1", "127.0.0.1", "no host", "${file:/etc/passwd}"]))
    daemon = picketd(config(
        places, tmp_path,
        f"  - {{ name: node 127.0.0.4, http: '{places.url('/mine')}' }}\n"
        "  - { name: both, depends_on: [node 127.0.0.7],\n"
        "      quorum: { members: [node*, node 127.0.0.8], need: 3 } }\n"))
    assert sorted(daemon.endpoints()) == ["both", "fixed", "node 127.0.0.1", "node 127.0.0.4"]
    source = daemon.status()["discovery"][0]
    assert source["left_out"] == 2 and source["endpoints"] == 1, source
    assert "passwd" in source["left_out_why"] or "no host" in source["left_out_why"], source
    put(targets, group(["127.0.0.4", "127.0.0.5"]))
    shown = wait_for(daemon, lambda all: "node 127.0.0.5" in all)
    assert shown["node 127.0.0.4"]["target"].endswith("/mine")
    source = daemon.status()["discovery"][0]
    assert source["left_out"] == 1 and "name" in source["left_out_why"], source
    # The files of the configuration are taken up by a reload, and not before.
    daemon.config.write_text("endpoints: [")
    put(targets, group(["127.0.0.6"]))
    wait_for(daemon, lambda all: "node 127.0.0.6" in all)
    assert daemon.status()["config"].get("fault") is None
    assert daemon.ctl("reload").returncode != 0
    put(targets, group(["127.0.0.8"]))
    wait_for(daemon, lambda all: "node 127.0.0.8" in all)
    assert daemon.status()["config"]["fault"]


def test_a_restart_and_a_reload_keep_what_is_known(world, picketd, tmp_path):
    places = world("", "--http", "*:0")
    put(tmp_path / "targets.json", group(["127.0.0.1"]))
    daemon = picketd(config(places, tmp_path))
    before = daemon.wait_state("node 127.0.0.1", "up")
    assert daemon.ctl("reload").returncode == 0
    assert daemon.endpoint("node 127.0.0.1")["since"] == before["since"]
    daemon.stop(signal.SIGTERM)
    again = picketd(config(places, tmp_path), state=daemon.state)
    assert again.endpoint("node 127.0.0.1")["since"] == before["since"]


def test_faults_of_the_endpoint_are_found_without_any_target(picketd, tmp_path):
    answers = {
        "{ name: 'a{}', tcp: '{}:http', discover: { file: t.json } }": "HOST:PORT",
        "{ name: a, http: 'http://{}/', discover: { file: t.json } }": "needs a {} in it",
        "{ name: 'a{}', http: 'http://{}/', discover: { refresh: 5s } }": "one of 'file', 'http'",
        "{ name: 'a{}', http: 'http://{}/', discover: { file: t.txt } }": ".json",
        "{ name: 'a{}', http: 'http://{}/', discover: { http: 'ftp://x/' } }": "http://",
        "{ name: 'a{}', each: [b], ping: '{}', discover: { dns: x } }": "either 'each' or",
        "{ name: 'a{}', http: 'http://{}/', expect: ['statu == 200'],"
        " discover: { file: t.json } }": "status",
    }
    for text, wanted in answers.items():
        path = tmp_path / "picket.yaml"
        path.write_text("endpoints:\n  - " + text + "\n")
        answer = house.run(house.PICKETD, "-t", "-c", path)
        assert answer.returncode == 78 and wanted in answer.stderr, (text, answer.stderr)
    path.write_text("endpoints:\n  - { name: 'a{}', tcp: '{}', discover: { file: t.json } }\n")
    answer = house.run(house.PICKETD, "-t", "-c", path)
    assert answer.returncode == 0 and "warning" in answer.stderr, answer.stderr


def answer(*groups, type="application/json"):
    return f"200 type={type} body={urllib.parse.quote(json.dumps(groups), safe='')}"


def test_a_url_is_followed(world, picketd):
    places = world("/targets: 500\n", "--http", "*:0")
    daemon = picketd(
        FIXED.format(places.url("/fixed")) +
        "  - name: node {}\n"
        f"    discover: {{ http: 'http://u:geheim@127.0.0.1:{places.port}/targets', refresh: 1s }}\n"
        f"    http: 'http://{{}}:{places.port}/n'\n")
    source = wait_source(daemon, lambda source: source["failing"])
    assert "500" in source["fault"] and "geheim" not in str(source), source
    places.set("/targets", answer(group(["127.0.0.1"]), type="text/html"))
    wait_source(daemon, lambda source: "text/html" in source.get("fault", ""))
    places.set("/targets", answer(group(["127.0.0.1"], rack="r1")))
    wait_for(daemon, lambda all: "node 127.0.0.1" in all)
    assert daemon.endpoint("node 127.0.0.1")["labels"] == {"rack": "r1"}
    places.set("/targets", "close")
    source = wait_source(daemon, lambda source: source["failing"])
    assert sorted(daemon.endpoints()) == ["fixed", "node 127.0.0.1"] and source["targets"] == 1
    places.set("/targets", answer())
    wait_for(daemon, lambda all: sorted(all) == ["fixed"])


def test_what_a_url_said_last_is_known_after_a_restart(world, picketd):
    places = world("", "--http", "*:0")
    places.set("/targets", answer(group(["127.0.0.1"], rack="r1")))
    config = (FIXED.format(places.url("/fixed")) +
              "  - name: node {}\n"
              f"    discover: {{ http: '{places.url('/targets')}', refresh: 1s }}\n"
              f"    http: 'http://{{}}:{places.port}/n'\n")
    daemon = picketd(config)
    wait_for(daemon, lambda all: "node 127.0.0.1" in all)
    before = daemon.wait_state("node 127.0.0.1", "up")
    (daemon.state / "found-0123456789abcdef.json").write_text("of a source that is gone")
    daemon.stop()
    places.set("/targets", "close")
    again = picketd(config, state=daemon.state)
    shown = again.endpoint("node 127.0.0.1")
    assert shown["since"] == before["since"] and shown["labels"] == {"rack": "r1"}
    source = wait_source(again, lambda source: source["failing"])
    assert source["targets"] == 1 and "read_at" not in source
    assert len(list(daemon.state.glob("found-*"))) == 1
    # Without a store nothing is known.
    alone = picketd(config, "--ephemeral")
    assert sorted(alone.endpoints()) == ["fixed"]


def test_names_are_followed_by_their_ttl(world, picketd):
    places = world("dns nodes.test: 127.0.0.1 127.0.0.2 ttl=0\n", "--http", "*:0",
                   "--dns", "127.0.0.1:0")
    daemon = picketd(
        f"picket: {{ resolver: {{ servers: ['127.0.0.1:{places.ports['dns']}'] }} }}\n" +
        FIXED.format(places.url("/fixed")) +
        "  - name: node {}\n"
        "    discover: { dns: nodes.test }\n"
        f"    http: 'http://{{}}:{places.port}/n'\n")
    wait_for(daemon, lambda all: len(all) == 3)
    daemon.wait_state("node 127.0.0.2", "up")
    places.set_dns("nodes.test", "127.0.0.1 127.0.0.3 ttl=0")
    wait_for(daemon, lambda all: sorted(all) == ["fixed", "node 127.0.0.1", "node 127.0.0.3"])
    # Each second at the most, whatever the TTL says.
    places.forget()
    places.set_dns("nodes.test", "servfail")
    source = wait_source(daemon, lambda source: source["failing"])
    assert "SERVFAIL" in source["fault"] and source["targets"] == 2, source
    assert places.stats()["dns"]["names"].get("nodes.test A", 0) <= 10


def test_services_are_found_by_srv_records(picketd, tmp_path):
    # Records of SRV from a real name server.
    names = real.unbound(tmp_path)
    try:
        daemon = picketd(
            f"picket: {{ resolver: {{ servers: ['127.0.0.1:{names.port}'] }} }}\n"
            "endpoints:\n"
            "  - name: svc {}\n"
            "    discover: { dns: _http._tcp.zone.test }\n"
            "    tcp: '{}'\n")
        shown = wait_for(daemon, lambda all: all)
        assert sorted(one["target"] for one in shown.values()) == [
            "one.zone.test:8001", "two.zone.test:8002"]
    finally:
        names.close()


def test_a_change_during_the_first_look_is_seen(picketd, tmp_path):
    """The folder is watched since before the file was read, and of so many targets in YAML that takes a moment."""
    targets = tmp_path / "targets.yaml"
    hosts = [f"127.1.{i // 250}.{i % 250 + 1}:1" for i in range(9_000)]
    put(targets, *([{"targets": [host], "labels": {"text": "x" * 800}} for host in hosts]))
    daemon = picketd("defaults: { interval: 10d }\nendpoints:\n  - name: found {}\n"
                     f"    discover: {{ file: {targets} }}\n    tcp: '{{}}'\n")
    # By the first answer the look has begun.
    assert daemon.status()["discovery"][0]["targets"] == 9_000
    put(targets, group(["127.2.0.1:1"]))
    wait_for(daemon, lambda all: sorted(all) == ["found 127.2.0.1:1"])


def test_ten_thousand_become_ten_thousand_others(world, picketd, tmp_path):
    places = world("", "--http", "*:0")
    targets = tmp_path / "targets.json"
    hosts = [[f"127.{10 + generation}.{i // 250}.{i % 250 + 1}" for i in range(10_000)]
             for generation in range(2)]
    fixed = "".join(f"  - {{ name: fixed {i:04}, http: '{places.url(f'/{i}')}' }}\n"
                    for i in range(1000))
    put(targets, group(hosts[0]))
    daemon = picketd(
        "defaults: { interval: 10d }\nendpoints:\n" + fixed +
        "  - name: found {}\n"
        f"    discover: {{ file: {targets} }}\n"
        f"    http: 'http://{{}}:{places.port}/n'\n")
    assert daemon.status()["config"]["endpoints"] == 11_000
    before = daemon.endpoints("?name=fixed*")
    with daemon.events("?type=config&since=0") as events:
        put(targets, group(hosts[1]))
        next(event for event in events if event["type"] == "config")
    after = daemon.endpoints()
    assert len(after) == 11_000
    assert all(f"found {host}" in after for host in hosts[1])
    # A check of them may have come in between; its place in the schedule is the same.
    moved = [name for name in before if before[name]["next_check_at"] != after[name]["next_check_at"]
             and "last_check" in before[name] and "last_check" in after[name]
             and before[name]["last_check"] == after[name]["last_check"]]
    assert not moved, moved
