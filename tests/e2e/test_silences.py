"""Silences: nobody is told for a while, and then of what is true."""

import json
import re
import signal

import house
import pytest
from test_incidents import wait_incident
from test_notify import config, names, sink  # noqa: F401

AT_ONCE = "group_by: endpoint, group_wait: 0s, group_interval: 10ms"


def told_now(sink):
    return [one["endpoint"] for _, body in sink.taken for one in json.loads(body)["incidents"]]


def silence(daemon, **wish):
    status, answer = daemon.ask("POST", "/v1/silences", json.dumps(wish))
    assert status == 201, answer
    return answer


def silences(daemon):
    return daemon.get("/v1/silences")["silences"]


@pytest.fixture
def pair(world, picketd, sink):
    """A daemon with 'quiet' and 'loud', which both are up, and the world they are in."""
    places = world("/quiet: 200\n/loud: 200\n")
    daemon = picketd(
        config(places, ["quiet", "loud"], {"ops": f"webhook: '{sink.url()}', {AT_ONCE}"})
    )
    for name in ("quiet", "loud"):
        daemon.wait_state(name, "up")
    return daemon, places


def fail_loudly(daemon, places, sink):
    """What was to be told before this was told before this."""
    places.set("/loud", "503")
    message = sink.message()
    while names(message) != ["loud"]:
        message = sink.message()
    places.set("/loud", "200")
    while (message := sink.message())["event"] != "recovery" or names(message) != ["loud"]:
        pass


def test_what_is_still_wrong_at_the_end_is_told_then(pair, sink):
    daemon, places = pair
    made = silence(daemon, match="qui*", **{"for": 4}, comment="new disks")
    assert (made["match"], made["comment"], made["by"]) == ("qui*", "new disks", "root")
    assert silences(daemon) == [made]
    assert daemon.endpoint("quiet")["flags"] == ["silenced"]
    assert daemon.endpoint("loud")["flags"] == []
    shown = [line for line in daemon.ctl("status").stdout.splitlines() if "silenced" in line]
    assert len(shown) == 1 and "quiet" in shown[0], shown
    places.set("/quiet", "503")
    opened = wait_incident(daemon, "opened", "quiet")
    fail_loudly(daemon, places, sink)
    assert "quiet" not in told_now(sink)
    # Checks and incidents went on.
    assert daemon.endpoint("quiet")["state"] == "down"
    assert [one["id"] for one in daemon.get("/v1/incidents?open=1")["incidents"]] == [opened["id"]]
    message = sink.message()
    assert (message["event"], names(message)) == ("problem", ["quiet"])
    assert message["incidents"][0]["id"] == opened["id"]
    assert silences(daemon) == [] and daemon.endpoint("quiet")["flags"] == []
    places.set("/quiet", "200")
    assert sink.message()["event"] == "recovery"
    assert "is over" in daemon.logged()


def test_what_is_over_by_then_is_not_told_at_all(pair, sink):
    daemon, places = pair
    made = silence(daemon, match="quiet", **{"for": "1h"})
    places.set("/quiet", "503")
    wait_incident(daemon, "opened", "quiet")
    places.set("/quiet", "200")
    wait_incident(daemon, "closed", "quiet")
    status, ended = daemon.ask("DELETE", f"/v1/silences/{made['id']}")
    assert (status, ended) == (200, made)
    assert daemon.ask("DELETE", f"/v1/silences/{made['id']}")[0] == 404
    fail_loudly(daemon, places, sink)
    assert "quiet" not in told_now(sink)


def test_whoever_knows_of_the_problem_hears_of_its_end_afterwards(pair, sink):
    daemon, places = pair
    places.set("/quiet", "503")
    problem = sink.message()
    assert names(problem) == ["quiet"]
    made = silence(daemon, match="quiet", **{"for": "1h"})
    places.set("/quiet", "200")
    wait_incident(daemon, "closed", "quiet")
    fail_loudly(daemon, places, sink)
    assert told_now(sink).count("quiet") == 1
    assert daemon.ctl("unsilence", made["id"]).returncode == 0
    recovery = sink.message()
    assert (recovery["event"], names(recovery)) == ("recovery", ["quiet"])
    assert recovery["incidents"][0]["id"] == problem["incidents"][0]["id"]


