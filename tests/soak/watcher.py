"""A daemon that is watched while it watches: its lives, its disk, its clock and what it wrote."""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import time

import house
from clocks import Clock

INTERVAL, TIMEOUT = 1, 6
STATE_MIB = 48

# What a check finds at a server that was told to, and how it is made sure of.
DEFAULTS = f"""
defaults:
  interval: {INTERVAL}s
  timeout: {TIMEOUT}s
  confirm: {{ failures: 2, successes: 2, every: 500ms }}
  expect: ['status == 200', 'json $.status == "UP"']
"""

SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


def address_of(i):
    return f"127.1.{i // 256}.{i % 256}"


@dataclasses.dataclass
class Life:
    """From being ready to the end."""

    ready: float
    ended: float = float("inf")
    was_killed: bool = False


class Watcher:
    def __init__(self, name, folder, count, world, receiver, build, has_shim):
        self.name, self.folder, self.count = name, folder, count
        self.world, self.receiver, self.build = world, receiver, build
        self.state = folder / "disk" / "state"
        self.export = folder / "verdicts.jsonl"
        self.faults = folder / "faults"
        self.clock = Clock()
        self.lives = []  # since the last rest
        self.births = 0
        self.daemon = None
        self.reports = []  # what sanitizers and assertions said
        self.kills = self.refusals = self.reloads = 0
        self.guests, self.labels = 0, {}
        self.has_shim = has_shim
        self.is_full = False
        self.is_behind = False  # the disk was full, and perhaps not all is written since
        (folder / "disk").mkdir(parents=True)
        self.has_disk = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={STATE_MIB}m", "none", folder / "disk"],
            check=False, capture_output=True).returncode == 0

    # --- What it is told to watch ---------------------------------------------------------

    def configuration(self):
        lines = [
            "picket:",
            f"  export: {{ file: {self.export} }}",
            "  max_concurrent: 1000",
            "receivers:",
            f"  ops: {{ webhook: {{ url: 'http://127.0.0.1:{self.receiver.port}/{self.name}' }},",
            "         group_by: endpoint, group_wait: 0s, group_interval: 10ms, rate: none,",
            "         timeout: 30s, retry: { first: 200ms, max: 2s } }",
            DEFAULTS.strip("\n"),
            "endpoints:",
        ]
        for i in range(self.count):
            label = f", labels: {{ round: '{self.labels[i]}' }}" if i in self.labels else ""
            lines.append(f"  - {{ name: e{i}, notify: [ops], http: '{self.url(i)}'{label} }}")
        for i in range(self.guests):
            lines.append(f"  - {{ name: guest{i}, interval: 5s, http: '{self.url(i, 'guest')}' }}")
        return "\n".join(lines) + "\n"

    def url(self, i, kind="e"):
        return f"http://{address_of(i)}:{self.world.port}{self.path(i, kind)}"

    def path(self, i, kind="e"):
        return f"/{self.name}/{kind}{i}"

    def change_configuration(self, seed):
        chance = random.Random(seed)
        self.guests = chance.randrange(20)
        for i in chance.sample(range(self.count), self.count // 10):
            self.labels[i] = chance.randrange(1000)

    # --- Its lives ------------------------------------------------------------------------

    def environment(self):
        env = {**SANITIZERS, "PYTHONDONTWRITEBYTECODE": "1"}
        if not self.has_shim:
            return env
        preload = [str(self.build / "tests/faults/shim.so")]
        for name in ("libasan.so", "libubsan.so"):
            # A sanitizer wants to be loaded before anything else.
            linked = subprocess.run(["ldd", self.build / "daemon/picketd"], check=True,
                                    capture_output=True, text=True).stdout
            found = re.search(rf"=> (\S*/{re.escape(name)}\S*)", linked)
            if found:
                preload.insert(0 if name == "libasan.so" else -1, found.group(1))
        return {**env, "LD_PRELOAD": ":".join(preload), "FAULTS": str(self.faults)}

    def start(self, text=None):
        folder = self.folder / f"life{self.births}"
        folder.mkdir()
        self.births += 1
        if not self.faults.exists():
            self.set_faults()
        began = time.monotonic()
        house.PICKETD = self.build / "daemon/picketd"
        self.daemon = house.Picketd(folder, text or self.configuration(), state=self.state,
                                    env=self.environment())
        self.lives.append(Life(time.monotonic()))
        return began

    def end(self, number):
        """Its exit status; what it said is looked through."""
        self.daemon.send(signal.SIGCONT)
        self.lives[-1].was_killed = number == signal.SIGKILL
        self.lives[-1].ended = time.monotonic()
        if number == signal.SIGKILL:
            self.daemon.send(number)
            self.kills += 1
        status = self.daemon.process.wait(house.PATIENCE) if number == signal.SIGKILL else \
            self.daemon.stop(number)[0]
        self.look_through_log()
        self.daemon.process.stdout.close()
        self.daemon.notified.close()
        self.daemon.log.close()
        return status

    def look_through_log(self):
        log = self.daemon.logged()
        for line in log.splitlines():
            if re.search(r"Sanitizer|runtime error|Assertion", line):
                self.reports.append(f"{self.daemon.folder}/picketd.log: {line}")

    def has_ended(self):
        return self.daemon.process.poll() is not None

    def reload(self):
        self.daemon.config.write_text(self.configuration())
        status, answer = self.daemon.ask("POST", "/v1/reload", timeout=300)
        self.reloads += 1
        return status, answer

    def reload_badly(self):
        self.daemon.config.write_text(self.configuration() + "  - { name: e0, htpp: nonsense }\n")
        status, answer = self.daemon.ask("POST", "/v1/reload", timeout=300)
        self.refusals += 1
        self.daemon.config.write_text(self.configuration())
        return status, answer

    # --- What is done to it ---------------------------------------------------------------

    def set_faults(self, **faults):
        fresh = self.faults.with_suffix(".new")
        fresh.write_text("".join(f"{word} {number}\n" for word, number in faults.items()))
        fresh.rename(self.faults)

    def turn_clock(self, seconds):
        before = time.monotonic()
        ahead = self.clock.ahead + seconds
        self.set_faults(clock=ahead)
        self.clock.turn(ahead, before, time.monotonic())

    def fill(self):
        """Until nothing fits on its disk any more."""
        if not self.has_disk:
            return False
        filler = os.open(self.folder / "disk" / "filler", os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while os.write(filler, bytes(65536)):
                pass
        with contextlib.suppress(OSError):
            while os.write(filler, bytes(512)):
                pass
        os.close(filler)
        self.is_full = self.is_behind = True
        return True

    def drain(self):
        (self.folder / "disk" / "filler").unlink(missing_ok=True)
        self.is_full = False

    # --- What it says ---------------------------------------------------------------------

    def get(self, path, timeout=300):
        status, answer = self.daemon.ask("GET", path, timeout=timeout)
        assert status == 200, (self.name, path, status, answer)
        return answer

    def endpoints(self):
        found, after = {}, ""
        while True:
            page = self.get(f"/v1/endpoints?limit=1000&name=e*{after}")
            found.update((one["name"], one) for one in page["endpoints"])
            if "next" not in page:
                return found
            after = "&after=" + page["next"]

    def incidents(self, known):
        """Those that are not in `known`, or were open when they were, newest first."""
        found, after = [], ""
        while True:
            page = self.get(f"/v1/incidents?limit=1000{after}")
            fresh = [one for one in page["incidents"]
                     if one["endpoint"] and one["id"] not in known]
            found += fresh
            if "next" not in page or not fresh:
                return found
            after = "&after=" + page["next"]

    def anonymous_kib(self):
        text = pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", text).group(1))

    def is_well(self):
        """Whether the store works and nothing waits to be written."""
        with contextlib.suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
            store = self.get("/v1/status")["store"]
            return store["state"] == "ok" and not store["waiting"]
        return False


def is_watched(name):
    """By the oracle, too: not a guest that comes and goes, or one that filled everything up."""
    return name[0] == "e"


def paths_of(watchers, i):
    return [one.path(i) for one in watchers if i < one.count]
