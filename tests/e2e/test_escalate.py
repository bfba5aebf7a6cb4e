"""Who else is told: where nobody acknowledges, where nothing is taken, and where it is too much."""

import contextlib
import signal

import pytest

import house
from sink import Sink, config, sink  # noqa: F401


@pytest.fixture
def other():
    with contextlib.closing(Sink()) as one:
        yield one


AT_ONCE = "group_wait: 0s, group_interval: 10ms"


def receivers(sink, other, more):
    return {
        "ops": f"webhook: '{sink.url()}', {AT_ONCE}, {more}",
        "boss": f"webhook: '{other.url()}', {AT_ONCE}",
    }


def test_what_nobody_acknowledges_goes_to_others_over_a_kill(world, picketd, sink, other):
    places = world("/a: 503\n")
    text = config(places, ["a"],
                  receivers(sink, other, "escalate: [{ after: 3s, to: boss }]"))
    daemon = picketd(text)
    problem = sink.message()
    assert problem["event"] == "problem"
    daemon.send(signal.SIGKILL)
    daemon.process.wait(house.PATIENCE)
    daemon.close = lambda: 0
    daemon = picketd(text, state=daemon.state)
    told = other.message()
    assert (told["event"], told["receiver"]) == ("escalation", "boss")
    assert told["summary"].startswith("nobody has acknowledged: a is down")
    assert told["incidents"][0]["id"] == problem["incidents"][0]["id"]
    # Known to both, and both hear of the end.
    places.set("/a", "200")
    assert other.message()["event"] == "recovery"
    ends = sink.message()
    if ends["event"] == "problem":
        # Its answer may have been lost with the daemon.
        assert ends["id"] == problem["id"]
        ends = sink.message()
    assert ends["event"] == "recovery"
    known = daemon.get("/v1/incidents")["incidents"][0]["notifications"]
    assert sorted(one["receiver"] for one in known) == ["boss", "ops"]


def test_an_acknowledgement_ends_it(world, picketd, sink, other):
    places = world("/a: 503\n/b: 503\n")
    daemon = picketd(config(
        places, ["a", "b"],
        receivers(sink, other, "group_by: endpoint, escalate: [{ after: 4s, to: [boss] }]")))
    told = {}
    for message in (sink.message(), sink.message()):
        told[message["incidents"][0]["endpoint"]] = message["incidents"][0]["id"]
    assert daemon.ctl("ack", told["a"]).returncode == 0
    assert [one["endpoint"] for one in other.message()["incidents"]] == ["b"]
    places.set("/a", "200")
    places.set("/b", "200")
    assert [one["endpoint"] for one in other.message()["incidents"]] == ["b"]
    assert len(other.taken) == 2


def test_a_reload_may_bring_steps_that_are_due(world, picketd, sink, other):
    places = world("/a: 503\n")
    daemon = picketd(config(places, ["a"], receivers(sink, other, "repeat: 30d")))
    assert sink.message()["event"] == "problem"
    daemon.config.write_text(config(
        places, ["a"], receivers(sink, other, "escalate: [{ after: 1s, to: boss }]")))
    assert daemon.ctl("reload").returncode == 0
    assert other.message()["event"] == "escalation"


def test_what_is_not_taken_goes_to_the_fallback(world, picketd, sink, other):
    sink.answers = [(404,)] * 1000
    places = world("/a: 503\n")
    daemon = picketd(config(
        places, ["a"],
        receivers(sink, other, "fallback: { to: boss, after: 1s }, retry: { max: 1s }")))
    told = other.message()
    assert told["event"] == "problem" and told["incidents"][0]["endpoint"] == "a"
    assert "telling 'boss'" in daemon.logged()
    sink.answers = []
    while sink.message()["answered"] != 200:
        pass
    places.set("/a", "200")
    assert sink.message()["event"] == other.message()["event"] == "recovery"


def test_what_is_over_the_rate_is_told_together(world, picketd, sink):
    names = [f"e{i}" for i in range(8)]
    places = world("".join(f"/{name}: 503\n" for name in names))
    daemon = picketd(config(
        places, names,
        {"ops": f"webhook: '{sink.url()}', group_by: endpoint, group_wait: 0s, rate: 4"}))
    messages = [sink.message()]
    while sum(len(one["incidents"]) for one in messages) < 8:
        messages.append(sink.message())
    told = [one["endpoint"] for message in messages for one in message["incidents"]]
    assert sorted(told) == names and len(messages) <= 4, messages
    assert messages[-1]["group"] == "+rest" and "ops/+rest/" in messages[-1]["id"]
    assert daemon.status()["notifications"]["limited"] >= 6


def test_who_is_named_must_be_another_receiver(world, picketd, sink, tmp_path):
    places = world("/a: 200\n")
    path = tmp_path / "others.yaml"
    for keys, said in (
        ("escalate: [{ after: 1m, to: bos }]", "no receiver is called 'bos'; did you mean 'boss'?"),
        ("escalate: [{ after: 1m, to: ops }]", "names the receiver itself"),
        ("escalate: [{ after: 1m, to: boss }, { after: 1m, to: boss }]", "is not later"),
        ("escalate: [{ to: boss }]", "'escalate.0.after' is missing"),
        ("escalate: [{ after: 1m }]", "'escalate.0.to' is missing"),
        ("fallback: ops", "names the receiver itself"),
        ("fallback: { to: nobody }", "no receiver is called 'nobody'"),
        ("fallback: { after: 1m }", "'fallback.to' is missing"),
        ("rate: 0", "rate"),
    ):
        path.write_text(config(places, ["a"], receivers(sink, sink, keys)))
        refused = house.run(house.PICKETD, "--check", "-c", path)
        assert refused.returncode == 78 and said in refused.stderr + refused.stdout, (keys, refused)
