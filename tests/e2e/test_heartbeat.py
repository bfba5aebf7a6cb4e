"""Jobs that call: beats that come, that do not come in time, and that say what went wrong."""

import contextlib
import datetime
import json
import signal

import house

# No beat of the schedule comes while a test runs: what is noticed is noticed by itself.
HEAD = "defaults: { interval: 20d, confirm: { failures: 5, successes: 5 } }\nendpoints:\n"


def config(*endpoints):
    return HEAD + "".join(f"  - {{ {one} }}\n" for one in endpoints)


def seconds(time):
    return datetime.datetime.fromisoformat(time).timestamp()


def beat(daemon, name, query=""):
    status, _ = daemon.ask("POST", f"/v1/heartbeats/{name}{query}")
    assert status == 204


def again(daemon, picketd, text=None):
    """Killed, and started once more over the same state."""
    while daemon.status()["store"]["waiting"]:
        pass
    daemon.send(signal.SIGKILL)
    daemon.process.wait(house.PATIENCE)
    daemon.process.stdout.close()
    daemon.close = lambda: 0
    return picketd(text or daemon.config.read_text(), state=daemon.state)


def test_a_beat_makes_it_up_and_a_missed_one_down(picketd):
    daemon = picketd(config("name: job, heartbeat: { every: 1s, grace: 500ms }"))
    assert daemon.endpoint("job")["state"] == "pending"
    asked = daemon.ctl("check", "job", "--wait")
    assert (asked.returncode, asked.stdout) == (1, "no verdict  job  no beat has come yet\n")
    assert "last_check" not in daemon.endpoint("job")
    assert daemon.ctl("beat", "job").returncode == 0
    up = daemon.wait_state("job", "up")
    heard = seconds(up["heartbeat"]["at"])
    assert abs(seconds(up["heartbeat"]["due_at"]) - heard - 1.5) < 0.01
    assert "latency" not in up["last_check"]
    down = daemon.wait_state("job", "down")
    assert down["last_check"]["class"] == "heartbeat_missed"
    assert down["last_check"]["phase"] == "first_byte"
    assert "one was due by " + down["heartbeat"]["due_at"] in down["last_check"]["reason"]
    # At its time, and not at the next look that would have come anyway.
    assert 1.5 <= seconds(down["last_check"]["at"]) - heard < 2.2 * house.SLOWNESS
    incidents = daemon.get("/v1/incidents?open=1")["incidents"]
    assert [one["class"] for one in incidents] == ["heartbeat_missed"]
    beat(daemon, "job")
    daemon.wait_state("job", "up")
    assert daemon.get("/v1/incidents?open=1")["incidents"] == []


def test_by_the_calendar_the_next_is_due_as_a_clock_there_shows_it(picketd):
    daemon = picketd(config('name: job, heartbeat: { calendar: "3:30 Asia/Tokyo", grace: 1h }'))
    assert daemon.endpoint("job")["target"] == "3:30 Asia/Tokyo, grace 1h"
    beat(daemon, "job")
    known = daemon.wait_state("job", "up")["heartbeat"]
    # A beat up to a minute before its time is that one's.
    heard = datetime.datetime.fromisoformat(known["at"]) + datetime.timedelta(minutes=1)
    there = heard.astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    due = there.replace(hour=3, minute=30, second=0, microsecond=0)
    if due <= there:
        due += datetime.timedelta(days=1)
    wanted = (due + datetime.timedelta(hours=1)).timestamp()
    assert abs(seconds(known["due_at"]) - wanted) < 0.01
    daemon = again(daemon, picketd)
    assert daemon.endpoint("job")["heartbeat"] == known


