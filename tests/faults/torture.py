"""A daemon one of whose calls fails once, and what holds whichever it is: see strike.c."""

import contextlib
import errno
import http.client
import json
import mmap
import os
import pathlib
import re
import signal
import struct
import subprocess
import time
from collections import Counter

import pytest

import house

HERE = pathlib.Path(__file__).parent
OTHERS = ["open", "open64", "openat", "pthread_create", "posix_spawn", "malloc"]
CALLS = re.findall(r"^STRIKE(?:_PART)?\(\w+, (\w+)", (HERE / "strike.inc").read_text(), re.M) + OTHERS
BOOK = 4096

# Half of what was asked for.
SHORT = 0

NO_PLACE = [errno.EMFILE, errno.ENFILE]
NO_MEMORY = [errno.ENOMEM]
DISK = [errno.ENOSPC, errno.EIO, errno.EINTR, SHORT]

# What the manual pages of each let it fail with, where it is this host's trouble.
ERRORS = {
    "socket": [*NO_PLACE, errno.ENOBUFS, *NO_MEMORY],
    "accept4": [*NO_PLACE, *NO_MEMORY, errno.EAGAIN, errno.EINTR, errno.ECONNABORTED],
    "connect": [errno.EADDRNOTAVAIL, errno.EAGAIN, errno.ENOBUFS, *NO_MEMORY],
    "setsockopt": [errno.ENOBUFS, *NO_MEMORY],
    "read": [errno.EINTR, errno.EAGAIN, SHORT],
    "write": [errno.EINTR, errno.EAGAIN, SHORT],
    "pread64": [errno.EIO, errno.EINTR, SHORT],
    "pwrite64": DISK,
    "send": [errno.EAGAIN, errno.EINTR, errno.ENOBUFS, *NO_MEMORY, SHORT],
    "recv": [errno.EAGAIN, errno.EINTR, *NO_MEMORY, SHORT],
    "sendto": [errno.EAGAIN, errno.ENOBUFS, *NO_MEMORY],
    "recvfrom": [errno.EAGAIN, errno.EINTR, *NO_MEMORY],
    "sendmsg": [errno.EAGAIN, errno.EINTR, errno.ENOBUFS, *NO_MEMORY],
    "recvmsg": [errno.EAGAIN, errno.EINTR, *NO_MEMORY],
    "readv": [errno.EAGAIN, errno.EINTR, *NO_MEMORY],
    "writev": [errno.EAGAIN, errno.EINTR, errno.ENOBUFS, *NO_MEMORY],
    "fsync": [errno.EIO, errno.ENOSPC],
    "fdatasync": [errno.EIO, errno.ENOSPC],
    "ftruncate64": [errno.EIO, errno.ENOSPC, errno.EINTR],
    "epoll_wait": [errno.EINTR],
    "epoll_ctl": [errno.ENOSPC, *NO_MEMORY],
    "eventfd": [*NO_PLACE, *NO_MEMORY],
    "timerfd_create": [*NO_PLACE, *NO_MEMORY],
    "inotify_init1": [*NO_PLACE, *NO_MEMORY],
    "inotify_add_watch": [errno.ENOSPC, *NO_MEMORY],
    "pipe2": NO_PLACE,
    "socketpair": [*NO_PLACE, errno.ENOBUFS],
    "open": [*NO_PLACE, *NO_MEMORY, errno.EINTR],
    "open64": [*NO_PLACE, *NO_MEMORY, errno.EINTR],
    "openat": [*NO_PLACE, *NO_MEMORY, errno.EINTR],
    "pthread_create": [errno.EAGAIN],
    "posix_spawn": [errno.EAGAIN, *NO_MEMORY],
}


class Strike:
    """The file that a daemon and its test have in common."""

    def __init__(self, folder):
        if house.SLOWNESS > 1:
            pytest.skip("a sanitizer wants to be loaded before anything else")
        path = folder / "strike"
        path.write_bytes(bytes(BOOK))
        with path.open("r+b") as file:
            self.book = mmap.mmap(file.fileno(), BOOK)
        self.env = {"LD_PRELOAD": str(house.BUILD / "tests" / "faults" / "strike.so"),
                    "STRIKE": str(path)}

    def arm(self, call, error, nth):
        """The nth from now on fails."""
        self.book[8:16] = struct.pack("q", 0)
        self.book[:8] = struct.pack("ii", CALLS.index(call), error)
        self.book[8:16] = struct.pack("q", nth)

    def disarm(self):
        self.book[8:16] = struct.pack("q", 0)

    def struck(self):
        return struct.unpack("q", self.book[16:24])[0]

    def count(self, call):
        at = 24 + 8 * CALLS.index(call)
        return struct.unpack("q", self.book[at:at + 8])[0]


# From a broken connection to the end of the process.
END_SECONDS = 0.2


class Ended(Exception):
    """The daemon is gone; what it said last."""


GOOD = ["web", "page", "port", "name", "program", "file", "job"]


