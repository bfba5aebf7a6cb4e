"""Maintenance: windows in which nobody is told, over reloads and restarts, and what is told afterwards."""

import datetime
import json
import signal

import house
import pytest
from sink import config, sink  # noqa: F401
from test_incidents import wait_incident
from test_notify import names

AT_ONCE = "group_by: endpoint, group_wait: 0s, group_interval: 10ms"
# Always open: one a second, each for an hour.
ALWAYS = '[{ at: "*:*:*", for: 1h }]'


def told_now(sink):
    return [(one["event"], *names(one)) for one in (json.loads(body) for _, body in sink.taken)]


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def seconds(time):
    return datetime.datetime.fromisoformat(time).timestamp()


def ending_in(span):
    """A window of an hour that ends so many seconds from now, as clocks in Tokyo show it."""
    at = now().replace(microsecond=0) + datetime.timedelta(seconds=span) - datetime.timedelta(hours=1)
    there = at.astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    text = f'[{{ at: "{there:%Y-%m-%d %H:%M:%S} Asia/Tokyo", for: 1h }}]'
    return text, at.timestamp(), at.timestamp() + 3600


def with_windows(text, name, windows):
    assert f"name: {name}," in text
    return text.replace(f"name: {name},", f"name: {name}, maintenance: {windows},")


def reload(daemon, text):
    daemon.config.write_text(text)
    answer = daemon.ctl("reload")
    assert answer.returncode == 0, answer.stderr


@pytest.fixture
def places(world):
    return world("/quiet: 200\n/loud: 200\n")


@pytest.fixture
def text(places, sink):
    return config(places, ["quiet", "loud"], {"ops": f"webhook: '{sink.url()}', {AT_ONCE}"})


def begin(picketd, text, **options):
    daemon = picketd(text, **options)
    for name in ("quiet", "loud"):
        daemon.wait_state(name, "up")
    return daemon


def fail_loudly(daemon, places, sink):
    """What was to be told before this was told before this."""
    places.set("/loud", "503")
    message = sink.message()
    while names(message) != ["loud"]:
        message = sink.message()
    places.set("/loud", "200")
    while (message := sink.message())["event"] != "recovery" or names(message) != ["loud"]:
        pass


def test_what_is_still_wrong_at_the_end_is_told_then(picketd, places, text, sink):
    windows, opened_at, ends_at = ending_in(8 * house.SLOWNESS)
    places.set("/quiet", "503")
    daemon = picketd(with_windows(text, "quiet", windows))
    shown = daemon.endpoint("quiet")
    # A machine that is very slow comes too late for this.
    if now().timestamp() < ends_at:
        assert shown["flags"] == ["maintenance"]
        assert seconds(shown["maintenance"]["since"]) == opened_at
        assert seconds(shown["maintenance"]["until"]) == ends_at
    assert daemon.endpoint("loud").get("maintenance") is None
    opened = wait_incident(daemon, "opened", "quiet")
    message = sink.message()
    assert now().timestamp() >= ends_at
    assert (message["event"], names(message)) == ("problem", ["quiet"])
    assert message["incidents"][0]["id"] == opened["id"]
    assert daemon.endpoint("quiet")["flags"] == []
    # It comes no more.
    assert daemon.endpoint("quiet")["maintenance"] == {}
    places.set("/quiet", "200")
    assert sink.message()["event"] == "recovery"
    logged = daemon.logged()
    assert "is over" in logged and "Asia/Tokyo for 1h" in logged


def test_what_begins_and_ends_within_is_not_told(picketd, places, text, sink):
    daemon = begin(picketd, with_windows(text, "quiet", ALWAYS))
    assert daemon.endpoint("quiet")["flags"] == ["maintenance"]
    shown = [line for line in daemon.ctl("status").stdout.splitlines() if "maintenance" in line]
    assert len(shown) == 1 and "quiet" in shown[0], shown
    assert "maintenance until" in daemon.ctl("why", "quiet").stdout
    assert "maintenance" not in daemon.ctl("why", "loud").stdout
    places.set("/quiet", "503")
    wait_incident(daemon, "opened", "quiet")
    daemon.wait_state("quiet", "down")
    # Other windows, of which one is open as well.
    reload(daemon, with_windows(text, "quiet", ALWAYS.replace("1h", "2h")))
    assert daemon.endpoint("quiet")["flags"] == ["maintenance"]
    places.set("/quiet", "200")
    wait_incident(daemon, "closed", "quiet")
    reload(daemon, text)
    assert daemon.endpoint("quiet")["flags"] == []
    fail_loudly(daemon, places, sink)
    assert {name for _, name in told_now(sink)} == {"loud"}


