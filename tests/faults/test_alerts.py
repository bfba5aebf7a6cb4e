"""Rows A of the catalogue: what keeps a message from being told."""

import contextlib
import os
import subprocess

import pytest

import sink as sinks
from test_host import Faults


def test_A10_with_a_full_disk_it_is_told_all_the_same(world, picketd, sink, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = f'mount -t tmpfs -o size=4m none {small} && exec "$@"'
    words = ("unshare", "--mount", "--", "sh", "-c", mount, "sh")
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a file system of its own")
    names = [f"e{i}" for i in range(100)]
    places = world("/*: 200\n")
    daemon = picketd(
        sinks.config(places, names,
                     {"ops": f"webhook: '{sink.url()}', group_wait: 1s, group_interval: 100ms"}),
        state=small / "state", prefix=words)
    for name in names:
        daemon.wait_state(name, "up")
    filler = os.open(f"/proc/{daemon.pid}/root{small}/filler", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(filler, b"x" * 4096):
            pass
    os.close(filler)
    places.set("/*", "503")
    told = set()
    while len(told) < len(names):
        message = sink.message()
        assert message["event"] == "problem"
        told |= {one["endpoint"] for one in message["incidents"]}
    assert daemon.status()["store"]["state"] == "failing"
    places.set("/*", "200")
    while told:
        message = sink.message()
        told -= {one["endpoint"] for one in message["incidents"] if one.get("end") == "recovered"}


def test_A11_a_clock_that_goes_back_holds_no_message_up(world, picketd, sink, tmp_path):
    faults = Faults(tmp_path)
    places = world("/a: 503\n")
    daemon = picketd(
        sinks.config(places, ["a"], {
            "ops": f"webhook: '{sink.url()}', group_wait: 0s, group_interval: 100ms, repeat: 1s"}),
        env=faults.env)
    assert sink.message()["event"] == "problem"
    faults.set(clock=-3600)
    # By the wall clock none of these would be due for an hour.
    assert [sink.message()["event"] for _ in range(2)] == ["reminder"] * 2
    places.set("/a", "200")
    while (event := sink.message()["event"]) == "reminder":
        pass
    assert event == "recovery"
    daemon.wait_state("a", "up")
