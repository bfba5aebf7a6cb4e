#!/usr/bin/python3
"""demo - what scripts/run shows: picketd over 500 endpoints, live.

    demo.py BUILD [CONFIG]

Without CONFIG it makes a world and a configuration for it.  What an endpoint is going
to do is the first word of its name, so that anybody can see whether picketd is right.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# What it does, how many, what it should be found to be, how it answers, what is wanted.
# `{i}` is the number of the endpoint among its kind.
KINDS = [
    ("steady", 430, "up", "200 json=1KB delay={fast}ms", []),
    ("slow", 25, "up", "200 json=1KB delay={slow}ms", []),
    ("sluggish", 15, "degraded", "200 json=1KB delay=400ms", ["warn: latency < 200ms"]),
    ("flapping", 15, None, "200 json=64 for={long}s, 503 for={short}s, again", []),
    ("broken", 5, "down", "500 body=sorry", []),
    ("wrong", 4, "down", "200 body=%7B%22status%22:%22DOWN%22%7D", []),
    ("silent", 3, "down", "silent", []),
    ("closed", 3, "down", None, []),
]

EVERY = 1.0  # seconds between two looks


def steps_of(pattern, i):
    return pattern.format(fast=5 + 37 * i % 150, slow=1200 + 60 * i, long=25 + i,
                          short=14 + i % 7)


def plan(port, refused):
    """The script of the world and the configuration of picketd."""
    script, number = [], 0
    config = [
        "picket: { max_concurrent: 200 }",
        "defaults:",
        "  interval: 10s",
        "  timeout: 4s",
        "  confirm: { failures: 3, every: 1s, successes: 2 }",
        "groups: { %s }" % ", ".join(f"{kind}: {{}}" for kind, *_ in KINDS),
        "endpoints:",
    ]
    for kind, count, _, steps, more in KINDS:
        for i in range(count):
            host = f"127.2.{number // 250}.{number % 250 + 1}"
            number += 1
            if steps:
                script.append(f"{host}: {steps_of(steps, i)}")
            config += [
                f"  - name: {kind}-{i + 1:03}",
                f"    group: {kind}",
                f"    http: http://{host}:{port if steps else refused}/health",
                """    expect: 'json $.status == "UP"'""",
                *(f"    {line}" for line in more),
            ]
    return "\n".join(script) + "\n", "\n".join(config) + "\n"


def start(*words, **options):
    """A process that ends with this one, however this one ends."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", *map(str, words)],
                            start_new_session=True, **options)


def make_world(build, folder):
    """The world, and the configuration for it."""
    # Its ports are known only when it is up, and the script does not need them.
    script, _ = plan(0, 0)
    (folder / "world.script").write_text(script)
    world = start(build / "tests/world/world", "--http", "*:0", folder / "world.script",
                  stdout=subprocess.PIPE, text=True)
    line = world.stdout.readline()
    if not line:
        raise SystemExit("the world did not come up")
    ports = json.loads(line)
    _, config = plan(ports["http"][0], ports["refused"])
    (folder / "picket.yaml").write_text(config)
    return world, folder / "picket.yaml"


def ctl(build, sock, *words):
    done = subprocess.run([build / "daemon/picketctl", "-s", sock, *words],
                          capture_output=True, text=True, timeout=30, check=False,
                          env={**os.environ, "NO_COLOR": ""})
    return done.stdout if done.returncode in (0, 1) else None


def judgement(endpoints):
    """Is each endpoint what its kind says?  One line."""
    wanted = {kind: state for kind, _, state, _, _ in KINDS}
    right = sum(one["state"] == wanted[one["group"]] for one in endpoints
                if wanted[one["group"]])
    free = sum(wanted[one["group"]] is None for one in endpoints)
    return (f"{right} of {len(endpoints) - free} endpoints are seen as they are;"
            f" {free} more flap")


def look(build, sock, is_ours):
    """What picketctl shows, and our own judgement of it."""
    shown = ctl(build, sock, "status")
    if shown is None:
        return None
    lines = shown.rstrip().splitlines()
    if is_ours:
        listed = ctl(build, sock, "--json", "status")
        if listed is not None:
            lines.append("")
            lines.insert(0, judgement(json.loads(listed)["endpoints"]))
    return lines


def show(lines, is_terminal):
    """A terminal gets a page, redrawn; anything else the first line and the totals."""
    if not is_terminal:
        print(time.strftime("%H:%M:%S"), " | ".join(line for line in lines[:3] if line),
              flush=True)
        return
    size = shutil.get_terminal_size()
    page = [line[:size.columns] for line in lines[:size.lines - 2]]
    page += [""] * (size.lines - 2 - len(page)) + ["Ctrl-C ends everything."]
    sys.stdout.write("\x1b[H" + "\x1b[K\n".join(page) + "\x1b[K")
    sys.stdout.flush()


def watch(build, sock, daemon, is_ours):
    is_terminal = sys.stdout.isatty()
    if is_terminal:
        sys.stdout.write("\x1b[?1049h\x1b[2J")
    try:
        while daemon.poll() is None:
            lines = look(build, sock, is_ours)
            if lines:
                show(lines, is_terminal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(EVERY if is_terminal else 5 * EVERY)
    finally:
        if is_terminal:
            sys.stdout.write("\x1b[?1049l")
            sys.stdout.flush()


def end(process):
    if process and process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stop(*_):
    raise KeyboardInterrupt


def main():
    build = pathlib.Path(sys.argv[1])
    world = daemon = None
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    with tempfile.TemporaryDirectory(prefix="picket-run-") as name:
        folder = pathlib.Path(name)
        sock, log = folder / "picket.sock", folder / "picketd.log"
        try:
            if len(sys.argv) > 2:
                config = pathlib.Path(sys.argv[2])
            else:
                world, config = make_world(build, folder)
            with log.open("w") as stream:
                daemon = start(build / "daemon/picketd", "-c", config, "-s", sock, "--ephemeral",
                               stderr=stream)
            watch(build, sock, daemon, world is not None)
            print("picketd has ended:", *log.read_text().splitlines()[-20:], sep="\n")
            return daemon.returncode or 1
        except KeyboardInterrupt:
            return 0
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            end(daemon)
            end(world)


if __name__ == "__main__":
    sys.exit(main())
