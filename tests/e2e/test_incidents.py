"""From states to incidents: one for each outage, whatever happens to the daemon meanwhile."""

import signal

import house


def config(world, names, confirm="{ failures: 2, successes: 2, every: 100ms }"):
    lines = [f"defaults: {{ interval: 1s, timeout: 900ms, confirm: {confirm} }}", "endpoints:"]
    lines += [f"  - {{ name: {name}, http: '{world.url('/' + name)}' }}" for name in names]
    return "\n".join(lines) + "\n"


def wait_incident(daemon, move, name):
    with daemon.events("?type=incident&since=0") as events:
        for event in events:
            if event["type"] == "incident" and (event["move"], event["endpoint"]) == (move, name):
                return event
    raise AssertionError("the stream of events ended")


def incidents(daemon, query=""):
    return daemon.get("/v1/incidents" + query)["incidents"]


def test_an_outage_is_one_incident_from_its_first_failure(world, picketd):
    places = world("/shop: 200, 503 x4, 200\n/fine: 200\n")
    daemon = picketd(config(places, ["shop", "fine"]))
    opened = wait_incident(daemon, "opened", "shop")
    assert (opened["severity"], opened["state"]) == ("critical", "down")
    assert opened["class"] == "expectation" and "503" in opened["reason"]
    fails = daemon.wait_verdicts(2, lambda event: event["verdict"] == "fail")
    assert opened["started_at"] <= fails[0]["at"] < opened["confirmed_at"]
    closed = wait_incident(daemon, "closed", "shop")
    assert (closed["id"], closed["end"]) == (opened["id"], "recovered")
    assert closed["started_at"] == opened["started_at"]
    assert closed["ended_at"] == daemon.endpoint("shop")["since"]
    shown = incidents(daemon)
    assert [one["id"] for one in shown] == [opened["id"]]
    assert incidents(daemon, "?open=1") == []
    assert daemon.status()["incidents"]["open"] == 0
    said = daemon.ctl("incidents").stdout
    assert opened["id"] in said and "recovered after" in said, said
    assert "No incidents" in daemon.ctl("incidents", "--open").stdout


def test_a_comment_comes_as_a_parameter_or_as_json(world, picketd):
    places = world("/a: 503\n")
    daemon = picketd(config(places, ["a"]))
    path = f"/v1/incidents/{wait_incident(daemon, 'opened', 'a')['id']}/ack"
    for query, body, comment in (("", '{"comment": "the cable"}', "the cable"),
                                 ("?comment=a%20plug", None, "a plug"), ("", "{}", None)):
        status, answer = daemon.ask("POST", path + query, body)
        assert (status, answer["acknowledged"].get("comment")) == (200, comment), answer
    for query, body in (("", '{"coment": "x"}'), ("", '{"comment": 1}'), ("", "comment=x"),
                        ("", '["comment"]'), ("", '{"comment": "a\\u0000b"}'),
                        ("", '{"comment": "%s"}' % ("x" * 1025)),
                        ("?comment=x", '{"comment": "y"}')):
        status, answer = daemon.ask("POST", path + query, body)
        assert (status, answer["error"]["code"]) == (400, "bad_request"), (body, answer)
    # What takes none is not done as if there were none.
    status, answer = daemon.ask("POST", "/v1/endpoints/a/pause", '{"comment": "x"}')
    assert status == 400 and "takes no body" in answer["error"]["message"]
    assert daemon.endpoint("a")["state"] == "down"


def test_gaps_can_be_asked_for_alone(picketd):
    daemon = picketd("endpoints: []\n")
    with daemon.events("?since=1&type=gap") as events:
        event = next(iter(events))
        assert (event["type"], event["from"]) == ("gap", 2)


def test_an_incident_outlives_kill_and_reload(world, picketd):
    places = world("/a: 503\n/b: 503\n")
    daemon = picketd(config(places, ["a", "b"]))
    before = {name: wait_incident(daemon, "opened", name) for name in "ab"}
    answer = daemon.ctl("ack", before["a"]["id"], "--comment", "known: the cable")
    assert answer.returncode == 0, answer.stderr
    assert daemon.ctl("ack", "nothing000").returncode == 4
    assert daemon.endpoint("a")["flags"] == ["acknowledged"]
    while daemon.status()["store"]["waiting"]:
        pass
    daemon.send(signal.SIGKILL)
    daemon.process.wait(house.PATIENCE)
    daemon.close = lambda: 0
    following = picketd(daemon.config.read_text(), state=daemon.state)
    following.wait_verdicts(4)
    after = {one["endpoint"]: one for one in incidents(following, "?open=1")}
    assert sorted(after) == ["a", "b"]
    for name in "ab":
        for key in ("id", "started_at", "confirmed_at", "class"):
            assert after[name][key] == before[name][key]
    assert after["a"]["acknowledged"]["comment"] == "known: the cable"
    assert following.endpoint("a")["flags"] == ["acknowledged"]
    assert "opened" not in following.logged()
    # One that is no longer watched is over, and the other goes on.
    following.config.write_text(config(places, ["b"]))
    assert following.ctl("reload").returncode == 0
    assert wait_incident(following, "closed", "a")["end"] == "removed"
    assert [one["id"] for one in incidents(following, "?open=1")] == [before["b"]["id"]]
    places.set("/b", "200")
    assert wait_incident(following, "closed", "b")["started_at"] == before["b"]["started_at"]
