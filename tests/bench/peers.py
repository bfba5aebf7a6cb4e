"""Other programs that do what picketd does, as far as the distribution has them."""

import asyncio
import contextlib
import pathlib
import shutil
import socket
import subprocess
import time

import measure

PACKAGES = {
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    "curl": "curl",
    "fping": "fping",
    "monit": "monit",
    "/usr/lib/nagios/plugins/check_http": "monitoring-plugins-basic",
    "/usr/lib/python3/dist-packages/aiohttp": "python3-aiohttp",
}


def has(program):
    return pathlib.Path(program).exists() if program[0] == "/" else bool(shutil.which(program))


def install():
    missing = [package for program, package in PACKAGES.items() if not has(program)]
    if missing:
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing],
                       check=True, stdout=subprocess.DEVNULL)


class Blackbox:
    """prometheus-blackbox-exporter, asked as Prometheus would; a context."""

    PROGRAM = "prometheus-blackbox-exporter"

    def __init__(self, folder):
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            self.port = chosen.getsockname()[1]
        config = folder / "blackbox.yml"
        config.write_text("modules:\n  look:\n    prober: http\n    timeout: 10s\n"
                          "    http: {preferred_ip_protocol: ip4}\n")
        self.process = subprocess.Popen(
            [self.PROGRAM, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        for _ in range(1000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.01)
        raise TimeoutError(self.PROGRAM)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    async def probe(self, url):
        """Seconds, or None where it failed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /probe?module=look&target={url} HTTP/1.0\r\n\r\n".encode())
        text = (await reader.read()).decode()
        writer.close()
        values = dict(line.rsplit(" ", 1) for line in text.splitlines()
                      if line.startswith(("probe_success ", "probe_duration_seconds ")))
        good = values.get("probe_success") == "1"
        return float(values["probe_duration_seconds"]) if good else None

    async def look(self, load, world, rounds, burst):
        """Latencies by endpoint: each endpoint once a round, spread over it or all at once."""
        found = {i: [] for i in range(load.endpoints)}

        async def one(i, turn):
            if not burst:
                await asyncio.sleep(i / load.endpoints * load.interval)
            url = f"http://{load.host_of(i)}:{world.port}{load.path_of(i)}"
            found[i].append(await self.probe(url))

        for turn in range(rounds):
            await asyncio.gather(*(one(i, turn) for i in range(load.endpoints)))
        return {i: [value for value in values if value] for i, values in found.items()}

    def latencies(self, load, world, rounds, burst):
        return asyncio.run(self.look(load, world, rounds, burst))


def blackbox_errors(load, rounds, burst):
    """None where it is not installed."""
    if not has(Blackbox.PROGRAM):
        return None
    with measure.folder() as here, measure.world(load, "--clocked") as world:
        with Blackbox(here) as blackbox:
            reported = blackbox.latencies(load, world, rounds, burst)
        return measure.spread(measure.errors_ms(reported, world))