def test_a_failure_is_told_with_its_words_and_the_time_it_took(picketd):
    daemon = picketd(config("name: job, heartbeat: 1h, expect: 'latency < 1h', warn: 'body == \"all\"'"))
    beat(daemon, "job", "?status=start")
    began = seconds(daemon.endpoint("job")["heartbeat"]["began_at"])
    asked = daemon.ctl("beat", "job", "--fail", "--message", "no space\non /backup")
    assert asked.returncode == 0, asked.stderr
    down = daemon.wait_state("job", "down")
    assert down["last_check"]["class"] == "heartbeat_failed"
    assert down["last_check"]["reason"] == "no space\\non /backup"
    took = seconds(down["heartbeat"]["at"]) - began
    assert abs(down["last_check"]["latency"] - took) < 0.005
    assert abs(down["heartbeat"]["duration"] - took) < 0.005
    assert daemon.endpoint("job")["evidence"]["body"] == "no space\non /backup"
    assert "heartbeat_failed (transfer): no space" in daemon.ctl("why", "job").stdout
    # Expectations are about the beat as well.
    beat(daemon, "job", "?status=start")
    beat(daemon, "job", "?message=some")
    daemon.wait_state("job", "degraded")
    beat(daemon, "job", "?status=start")
    beat(daemon, "job", "?message=all")
    daemon.wait_state("job", "up")
    beat(daemon, "job")
    reason = daemon.wait_state("job", "down")["last_check"]["reason"]
    assert "latency" in reason


def test_a_deadline_outlives_the_daemon(picketd):
    text = config("name: job, heartbeat: { every: 3s, grace: 3s }", "name: other, heartbeat: 1h")
    daemon = picketd(text)
    for name in ("job", "other"):
        beat(daemon, name, "?message=well")
        daemon.wait_state(name, "up")
    before = daemon.endpoint("job")["heartbeat"]
    daemon = again(daemon, picketd)
    assert daemon.endpoint("job")["heartbeat"] == before
    other = daemon.endpoint("other")
    assert other["state"] == "up" and "latency" not in other["last_check"]
    down = daemon.wait_state("job", "down")
    late = seconds(down["last_check"]["at"]) - seconds(before["due_at"])
    assert -0.01 <= late < 1 * house.SLOWNESS
    # That it is down outlives the next one too, as long as nobody beats.
    daemon = again(daemon, picketd)
    assert daemon.endpoint("job")["state"] == "down"
    beat(daemon, "job")
    daemon.wait_state("job", "up")


def test_nothing_is_missed_while_nobody_listened(picketd):
    daemon = picketd(config("name: job, heartbeat: { every: 1s, grace: 1s }"))
    beat(daemon, "job")
    daemon.wait_state("job", "up")
    due = seconds(daemon.endpoint("job")["heartbeat"]["due_at"])
    daemon.stop()
    while datetime.datetime.now().timestamp() <= due:
        pass
    daemon.close()
    daemon.close = lambda: 0
    started = datetime.datetime.now().timestamp()
    daemon = picketd(daemon.config.read_text(), state=daemon.state)
    assert daemon.endpoint("job")["state"] == "up"
    down = daemon.wait_state("job", "down")
    assert 0.9 < seconds(down["last_check"]["at"]) - started < 2 * house.SLOWNESS


def test_after_a_pause_the_wait_begins_anew(picketd):
    daemon = picketd(config("name: job, heartbeat: { every: 1s, grace: 500ms }"))
    beat(daemon, "job")
    due = seconds(daemon.wait_state("job", "up")["heartbeat"]["due_at"])
    daemon.ctl("pause", "job")
    beat(daemon, "job", "?message=meanwhile")
    one = daemon.endpoint("job")
    assert one["state"] == "paused" and one["heartbeat"]["message"] == "meanwhile"
    while datetime.datetime.now().timestamp() <= due + 0.5:
        pass
    daemon.ctl("resume", "job")
    resumed = daemon.endpoint("job")
    assert resumed["state"] == "pending"
    down = daemon.wait_state("job", "down")
    assert seconds(down["last_check"]["at"]) >= seconds(resumed["heartbeat"]["due_at"]) > due + 1


