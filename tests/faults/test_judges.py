"""Rows W of the catalogue: judges that are slower than what comes, and one that hangs."""

import contextlib
import ctypes
import os
import pathlib
import queue

import pytest

import house

SEIZE, INTERRUPT, CONT, DETACH = 0x4206, 0x4207, 7, 17
FUTEX = {"x86_64": "202", "aarch64": "98"}.get(os.uname().machine)

BIG = "/big/*: 200 json={}\n"
AT_WORK = 10_000_000  # ns; an answer takes a judge ten times that
BUSY = 4  # of these are more than two judges can judge each second
HARD = "'any json $.items[*].name == \"nobody\"'"


def test_W4_more_answers_than_judges_can_judge_wait_and_none_is_lost(world, picketd):
    count, most = 24, 4
    places = world(BIG.format("2MB"))
    lines = ["picket: { judges: 1, judge_queue: %d, max_per_host: %d, limits: { body: 8MiB } }"
             % (most, count), "defaults: { interval: 1s, timeout: 60s }", "endpoints:"]
    lines += [f"  - {{ name: big{i:02}, http: '{places.url(f'/big/{i}')}', expect: [{HARD}] }}"
              for i in range(count)]
    daemon = picketd("\n".join(lines) + "\n")
    seen, waited, late = [], 0, 0
    with daemon.events("?type=verdict&since=0") as events:
        for event in events:
            if event["type"] != "verdict":
                continue
            seen.append(event["endpoint"])
            status = daemon.status()
            assert status["judges"]["queue_max"] == most
            waited = max(waited, status["judges"]["queued"])
            late = max(late, status["checks"]["waiting"])
            if len(seen) >= 3 * count:
                break
    # Some waited for the judge, the others to be launched; each got its turn, and its verdict.
    assert 0 < waited < count and late > 0, (waited, late)
    assert set(seen) == set(daemon.endpoints())
    assert daemon.status()["checks"]["total"] >= len(seen)


class Frozen:
    """A thread that is stopped where it stands, while the others go on; see ptrace(2)."""

    def __init__(self, task):
        self.task, self.id = task, int(task.name)
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self.libc.ptrace.restype = ctypes.c_long
        if not self.do(SEIZE):
            pytest.skip("nobody may be traced here")
        # Not where it waits for something to do, nor where it has just been woken for that.
        idle = self.cpu()
        while True:
            self.stop()
            if (task / "syscall").read_text().split()[0] == FUTEX:
                idle = self.cpu()
            elif self.cpu() - idle > AT_WORK:
                return
            self.do(CONT)

    def cpu(self):
        """Nanoseconds that it has run; see proc(5)."""
        return int((self.task / "schedstat").read_text().split()[0])

    def do(self, request):
        return self.libc.ptrace(request, self.id, None, None) == 0

    def stop(self):
        assert self.do(INTERRUPT)
        os.waitpid(self.id, 0x40000000)  # __WALL

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert self.do(DETACH)


def fed(daemon):
    """How often it said that it is well since this was asked last."""
    count = 0
    with contextlib.suppress(queue.Empty):
        while True:
            count += daemon.told.get_nowait() == "WATCHDOG=1"
    return count


def task_called(daemon, name):
    for task in pathlib.Path(f"/proc/{daemon.pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return task
    raise AssertionError(f"no thread is called {name}")


@contextlib.contextmanager
def frozen_while_judging(daemon, places):
    """A judge that stands still with an answer in its hands: of that one no more is asked."""
    for _ in range(10):
        with Frozen(task_called(daemon, "judge-0")):
            places.forget()
            places.wait("/a", 10)
            asked = [sum(one["hits"] for one in places.stats(f"/big/{i}")["endpoints"].values())
                     for i in range(BUSY)]
            if not all(asked):
                yield
                return
    raise AssertionError("the judge was never caught at work")


@pytest.mark.skipif(not FUTEX, reason="another machine")
def test_W5_while_a_judge_hangs_the_watchdog_is_not_fed(world, picketd):
    places = world(BIG.format("5MB"))
    daemon = picketd(
        "picket: { judges: 2, max_per_host: 24, limits: { body: 8MiB } }\n"
        "defaults: { interval: 1s, timeout: 300s }\nendpoints:\n"
        f"  - {{ name: a, http: '{places.url('/a')}' }}\n"
        + "".join(f"  - {{ name: big{i}, http: '{places.url(f'/big/{i}')}', expect: [{HARD}] }}\n"
                  for i in range(BUSY)),
        env={"WATCHDOG_USEC": "2000000"})
    daemon.wait_notified("WATCHDOG=1")
    with frozen_while_judging(daemon, places):
        # Ten seconds are its patience with a judge; then nothing is said, though the loop turns
        # and the other judge judges.
        places.wait("/a", 14)
        fed(daemon)
        places.wait("/a", 20)
        assert fed(daemon) == 0
        assert daemon.status()["pid"] == daemon.pid
    daemon.wait_notified("WATCHDOG=1")
    places.wait("/a", 22)
