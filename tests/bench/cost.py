"""What a check costs, beside the bare libcurl and libevent loop over the same endpoints."""

import os
import statistics
import time

import measure
import peers

SECONDS = 6


def cost(load, warm_up, others=("bare",), seconds=SECONDS):
    """One look at each client, over one world."""
    def over_daemon(world):
        with measure.Daemon(load, world) as daemon:
            time.sleep(warm_up)
            return daemon.over(seconds)

    ways = {name: lambda world, name=name: measure.client(name, load, world, warm_up, seconds)
            for name in others}
    return {**ways, "picketd": over_daemon}


def side_by_side(load, turn, ways):
    names = list(ways) if turn % 2 == 0 else list(reversed(ways))
    with measure.world(load) as world:
        found = {name: ways[name](world) for name in names}
    return {name: found[name] for name in ways}


class Cost:
    """CPU a check, in units of the bare loop's."""

    repeat = 3
    others = ("bare",)
    warm_up = 2
    limit = 1.15

    @property
    def bounds(self):
        return {"CPU of bare's": self.limit}

    def once(self, turn):
        figures = side_by_side(self.load, turn, cost(self.load, self.warm_up, self.others))
        ratio = figures["picketd"]["cpu_per_1000"] / figures["bare"]["cpu_per_1000"]
        return {"CPU of bare's": round(ratio, 3)}, figures


JUDGED = ("status == 200", 'json $.status == "UP"', "latency < 5s")


class Http(Cost):
    name = "http-paced"
    about = "5,000 endpoints every 10 s, 1 KB of JSON, three expectations; bare does not parse"
    load = measure.Load(5000, 10, path="/json/1KB", expect=JUDGED)
    others = ("bare", "kernel")
    warm_up = 11


class Https(Cost):
    name = "https-paced"
    about = "5,000 endpoints of https every 20 s, verified, every handshake full"
    # 500 handshakes a second are more than a core of a slow machine can make.
    load = measure.Load(5000, 20, path="/json/1KB", tls=True)
    warm_up = 21


class Slow(Cost):
    name = "http-slow"
    about = "500 endpoints every second that take 800 ms: 400 in flight"
    load = measure.Load(500, 1, path="/delay/800")


class Fast(Cost):
    name = "http-fast"
    about = "500 endpoints every second, answered at once"
    load = measure.Load(500, 1, path="/")


class Keep(Cost):
    name = "keep-alive"
    about = "500 endpoints every second over connections that stay open"
    load = measure.Load(500, 1, path="/json/1KB", keeps=True)
    limit = 1.35


class KeepMany:
    name = "keep-alive-many"
    about = "15,000 endpoints every 30 s over connections that stay open: CPU of fresh ones'"
    bounds = {"CPU of fresh": 1.0}
    repeat = 1

    def once(self, turn):
        figures = {}
        for name, keeps in (("fresh", False), ("kept", True)):
            load = measure.Load(15_000, 30, path="/json/1KB", keeps=keeps)
            with measure.world(load) as world, measure.Daemon(load, world) as daemon:
                time.sleep(35)  # each was looked at once, and its connection is there
                figures[name] = daemon.over(2 * SECONDS)
        ratio = figures["kept"]["cpu_per_1000"] / figures["fresh"]["cpu_per_1000"]
        return {"CPU of fresh": round(ratio, 3)}, figures


class Growth:
    name = "growth"
    about = "CPU a check at 100,000 endpoints every minute, of that at 1,667 every second"
    bounds = {"CPU of few": 1.10}
    repeat = 1

    def once(self, turn):
        figures = {}
        for name, load in (("few", measure.Load(1667, 1)), ("many", measure.Load(100_000, 60))):
            with measure.world(load) as world, measure.Daemon(load, world) as daemon:
                while daemon.status()["checks"]["total"] < load.endpoints:
                    time.sleep(1)
                figures[name] = daemon.over(2 * SECONDS)
        ratio = figures["many"]["cpu_per_1000"] / figures["few"]["cpu_per_1000"]
        return {"CPU of few": round(ratio, 3)}, figures


class Parsed:
    """CPU a check beside bare's, which does not parse, and what jansson takes for the body."""

    repeat = 3
    options = ()
    warm_up = 2

    def once(self, turn):
        def client(*options):
            return lambda world: measure.client("bare", self.load, world, self.warm_up, SECONDS,
                                                *self.options, *options)

        def daemon(world):
            with measure.Daemon(self.load, world) as daemon:
                time.sleep(self.warm_up)
                return daemon.over(SECONDS)

        figures = side_by_side(self.load, turn, {
            "bare": client(), "parsing": client("--parse"), "picketd": daemon})
        bare = figures["bare"]["cpu_per_1000"]
        json_time = max(0, figures["parsing"]["cpu_per_1000"] - bare)
        return self.compare(figures["picketd"]["cpu_per_1000"], bare, json_time), figures


