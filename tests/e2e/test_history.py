"""What was: uptime and latency, in the API and on the terminal, over restarts and kill -9."""

import datetime
import os
import signal
import sqlite3

import house

CONFIRM = "confirm: { failures: 2, every: 100ms, successes: 2 }"


def config(port, *names, interval="20d", picket=""):
    lines = [f"picket: {{ {picket} }}" if picket else "", f"defaults: {{ interval: {interval}, timeout: 5s, {CONFIRM} }}"]
    lines.append("endpoints:" if names else "endpoints: []")
    return "\n".join(lines + [f"  - {{ name: {name}, http: 'http://127.0.0.1:{port}/{name}' }}" for name in names]) + "\n"


def when(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def history(daemon, name, query="?since=1h"):
    return daemon.get(f"/v1/endpoints/{name}/history{query}")


def check(daemon, name, times=1):
    for _ in range(times):
        daemon.ctl("check", name, "--wait")


def test_an_outage_begins_with_its_first_failing_check(world, picketd):
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a"))
    check(daemon, "a")
    daemon.wait_state("a", "up")
    places.set("/a", "503")
    check(daemon, "a")
    first = daemon.endpoint("a")["last_check"]["at"]
    down = daemon.wait_state("a", "down")
    assert down["since"] == first
    places.set("/a", "200")
    check(daemon, "a")
    back = daemon.endpoint("a")["last_check"]["at"]
    up = daemon.wait_state("a", "up")
    assert up["since"] == back
    one = history(daemon, "a")
    # Milliseconds are what times are told in.
    assert abs(one["time"]["down"] - (when(back) - when(first))) < 0.002
    assert one["checks"] == sum(bucket["checks"] for bucket in one["buckets"])
    assert one["failed"] == sum(bucket["failed"] for bucket in one["buckets"]) >= 2
    share = one["time"]["up"] / (one["time"]["up"] + one["time"]["down"])
    assert abs(one["uptime"] - share) < 1e-6
    shown = daemon.endpoint("a")["uptime"]
    assert set(shown) == {"24h", "7d", "30d"} and 0 < shown["24h"] < 1
    assert daemon.endpoints()["a"]["uptime"].keys() == shown.keys()


def test_pending_and_paused_are_apart(world, picketd):
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a", "b"))
    check(daemon, "a")
    daemon.wait_state("a", "up")
    daemon.ctl("pause", "a")
    assert "uptime" not in daemon.endpoint("b")
    one = history(daemon, "a")
    assert one["uptime"] == 1 and one["time"]["paused"] > 0
    assert history(daemon, "b")["time"].keys() == {"unknown"}


def test_a_stop_loses_nothing_and_the_time_away_is_unknown(world, picketd):
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a"))
    check(daemon, "a", 3)
    before = history(daemon, "a")
    assert before["checks"] == 3
    assert daemon.stop()[0] == 0
    following = picketd(daemon.config.read_text(), state=daemon.state)
    after = history(following, "a")
    assert after["checks"] == 3
    assert after["latency"]["max"] == before["latency"]["max"]
    # The time between the two is neither up nor down.
    assert after["time"]["unknown"] > before["time"].get("unknown", 0)
    assert after["uptime"] == 1
    check(following, "a")
    assert history(following, "a")["checks"] == 4


def test_kill_loses_no_change_of_state(world, picketd):
    places = world("/a: 503\n")
    daemon = picketd(config(places.port, "a"))
    check(daemon, "a")
    down = daemon.wait_state("a", "down")
    while daemon.status()["store"]["waiting"]:
        pass
    daemon.send(signal.SIGKILL)
    daemon.process.wait(house.PATIENCE)
    daemon.process.stdout.close()
    daemon.close = lambda: 0
    following = picketd(daemon.config.read_text(), state=daemon.state)
    places.set("/a", "200")
    check(following, "a")
    following.wait_state("a", "up")
    one = history(following, "a")
    assert one["time"]["down"] > 0
    assert following.endpoint("a")["uptime"]["24h"] < 1
    assert when(down["since"]) >= when(one["from"])


def test_what_leaves_the_configuration_and_comes_back_has_its_past(world, picketd):
    places = world("/a: 503\n/b: 200\n")
    daemon = picketd(config(places.port, "a", "b"))
    check(daemon, "a")
    daemon.wait_state("a", "down")
    down = history(daemon, "a")
    daemon.config.write_text(config(places.port, "b"))
    assert daemon.ctl("reload").returncode == 0
    assert daemon.ask("GET", "/v1/endpoints/a/history")[0] == 404
    daemon.config.write_text(config(places.port, "a", "b"))
    assert daemon.ctl("reload").returncode == 0
    while "down" not in (one := history(daemon, "a"))["time"]:
        pass
    # It may have been checked again by now.
    assert one["checks"] >= down["checks"]
    assert one["time"]["down"] >= down["time"]["down"]


def test_an_old_file_is_brought_along_and_years_are_read_quickly(world, picketd):
    """A year of hours for one endpoint: read in one go, in days of this host's calendar."""
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a"))
    check(daemon, "a")
    daemon.wait_state("a", "up")
    one = history(daemon, "a", "?since=365d&step=1d")
    assert len(one["buckets"]) in (366, 367)
    assert one["step"] == 86400
    assert one["checks"] == 1
    assert daemon.ctl("history", "a", "--since", "365d").returncode == 0


def test_questions_are_bounded(world, picketd):
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a"))
    for query in ("?since=soon", "?since=0s", "?step=7m", "?step=0s", "?since=14d&step=400d&x=1", "?since=2999-01-01T00:00:00Z"):
        status, answer = daemon.ask("GET", "/v1/endpoints/a/history" + query)
        assert status == 400, query
        assert answer["error"]["code"] == "bad_request"
    # What is older than five minutes are kept has hours.
    assert history(daemon, "a", "?since=20d&step=5m")["step"] == 3600
    status, answer = daemon.ask("GET", "/v1/endpoints/a/history?since=400d&step=1h")
    assert status == 400
    # As far back as there can be anything.
    assert len(history(daemon, "a", "?since=4000d")["buckets"]) <= 402
    assert daemon.ask("GET", "/v1/endpoints/nobody/history")[0] == 404


def test_ephemeral_has_the_times_and_what_is_open(world, picketd):
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a"), "--ephemeral")
    check(daemon, "a")
    daemon.wait_state("a", "up")
    one = history(daemon, "a")
    assert one["uptime"] == 1 and one["checks"] == 1


def test_a_store_that_fails_is_said_and_the_times_stay(world, picketd):
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a"))
    check(daemon, "a")
    daemon.wait_state("a", "up")
    # Removed, with a folder in its place: it can neither be written nor made anew.
    os.unlink(daemon.state / "picket.db")
    os.mkdir(daemon.state / "picket.db")
    daemon.ctl("pause", "a")
    with daemon.events("?since=0") as events:
        for _ in events:
            if daemon.status()["store"]["state"] == "failing":
                break
            daemon.ctl("resume", "a")
            daemon.ctl("pause", "a")
    status, answer = daemon.ask("GET", "/v1/endpoints/a/history")
    assert (status, answer["error"]["code"]) == (503, "unavailable")
    assert daemon.endpoint("a")["uptime"]["24h"] == 1
    os.rmdir(daemon.state / "picket.db")
    with daemon.events("?since=0") as events:
        for _ in events:
            if daemon.status()["store"]["state"] == "ok":
                break
    while daemon.status()["store"]["waiting"]:
        pass
    assert history(daemon, "a")["time"]["paused"] > 0


def test_the_terminal_shows_it_in_eighty_columns(world, picketd):
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a"))
    check(daemon, "a", 2)
    daemon.wait_state("a", "up")
    shown = daemon.ctl("history", "a")
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("a  100 % up, ")
    assert lines[2] == "checks     2, 0 failed"
    assert lines[3].startswith("latency    min ")
    assert [line.split()[0] for line in lines[4:6]] == ["uptime", "p95"]
    steps = daemon.ctl("history", "a", "--since", "15m", "--step", "5m")
    head, *rows = steps.stdout.splitlines()[-5:]
    assert head.split() == ["from", "uptime", "checks", "failed", "p50", "p95", "p99", "max"]
    assert sum(int(row[28:36]) for row in rows) == 2
    for line in (shown.stdout + steps.stdout).splitlines():
        assert len(line) <= 80, line
    assert daemon.ctl("history", "a", "--since", "later").returncode == 2
    assert daemon.ctl("history").returncode == 2
    assert daemon.ctl("history", "nobody").returncode == 4


def test_an_older_store_has_its_history_from_now_on(world, picketd):
    places = world("/a: 200\n")
    daemon = picketd(config(places.port, "a"))
    check(daemon, "a")
    since = daemon.wait_state("a", "up")["since"]
    assert daemon.stop()[0] == 0
    with sqlite3.connect(daemon.state / "picket.db") as db:
        for table in ("marks", "absences", "minutes", "hours"):
            db.execute(f"DELETE FROM {table}")
    db.close()
    following = picketd(daemon.config.read_text(), state=daemon.state)
    # What was up then is known to be up since.
    one = history(following, "a")
    assert one["time"]["up"] > 0 and one["checks"] == 0
    assert following.endpoint("a")["since"] == since


def test_a_promise_is_kept_count_of(world, picketd):
    places = world("/a: 503\n")
    text = config(places.port, "a").replace("name: a,", "name: a, slo: { target: 99.9, window: 10d },")
    daemon = picketd(text)
    check(daemon, "a")
    daemon.wait_state("a", "down")
    slo = daemon.endpoint("a")["slo"]
    assert (slo["target"], slo["window"], slo["budget"]) == (0.999, 864000, 864)
    assert 0 <= slo["spent"] < 60 and 0.9 < slo["left"] <= 1
    # All of what is known is down: a thousand times what is allowed.
    assert abs(slo["burn"]["1h"] - 1000) < 1e-3
    assert daemon.endpoints()["a"]["slo"]["target"] == 0.999
    with house.contextlib.closing(house.UnixConnection(daemon.socket, house.PATIENCE)) as connection:
        connection.request("GET", "/metrics/endpoints")
        metrics = connection.getresponse().read().decode()
    lines = {line.split("{")[0]: line for line in metrics.splitlines() if not line.startswith("#")}
    assert lines["picket_slo_target_ratio"].endswith(" 0.999")
    assert 'window="' in lines["picket_slo_burn_rate"]
    assert float(lines["picket_slo_budget_left_ratio"].split()[-1]) <= 1
    assert 'window="30d"' in lines["picket_endpoint_uptime_ratio"]
    assert "99.9" in daemon.ctl("--json", "config", "a").stdout


def test_faults_of_a_promise_are_told(tmp_path):
    for slo, said in (("100", "above 0 and below 100"), ("{ target: 0 }", "above 0"), ("{ target: 99.9, window: 1s }", "window")):
        path = tmp_path / "picket.yaml"
        path.write_text(f"endpoints: [ {{ name: a, tcp: 'localhost:1', slo: {slo} }} ]\n")
        told = house.subprocess.run([house.PICKETD, "-t", "-c", path], capture_output=True, text=True, check=False)
        assert told.returncode == 78
        assert said in told.stdout + told.stderr


def test_days_of_many_come_without_a_query(world, picketd):
    places = world("/a: 200\n/b: 503\n")
    daemon = picketd(config(places.port, "a", "b", "c"))
    check(daemon, "a", 2)
    check(daemon, "b")
    daemon.wait_state("a", "up")
    daemon.wait_state("b", "down")
    seen = daemon.get("/v1/history")
    assert len(seen["days"]) == 90
    assert seen["days"] == sorted(seen["days"])
    by_name = {one["name"]: one for one in seen["endpoints"]}
    assert by_name.keys() == {"a", "b", "c"}
    for one in by_name.values():
        assert len(one["days"]) == 90 and set(one["days"][:88]) == {None}
    assert by_name["a"]["days"][-1] == 1 and by_name["b"]["days"][-1] == 0
    assert by_name["c"]["days"][-1] is None
    assert len(by_name["a"]["latency"]) == 2 and all(0 < one < 5 for one in by_name["a"]["latency"])
    # What the server said is an answer, although it failed.
    assert all(one > 0 for one in by_name["b"]["latency"])
    few = daemon.get("/v1/history?days=2&name=b")
    assert len(few["days"]) == 2 and [one["name"] for one in few["endpoints"]] == ["b"]
    page = daemon.get("/v1/history?days=1&limit=1")
    assert page["next"] == "a" and len(page["endpoints"]) == 1
    for query in ("days=0", "days=401", "days=x", "day=1"):
        assert daemon.ask("GET", "/v1/history?" + query)[0] == 400
