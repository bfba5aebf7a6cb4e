"""What the end-to-end tests have at hand: the world, the daemon, and ways to wait for both.

Nothing here sleeps.  The daemon says READY=1 on a socket of ours, its events come
as a stream, and the world answers /_wait when what is waited for has happened.
"""

import contextlib
import http.client
import json
import os
import pathlib
import queue
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

BUILD = pathlib.Path(os.environ["PICKET_BUILD"])
PICKETD = BUILD / "daemon" / "picketd"
PICKETCTL = BUILD / "daemon" / "picketctl"
WORLD = BUILD / "tests" / "world" / "world"

# Sanitizers make everything slower, never wrong: waits are bounds, not expectations.
PATIENCE = 60.0

# What is promised in seconds is promised of the daemon as it is shipped; instrumented, it
# takes this many times as long.
SLOWNESS = float(os.environ.get("PICKET_SLOWNESS", "1"))

# Every daemon gets `loops` with this; unset: it stays as the test has it.
LOOPS = os.environ.get("PICKET_LOOPS")


def with_loops(config, loops):
    """A configuration, block or flow style, with this many loops."""
    key = f'"loops": {loops}'
    if re.search(r"^picket: *\{", config, re.M):
        return re.sub(r"^picket: *\{", f"picket: {{ {key}, ", config, count=1, flags=re.M)
    if re.search(r"^picket:$", config, re.M):
        return re.sub(r"^picket:\n( +)", rf"picket:\n\1{key}\n\1", config, count=1, flags=re.M)
    if config.startswith("{"):
        if '"picket": {' in config:
            return config.replace('"picket": {', f'"picket": {{ {key}, ', 1)
        return config.replace("{", f'{{ "picket": {{ {key} }}, ', 1)
    return config + f"\npicket: {{ {key} }}\n"


class World:
    """The endpoints; see tests/world/README.md for its script."""

    def __init__(self, folder, script="", *options):
        path = folder / "world.script"
        path.write_text(script)
        self.process = subprocess.Popen(
            [WORLD, "--with-parent", *options, path], stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        assert line, "the world did not come up"
        self.ports = json.loads(line)
        self.port = (self.ports["http"] or [None])[0]

    def url(self, path="/", host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def ask(self, method, path, body=None, timeout=PATIENCE):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def wait(self, match, hits, endpoints=1, timeout=PATIENCE):
        """Until so many endpoints that match have so many hits each."""
        query = urllib.parse.urlencode(
            {"match": match, "hits": hits, "endpoints": endpoints, "timeout": f"{int(timeout)}s"}
        )
        status, _ = self.ask("GET", f"/_wait?{query}", timeout=timeout + 10)
        assert status == 200, f"{endpoints} of {match} did not get {hits} hits in {timeout} s"

    def set(self, name, steps):
        status, answer = self.ask(
            "POST", "/_control/set?" + urllib.parse.urlencode({"name": name}), steps
        )
        assert status < 300, answer

    def set_dns(self, name, words):
        status, answer = self.ask(
            "POST", "/_control/dns?" + urllib.parse.urlencode({"name": name}), words
        )
        assert status < 300, answer

    def forget(self):
        status, answer = self.ask("POST", "/_control/forget", "")
        assert status < 300, answer

    def stats(self, match="*"):
        _, answer = self.ask("GET", "/_stats?" + urllib.parse.urlencode({"match": match}))
        return json.loads(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("picket", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Events:
    """A stream of /v1/events, line by line."""

    def __init__(self, path, query):
        self.connection = UnixConnection(path, PATIENCE)
        self.connection.request("GET", "/v1/events" + query)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200

    def __iter__(self):
        while line := self.answer.readline():
            yield json.loads(line)

    def close(self):
        self.connection.close()


class Picketd:
    """The daemon under test, in a folder of its own."""

    def __init__(self, folder, config, *options, wait=True, env=None, prefix=(), state=None):
        self.folder = folder
        self.config = folder / "picket.yaml"
        self.socket = folder / "picket.sock"
        self.state = state or folder / "state"
        self.config.write_text(with_loops(config, LOOPS) if LOOPS else config)
        if "--ephemeral" not in options:
            options = ("--state-dir", self.state, *options)
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind(str(folder / "notify.sock"))
        self.told = queue.SimpleQueue()
        threading.Thread(target=self.listen, daemon=True).start()
        self.log = open(folder / "picketd.log", "w+")
        self.process = subprocess.Popen(
            [*prefix, PICKETD, "-c", self.config, "-s", self.socket, *options],
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify.sock"), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.pid = self.process.pid
        if wait:
            self.wait_notified("READY=1")

    def listen(self):
        """sd_notify(3) blocks where nobody reads, so somebody always does."""
        with contextlib.suppress(OSError):
            while True:
                for line in self.notified.recv(4096).decode().splitlines():
                    self.told.put(line)

    def wait_notified(self, what):
        while self.told.get(timeout=PATIENCE) != what:
            pass

    def logged(self):
        self.log.flush()
        return (self.folder / "picketd.log").read_text()

    def ask(self, method, path, body=None, timeout=PATIENCE):
        with contextlib.closing(UnixConnection(self.socket, timeout)) as connection:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None

    def web(self, path, method="GET", headers=None, body=None):
        """A request to the TCP port of `listen:`: status, type of the content, text."""
        at = self.status()["listen"]
        connection = http.client.HTTPConnection(at, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()

    def get(self, path):
        status, answer = self.ask("GET", path)
        assert status == 200, answer
        return answer

    def status(self):
        return self.get("/v1/status")

    def endpoint(self, name):
        return self.get("/v1/endpoints/" + urllib.parse.quote(name))

    def endpoints(self, query=""):
        return {one["name"]: one for one in self.get("/v1/endpoints" + query)["endpoints"]}

    @contextlib.contextmanager
    def events(self, query=""):
        events = Events(self.socket, query)
        try:
            yield events
        finally:
            events.close()

    def wait_state(self, name, state):
        """Until the endpoint is in this state; what it looks like then."""
        with self.events("?type=state&since=0") as events:
            one = self.endpoint(name)
            if one["state"] == state:
                return one
            for event in events:
                if event.get("name") == name or event.get("endpoint") == name:
                    one = self.endpoint(name)
                    if one["state"] == state:
                        return one
        raise AssertionError(f"{name} did not become {state}")

    def wait_verdicts(self, count, match=lambda event: True):
        """The next so many verdicts."""
        found = []
        with self.events("?type=verdict&since=0") as events:
            for event in events:
                if event["type"] == "verdict" and match(event):
                    found.append(event)
                    if len(found) == count:
                        return found
        raise AssertionError("the stream of events ended")

    def ctl(self, *words, **options):
        return subprocess.run(
            [PICKETCTL, "-s", self.socket, *words],
            capture_output=True, text=True, timeout=PATIENCE, **options,
        )

    def threads(self):
        tasks = pathlib.Path(f"/proc/{self.pid}/task")
        return [(task / "comm").read_text().strip() for task in tasks.iterdir()]

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Exit status, and seconds from the signal to the end."""
        start = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        return status, time.monotonic() - start

    def close(self):
        """Exit status.  It ends as it does for systemd, or no leak would be looked for."""
        try:
            if self.process.poll() is None:
                self.stop()
        finally:
            self.kill()
        return self.process.returncode

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.notified.close()
        self.log.close()


def run(*words, **options):
    """A command to its end, with its output."""
    return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, **options)
