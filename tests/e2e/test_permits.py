"""Limits on checks in flight, as the server counts them, and beats that are kept."""

import statistics
import time

import pytest

COUNT = 500
SPAN = 60


def config(world, permits, interval="10s", timeout="8s"):
    lines = [
        f"picket: {{ max_concurrent: {permits} }}",
        f"defaults: {{ interval: {interval}, timeout: {timeout} }}",
        "endpoints:",
    ]
    for i in range(COUNT):
        host = f"127.1.{i // 250}.{i % 250 + 1}"
        lines.append(f"  - {{ name: e{i:03}, http: '{world.url('/', host)}' }}")
    return "\n".join(lines) + "\n"


def make(world, delay):
    return world(f"127.1.*: 200 delay={delay}\n", "--http", "*:0")


def arrivals(world, since, until):
    """By endpoint: when it was asked, in seconds, within the span."""
    shown = world.stats("127.1.*")["endpoints"]
    return {
        name: [at / 1e6 for at in one["arrivals"] if since <= at / 1e6 < until]
        for name, one in shown.items()
    }


@pytest.mark.long
def test_each_is_checked_once_an_interval_without_drift(world, picketd):
    places = make(world, "800ms")
    daemon = picketd(config(places, 500))
    places.wait("127.1.*", SPAN // 10 + 2, COUNT, timeout=SPAN + 60)
    now = time.monotonic()
    seen = arrivals(places, now - SPAN, now)
    assert len(seen) == COUNT
    drifts = []
    for name, times in seen.items():
        assert len(times) in (SPAN // 10, SPAN // 10 + 1), name
        drifts.append(times[-1] - times[0] - 10 * (len(times) - 1))
    # One beat may be late on a busy machine; a drift would be in all of them.
    assert abs(statistics.median(drifts)) < 0.05, sorted(drifts)
    assert places.stats()["max_in_flight"] <= 500
    assert daemon.status()["permits"]["max"] == 500


@pytest.mark.long
def test_fifty_permits_are_never_more_and_keep_the_beats(world, picketd):
    places = make(world, "800ms")
    picketd(config(places, 50))
    places.wait("127.1.*", SPAN // 10 + 1, COUNT, timeout=SPAN + 90)
    now = time.monotonic()
    seen = arrivals(places, now - SPAN, now)
    kept = sum(len(times) for times in seen.values())
    assert kept >= 0.95 * COUNT * SPAN / 10, kept
    assert places.stats("127.1.*")["max_in_flight"] <= 50


@pytest.mark.long
def test_slow_ones_hold_half_of_the_permits_at_most(world, picketd):
    places = make(world, "1500ms")
    daemon = picketd(config(places, 50))
    places.wait("127.1.*", 2, COUNT, timeout=120)
    places.forget()
    places.wait("127.1.*", 2, COUNT, timeout=120)
    shown = places.stats("127.1.*")
    assert shown["max_in_flight"] <= 25, shown["max_in_flight"]
    gaps = []
    for one in shown["endpoints"].values():
        times = [at / 1e6 for at in one["arrivals"]]
        gaps += [b - a for a, b in zip(times, times[1:])]
    # 1.5 s each, 25 at once, are 30 s where nothing else costs time; with all permits it were 15.
    assert 27 < statistics.median(gaps) < 40, statistics.median(gaps)
    assert daemon.status()["lateness"]["p99"] > 5


@pytest.mark.long
def test_dark_endpoints_do_not_make_the_others_late(world, picketd):
    """2,000 endpoints, 100 permits, interval 30 s, timeout 10 s; a fifth goes dark at once."""
    places = world("127.2.*: 200\n", "--http", "*:0")
    lines = [
        "picket: { max_concurrent: 100 }",
        "defaults: { interval: 30s, timeout: 10s }",
        "endpoints:",
    ]
    for i in range(2000):
        net = 3 if i % 5 == 0 else 2
        host = f"127.{net}.{i // 250}.{i % 250 + 1}"
        lines.append(f"  - {{ name: e{i:04}, http: '{places.url('/', host)}' }}")
    daemon = picketd("\n".join(lines) + "\n")
    places.wait("127.2.*", 1, 1600, timeout=90)
    places.set("127.3.*", "silent")
    places.forget()
    # Two intervals: the first finds them dark, the second lives with it.
    places.wait("127.2.*", 3, 1600, timeout=150)
    healthy = [one for name, one in daemon.endpoints("?limit=5000").items() if int(name[1:]) % 5]
    late = sorted(one["last_check"]["lateness"] for one in healthy)
    assert late[int(len(late) * 0.99)] < 0.5, late[-20:]
    assert {one["last_check"]["verdict"] for one in healthy} == {"pass"}


def test_a_host_has_a_limit_of_its_own(world, picketd):
    places = world("127.4.0.1: 200 delay=300ms\n127.4.0.2: 200\n", "--http", "*:0")
    lines = ["picket: { max_per_host: 3 }", "defaults: { interval: 60s }", "endpoints:"]
    for i in range(30):
        lines.append(f"  - {{ name: a{i}, http: '{places.url(f'/{i}', '127.4.0.1')}' }}")
    lines.append(f"  - {{ name: b, http: '{places.url('/', '127.4.0.2')}' }}")
    daemon = picketd("\n".join(lines) + "\n")
    daemon.ctl("check", "a*")
    places.wait("127.4.0.1", 3)
    assert daemon.ctl("check", "b", "--wait").returncode == 0
    places.wait("127.4.0.1", 30)
    assert places.stats()["hosts"]["127.4.0.1"]["max_in_flight"] == 3
