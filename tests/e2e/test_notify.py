"""From incidents to messages: who is told, what together, how often, and what outlives a kill."""

import json
import random
import signal
import threading
import time

import pytest

import house
from sink import config, sink  # noqa: F401


def names(message):
    return sorted(one["endpoint"] for one in message["incidents"])


def test_what_fails_together_is_told_together_and_so_is_its_end(world, picketd, sink):
    places = world("/a: 503\n/b: 503\n/fine: 200\n")
    daemon = picketd(
        config(
            places, ["a", "b", "fine"],
            {"ops": f"webhook: '{sink.url()}', group_wait: 3s, group_interval: 1s"},
        ).replace("  interval: 1s", "  interval: 1s\n  labels: { team: web }")
    )
    problem = sink.message()
    assert (problem["event"], problem["receiver"], names(problem)) == ("problem", "ops", ["a", "b"])
    assert problem["counts"] == {"problems": 2, "resolved": 0, "open": 2, "critical": 2}
    assert "a" in problem["summary"] and "b" in problem["summary"]
    shown = {one["endpoint"]: one for one in daemon.get("/v1/incidents")["incidents"]}
    for one in problem["incidents"]:
        assert one["labels"] == {"team": "web"}
        assert one["id"] == shown[one["endpoint"]]["id"]
        assert one["transition"] == 1 and "503" in one["reason"]
    for name in "ab":
        places.set(f"/{name}", "200")
    resolved = sink.message()
    told = [resolved, sink.message()] if len(resolved["incidents"]) == 1 else [resolved]
    ended = [one for message in told for one in message["incidents"]]
    assert sorted(one["endpoint"] for one in ended) == ["a", "b"]
    assert {one["end"] for one in ended} == {"recovered"}
    assert told[-1]["event"] == "recovery" and told[-1]["counts"]["open"] == 0
    for one in ended:
        assert one["labels"] == {"team": "web"}
        assert one["transition"] == 2
        assert one["id"] == shown[one["endpoint"]]["id"]
    with daemon.events("?type=notification&since=0") as events:
        assert next(iter(events))["taken"]
    state = daemon.get("/v1/incidents")["incidents"][0]["notifications"][0]
    assert (state["receiver"], state["event"]) == ("ops", "recovery")
    assert daemon.status()["notifications"]["failed"] == 0


def test_what_recovered_before_it_was_told_is_not_told(world, picketd, sink):
    places = world("/blip: 503 x2, 200\n/bad: 503\n")
    daemon = picketd(
        config(
            places, ["blip", "bad"],
            {"ops": f"webhook: '{sink.url()}', group_by: endpoint, group_wait: 5s"},
        )
    )
    with daemon.events("?type=incident&since=0") as events:
        for event in events:
            if event.get("endpoint") == "blip" and event["move"] == "closed":
                break
    assert names(sink.message()) == ["bad"]
    assert len(sink.taken) == 1


def test_a_sink_in_trouble_gets_all_of_it_in_order_afterwards(world, picketd, sink):
    sink.answers = [(503,), (429, ("Retry-After", "1")), (500,)]
    places = world("/a: 503\n")
    daemon = picketd(
        config(
            places, ["a"],
            {"ops": f"webhook: '{sink.url()}', group_wait: 0s, group_interval: 10ms"},
        )
    )
    first = sink.message()
    assert first["answered"] == 503 and first["event"] == "problem"
    places.set("/a", "200")
    with daemon.events("?type=incident&since=0") as events:
        for event in events:
            if event["type"] == "incident" and event["move"] == "closed":
                break
    told = [sink.message() for _ in range(4)]
    assert [one["answered"] for one in told] == [429, 500, 200, 200]
    assert [one["event"] for one in told] == ["problem"] * 3 + ["recovery"]
    assert {one["id"] for one in told[:3]} == {first["id"]}
    assert told[3]["id"] != first["id"]
    assert "trying again" in daemon.logged()


def test_templates_escape_what_endpoints_say(world, picketd, sink):
    places = world("/a: 503\n")
    daemon = picketd(
        config(
            places, ["'q\"t'"],
            {
                "ops": "webhook: { url: '%s', headers: { X-Token: '${env:TOKEN}' },"
                " body: '{\"text\": \"${event} ${endpoint}: ${reason} $${x}\"}' }, group_wait: 0s"
                % sink.url("/json")
            },
        ).replace("'" + places.url("/'q\"t'") + "'", "'" + places.url("/a") + "'"),
        env={"TOKEN": "hunter2-again"},
    )
    _, path, headers, body = sink.next()
    assert path == "/json" and headers["X-Token"] == "hunter2-again"
    text = json.loads(body)["text"]
    assert text.startswith('problem q"t: ') and "503" in text and text.endswith(" ${x}")
    assert "hunter2" not in daemon.ctl("config").stdout
    assert "hunter2" not in daemon.logged()


