"""Reload: all faults or none, and what did not change is not disturbed."""

import signal

COUNT = 500


def config(world, changed=None, extra=""):
    lines = ["defaults: { interval: 20d, timeout: 5s }", "endpoints:"]
    for i in range(COUNT):
        interval = ", interval: 10d" if i == changed else ""
        lines.append(f"  - {{ name: e{i:03}, http: '{world.url(f'/e/{i}')}'{interval} }}")
    return "\n".join(lines) + "\n" + extra


def everything(daemon):
    shown = daemon.endpoints("?limit=1000")
    assert len(shown) == COUNT
    return shown


def test_a_broken_file_is_refused_with_every_fault_and_the_old_one_runs(world, picketd):
    daemon = picketd(config(world()))
    daemon.config.write_text(
        "defaults: { intervall: 30s }\n"
        "endpoints:\n"
        "  - { name: w, http: 'http://x/', interval: 5s, timeout: 10s }\n"
        "  - { name: a, http: 'ftp://x/' }\n"
        "  - { name: b, http: 'http://x/', timeout: 10 }\n"
        "  - { name: b, http: 'http://x/', expect: ['status = 200'] }\n"
    )
    answer = daemon.ctl("reload")
    assert answer.returncode != 0
    said = answer.stdout + answer.stderr
    for line in (1, 4, 5, 6):
        assert f"picket.yaml:{line}:" in said, said
    assert "interval" in said and "status == 200" in said
    assert daemon.status()["config"]["endpoints"] == COUNT
    status, answer = daemon.ask("POST", "/v1/reload")
    assert status == 422
    # A warning is in the log, and no fault.
    assert "3:49: warning: " in daemon.logged()
    for faults in answer["error"]["faults"], daemon.status()["config"]["fault"].splitlines():
        assert len(faults) == 5 and "warning" not in "".join(faults), faults
    assert len(everything(daemon)) == COUNT


def test_499_of_500_keep_their_turn_and_their_streak(world, picketd):
    places = world()
    daemon = picketd(config(places))
    daemon.ctl("check", "e*")
    places.wait("/e/*", 1, endpoints=COUNT)
    # Some may have had their turn before they were asked for, and so have it twice.
    while True:
        before = everything(daemon)
        checks = daemon.status()["checks"]
        if checks["in_flight"] + checks["waiting"] == 0 and all(
                "last_check" in one for one in before.values()):
            break
    daemon.config.write_text(config(places, changed=7))
    answer = daemon.ctl("reload")
    assert answer.returncode == 0, answer.stderr
    after = everything(daemon)
    same = [
        name
        for name in before
        if before[name]["next_check_at"] == after[name]["next_check_at"]
        and before[name]["state"] == after[name]["state"]
        and before[name]["since"] == after[name]["since"]
        and before[name]["last_check"] == after[name]["last_check"]
    ]
    assert len(same) >= COUNT - 1, set(before) - set(same)
    assert after["e007"]["interval"] == 10 * 86400
    assert daemon.status()["config"].get("fault") is None


def test_endpoints_come_and_go(world, picketd):
    places = world()
    daemon = picketd(config(places))
    daemon.config.write_text(
        "endpoints:\n"
        f"  - {{ name: e001, http: '{places.url('/e/1')}' }}\n"
        f"  - {{ name: new, interval: 1s, http: '{places.url('/new')}' }}\n"
    )
    with daemon.events("?type=config&since=0") as events:
        daemon.send(signal.SIGHUP)
        next(event for event in events if event["type"] == "config")
    assert sorted(daemon.endpoints()) == ["e001", "new"]
    assert daemon.wait_state("new", "up")
    totals = daemon.status()["endpoints"]
    assert sum(totals.values()) == 2


def test_an_endpoint_in_flight_may_go(world, picketd):
    places = world()
    daemon = picketd(
        "endpoints:\n"
        f"  - {{ name: silent, http: '{places.url('/silent/1')}' }}\n"
        f"  - {{ name: stays, http: '{places.url('/stays')}' }}\n"
    )
    daemon.ctl("check", "silent")
    places.wait("/silent/1", 1)
    daemon.config.write_text(f"endpoints: [{{ name: stays, http: '{places.url('/stays')}' }}]\n")
    assert daemon.ctl("reload").returncode == 0
    assert list(daemon.endpoints()) == ["stays"]
    assert daemon.ctl("check", "stays", "--wait").returncode == 0
    assert daemon.status()["checks"]["in_flight"] == 0
    status, _ = daemon.stop()
    assert status == 0


def test_a_storm_of_hangups_is_one_or_two_reloads(world, picketd):
    daemon = picketd(config(world()))
    for _ in range(1000):
        daemon.send(signal.SIGHUP)
    assert daemon.ctl("reload").returncode == 0
    assert daemon.logged().count("reloaded '") < 50
    assert len(everything(daemon)) == COUNT


def test_one_reload_after_the_other(world, picketd):
    places = world()
    daemon = picketd("endpoints: []\n")
    for names in (["a", "b", "c"], ["b"], ["a", "b", "z"], [], ["c"]):
        daemon.config.write_text(
            "endpoints:\n"
            + "".join(f"  - {{ name: {name}, http: '{places.url('/')}' }}\n" for name in names)
            if names
            else "endpoints: []\n"
        )
        answer = daemon.ctl("reload")
        assert answer.returncode == 0, answer.stderr
        assert sorted(daemon.endpoints()) == names
        assert sum(daemon.status()["endpoints"].values()) == len(names)


def test_what_is_paused_in_flight_stays_paused(world, picketd):
    places = world("/late: 503 delay=600ms\n")
    text = f"endpoints: [{{ name: late, http: '{places.url('/late')}', enabled: true }}]\n"
    daemon = picketd("defaults: { interval: 1h, confirm: { failures: 1 } }\n" + text)
    daemon.ctl("check", "late")
    places.wait("/late", 1)
    daemon.config.write_text(text.replace("true", "false"))
    assert daemon.ctl("reload").returncode == 0
    assert daemon.endpoint("late")["state"] == "paused"
    with daemon.events("?since=0"):
        while daemon.status()["checks"]["in_flight"]:
            pass
    assert daemon.endpoint("late")["state"] == "paused"
    assert daemon.ask("POST", "/v1/endpoints/late/check")[0] == 409
    daemon.config.write_text(text)
    assert daemon.ctl("reload").returncode == 0
    daemon.ctl("check", "late", "--wait")
    assert daemon.endpoint("late")["state"] != "paused"
