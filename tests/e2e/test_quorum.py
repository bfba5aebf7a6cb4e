"""Some of several: a quorum follows the states of its members."""

import house

# No beat of the schedule comes while a test runs: what changes, changes by itself.
HEAD = "defaults: { interval: 20d, confirm: { failures: 1, successes: 1 } }\nendpoints:\n"


def config(members, *more):
    lines = [f"  - {{ name: {name}, heartbeat: 1h }}\n" for name in members]
    return HEAD + "".join(lines) + "".join(f"  - {{ {one} }}\n" for one in more)


def beat(daemon, name, status="ok"):
    assert daemon.ask("POST", f"/v1/heartbeats/{name}?status={status}")[0] == 204


def test_it_changes_when_a_member_does(picketd):
    daemon = picketd(
        config(
            ["web-1", "web-2", "web-3"],
            "name: web, quorum: { members: [web-*], need: 2 }",
            "name: all, quorum: { members: [web, web-1], need: 2 }",
        )
    )
    assert daemon.endpoint("web")["state"] == "pending"
    asked = daemon.ctl("check", "web", "--wait")
    assert asked.returncode == 1 and "0 of 3 are up where 2 must be" in asked.stdout
    for name in ("web-1", "web-2"):
        beat(daemon, name)
    daemon.wait_state("all", "up")
    beat(daemon, "web-3", "fail")
    daemon.wait_state("web-3", "down")
    assert daemon.endpoint("web")["state"] == "up"
    beat(daemon, "web-2", "fail")
    down = daemon.wait_state("web", "down")
    assert down["last_check"]["class"] == "quorum_lost"
    assert down["last_check"]["reason"] == (
        "1 of 3 is up where 2 must be: 'web-2' is down, 'web-3' is down"
    )
    # One that counts a quorum hears of it as well.
    daemon.wait_state("all", "down")
    # A change that is over before it was looked at is seen all the same.
    for _ in range(5):
        beat(daemon, "web-2")
        daemon.wait_state("web-2", "up")
        beat(daemon, "web-2", "fail")
        daemon.wait_state("web-2", "down")
    beat(daemon, "web-2")
    daemon.wait_state("all", "up")
    assert daemon.endpoint("web")["state"] == "up"


def test_who_is_paused_is_not_missed(picketd):
    daemon = picketd(config(["a", "b"], "name: both, quorum: { members: [a, b], need: 2 }"))
    beat(daemon, "a")
    beat(daemon, "b", "fail")
    daemon.wait_state("both", "down")
    daemon.ctl("pause", "b")
    daemon.wait_state("both", "up")
    beat(daemon, "b")
    daemon.ctl("resume", "b")
    # It is waited for again, and nothing is known of it.
    assert daemon.endpoint("b")["state"] == "pending"
    assert daemon.endpoint("both")["state"] == "up"
    beat(daemon, "b", "fail")
    daemon.wait_state("both", "down")


def test_a_reload_changes_members_and_need(picketd):
    daemon = picketd(config(["a", "b"], "name: some, quorum: { members: [a, b], need: 2 }"))
    beat(daemon, "a")
    beat(daemon, "b", "fail")
    daemon.wait_state("some", "down")
    daemon.config.write_text(config(["a", "b"], "name: some, quorum: { members: ['?'], need: 1 }"))
    assert daemon.ctl("reload").returncode == 0
    daemon.wait_state("some", "up")
    daemon.config.write_text(config(["b", "c"], "name: some, quorum: { members: ['?'], need: 1 }"))
    assert daemon.ctl("reload").returncode == 0
    beat(daemon, "c", "fail")
    down = daemon.wait_state("some", "down")
    assert down["last_check"]["reason"].startswith("0 of 2 are up")
    refused = config(["b"], "name: some, quorum: { members: ['?'], need: 2 }")
    daemon.config.write_text(refused)
    assert "never more can be up" in daemon.ctl("reload").stderr
    assert daemon.endpoint("some")["state"] == "down"


def test_a_thousand_members_that_fail_together_are_a_few_looks(picketd):
    names = [f"m{number:04}" for number in range(1000)]
    daemon = picketd(config(names, "name: most, quorum: { members: [m*], need: 501 }"))
    for name in names:
        beat(daemon, name)
    daemon.wait_state("most", "up")
    for name in names[:500]:
        beat(daemon, name, "fail")
    daemon.wait_state("most", "down")
    assert daemon.endpoint("most")["last_check"]["reason"].startswith("500 of 1000 are up")
    assert daemon.status()["loop"]["turn_max"] < 0.1 * house.SLOWNESS
