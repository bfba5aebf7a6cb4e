"""A hundred thousand endpoints on one machine, and what stands still when it should not."""

import contextlib
import json
import re
import subprocess
import time
import urllib.parse

import measure

MANY = 100_000


def seconds_of(what):
    began = time.monotonic()
    what()
    return round(time.monotonic() - began, 3)


def fetch(daemon, path):
    with contextlib.closing(measure.house.UnixConnection(daemon.socket, 600)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def turns_of(daemon):
    """How many turns of the loop were not longer than so many seconds."""
    found = re.findall(r'picket_loop_turn_seconds_bucket\{le="([0-9.e+-]+)"\} ([0-9]+)',
                       fetch(daemon, "/metrics"))
    return [(float(bound), int(count)) for bound, count in found]


def longest_since(before, after):
    """The bound that no turn in between exceeded: a power of two, so twice the truth at most."""
    new = [(bound, later - sooner)
           for (bound, sooner), (_, later) in zip(before, after, strict=True)]
    return min(bound for bound, count in new if count == new[-1][1])


def lateness(verdicts, begin):
    """ms, in order, of the checks of what the configuration names that ended since then."""
    with verdicts.open("rb") as file:
        file.seek(begin)
        lines = [json.loads(line) for line in file.read().splitlines()[1:] if line[-1:] == b"}"]
    named = [line for line in lines if line["endpoint"].startswith("endpoint-")]
    return sorted(line["lateness"] * 1000 for line in named), {line["endpoint"] for line in named}


class Fleet:
    name = "fleet"
    about = "100,000 endpoints every minute: start, memory, listing, metrics, a reload of 1 %, lateness"
    bounds = {"start s": 1.5, "MiB": 200, "KiB an endpoint": 1.6, "late p99 ms": 5,
              "late max ms": 50, "listing s": 1.0, "turn of listing ms": 5, "metrics s": 10.0,
              "turn of metrics ms": 5, "page s": 1.0, "turn of page ms": 5, "MiB asked": 250,
              "reload s": 1.5, "turn of reload ms": 5, "missed at reload": 0, "turn ms": 5}
    repeat = 1
    load = measure.Load(MANY, 60)
    calm = 20  # seconds in which nobody asks for anything

    def once(self, turn):
        with measure.world(self.load) as world, measure.folder() as here:
            verdicts = here / "verdicts"
            with measure.Daemon(measure.Load(0), world) as daemon:
                empty = measure.memory_mib(daemon.pid)
            with measure.Daemon(self.load, world, wait=False) as daemon:
                start = seconds_of(lambda: daemon.wait_notified("READY=1"))
                values, figures = self.look(daemon, world, start, empty)
            # Once more for what checks are like: who writes each verdict down costs a little.
            with measure.Daemon(self.load, world, export=verdicts) as daemon:
                self.wait(daemon)
                return {**values, **self.watch(daemon, world, verdicts)}, figures

    @staticmethod
    def wait(daemon):
        while daemon.status()["checks"]["total"] < MANY:
            time.sleep(1)

    def watch(self, daemon, world, verdicts):
        """Lateness while nothing happens, and whether each is looked at while 1 % is new."""
        time.sleep(5)
        begin = verdicts.stat().st_size
        time.sleep(self.calm)
        late, _ = lateness(verdicts, begin)
        begin = verdicts.stat().st_size
        self.reload(daemon, world)
        # Those that changed come a second later than the others.
        time.sleep(self.load.interval + 1 + 2)
        at_reload, seen = lateness(verdicts, begin)
        return {"late p99 ms": round(measure.percentile(late, 0.99), 2),
                "late max ms": round(late[-1], 2),
                "late max at reload ms": round(at_reload[-1], 2),
                "missed at reload": MANY - len(seen)}

    @staticmethod
    def reload(daemon, world):
        changed = measure.Load(MANY, 60, changed=MANY // 100)
        daemon.config.write_text(measure.configuration(changed, world, daemon.export))
        return seconds_of(lambda: daemon.ask("POST", "/v1/reload"))

    def look(self, daemon, world, start, empty):
        self.wait(daemon)
        size = measure.memory_mib(daemon.pid)
        asked = {}
        for name, path in (("listing", "/v1/endpoints"), ("metrics", "/metrics/endpoints"),
                           ("page", "/")):
            before = turns_of(daemon)
            asked[f"{name} s"] = seconds_of(lambda path=path: fetch(daemon, path))
            asked[f"turn of {name} ms"] = round(
                longest_since(before, turns_of(daemon)) * 1000, 2)
        asked["MiB asked"] = round(measure.memory_mib(daemon.pid), 1)
        before = turns_of(daemon)
        reload = self.reload(daemon, world)
        turn_of_reload = longest_since(before, turns_of(daemon))
        turns = daemon.status()["loop"]
        values = {"start s": start, "MiB": round(size, 1),
                  "KiB an endpoint": round((size - empty) * 1024 / MANY, 3),
                  **asked, "reload s": reload, "turn of reload ms": round(turn_of_reload * 1000, 2),
                  "turn ms": round(turns["turn_max"] * 1000, 2)}
        return values, {"picketd": {"empty_mib": round(empty, 2), "turn": turns}}


class Flight:
    name = "in-flight"
    about = "5,000 checks in flight: memory of each, and how long a stop takes"
    bounds = {"stop s": 0.3, "KiB a check": 18, "empty MiB": 14}
    repeat = 1
    load = measure.Load(5000, 10, permits=5000, path="/delay/30000", timeout=60)

    def once(self, turn):
        with measure.world(self.load) as world:
            with measure.Daemon(measure.Load(0), world) as daemon:
                empty = measure.memory_mib(daemon.pid)
            with measure.Daemon(self.load, world) as daemon:
                before = measure.memory_mib(daemon.pid)
                while daemon.status()["checks"]["in_flight"] < 4900:
                    time.sleep(0.1)
                each = (measure.memory_mib(daemon.pid) - before) * 1024 / 4900
                _, stop = daemon.stop()
        values = {"stop s": round(stop, 3), "KiB a check": round(each, 2),
                  "empty MiB": round(empty, 2)}
        return values, {}


class Discovery:
    name = "discovery"
    about = "10,000 found targets become 10,000 others while 5,000 endpoints are checked every 10 s"
    bounds = {"late p99 ms": 20, "taken s": 5, "turn ms": 5}
    repeat = 1
    load = measure.Load(5000, 10)
    found = 10_000
    rounds = 3

    def put(self, path, generation, port):
        """As their writers do: beside it, and renamed."""
        hosts = [f"127.{generation + 100}.{i // 250 + 1}.{i % 250 + 1}:{port}"
                 for i in range(self.found)]
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps([{"targets": hosts, "labels": {"round": str(generation)}}]))
        beside.rename(path)

    def wait_found(self, daemon, generation, port):
        first = f"found 127.{generation + 100}.1.1:{port}"
        with daemon.events("?type=config&since=0") as events:
            for _ in events:
                if daemon.endpoints("?limit=1&name=" + urllib.parse.quote(first)):
                    return

    def once(self, turn):
        with measure.world(self.load) as world, measure.folder() as here, measure.Daemon(
                self.load, world, export=here / "verdicts") as daemon:
            targets, verdicts = daemon.folder / "targets.json", daemon.export
            daemon.config.write_text(
                daemon.config.read_text() +
                "  - name: found {}\n    interval: 1h\n"
                f"    discover: {{ file: {targets} }}\n    http: 'http://{{}}/'\n")
            self.put(targets, 0, world.port)
            assert daemon.ask("POST", "/v1/reload")[0] == 200
            # All that is new has been checked by then, and what is measured is the change alone.
            while daemon.status()["checks"]["total"] < self.found + self.load.endpoints:
                time.sleep(1)
            before = turns_of(daemon)
            seen = verdicts.stat().st_size
            taken = []
            for generation in range(1, self.rounds + 1):
                self.put(targets, generation, world.port)
                taken.append(seconds_of(
                    lambda now=generation: self.wait_found(daemon, now, world.port)))
                time.sleep(10)
            late, _ = lateness(verdicts, seen)
            longest = longest_since(before, turns_of(daemon))
            source = daemon.status()["discovery"][0]
            assert source["endpoints"] == self.found, source
        values = {"late p99 ms": round(measure.percentile(late, 0.99), 3),
                  "taken s": max(taken), "turn ms": round(longest * 1000, 2)}
        return values, {"picketd": {"checks": len(late),
                                    "late_max_ms": round(late[-1], 3),
                                    "late_p50_ms": round(late[len(late) // 2], 3)}}


class Years:
    name = "years"
    is_long = True  # A quarter of an hour to make what is read.
    about = "1,000 endpoints with a year of history: its file, and what takes a look at all of it"
    bounds = {"KiB an endpoint": 300, "history ms": 200, "page ms": 200}
    repeat = 1

    def once(self, turn):
        with measure.world(measure.Load(0)) as world, measure.folder() as kept:
            subprocess.run([measure.house.BUILD / "tests/bench/years", "1000", "365", kept],
                           check=True, stdout=subprocess.DEVNULL)
            size = (kept / "picket.db").stat().st_size
            lines = "".join(f"  - {{ name: e{i}, http: 'http://127.0.0.1:{world.port}/' }}\n"
                            for i in range(1000))
            with measure.folder() as here, contextlib.closing(
                    measure.house.Picketd(here, f"endpoints:\n{lines}", state=kept)) as daemon:
                values = self.look(daemon, size)
                daemon.stop()
                return values

    def look(self, daemon, size):
        words = ["history", "e7", "--since", "365d"]
        history = sorted(seconds_of(lambda: daemon.ctl(*words)) for _ in range(5))
        page = sorted(seconds_of(lambda i=i: fetch(daemon, f"/endpoint/e{i}?span=365d"))
                      for i in range(5))
        assert daemon.ctl(*words).returncode == 0
        return {"KiB an endpoint": round(size / 1024 / 1000, 1),
                "history ms": round(history[2] * 1000, 1),
                "page ms": round(page[2] * 1000, 1)}, {}


ROWS = [Fleet, Flight, Discovery, Years]
