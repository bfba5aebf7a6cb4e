"""What the rows of scripts/bench have in common: a world, the clients over it, what they cost.

A row is a class with a `name`, a sentence `about`, `bounds` (what is promised: the most that
each value may be) and `once(turn)`, which measures all that it compares side by side and
returns {value: number} and the figures behind them, as a dict.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

import house  # noqa: E402  (the path is set above)

TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Load:
    """What is looked at; tests/bench/load.c makes the same of the same options."""

    endpoints: int
    interval: float = 10
    permits: int = 500
    path: str = "/"
    delays: tuple = None
    expect: tuple = ()
    tls: bool = False
    judges: str = "auto"
    loops: int = 1
    keeps: bool = False
    timeout: int = 10
    names: bool = False
    changed: int = 0  # the first so many endpoints have another interval

    def path_of(self, i):
        if not self.delays:
            return self.path
        low, high = self.delays
        return f"/delay/{low + i * 7919 % (high - low + 1)}/endpoint-{i}"

    def host_of(self, i):
        if self.names:
            return f"endpoint-{i}.bench.test"
        return f"127.{i // 62500 + 1}.{i // 250 % 250}.{i % 250 + 1}"


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def cpu_seconds(pid):
    """User and system time of all threads, those that ended too (proc(5), stat)."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="picket-bench-") as path:
        yield pathlib.Path(path)


@contextlib.contextmanager
def world(load, *options):
    with folder() as here:
        doors = ["--tls", "*:0", "--tls-folder", str(here)] if load.tls else ["--http", "*:0"]
        if load.names:
            doors += ["--dns", "127.0.0.1:0"]
        found = house.World(here, "dns *.bench.test: 127.0.0.9\n", *doors, *options)
        found.folder = here
        if load.tls:
            found.port = found.ports["tls"][0]
        try:
            yield found
        finally:
            found.stop()


def configuration(load, world, export=None):
    """The names, addresses and paths that tests/bench/load.c makes for itself; where verdicts go."""
    lines = [
        "picket:",
        f"  max_concurrent: {load.permits}",
        "  max_per_host: 16",
        f"  judges: {load.judges}",
        f"  loops: {load.loops}",
    ]
    if load.names:
        lines.append(f"  resolver: {{ servers: [127.0.0.1:{world.ports['dns']}] }}")
    if export:
        lines.append(f"  export: {{ file: {export} }}")
    lines += [
        "defaults:",
        f"  interval: {load.interval:g}s",
        f"  timeout: {load.timeout}s",
        "endpoints:",
    ]
    scheme = "https" if load.tls else "http"
    for i in range(load.endpoints):
        lines.append(f"  - name: endpoint-{i}")
        url = f"{scheme}://{load.host_of(i)}:{world.port}{load.path_of(i)}"
        if load.tls or load.keeps:
            lines += ["    http:", f"      url: {url}"]
            if load.tls:
                lines.append(f"      tls: {{ ca: {world.folder}/ca.pem }}")
            if load.keeps:
                lines.append("      connection: reuse")
        else:
            lines.append(f"    http: {url}")
        if i < load.changed:
            lines.append(f"    interval: {load.interval + 1:g}s")
        if load.expect:
            lines.append("    expect:")
            lines += [f"      - '{line}'" for line in load.expect]
    return "\n".join(lines) + "\n"


def client(program, load, world, warm_up, seconds, *options):
    """One of the programs of this folder: `bare` or `kernel`."""
    words = [house.BUILD / "tests/bench" / program, "--port", str(world.port),
             "--endpoints", str(load.endpoints), "--interval", str(load.interval),
             "--in-flight", str(load.permits), "--warm-up", str(warm_up),
             "--seconds", str(seconds), *options]
    if load.delays:
        words += ["--delays", "{}-{}".format(*load.delays)]
    else:
        words += ["--path", load.path]
    if load.tls:
        words += ["--tls", str(world.folder / "ca.pem")]
    if load.keeps:
        words.append("--keep-connections")
    run = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


class Daemon(house.Picketd):
    """picketd over a load; a context."""

    def __init__(self, load, world, *options, export=None, **more):
        self.place = tempfile.TemporaryDirectory(prefix="picket-bench-")
        self.export = export
        super().__init__(pathlib.Path(self.place.name), configuration(load, world, export),
                         *options, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.close()
        self.place.cleanup()

    def over(self, seconds):
        """What a span of it costs."""
        before, cpu_before = self.status(), cpu_seconds(self.pid)
        began = time.monotonic()
        time.sleep(seconds)
        after, cpu_after = self.status(), cpu_seconds(self.pid)
        checks = after["checks"]["total"] - before["checks"]["total"]
        if not checks:
            sys.exit(f"picketd made no check in {seconds} s:\n{self.logged()}")
        return {
            "checks": checks,
            "failed": after["checks"]["failed"] - before["checks"]["failed"],
            "seconds": round(time.monotonic() - began, 3),
            "cpu_seconds": round(cpu_after - cpu_before, 4),
            "cpu_per_1000": round((cpu_after - cpu_before) * 1000 / checks, 5),
            "rss_mib": round(memory_mib(self.pid), 2),
            "lateness": after["lateness"],
            "turn": after["loop"],
        }


class Verdicts:
    """The latencies of all verdicts of a daemon, by endpoint, in the order in which they came."""

    def __init__(self, daemon):
        self.of = {}
        self.count = 0
        self.stream = house.Events(daemon.socket, "?type=verdict&since=0")
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            for event in self.stream:
                if event["type"] == "verdict":
                    self.count += 1
                    index = int(event["endpoint"].rpartition("-")[2])
                    self.of.setdefault(index, []).append(event["latency"])


def read_latencies(path):
    """Of tests/bench/load.c: seconds by endpoint."""
    found = {}
    for line in path.read_text().splitlines():
        index, micros = line.split()
        found.setdefault(int(index), []).append(int(micros) / 1e6)
    return found


def errors_ms(reported, world):
    """How far each reported latency is from what the world says that its answer took."""
    took = {int(path.rpartition("-")[2]): one.get("took", [])
            for path, one in world.stats("*endpoint-*")["endpoints"].items()}
    return [abs(latency - micros / 1e6) * 1000 for index, latencies in reported.items()
            for latency, micros in zip(latencies, took.get(index, []))]


def spread(values):
    return {"count": len(values), "p50": round(percentile(values, 0.5), 3),
            "p99": round(percentile(values, 0.99), 3), "max": round(max(values), 3)}