def test_what_a_receiver_answers_is_masked_escaped_and_bounded(world, picketd, sink):
    places = world("/a: 503\n")
    sink.answers = [(500, b"no \x1b[31m hunter2-again \n" + 300 * b"x" + b"the end")]
    daemon = picketd(
        config(
            places, ["a"],
            {
                "ops": "webhook: { url: '%s', headers: { X-Token: '${env:TOKEN}' } }, group_wait: 0s"
                % sink.url()
            },
        ),
        env={"TOKEN": "hunter2-again"},
    )
    with daemon.events("?type=notification&since=0") as events:
        detail = next(iter(events))["detail"]
    assert detail.startswith("status 500: no \\x1b[31m *** \\nxxx"), detail
    assert detail.endswith("x…") and len(detail) < 250
    assert "hunter2" not in daemon.logged() and "***" in daemon.logged()


def test_the_keys_of_a_receiver_have_bounds(world, sink, tmp_path):
    places = world("/a: 200\n")
    path = tmp_path / "bounds.yaml"
    many = ", ".join(f"X-{i}: v" for i in range(65))
    for keys, said in (
        ("webhook: { url: '%s', headers: { %s } }" % (sink.url(), many), "64 of them at most, not 65"),
        ("journal: notice, retry: { first: 10m }", "'first' is longer than 'max'"),
        ("journal: notice, retry: 1h", "retry"),
        ("journal: notice, min_severity: warning", "degraded"),
    ):
        path.write_text(config(places, ["a"], {"ops": keys}))
        refused = house.run(house.PICKETD, "--check", "-c", path)
        assert refused.returncode == 78 and said in refused.stderr + refused.stdout, refused


def test_a_test_message_shows_the_answer(world, picketd, sink):
    places = world("/a: 200\n")
    daemon = picketd(
        config(places, ["a"], {"ops": f"webhook: '{sink.url()}'", "log": "journal: notice"})
    )
    answer = daemon.ctl("notify-test", "ops")
    assert answer.returncode == 0 and "status 200" in answer.stdout, answer
    message = sink.message()
    assert message["event"] == "test" and message["incidents"] == []
    sink.answers = [(404,)]
    answer = daemon.ctl("notify-test", "ops")
    assert answer.returncode == 1 and "status 404" in answer.stdout, answer
    assert daemon.ctl("notify-test", "log").returncode == 0
    assert "test message" in daemon.logged()
    assert daemon.ctl("notify-test", "nobody").returncode == 4


def test_an_acknowledged_incident_is_not_told_again(world, picketd, sink):
    places = world("/a: 503\n")
    daemon = picketd(
        config(
            places, ["a"],
            {"ops": f"webhook: '{sink.url()}', group_wait: 0s, group_interval: 100ms, repeat: 1s"},
        )
    )
    assert sink.message()["event"] == "problem"
    reminder = sink.message()
    assert reminder["event"] == "reminder" and names(reminder) == ["a"]
    id = reminder["incidents"][0]["id"]
    assert daemon.ctl("ack", id).returncode == 0
    # One may have been on its way; then it is quiet until the end.
    places.set("/a", "200")
    events = [sink.message()]
    while events[-1]["event"] == "reminder":
        events.append(sink.message())
    assert len(events) <= 2 and events[-1]["event"] == "recovery"