def test_what_never_worked_is_told_after_its_first_success(world, picketd, sink):
    places = world("/new: 503\n/old: 503\n/late: 503\n")
    text = config(
        places, ["new", "old", "late"], {"ops": f"webhook: '{sink.url()}', {AT_ONCE}"}
    ).replace("  interval: 1s", "  interval: 1s\n  alert_after_first_success: true")
    text = text.replace("name: old,", "name: old, alert_after_first_success: false,")
    daemon = picketd(text)
    for name in ("new", "late", "old"):
        wait_incident(daemon, "opened", name)
    assert names(sink.message()) == ["old"]
    places.set("/new", "200")
    wait_incident(daemon, "closed", "new")
    places.set("/new", "503")
    message = sink.message()
    assert (message["event"], names(message)) == ("problem", ["new"])
    # One success that is not confirmed is none.
    places.set("/late", "200, 503")
    daemon.wait_verdicts(
        1, lambda one: one["endpoint"] == "late" and one["verdict"] == "pass"
    )
    # Over a restart it is not new again.
    places.set("/new", "200")
    assert names(sink.message()) == ["new"]
    daemon.wait_state("new", "up")
    daemon.stop()
    following = picketd(text, state=daemon.state)
    places.set("/new", "503")
    message = sink.message()
    assert (message["event"], names(message)) == ("problem", ["new"])
    assert following.endpoint("late")["state"] == "down" and "late" not in told_now(sink)


def test_nobody_is_reminded_of_what_is_silent(world, picketd, sink):
    places = world("/a: 503\n/b: 503\n")
    daemon = picketd(
        config(
            places, ["a", "b"],
            {"ops": f"webhook: '{sink.url()}', group_by: group, group_wait: 2s, repeat: 1s"},
        )
    )
    assert names(sink.message()) == ["a", "b"]
    silence(daemon, match="a", **{"for": "1h"})
    reminders = [sink.message() for _ in range(3)]
    # The first may have been on its way.
    for one in reminders[1:]:
        assert (one["event"], names(one)) == ("reminder", ["b"])
        assert one["counts"]["open"] == 1


def test_a_silence_outlives_kill_and_reload(pair, picketd, sink):
    daemon, places = pair
    made = silence(daemon, match="quiet", **{"for": "1h"}, comment="a \"b\"\nc")
    short = silence(daemon, match="loud", **{"for": 1})
    places.set("/quiet", "503")
    opened = wait_incident(daemon, "opened", "quiet")
    # Both commits are on the disk, and the short one is over while nobody looks.
    while daemon.status()["store"]["waiting"]:
        pass
    daemon.send(signal.SIGKILL)
    daemon.process.wait(house.PATIENCE)
    daemon.close = lambda: 0
    following = picketd(daemon.config.read_text(), state=daemon.state)
    assert made in silences(following)
    while len(silences(following)) > 1:
        pass
    assert short["id"] not in str(silences(following))
    assert "silenced" in following.endpoint("quiet")["flags"]
    assert following.ctl("reload").returncode == 0
    assert "silenced" in following.endpoint("quiet")["flags"]
    fail_loudly(following, places, sink)
    assert "quiet" not in told_now(sink)
    assert following.ctl("unsilence", made["id"]).returncode == 0
    message = sink.message()
    assert (message["event"], message["incidents"][0]["id"]) == ("problem", opened["id"])


def test_groups_and_labels_say_who_is_silent(world, picketd, sink):
    places = world("/: 200\n")
    url = places.url("/")
    text = f"""
groups: {{ web: {{ labels: {{ team: blue }} }}, db: {{}} }}
endpoints:
  - {{ name: a, group: web, http: '{url}' }}
  - {{ name: b, group: web, labels: {{ team: red }}, http: '{url}' }}
  - {{ name: c, group: db, labels: {{ team: red }}, http: '{url}' }}
"""
    daemon = picketd(text)

    def quiet():
        return {name for name, one in daemon.endpoints().items() if "silenced" in one["flags"]}

    def during(**wish):
        made = silence(daemon, **wish, **{"for": "1h"})
        found = quiet()
        assert daemon.ask("DELETE", f"/v1/silences/{made['id']}")[0] == 200
        assert quiet() == set()
        return found

    assert during(match="*") == {"a", "b", "c"}
    assert during(group="web") == {"a", "b"}
    assert during(match="?", labels={"team": "red"}) == {"b", "c"}
    assert during(labels={"team": "red", "group": "web"}) == {"b"}
    assert during(match="a*") == {"a"}
    # Who gets another label is asked about again.
    silence(daemon, labels={"team": "red"}, **{"for": "1h"})
    daemon.config.write_text(text.replace("name: a, group: web,", "name: a, labels: { team: red },"))
    assert daemon.ctl("reload").returncode == 0
    assert quiet() == {"a", "b", "c"}
    daemon.config.write_text(text.replace("name: c, group: db,", "name: c,").replace("red", "green"))
    assert daemon.ctl("reload").returncode == 0
    assert quiet() == set()


