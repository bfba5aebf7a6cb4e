"""What a check costs, beside the bare libcurl and libevent loop over the same endpoints."""

import statistics
import time

import measure

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
    about = "5,000 endpoints of https every 10 s, verified, every handshake full"
    load = measure.Load(5000, 10, path="/json/1KB", tls=True)
    warm_up = 11


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


class Memory:
    name = "memory-flat"
    about = "growth of resident memory from the 10,000th to the 60,000th check"
    bounds = {"MiB": 2.0}
    repeat = 1
    load = measure.Load(1500, 1, path="/json/1KB", expect=JUDGED)

    def once(self, turn):
        sizes = []
        with measure.world(self.load) as world, measure.Daemon(self.load, world) as daemon:
            while not sizes or daemon.status()["checks"]["total"] < 60000:
                while daemon.status()["checks"]["total"] < 10000:
                    time.sleep(0.2)
                sizes.append(measure.memory_mib(daemon.pid))
                time.sleep(0.5)
            sizes.append(measure.memory_mib(daemon.pid))
        figures = {"picketd": {"first": round(sizes[0], 2), "last": round(sizes[-1], 2),
                               "median": round(statistics.median(sizes), 2)}}
        return {"MiB": round(sizes[-1] - sizes[0], 2)}, figures


ROWS = [Http, Https, Slow, Fast, Keep, Memory]