def kill_again_and_again(world, picketd, sink, kills, count, chance):
    """As many endpoints come and go as time allows while the daemon is killed; what was told of
    each incident and transition, and how often."""
    places = world("".join(f"/e{i}: 503 x{3 + i % 3}, 200 x{3 + i % 2}, again\n" for i in range(count)))
    text = config(
        places, [f"e{i}" for i in range(count)],
        {"ops": f"webhook: '{sink.url()}', group_by: endpoint, group_wait: 0s, group_interval: 1ms,"
                " rate: none"},
    )
    state = None
    for _ in range(kills):
        daemon = picketd(text, state=state)
        state = daemon.state
        with daemon.events("?since=0") as events:
            for _, _ in zip(range(chance.randrange(20, 120)), events):
                pass
        daemon.send(signal.SIGKILL)
        daemon.process.wait(house.PATIENCE)
        daemon.close = lambda: 0
    for i in range(count):
        places.set(f"/e{i}", "200")
    last = picketd(text, state=state)
    for i in range(count):
        last.wait_state(f"e{i}", "up")
    with last.events("?since=0") as events:
        for _ in events:
            if not last.status()["incidents"]["open"] and not last.status()["notifications"]["queued"]:
                break
    told = {}
    starts = {}
    for _, body in sink.taken:
        for one in json.loads(body)["incidents"]:
            key = (one["id"], one["transition"])
            told[key] = told.get(key, 0) + 1
            assert starts.setdefault(one["id"], one["started_at"]) == one["started_at"]
    ended = {id for id, transition in told if transition > 1}
    # Whatever was told to have begun was told to be over, too.
    assert {id for id, transition in told if transition == 1} <= ended
    shown = last.get("/v1/incidents")["incidents"]
    for one in shown:
        known = [n for n in one["notifications"] if n["receiver"] == "ops"]
        if known:
            assert (one["id"], one["transition"]) in told, one
            assert one["started_at"] == starts[one["id"]]
            assert known[0]["state"] == "sent", one
    repeats = sum(times - 1 for times in told.values())
    print(json.dumps({"kills": kills, "incidents": len(starts), "told": len(told),
                      "repeats": repeats}))
    assert len(ended) > 3
    assert repeats <= kills


def test_kill_9_loses_nothing_and_repeats_little(world, picketd, sink):
    kill_again_and_again(world, picketd, sink, 12, 8, random.Random(7))


@pytest.mark.long
def test_two_hundred_kills_lose_nothing_and_repeat_little(world, picketd, sink):
    kill_again_and_again(world, picketd, sink, 200, 8, random.Random(11))


class Trouble:
    """Answers a sink gives for as long as it has this trouble, then it is well."""

    def __init__(self, sink, answer, seconds):
        self.until = time.monotonic() + seconds
        self.sink, self.answer = sink, answer

    def pop(self, _):
        if time.monotonic() < self.until:
            return self.answer()
        return (200,)

    def __bool__(self):
        return True


def hang():
    # What it is: a server that says nothing for longer than anybody waits.
    threading.Event().wait(30)
    return (503,)


@pytest.mark.long
@pytest.mark.parametrize("name, answer, seconds", [
    ("hangs", hang, 30), ("fails", lambda: (500,), 60), ("is away", None, 600),
])
def test_checks_are_on_time_while_a_sink_is_in_trouble(world, picketd, sink, name, answer, seconds):
    """And all of it is told afterwards, in its order."""
    count = 50
    script = "".join(f"/e{i}: 503 x{20 + i}, 200 x{20 + i}, again\n" for i in range(count))

    def watch(places, receiver):
        return picketd(config(
            places, [f"e{i}" for i in range(count)],
            {"ops": f"{receiver}, group_by: endpoint, group_wait: 0s, group_interval: 1s,"
                    " rate: none, timeout: 10s, retry: { first: 1s, max: 5s }"}))

    places = world(script)
    port = sink.port
    if answer:
        sink.answers = Trouble(sink, answer, seconds)
    else:
        sink.close()
    # Beside another one, without trouble, on the same machine.
    other = watch(world(script), "journal: notice")
    daemon = watch(places, f"webhook: '{sink.url()}'")
    until = time.monotonic() + seconds
    with daemon.events("?type=verdict") as events:
        for _ in events:
            if time.monotonic() > until:
                break
    late, usual = daemon.status()["lateness"]["p99"], other.status()["lateness"]["p99"]
    if not answer:
        sink.reopen(port)
    for i in range(count):
        places.set(f"/e{i}", "200")
    with daemon.events("?since=0") as events:
        for _ in events:
            if not daemon.status()["incidents"]["open"] and not daemon.status()["notifications"]["queued"]:
                break
    told = {}
    for _, body in sink.taken:
        for one in json.loads(body)["incidents"]:
            told.setdefault(one["id"], []).append(one["transition"])
    print(json.dumps({"sink": name, "incidents": len(told), "lateness p99 (s)": late, "usual": usual,
                      "failed": daemon.status()["notifications"]["failed"]}))
    assert late < 0.02 + 2 * usual
    assert daemon.status()["notifications"]["failed"] == 0
    assert len(told) >= count
    for transitions in told.values():
        # Each once, or again where the answer to it was lost; never the end before the beginning.
        assert transitions == sorted(transitions) and transitions[0] == 1 and transitions[-1] > 1