def test_what_makes_no_sense_is_refused_with_the_reason(world, picketd):
    places = world("/: 200\n")
    daemon = picketd(f"endpoints: [{{ name: a, http: '{places.url('/')}' }}]\n")
    hour = {"for": 3600}
    wrong = [
        ({"match": "a"}, "'for' or 'until'"),
        ({"match": "a", **hour, "until": "2099-01-01T00:00:00Z"}, "'for' or 'until'"),
        ({"match": "a", "until": "2001-01-01T00:00:00Z"}, "over already"),
        ({"match": "a", "until": "tomorrow"}, "'until'"),
        ({"match": "a", "for": "soon"}, "'for'"),
        ({"match": "a", "for": 0}, "a second at least"),
        ({"match": "a", "for": "400d"}, "366 days"),
        ({"match": "[ab]", **hour}, "'['"),
        ({"match": "", **hour}, "'match'"),
        ({"match": 7, **hour}, "'match'"),
        (hour, "'match' is missing"),
        ({"match": "a", "labels": ["x"], **hour}, "'labels'"),
        ({"match": "a", "labels": {"x": 1}, **hour}, "'x'"),
        ({"match": "a", "group": "b", "labels": {"group": "c"}, **hour}, "differ"),
        ({"match": "a", "comment": "x" * 1025, **hour}, "'comment'"),
        ({"match": "a", "coment": "x", **hour}, "'coment'"),
        ([], "object"),
    ]
    for wish, reason in wrong:
        status, answer = daemon.ask("POST", "/v1/silences", json.dumps(wish))
        assert status == 400 and reason in answer["error"]["message"], (wish, answer)
    for body in ("", "{", '{"match": "a",}'):
        status, answer = daemon.ask("POST", "/v1/silences", body)
        assert status == 400 and "not JSON" in answer["error"]["message"], answer
    assert silences(daemon) == []
    for _ in range(1000):
        silence(daemon, match="a", **hour)
    status, answer = daemon.ask("POST", "/v1/silences", json.dumps({"match": "a", **hour}))
    assert (status, answer["error"]["code"]) == (409, "too_many")
    assert len({one["id"] for one in silences(daemon)}) == 1000


def test_people_can_do_all_of_it_with_picketctl(world, picketd):
    places = world("/: 200\n")
    url = places.url("/")
    daemon = picketd(
        f"endpoints: [{{ name: a1, http: '{url}' }}, {{ name: a2, labels: {{ x: y }}, http: '{url}' }}]\n"
    )
    assert daemon.ctl("silences").stdout == "No silences.\n"
    answer = daemon.ctl("silence", "a*", "--for", "2h", "--comment", "disks \x1b[31m")
    assert answer.returncode == 0, answer
    line = re.fullmatch(
        r"(\w{10}): 'a\*' is silent for (2h|1h59m\S*), until \S+Z; 2 endpoints\n", answer.stdout
    )
    assert line, answer.stdout
    answer = daemon.ctl("silence", "--label", "x:y", "--until", "2099-01-01T00:00:00Z")
    assert answer.returncode == 4 and "366 days" in answer.stderr, answer
    answer = daemon.ctl("silence", "--label", "x:y", "--for", "1h", "--json")
    made = json.loads(answer.stdout)
    assert (made["match"], made["labels"]) == ("*", {"x": "y"})
    assert "no endpoint matches" in daemon.ctl("silence", "b*", "--for", "1h").stdout
    listed = daemon.ctl("silences").stdout.splitlines()
    assert len(listed) == 3 and "by root: disks \\x1b[31m" in listed[0], listed
    assert "x:y" in listed[1]
    assert json.loads(daemon.ctl("silences", "--json").stdout)["silences"][1] == made
    answer = daemon.ctl("unsilence", line[1], made["id"])
    assert answer.returncode == 0 and "silent no more" in answer.stdout, answer
    assert len(silences(daemon)) == 1
    assert daemon.ctl("unsilence", line[1]).returncode == 4
    for words, reason in (
        (["silence", "a*"], "--for"),
        (["silence", "--for", "1h"], "name or glob"),
        (["silence", "a1", "a2", "--for", "1h"], "one name"),
        (["silence", "a", "--for", "soon"], "duration"),
        (["silence", "--for", "1h", "--label", "x"], "KEY:VALUE"),
        (["silences", "x"], "no arguments"),
        (["unsilence"], "id of a silence"),
    ):
        answer = daemon.ctl(*words)
        assert answer.returncode == 2 and reason in answer.stderr, (words, answer)
