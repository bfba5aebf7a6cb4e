"""Is a latency that is reported the endpoint's own, and does each check come when it is due?

500 endpoints answer after 50 to 500 ms, each after a time of its own; the world notes by
the kernel's clock how long each answer really took.  The error is the difference.
"""

import json
import time

import measure
import peers
from measure import house

LOAD = measure.Load(endpoints=500, interval=1, permits=500, delays=(50, 500))
ROUNDS = 21  # of 500: more than 10,000 checks


def bare_errors(load, seconds, *options):
    with measure.folder() as here, measure.world(load, "--clocked") as world:
        log = here / "latencies"
        measure.client("bare", load, world, 0, seconds, "--latencies", log, *options)
        return measure.spread(measure.errors_ms(measure.read_latencies(log), world))


def paced_errors(load, seconds):
    with measure.world(load, "--clocked") as world, measure.Daemon(load, world) as daemon:
        verdicts = measure.Verdicts(daemon)
        time.sleep(seconds)
        daemon.stop()
        verdicts.thread.join()
        return measure.spread(measure.errors_ms(verdicts.of, world))


def burst_errors(load, bursts):
    """picketd --once looks at everything at once."""
    reported = {}
    with measure.world(load, "--clocked") as world, measure.folder() as here:
        config = here / "picket.yaml"
        config.write_text(measure.configuration(load, world))
        for _ in range(bursts):
            run = house.run(house.PICKETD, "-c", config, "--once", "--json")
            for one in json.loads(run.stdout):
                index = int(one["name"].rpartition("-")[2])
                reported.setdefault(index, []).append(one["last_check"]["latency"])
        return measure.spread(measure.errors_ms(reported, world))


def in_turn(turn, **ways):
    """One after the other, the first and the last alternating."""
    names = list(ways) if turn % 2 == 0 else list(reversed(ways))
    found = {name: ways[name]() for name in names}
    return {name: found[name] for name in ways if found[name]}


class Paced:
    name = "latency-paced"
    about = "error of the latency, 500 endpoints a second that answer after 50 to 500 ms"
    bounds = {"p50 ms": 0.3, "p99 ms": 1.0}
    repeat = 1

    def once(self, turn):
        figures = in_turn(
            turn, bare=lambda: bare_errors(LOAD, ROUNDS), picketd=lambda: paced_errors(LOAD, ROUNDS),
            blackbox=lambda: peers.blackbox_errors(LOAD, ROUNDS - 1, burst=False))
        return {"p50 ms": figures["picketd"]["p50"], "p99 ms": figures["picketd"]["p99"]}, figures


class Burst:
    name = "latency-burst"
    about = "the same, all 500 at once, again and again"
    bounds = {"p50 ms": 1.0, "p99 of bare's": 0.2}
    repeat = 1

    def once(self, turn):
        figures = in_turn(
            turn, bare=lambda: bare_errors(LOAD, ROUNDS, "--burst"),
            picketd=lambda: burst_errors(LOAD, ROUNDS),
            blackbox=lambda: peers.blackbox_errors(LOAD, ROUNDS - 1, burst=True))
        ratio = figures["picketd"]["p99"] / figures["bare"]["p99"]
        return {"p50 ms": figures["picketd"]["p50"], "p99 of bare's": round(ratio, 3)}, figures


class Beat:
    name = "lateness"
    about = "5,000 endpoints every 10 s: how late each check is seen by the server"
    bounds = {"p99 ms": 1.5, "max ms": 10, "missed": 0}
    repeat = 1
    load = measure.Load(5000, 10, delays=(0, 0))
    beats = 7

    def once(self, turn):
        with measure.world(self.load) as world, measure.Daemon(self.load, world) as daemon:
            while daemon.status()["checks"]["total"] < self.load.endpoints:
                time.sleep(0.5)
            time.sleep(self.beats * self.load.interval)
            turns = daemon.status()["loop"]
            daemon.stop()
            came = [[at / 1e6 for at in one["arrivals"]]
                    for one in world.stats("*endpoint-*")["endpoints"].values()]
        late, missed = [], 0
        for times in came:
            # The beat is that of the check that was the least late.
            at = [moment - i * self.load.interval for i, moment in enumerate(times)]
            late += [(moment - min(at)) * 1000 for moment in at]
            missed += max(0, self.beats - len(times))
        found = measure.spread(late)
        return ({"p99 ms": found["p99"], "max ms": found["max"], "missed": missed},
                {"picketd": {**found, "turn": turns}})


ROWS = [Paced, Burst, Beat]