class Bench:
    """A world in which all is well but for one endpoint, and a daemon that watches it."""

    def __init__(self, world, picketd, sink, folder):
        self.picketd, self.sink = picketd, sink
        self.places = world("/web: 200\n/page: 200 json=5KB\n/flip: 200\ndns www.test: 127.0.0.7\n", "--dns", "127.0.0.1:0")
        self.strike = Strike(folder)
        places = self.places
        self.text = f"""
receivers:
  ops: {{ webhook: '{sink.url()}', group_by: endpoint, group_wait: 0s, group_interval: 10ms }}
defaults:
  interval: 20d
  timeout: 5s
  confirm: {{ failures: 1, successes: 1 }}
  notify: [ops]
endpoints:
  - {{ name: web, http: '{places.url("/web")}', expect: ['status == 200'] }}
  - {{ name: page, http: '{places.url("/page")}', expect: ['json $.status == "UP"'] }}
  - {{ name: port, tcp: '127.0.0.1:{places.port}' }}
  - {{ name: name, dns: {{ query: www.test, server: '127.0.0.1:{places.ports["dns"]}' }} }}
  - {{ name: program, exec: [/bin/echo, OK] }}
  - {{ name: file, file: {folder / "strike"} }}
  - {{ name: job, heartbeat: {{ every: 1d }} }}
  - {{ name: flip, http: '{places.url("/flip")}' }}
"""
        self.daemon = None
        self.is_bad = False
        self.told = {}
        self.faults = []  # what went wrong, a line each

    def start(self):
        state = self.daemon.state if self.daemon else None
        self.daemon = self.picketd(self.text, env=self.strike.env, state=state)

    def wish(self, method, path, body=None):
        """A request that may well fail; its status and answer, or None."""
        try:
            return self.daemon.ask(method, path, body, timeout=10)
        except (OSError, http.client.HTTPException, ValueError):
            if self.is_ending():
                raise Ended(self.daemon.logged()[-2000:]) from None
            return None

    def is_ending(self):
        """Whether it has ended; a connection may break a moment before."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.daemon.process.wait(END_SECONDS)
        return self.daemon.process.poll() is not None

    def surely(self, method, path, body=None):
        """The same until it is answered."""
        until = time.monotonic() + house.PATIENCE
        while time.monotonic() < until:
            answer = self.wish(method, path, body)
            if answer and answer[0] < 500:
                return answer
        raise AssertionError(f"{method} {path} is not answered")

    def drive(self):
        """Each thing that a daemon does, once: a check of all, a change, a message, a reload."""
        self.is_bad = not self.is_bad
        self.places.set("/flip", "503" if self.is_bad else "200")
        self.wish("POST", "/v1/heartbeats/job?message=done")
        for name in [*GOOD, "flip"]:
            self.wish("POST", f"/v1/endpoints/{name}/check?wait=1")
        self.wish("POST", "/v1/silences", '{"match": "nobody", "for": "1h"}')
        self.wish("POST", "/v1/reload")

    def read_sink(self):
        """What was told so far: the endpoint of each incident."""
        while not self.sink.came.empty():
            _, _, _, body = self.sink.came.get()
            for one in json.loads(body)["incidents"]:
                self.told[one["id"]] = one["endpoint"]

    def look_for_told(self):
        """Whoever was told of an incident finds it."""
        self.read_sink()
        known = {one["id"] for one in self.surely("GET", "/v1/incidents?limit=1000")[1]["incidents"]}
        assert self.told and not set(self.told) - known, (set(self.told) - known, len(known))

    def look(self, what):
        """Nothing of the good ones is worse than that this host could not look."""
        for name in GOOD:
            one = self.surely("GET", f"/v1/endpoints/{name}")[1]
            last = one.get("last_check") or {}
            is_well = one["state"] in ("up", "unknown", "pending")
            if not is_well or last.get("verdict") == "fail" and last["class"] != "local":
                self.faults.append(f"{what}: {name} is {one['state']}: {last}")

    def strike_once(self, call, error, nth):
        """Whether there was an nth call."""
        before = self.strike.struck()
        what = f"{call}, {errno.errorcode.get(error, 'short')}, number {nth}"
        self.strike.arm(call, error, nth)
        self.drive()
        self.strike.disarm()
        self.look(what)
        return self.strike.struck() > before

    def descriptors(self):
        folder = f"/proc/{self.daemon.pid}/fd"
        found = []
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                found.append(re.sub(r"\d+", "N", os.readlink(f"{folder}/{name}")))
        return sorted(found)

    def left_open(self, before):
        """What is open that was not, once no connection that comes and goes is among it."""
        until = time.monotonic() + house.PATIENCE
        while (more := Counter(self.descriptors()) - Counter(before)) and time.monotonic() < until:
            self.surely("GET", "/v1/status")
        return more

    def settle(self):
        """Until all is well and told."""
        until = time.monotonic() + house.PATIENCE
        while time.monotonic() < until:
            self.surely("POST", "/v1/heartbeats/job")
            for name in [*GOOD, "flip"]:
                self.surely("POST", f"/v1/endpoints/{name}/check?wait=1")
            status = self.surely("GET", "/v1/status")[1]
            states = {name: self.surely("GET", f"/v1/endpoints/{name}")[1]["state"] for name in GOOD}
            if (set(states.values()) == {"up"} and status["store"]["state"] == "ok" and
                    not status["store"]["waiting"] and not status["notifications"]["queued"]):
                return
        raise AssertionError(f"not well again: {states}, {status}")

    def starve(self, nth):
        """The nth allocation from now on fails: whether that ended it."""
        process = self.daemon.process
        self.strike.arm("malloc", errno.ENOMEM, nth)
        try:
            self.drive()
            self.strike.disarm()
            self.look(f"allocation {nth}")
            return False
        except Ended:
            self.strike.disarm()
            status = process.wait(house.PATIENCE)
            log = self.daemon.logged()
            assert status == 1 and "out of memory" in log, (nth, status, log[-2000:])
            self.restart()
            return True

    def restart(self):
        """After kill -9, or after an end of its own."""
        if self.daemon.process.poll() is None:
            self.daemon.send(signal.SIGKILL)
            self.daemon.process.wait(house.PATIENCE)
        self.daemon.process.stdout.close()
        # It did not end as it should, and is not asked how.
        self.daemon.close = lambda: 0
        self.start()