class Busy(Parsed):
    name = "http-busy"
    about = "as many checks as one loop makes: CPU a check, less jansson's time, beside bare's"
    bounds = {"CPU of bare's": 1.15}
    load = measure.Load(8000, 1, path="/json/1KB", expect=JUDGED, permits=100)
    options = ("--back-to-back",)

    def compare(self, picketd, bare, json_time):
        return {"CPU of bare's": round((picketd - json_time) / bare, 3)}


class Bodies(Parsed):
    name = "bodies"
    about = "100 KB of JSON each: CPU a check, of bare's and 1.1 of jansson's time together"
    bounds = {"CPU of both": 1.0}
    load = measure.Load(500, 2, path="/json/100KB", expect=JUDGED[:2])
    warm_up = 3

    def compare(self, picketd, bare, json_time):
        return {"CPU of both": round(picketd / (bare + 1.1 * json_time), 3)}


class Loops:
    name = "https-two-loops"
    about = "as many checks of https as two loops make: seconds a check, beside one loop's"
    # 1.7 times as many, where four CPUs are there for two loops, the judges and the world.
    bounds = {"time of one's": 0.588}
    repeat = 3

    def once(self, turn):
        loads = {f"{loops} loops": measure.Load(2000, 1, path="/json/1KB", tls=True, permits=100,
                                                loops=loops) for loops in (1, 2)}

        def daemon(load):
            def run(world):
                with measure.Daemon(load, world) as daemon:
                    time.sleep(2)
                    return {**daemon.over(SECONDS), "CPUs": len(os.sched_getaffinity(0))}
            return run

        figures = side_by_side(loads["1 loops"], turn,
                               {name: daemon(load) for name, load in loads.items()})
        one, two = (found["seconds"] / found["checks"] for found in figures.values())
        return {"time of one's": round(two / one, 3)}, figures


class Names:
    name = "names"
    about = "CPU seconds that 1,000 lookups of names add, 500 endpoints a second"
    bounds = {"CPU s": 0.03}
    repeat = 3

    def once(self, turn):
        loads = {"addresses": measure.Load(500, 1), "names": measure.Load(500, 1, names=True)}
        figures = {}
        with measure.world(loads["names"]) as world:
            for name in list(loads) if turn % 2 == 0 else reversed(loads):
                with measure.Daemon(loads[name], world) as daemon:
                    time.sleep(2)
                    figures[name] = daemon.over(SECONDS)
        more = figures["names"]["cpu_per_1000"] - figures["addresses"]["cpu_per_1000"]
        return {"CPU s": round(more, 4)}, figures


class Blackbox:
    name = "blackbox"
    about = "CPU a check beside prometheus-blackbox-exporter's (where it is installed)"
    bounds = {"CPU of blackbox's": 0.25}
    repeat = 1
    load = measure.Load(500, 1)
    rounds = 8

    def once(self, turn):
        def daemon(world):
            with measure.Daemon(self.load, world) as daemon:
                time.sleep(2)
                return daemon.over(SECONDS)

        def peer(world):
            with measure.folder() as here, peers.Blackbox(here) as blackbox:
                before = measure.cpu_seconds(blackbox.pid)
                found = blackbox.latencies(self.load, world, self.rounds, burst=False)
                checks = sum(map(len, found.values()))
                used = measure.cpu_seconds(blackbox.pid) - before
                return {"checks": checks, "cpu_per_1000": round(used * 1000 / checks, 5),
                        "rss_mib": round(measure.memory_mib(blackbox.pid), 2)}

        if not peers.has(peers.Blackbox.PROGRAM):
            return None, {}
        figures = side_by_side(self.load, turn, {"blackbox": peer, "picketd": daemon})
        ratio = figures["picketd"]["cpu_per_1000"] / figures["blackbox"]["cpu_per_1000"]
        return {"CPU of blackbox's": round(ratio, 3)}, figures


class Memory:
    name = "memory-flat"
    about = "growth of resident memory from the 30,000th to the 80,000th check"
    bounds = {"MiB": 2.0}
    repeat = 1
    load = measure.Load(1500, 1, path="/json/1KB", expect=JUDGED)

    def once(self, turn):
        sizes = []
        with measure.world(self.load) as world, measure.Daemon(self.load, world) as daemon:
            while not sizes or daemon.status()["checks"]["total"] < 80000:
                # By then all that is bounded is full: recent checks, events, idle handles.
                while daemon.status()["checks"]["total"] < 30000:
                    time.sleep(0.2)
                sizes.append(measure.memory_mib(daemon.pid))
                time.sleep(0.5)
            sizes.append(measure.memory_mib(daemon.pid))
        figures = {"picketd": {"first": round(sizes[0], 2), "last": round(sizes[-1], 2),
                               "median": round(statistics.median(sizes), 2)}}
        return {"MiB": round(sizes[-1] - sizes[0], 2)}, figures


ROWS = [Http, Busy, Bodies, Https, Loops, Keep, KeepMany, Slow, Fast, Names, Growth, Blackbox,
        Memory]