def test_a_reload_may_change_all_of_it(picketd):
    daemon = picketd(config("name: job, heartbeat: 1h", "name: page, heartbeat: 1h"))
    beat(daemon, "job")
    beat(daemon, "page")
    daemon.wait_state("page", "up")
    heard = daemon.wait_state("job", "up")["heartbeat"]["at"]
    daemon.config.write_text(
        config("name: job, heartbeat: { every: 1s, grace: 0s }", "name: page, exec: [/bin/true]")
    )
    assert daemon.ctl("reload").returncode == 0
    down = daemon.wait_state("job", "down")
    assert down["heartbeat"]["at"] == heard
    assert "heartbeat" not in daemon.endpoint("page")
    status, answer = daemon.ask("POST", "/v1/heartbeats/page")
    assert (status, answer["error"]["code"]) == (409, "no_heartbeat")
    refused = daemon.ctl("beat", "page")
    assert refused.returncode == 4 and "exec" in refused.stderr
    assert daemon.ctl("beat", "nobody").returncode == 4
    # What was no heartbeat for a while begins as a new one.
    daemon.config.write_text(config("name: page, heartbeat: 1h"))
    assert daemon.ctl("reload").returncode == 0
    assert daemon.endpoint("page")["heartbeat"] == {}
    daemon = again(daemon, picketd)
    assert daemon.endpoint("page")["heartbeat"] == {}


def test_over_tcp_the_token_lets_a_beat_in_and_nothing_else(picketd):
    daemon = picketd(
        "picket: { listen: '127.0.0.1:0' }\n"
        + config("name: job, heartbeat: { every: 1h, token: s3cret-t0ken }", "name: other, heartbeat: 1h")
    )

    def knock(name, token=None, query=""):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return daemon.web(f"/v1/heartbeats/{name}{query}", method="POST", headers=headers)[0]

    assert knock("job") == knock("job", "s3cret-t0keN") == knock("job", "s3cret-t0ken-") == 401
    assert knock("other") == knock("other", "s3cret-t0ken") == 403
    assert daemon.endpoint("job")["heartbeat"] == {}
    assert knock("job", "s3cret-t0ken", "?message=the+token+is+s3cret-t0ken") == 204
    shown = daemon.wait_state("job", "up")
    # Nothing shows the token, not even where the job does; and over TCP nothing shows messages.
    assert shown["heartbeat"]["message"] == "the token is ***"
    assert "message" not in json.loads(daemon.web("/v1/endpoints/job")[2])["heartbeat"]
    for place in ("/v1/endpoints/job", "/v1/config", "/v1/endpoints"):
        assert "s3cret" not in json.dumps(daemon.get(place))


def test_ten_thousand_beats_are_a_few_looks(picketd):
    daemon = picketd(config("name: job, heartbeat: 1h", "name: other, heartbeat: 1h"))
    with contextlib.closing(house.UnixConnection(daemon.socket, house.PATIENCE)) as connection:
        for number in range(10_000):
            connection.request("POST", f"/v1/heartbeats/job?message={number}")
            assert connection.getresponse().read() == b""
    shown = daemon.endpoint("job")
    assert shown["state"] == "up" and shown["heartbeat"]["message"] == "9999"
    status = daemon.status()
    took = seconds(shown["heartbeat"]["at"]) - seconds(shown["since"])
    assert status["checks"]["total"] <= took + 3
    assert status["store"]["written"] <= 10 * took + 100
    # The last one is looked at and kept as well.
    daemon.wait_verdicts(status["checks"]["total"])
    daemon.stop()
    daemon.close()
    daemon.close = lambda: 0
    following = picketd(daemon.config.read_text(), state=daemon.state)
    assert following.endpoint("job")["heartbeat"]["message"] == "9999"


def test_once_asks_nobody_to_beat(tmp_path):
    path = tmp_path / "picket.yaml"
    path.write_text(config("name: job, heartbeat: 1h", "name: true, exec: [/bin/true]"))
    done = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert done.returncode == 0, done.stderr
    assert '"job"' not in done.stdout and '"true"' in done.stdout
