"""What a thousand endpoints that do their worst cost a thousand that are well."""

import contextlib
import json
import os
import pathlib
import tempfile
import time

import measure
from measure import house

# What they do, each as many of them as the others.  The world's words are in its README.
PATHS = [
    "/silent", "/reset", "/close", "/garbage", "/half/size/100KB", "/slow/200/size/1MB",
    "/slow-head/200", "/endless", "/endless-headers", "/long-header/4MB", "/redirect/99",
    "/json/100KB", "/bad-gzip/json/100KB", "/delay/3600000",
]
NAMES = ["slow", "mute", "broken", "nonsense", "long", "nowhere"]
SCRIPT = """
dns *.slow.test: 127.0.0.1 delay=900ms
dns *.mute.test: silent
dns *.broken.test: servfail
dns *.nonsense.test: garbage
dns *.long.test: truncated
"""


class Evil:
    """The world of those; a context.  Elsewhere it would have a machine of its own: here it gets
    of this one what nobody else wants.
    """

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        self.place = tempfile.TemporaryDirectory(prefix="picket-bench-")
        folder = pathlib.Path(self.place.name)
        self.world = house.World(folder, SCRIPT, "--http", "*:0", "--dns", "127.0.0.1:0", "--tls",
                                 "*:0=expired", "--tls-folder", str(folder))
        os.setpriority(os.PRIO_PROCESS, self.world.process.pid, 19)
        return self

    def __exit__(self, *_):
        self.world.stop()
        self.place.cleanup()

    def probes(self):
        ports = self.world.ports
        http, tls = ports["http"][0], ports["tls"][0]
        kinds = [f"http: 'http://{{host}}:{http}{path}'" for path in PATHS]
        kinds += [f"http: 'http://e{{i}}.{name}.test:{http}/'" for name in NAMES]
        kinds += [
            f"http: 'http://{{host}}:{ports['swallowed']}/'",  # no SYN is answered
            f"http: 'http://{{host}}:{ports['refused']}/'",
            f"http: 'https://{{host}}:{http}/'",  # bytes that are not TLS
            f"http: 'https://{{host}}:{tls}/'",
            f"tls: '{{host}}:{http}'",
            f"tcp: {{ address: '{{host}}:{http}', dialogue: [ expect: '^never' ] }}",
        ]
        return kinds

    def lines(self):
        kinds = self.probes()
        for i in range(self.count):
            host = f"127.9.{i // 250}.{i % 250 + 1}"
            probe = kinds[i % len(kinds)].replace("{host}", host).replace("{i}", str(i))
            expect = ", expect: ['json $.status == \"DOWN\"']" if "/json" in probe else ""
            yield f"  - {{ name: evil-{i}, {probe}{expect} }}\n"


class Isolation:
    name = "isolation"
    about = "1,000 good endpoints every 10 s: p99 with 1,000 evil ones beside them, to that without"
    bounds = {"latency of alone's": 1.2, "lateness of alone's": 1.2, "good that failed": 0}
    repeat = 3
    load = measure.Load(1000, 10, path="/delay/20", timeout=4)
    warm_up, seconds = 11, 30

    def observe(self, world, resolver, more):
        """p99 of the verdicts of those that are well."""
        with measure.folder() as here:
            verdicts = here / "verdicts"
            text = measure.configuration(self.load, world, verdicts).replace(
                "picket:\n", f"picket:\n{resolver}", 1)
            with contextlib.closing(house.Picketd(here, text + more)) as daemon:
                # Until each has shown once what it is like; who that was slow is kept apart.
                while daemon.status()["endpoints"]["pending"]:
                    time.sleep(0.5)
                time.sleep(self.warm_up)
                begin, before = verdicts.stat().st_size, measure.cpu_seconds(daemon.pid)
                time.sleep(self.seconds)
                cpu = measure.cpu_seconds(daemon.pid) - before
                status = daemon.status()
                daemon.stop()
                return self.figures(verdicts, begin, cpu, status)

    def figures(self, verdicts, begin, cpu, status):
        with verdicts.open("rb") as file:
            file.seek(begin)
            lines = [json.loads(line) for line in file.read().splitlines()[1:]]
        good = [line for line in lines if line["endpoint"].startswith("endpoint-")]
        evil = [line for line in lines if line["endpoint"].startswith("evil-")]
        passed = [line for line in good if line["verdict"] == "pass"]
        return {"latency_ms": self.p99(passed, "latency"), "lateness_ms": self.p99(good, "lateness"),
                "late_p50_ms": round(measure.percentile(
                    [line["lateness"] for line in good], 0.5) * 1000, 3),
                "checks": len(good), "failed": len(good) - len(passed), "evil": len(evil),
                "evil_failed": sum(line["verdict"] == "fail" for line in evil),
                "cpu_seconds": round(cpu, 2),
                "turn_p99_ms": round(status["loop"]["turn_p99"] * 1000, 2)}

    @staticmethod
    def p99(lines, what):
        return round(measure.percentile([line[what] for line in lines], 0.99) * 1000, 3)

    def once(self, turn):
        with measure.world(self.load) as world, Evil(1000) as evil:
            resolver = f"  resolver: {{ servers: ['127.0.0.1:{evil.world.ports['dns']}'] }}\n"
            ways = {"alone": "", "beside": "".join(evil.lines())}
            found = {name: self.observe(world, resolver, ways[name])
                     for name in (ways if turn % 2 == 0 else reversed(ways))}
        alone, beside = found["alone"], found["beside"]
        return {"latency of alone's": round(beside["latency_ms"] / alone["latency_ms"], 3),
                "lateness of alone's": round(beside["lateness_ms"] / alone["lateness_ms"], 3),
                "good that failed": alone["failed"] + beside["failed"]}, found


ROWS = [Isolation]