def test_what_began_before_is_told_to_be_over_at_once(picketd, places, text, sink):
    daemon = begin(picketd, text)
    places.set("/quiet", "503")
    problem = sink.message()
    assert (problem["event"], names(problem)) == ("problem", ["quiet"])
    reload(daemon, with_windows(text, "quiet", ALWAYS))
    assert daemon.endpoint("quiet")["flags"] == ["maintenance"]
    places.set("/quiet", "200")
    recovery = sink.message()
    assert (recovery["event"], names(recovery)) == ("recovery", ["quiet"])
    assert recovery["incidents"][0]["id"] == problem["incidents"][0]["id"]
    # And what begins from now on is not told.
    places.set("/quiet", "503")
    daemon.wait_state("quiet", "down")
    fail_loudly(daemon, places, sink)
    assert told_now(sink).count(("problem", "quiet")) == 1
    opened, = daemon.get("/v1/incidents?open=1")["incidents"]
    assert opened["endpoint"] == "quiet"
    reload(daemon, text)
    message = sink.message()
    assert (message["event"], message["incidents"][0]["id"]) == ("problem", opened["id"])


def test_a_restart_in_a_window_knows_of_it(picketd, places, text, sink):
    text = with_windows(text, "quiet", ALWAYS)
    daemon = begin(picketd, text)
    places.set("/quiet", "503")
    opened = wait_incident(daemon, "opened", "quiet")
    while daemon.status()["store"]["waiting"]:
        pass
    daemon.send(signal.SIGKILL)
    daemon.process.wait(house.PATIENCE)
    daemon.close = lambda: 0
    following = picketd(text, state=daemon.state)
    assert following.endpoint("quiet")["flags"] == ["maintenance"]
    open_now = following.get("/v1/incidents?open=1")["incidents"]
    assert [one["id"] for one in open_now] == [opened["id"]]
    fail_loudly(following, places, sink)
    assert {name for _, name in told_now(sink)} == {"loud"}
    # Taken away while it is not there: it is told of what is wrong then.
    following.stop()
    last = picketd(text.replace(f"maintenance: {ALWAYS}, ", ""), state=daemon.state)
    message = sink.message()
    assert (message["event"], message["incidents"][0]["id"]) == ("problem", opened["id"])
    assert last.endpoint("quiet")["flags"] == []


def test_time_in_a_window_is_apart_in_the_history(picketd, places, text, sink):
    daemon = begin(picketd, text)

    def spent():
        return daemon.get("/v1/endpoints/quiet/history?since=1h")["time"]

    assert "maintenance" not in spent()
    reload(daemon, with_windows(text, "quiet", ALWAYS))
    before = spent()
    places.set("/quiet", "503")
    daemon.wait_state("quiet", "down")
    places.set("/quiet", "200")
    daemon.wait_state("quiet", "up")
    within = spent()
    assert within["maintenance"] > 0 and "down" not in within
    assert within["up"] == pytest.approx(before["up"], abs=0.002)
    reload(daemon, text)
    held = spent()["maintenance"]
    daemon.wait_verdicts(1, lambda one: one["endpoint"] == "quiet")
    assert spent()["maintenance"] == pytest.approx(held, abs=0.002)
    assert spent()["up"] > within["up"]


def test_windows_are_inherited_as_other_keys_are(world, picketd):
    url = world("/: 200\n").url("/")
    daemon = picketd(f"""
defaults: {{ maintenance: {ALWAYS} }}
groups: {{ web: {{ maintenance: [{{ at: 2040-01-01 UTC, for: 1h }}] }}, db: {{}} }}
templates: {{ never: {{ maintenance: [] }} }}
endpoints:
  - {{ name: a, group: db, http: '{url}' }}
  - {{ name: b, group: web, http: '{url}' }}
  - {{ name: c, group: web, http: '{url}', maintenance: {ALWAYS} }}
  - {{ name: d, use: never, http: '{url}' }}
  - {{ name: e, http: '{url}', maintenance: null }}
""")
    shown = daemon.endpoints()
    assert {name for name, one in shown.items() if "maintenance" in one["flags"]} == {"a", "c"}
    assert shown["b"]["maintenance"] == {"next_at": "2040-01-01T00:00:00.000Z"}
    assert "maintenance" not in shown["d"] and "maintenance" not in shown["e"]
    said = daemon.ctl("config", "b").stdout
    assert "2040-01-01 UTC" in said, said


def test_it_is_on_the_page(world, picketd):
    url = world("/: 200\n").url("/")
    daemon = picketd(f"""
picket: {{ listen: '127.0.0.1:0' }}
endpoints:
  - {{ name: works, http: '{url}' }}
  - {{ name: worked-on, http: '{url}', maintenance: {ALWAYS} }}
  - {{ name: silent, http: '{url}' }}
""")
    status, _ = daemon.ask("POST", "/v1/silences", json.dumps({"match": "silent", "for": "1h"}))
    assert status == 201
    _, _, board = daemon.web("/")
    assert board.count('<span class="tag">maintenance</span>') == 1
    assert board.count('<span class="tag">silenced</span>') == 1
    _, _, page = daemon.web("/endpoint/worked-on")
    assert '<span class="tag">maintenance</span>' in page and "maintenance until" in page
    _, _, page = daemon.web("/endpoint/works")
    assert "maintenance" not in page.split("<dl>")[1].split("</dl>")[0]
