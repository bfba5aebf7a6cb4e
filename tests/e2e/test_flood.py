"""Ten thousand endpoints that fail at once: few messages, soon, and nothing else waits for them."""

import json
import pathlib
import re
import socket
import threading
import time

import pytest

import house
from sink import sink  # noqa: F401

ENDPOINTS, GROUPS, RECEIVERS = 10_000, 10, 2


class Door:
    """Takes connections and lets them go, until it is shut."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                self.listener.accept()[0].close()
        except OSError:
            pass

    def shut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def resident(daemon):
    text = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) / 1024


def config(port, sink):
    lines = ["picket: { max_concurrent: 1000, max_per_host: 1000, listen: '127.0.0.1:0' }", "receivers:"]
    for i in range(RECEIVERS):
        lines.append(f"  r{i}: {{ webhook: '{sink.url()}', group_wait: 2s, group_interval: 20s }}")
    lines.append("groups:")
    lines += [f"  g{i}: {{ notify: [r0, r1] }}" for i in range(GROUPS)]
    lines += ["defaults:", "  interval: 10s", "  timeout: 5s",
              "  confirm: { failures: 2, successes: 1, every: 1s }", "endpoints:"]
    lines += [f"  - {{ name: e{i:05}, group: g{i % GROUPS}, tcp: '127.0.0.1:{port}' }}"
              for i in range(ENDPOINTS)]
    return "\n".join(lines) + "\n"


def turns(daemon):
    """How many turns of the loop there were, by how many milliseconds of CPU they took at most."""
    text = daemon.web("/metrics")[2]
    found = re.findall(r'picket_loop_turn_seconds_bucket\{le="([^"]+)"\} (\d+)', text)
    return {float(bound) * 1000: int(count) for bound, count in found}


def longest(before, after):
    """Of the turns between these two."""
    more = {bound: count - before[bound] for bound, count in after.items()}
    return min(bound for bound, count in more.items() if count == more[float("inf")])


def wait_all(daemon, state):
    until = time.monotonic() + 4 * house.PATIENCE
    with daemon.events("?type=state&since=0") as events:
        for _ in events:
            if daemon.status()["endpoints"][state] == ENDPOINTS:
                return
            assert time.monotonic() < until


@pytest.mark.long
def test_ten_thousand_that_fail_at_once_are_few_messages(picketd, sink):
    door = Door()
    daemon = picketd(config(door.port, sink))
    wait_all(daemon, "up")
    # As many checks at once while all is well: what that takes is the machine's.
    before = turns(daemon)
    daemon.ctl("check", "*")
    usual = longest(before, turns(daemon))
    turns_before, memory_before = turns(daemon), resident(daemon)
    door.shut()
    began = time.monotonic()
    asking = threading.Thread(target=daemon.ctl, args=("check", "*"), daemon=True)
    asking.start()
    first = sink.message()
    first_after = time.monotonic() - began
    messages = [first]
    counted = first["counts"]["problems"]
    while counted < ENDPOINTS * RECEIVERS:
        messages.append(sink.message())
        counted += messages[-1]["counts"]["problems"]
        assert messages[-1]["event"] == "problem"
    wait_all(daemon, "down")
    asking.join()
    figures = {
        "first message after (s)": round(first_after, 2),
        "messages": len(messages),
        "the longest turn took at most (ms)": longest(turns_before, turns(daemon)),
        "and while all was well": usual,
        "memory grew by (MB)": round(resident(daemon) - memory_before, 1),
    }
    print(json.dumps(figures))
    assert len(messages) <= 2 * GROUPS * RECEIVERS, figures
    assert daemon.status()["incidents"]["open"] == ENDPOINTS
    assert figures["memory grew by (MB)"] <= 40, figures
    # The next bound above 10 ms.
    assert figures["the longest turn took at most (ms)"] <= max(10.5 * house.SLOWNESS, usual), figures
