"""An endpoint that had another name goes on with what is known of it."""

import urllib.parse

import house
from sink import sink  # noqa: F401


def config(places, sink, names, renamed=""):
    lines = [
        f"receivers: {{ ops: {{ webhook: '{sink.url()}', group_wait: 0s, group_interval: 10ms }} }}",
        "defaults: { interval: 1s, confirm: { failures: 2, successes: 2, every: 200ms }, notify: ops }",
        "endpoints:",
    ]
    lines += [f"  - {{ name: {name}, http: '{places.url('/it')}'{renamed} }}" for name in names]
    return "\n".join(lines) + "\n"


def checks(daemon, name):
    past = daemon.get(f"/v1/endpoints/{urllib.parse.quote(name)}/history?since=1h&step=5m")
    return sum(bucket["checks"] for bucket in past["buckets"])


def marks(daemon, name):
    return daemon.endpoint(name)["since"], daemon.endpoint(name)["recent"][0]["at"]


def begin(world, picketd, sink):
    places = world("/it: 503\n")
    daemon = picketd(config(places, sink, ["store"]))
    before = daemon.wait_state("store", "down")
    problem = sink.message()
    assert problem["event"] == "problem"
    return places, daemon, before, problem["incidents"][0]["id"]


def goes_on(places, daemon, sink, before, incident):
    shop = daemon.endpoint("shop")
    assert shop["state"] == "down" and shop["since"] == before["since"]
    assert shop["recent"][0]["at"] <= before["recent"][-1]["at"]
    assert daemon.ask("GET", "/v1/endpoints/store")[0] == 404
    known = daemon.get("/v1/incidents")["incidents"]
    assert [(one["id"], one["endpoint"]) for one in known] == [(incident, "shop")]
    assert "ended_at" not in known[0]
    assert daemon.logged().count("'shop' was called 'store'") == 1
    places.set("/it", "200")
    recovery = sink.message()
    assert (recovery["event"], recovery["incidents"][0]["id"]) == ("recovery", incident)
    assert recovery["incidents"][0]["endpoint"] == "shop"
    assert len(sink.taken) == 2


def test_over_a_reload(world, picketd, sink):
    places, daemon, before, incident = begin(world, picketd, sink)
    seen = checks(daemon, "store")
    daemon.config.write_text(config(places, sink, ["shop"], ", renamed_from: store"))
    assert daemon.ctl("reload").returncode == 0
    assert checks(daemon, "shop") >= seen
    goes_on(places, daemon, sink, before, incident)
    # And once more, after which the file knows it by its last name only.
    daemon.config.write_text(config(places, sink, ["boutique"], ", renamed_from: shop"))
    assert daemon.ctl("reload").returncode == 0
    daemon.wait_state("boutique", "up")
    assert daemon.stop()[0] == 0
    again = picketd(config(places, sink, ["boutique"]), state=daemon.state)
    assert again.endpoint("boutique")["recent"][0]["at"] <= before["recent"][-1]["at"]
    assert [one["endpoint"] for one in again.get("/v1/incidents")["incidents"]] == ["boutique"]
    assert checks(again, "boutique") >= seen


def test_over_a_restart(world, picketd, sink):
    places, daemon, before, incident = begin(world, picketd, sink)
    seen = checks(daemon, "store")
    assert daemon.stop()[0] == 0
    text = config(places, sink, ["shop"], ", renamed_from: store")
    again = picketd(text, state=daemon.state)
    goes_on(places, again, sink, before, incident)
    assert again.stop()[0] == 0
    # The file has it under the new name, and all of it.
    last = picketd(text, state=daemon.state)
    assert "was called" not in last.logged()
    assert last.endpoint("shop")["recent"][0]["at"] <= before["recent"][-1]["at"]
    assert checks(last, "shop") >= seen
    assert [one["endpoint"] for one in last.get("/v1/incidents")["incidents"]] == ["shop"]


def test_only_one_can_go_on_with_it(world, sink, tmp_path):
    places = world("/it: 200\n")
    path = tmp_path / "renamed.yaml"

    def refused(names, renamed):
        text = config(places, sink, names)
        for name, key in renamed.items():
            text = text.replace(f"name: {name},", f"name: {name}, renamed_from: {key},")
        path.write_text(text)
        answer = house.run(house.PICKETD, "--check", "-c", path)
        return answer.returncode, answer.stderr + answer.stdout

    assert refused(["shop"], {"shop": "store"})[0] == 0
    for names, renamed, said in (
        (["shop", "store"], {"shop": "store"}, "which is there as well"),
        (["shop", "cart"], {"shop": "store", "cart": "store"}, "'cart' and 'shop' are both"),
        (["shop"], {"shop": "shop"}, "is its own name"),
        (["shop"], {"shop": "'a/b'"}, "renamed_from"),
    ):
        status, text = refused(names, renamed)
        assert status == 78 and said in text, (names, renamed, text)


def test_each_of_several(world, picketd, sink):
    places = world("/it: 200\n")
    text = config(places, sink, ["'node-{}'"]).replace(", http", ", each: [a, b], http")
    daemon = picketd(text)
    for name in ("node-a", "node-b"):
        daemon.wait_state(name, "up")
    since = daemon.endpoint("node-b")["since"]
    daemon.config.write_text(text.replace("node-{}", "host-{}").replace(", http", ", renamed_from: 'node-{}', http"))
    assert daemon.ctl("reload").returncode == 0
    assert daemon.endpoint("host-b")["since"] == since
    assert sorted(daemon.endpoints()) == ["host-a", "host-b"]
