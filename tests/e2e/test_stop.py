"""SIGTERM and SIGINT: nothing in flight is called a failure, and the end is near."""

import signal
import socket
import time

import pytest

import house

FLIGHT = 500


def many(world, how_many=FLIGHT):
    lines = [
        "picket: { max_concurrent: 500, max_per_host: 500 }",
        "defaults: { interval: 30s, timeout: 20s }",
        "endpoints:",
    ]
    for i in range(how_many):
        lines.append(f"  - {{ name: e{i}, http: '{world.url(f'/silent/{i}')}' }}")
    return "\n".join(lines) + "\n"


def in_flight(daemon, world):
    """All of them are in flight, as the world sees it."""
    daemon.ctl("check", "e*")
    world.wait("/silent/*", 1, endpoints=FLIGHT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_checks_in_flight_are_cancelled_not_failed(world, picketd, number):
    places = world()
    daemon = picketd(many(places))
    in_flight(daemon, places)
    before = daemon.status()
    assert before["checks"]["in_flight"] == FLIGHT
    assert before["checks"]["total"] == 0
    status, took = daemon.stop(number)
    assert status == 0
    assert took < 1.0 * house.SLOWNESS
    assert "is down" not in daemon.logged()


def test_dead_names_do_not_hold_up_the_end(world, picketd):
    places = world("dns *.dead.test: silent\n", "--http", "127.0.0.1:0", "--dns", "127.0.0.1:0")
    lines = [
        f"picket: {{ max_concurrent: 500, resolver: {{ servers: ['127.0.0.1:{places.ports['dns']}'] }} }}",
        "defaults: { interval: 30s, timeout: 20s }",
        "endpoints:",
    ]
    lines += [f"  - {{ name: e{i}, http: 'http://h{i}.dead.test/' }}" for i in range(FLIGHT)]
    daemon = picketd("\n".join(lines) + "\n")
    daemon.ctl("check", "e*")
    with daemon.events("?since=0"):
        while daemon.status()["checks"]["in_flight"] < FLIGHT:
            pass
    threads = daemon.threads()
    judges = daemon.status()["judges"]["threads"]
    assert len(threads) <= judges + 4, threads
    assert all(threads), threads
    status, took = daemon.stop()
    assert status == 0
    assert took < 1.0 * house.SLOWNESS
    assert "is down" not in daemon.logged()


def test_a_second_signal_ends_at_once(world, picketd):
    places = world()
    daemon = picketd(many(places))
    in_flight(daemon, places)
    daemon.send(signal.SIGTERM)
    status, took = daemon.stop()
    assert status == 0
    assert took < 1.0 * house.SLOWNESS


def test_an_idle_daemon_ends_at_once_and_says_so(picketd):
    daemon = picketd("endpoints: []\n")
    status, took = daemon.stop()
    assert status == 0
    assert took < 0.5 * house.SLOWNESS
    daemon.wait_notified("STOPPING=1")
    assert not daemon.socket.exists()


def test_who_does_not_read_does_not_hold_up_the_end(picketd):
    # More than a socket takes and more than is made ahead of a reader.
    daemon = picketd("picket: { shutdown_grace: 5m }\nendpoints:\n" + "".join(
        f"  - {{ name: e{i}, interval: 20d, labels: {{ a: {'x' * 1000} }}, heartbeat: 20d }}\n"
        for i in range(2000)))
    with socket.socket(socket.AF_UNIX) as lazy:
        lazy.connect(str(daemon.socket))
        lazy.sendall(b"GET /v1/endpoints HTTP/1.1\r\nHost: picket\r\n\r\n")
        assert lazy.recv(12) == b"HTTP/1.1 200"
        status, _ = daemon.stop()
    assert status == 0
    assert "'shutdown_grace' is over" not in daemon.logged()


def test_a_configuration_that_loads_for_long_does_not_hold_up_the_end(picketd):
    daemon = picketd("picket: { shutdown_grace: 100ms }\nendpoints: []\n")
    daemon.config.write_text("endpoints:\n" + "".join(
        f"  - {{ name: e{i}, http: 'http://127.0.0.1:9/{i}' }}\n" for i in range(120000)))
    # Of this machine as it is now; a reload has one thread, and takes longer.
    began = time.monotonic()
    assert house.run(house.PICKETD, "-t", "-c", daemon.config).returncode == 0
    loading = time.monotonic() - began
    daemon.send(signal.SIGHUP)
    daemon.wait_notified("RELOADING=1")
    status, took = daemon.stop()
    assert status == 0
    assert took < loading
    assert not daemon.socket.exists()
