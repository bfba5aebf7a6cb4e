"""What outlives the process, and what happens where it cannot be kept."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess

import pytest

import house


def kill(daemon):
    daemon.send(signal.SIGKILL)
    daemon.process.wait(house.PATIENCE)


def config(*endpoints, interval="20d", confirm="{ failures: 2, every: 100ms }"):
    lines = [f"defaults: {{ interval: {interval}, timeout: 5s, confirm: {confirm} }}", "endpoints:"]
    return "\n".join(lines + [f"  - {{ {one} }}" for one in endpoints]) + "\n"


def wait_store(daemon, state):
    """Until the store is as it should be; every event and every beat is a reason to look."""
    with daemon.events("?since=0") as events:
        for _ in events:
            store = daemon.status()["store"]
            if store["state"] == state:
                return store
    raise AssertionError(f"the store did not become {state}")


@pytest.fixture
def again(picketd):
    """The same daemon once more: kill -9 and a start over the same state."""

    def restart(daemon, text=None):
        kill(daemon)
        daemon.process.stdout.close()
        following = picketd(text or daemon.config.read_text(), state=daemon.state)
        # What was killed did not end as it should, and is not asked how.
        daemon.close = lambda: 0
        return following

    return restart


def test_a_killed_daemon_knows_what_it_knew(world, picketd, again):
    places = world("/bad: 503\n/good: 200\n")
    daemon = picketd(
        config(f"name: bad, http: '{places.url('/bad')}'", f"name: good, http: '{places.url('/good')}'")
    )
    for name, state in (("bad", "down"), ("good", "up")):
        daemon.ctl("check", name)
        daemon.wait_state(name, state)
    before = {name: daemon.endpoint(name) for name in ("bad", "good")}
    # What was said is on the disk when nothing waits any more.
    while daemon.status()["store"]["waiting"]:
        pass
    following = again(daemon)
    for name, one in before.items():
        after = following.endpoint(name)
        for key in ("state", "since", "last_check", "recent", "next_check_at"):
            assert after[key] == one[key], (name, key)
        assert after.get("evidence") == one.get("evidence")
        assert after["flags"] == []
    assert following.status()["store"]["state"] == "ok"


def test_a_streak_goes_on_where_it_was(world, picketd, again):
    places = world("/bad: 503\n")
    text = config(
        f"name: bad, http: '{places.url('/bad')}'", confirm="{ failures: 3, every: 1h, successes: 1 }"
    )
    daemon = picketd(text)
    assert daemon.ctl("check", "bad", "--wait").returncode == 1
    first = daemon.endpoint("bad")
    assert first["confirming"] == {"to": "down", "seen": 1, "needed": 3}
    while daemon.status()["store"]["waiting"]:
        pass
    following = again(daemon)
    # A change that is being made sure of is looked at at once.
    following.wait_verdicts(1)
    assert following.endpoint("bad")["confirming"]["seen"] == 2
    following.ctl("check", "bad")
    down = following.wait_state("bad", "down")
    assert down["since"] == first["last_check"]["at"]


def test_numbers_of_events_rise_over_restarts_and_clocks(world, picketd, again):
    places = world()
    daemon = picketd(config(f"name: a, http: '{places.url('/')}'"))
    daemon.ctl("check", "a")
    daemon.wait_state("a", "up")
    with daemon.events("?since=0") as events:
        last = next(iter(events))["seq"]
    assert daemon.stop()[0] == 0
    # As if the clock had been a year ahead then.
    ahead = last + 365 * 86400 * 10**6
    with sqlite3.connect(daemon.state / "picket.db") as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'events_until'", (ahead,))
    db.close()
    following = picketd(daemon.config.read_text(), state=daemon.state)
    following.ctl("check", "a", "--wait")
    with following.events("?since=0") as events:
        assert next(iter(events))["seq"] > ahead


def test_a_state_from_long_ago_is_stale_until_it_is_checked(world, picketd):
    places = world("/a: 503\n")
    daemon = picketd(config(f"name: a, http: '{places.url('/a')}'"))
    daemon.ctl("check", "a")
    daemon.wait_state("a", "down")
    since = daemon.endpoint("a")["since"]
    assert daemon.stop()[0] == 0
    with sqlite3.connect(daemon.state / "picket.db") as db:
        ago = 50 * 86400 * 10**6
        db.execute("UPDATE endpoints SET checked_at = checked_at - ?", (ago,))
        db.execute("UPDATE meta SET value = value - ? WHERE key = 'alive_at'", (ago,))
    db.close()
    following = picketd(daemon.config.read_text(), state=daemon.state)
    one = following.endpoint("a")
    assert (one["state"], one["since"], one["flags"]) == ("down", since, ["stale"])
    following.ctl("check", "a", "--wait")
    assert following.endpoint("a")["flags"] == []
    assert following.endpoint("a")["since"] == since
    assert "is down" not in following.logged()


def test_one_that_is_disabled_keeps_what_was_known_of_it(world, picketd):
    places = world("/a: 503\n")
    text = config(f"name: a, http: '{places.url('/a')}'")
    daemon = picketd(text)
    daemon.ctl("check", "a")
    daemon.wait_state("a", "down")
    before = daemon.endpoint("a")["last_check"]
    assert daemon.stop()[0] == 0
    disabled = picketd(text.replace("name: a", "name: a, enabled: false"), state=daemon.state)
    assert disabled.endpoint("a")["state"] == "paused"
    assert disabled.stop()[0] == 0
    following = picketd(text, state=daemon.state)
    assert following.endpoint("a")["last_check"] == before


def test_a_pause_that_was_asked_for_stays(world, picketd, again):
    places = world("/a: 503\n/b: 200\n")
    daemon = picketd(
        config(f"name: a, http: '{places.url('/a')}'", f"name: b, http: '{places.url('/b')}'", interval="1s")
    )
    daemon.wait_state("a", "down")
    answer = daemon.ctl("pause", "a")
    assert (answer.returncode, answer.stdout) == (0, "a: is paused\n"), answer.stderr
    paused = daemon.endpoint("a")
    assert paused["state"] == "paused" and "next_check_at" not in paused
    assert daemon.get("/v1/incidents?name=a")["incidents"][0]["end"] == "paused"
    assert daemon.ask("POST", "/v1/endpoints/a/check")[0] == 409
    # A reload is no reason to go on.
    assert daemon.ctl("reload").returncode == 0
    while daemon.status()["store"]["waiting"]:
        pass
    following = again(daemon)
    following.wait_verdicts(3)
    after = following.endpoint("a")
    assert (after["state"], after["since"]) == ("paused", paused["since"])
    hits = places.stats("/a")["endpoints"]["/a"]["hits"]
    following.wait_verdicts(6)
    assert places.stats("/a")["endpoints"]["/a"]["hits"] == hits
    assert following.ctl("resume", "a").returncode == 0
    following.wait_state("a", "down")
    assert following.ctl("pause", "nobody").returncode == 1


def test_what_is_no_longer_watched_is_forgotten(world, picketd):
    places = world()
    one, other = (f"name: {name}, http: '{places.url('/')}'" for name in "ab")
    daemon = picketd(config(one, other))
    for name in "ab":
        daemon.ctl("check", name, "--wait")
    daemon.config.write_text(config(one))
    assert daemon.ctl("reload").returncode == 0
    assert daemon.stop()[0] == 0

    def names():
        db = sqlite3.connect(daemon.state / "picket.db")
        found = [row[0] for row in db.execute("SELECT name FROM endpoints ORDER BY name")]
        db.close()
        return found

    assert names() == ["a"]
    # One that is gone by the next start goes with it.
    following = picketd(config(other), state=daemon.state)
    assert following.stop()[0] == 0
    assert names() == ["b"]


def test_a_second_daemon_is_kept_out(picketd):
    daemon = picketd("endpoints: []\n")
    other = house.run(
        house.PICKETD, "-c", daemon.config, "-s", daemon.folder / "other.sock",
        "--state-dir", daemon.state,
    )
    assert other.returncode == 1
    assert "another picketd" in other.stderr and str(daemon.state) in other.stderr
    assert daemon.status()["store"]["state"] == "ok"


def test_without_a_store_it_watches_all_the_same(world, picketd, tmp_path):
    places = world()
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder would be\n")
    daemon = picketd(
        config(f"name: a, http: '{places.url('/')}'", interval="1s"), state=blocked / "state"
    )
    assert daemon.wait_state("a", "up")
    store = daemon.status()["store"]
    assert store["state"] == "failing" and str(blocked) in store["fault"]
    assert "going on from memory" in daemon.logged()
    blocked.unlink()
    blocked.mkdir()
    wait_store(daemon, "ok")
    assert daemon.stop()[0] == 0
    following = picketd(config(f"name: a, http: '{places.url('/')}'"), state=blocked / "state")
    assert following.endpoint("a")["state"] == "up"


def test_ephemeral_keeps_nothing(world, picketd, tmp_path):
    places = world()
    daemon = picketd(
        config(f"name: a, http: '{places.url('/')}'"), "--ephemeral", env={"HOME": str(tmp_path)}
    )
    assert daemon.status()["store"] == {"state": "off"}
    assert not daemon.state.exists()
    assert house.run(house.PICKETD, "--ephemeral", "--state-dir", tmp_path).returncode == 64


def test_the_service_managers_folder_is_taken(picketd, tmp_path):
    given = tmp_path / "given"
    daemon = picketd("endpoints: []\n", "--state-dir", given)
    assert daemon.stop()[0] == 0
    shutil.rmtree(given)
    config_path = tmp_path / "other.yaml"
    config_path.write_text(f"picket: {{ socket: {tmp_path}/s, shutdown_grace: 5s }}\nendpoints: []\n")
    process = subprocess.Popen(
        [house.PICKETD, "-c", config_path],
        env={**os.environ, "STATE_DIRECTORY": f"{given}:/nowhere"}, stderr=subprocess.PIPE, text=True,
    )
    for line in process.stderr:
        if "watches" in line:
            break
    process.terminate()
    process.communicate(timeout=house.PATIENCE)
    assert process.returncode == 0
    assert (given / "picket.db").exists()


def test_a_full_disk_stops_no_check(world, picketd, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = f'mount -t tmpfs -o size=8m none {small} && exec "$@"'
    words = ("unshare", "--mount", "--", "sh", "-c", mount, "sh")
    if subprocess.run([*words, "true"], capture_output=True).returncode:
        pytest.skip("needs to mount a file system of its own")
    places = world("/a: 200, 503 x2, 200\n")
    daemon = picketd(
        config(f"name: a, http: '{places.url('/a')}'", interval="1s", confirm="{ failures: 2, every: 100ms }"),
        state=small / "state",
        prefix=words,
    )
    daemon.wait_state("a", "up")
    inside = f"/proc/{daemon.pid}/root{small}/filler"
    filler = os.open(inside, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(filler, b"x" * 4096):
            pass
    os.close(filler)
    daemon.ctl("check", "a")
    daemon.wait_state("a", "down")
    store = wait_store(daemon, "failing")
    assert "full" in store["fault"]
    daemon.wait_state("a", "up")
    assert daemon.status()["store"]["waiting"] > 0
    os.unlink(inside)
    wait_store(daemon, "ok")
    while daemon.status()["store"]["waiting"]:
        pass
    assert daemon.status()["store"]["lost"] == 0
    assert "works again" in daemon.logged()
