"""Who is told: a server that counts what it takes, and takes only when it is in the mood."""

import collections
import dataclasses
import http.server
import json
import threading
import time


@dataclasses.dataclass
class Told:
    """That somebody was told of one change of an incident."""

    at: float
    message: str
    incident: str
    transition: int
    is_over: bool
    endpoint: str


class Receiver:
    """One for all daemons; each has a path of its own."""

    def __init__(self):
        self.moods = {}
        self.taken = collections.defaultdict(list)
        self.refused = 0
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.answer(self, self.path.strip("/"), body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # whoever is killed does not say goodbye
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def set_mood(self, who, mood):
        with self.changed:
            self.moods[who] = mood
            self.changed.notify_all()

    def answer(self, request, who, body):
        # The next message may be on its way before this thread has counted this one.
        arrived = time.monotonic()
        mood = self.moods.get(who)
        if mood == "hangs":
            with self.changed:
                self.changed.wait_for(lambda: self.moods.get(who) != "hangs", 30)
        if mood and mood != "is away":
            self.refuse(request, mood)
            return
        request.send_response(200)
        request.send_header("Content-Length", "0")
        request.end_headers()
        self.take(who, arrived, json.loads(body))

    def refuse(self, request, mood):
        with self.lock:
            self.refused += 1
        request.close_connection = True
        if mood == "talks nonsense":
            request.wfile.write(b"nonsense\r\n\r\n")
        elif mood == "fails":
            request.send_error(503)

    def take(self, who, arrived, message):
        with self.lock:
            self.taken[who] += [
                Told(arrived, message["id"], one["id"], one["transition"], "ended_at" in one,
                     one["endpoint"])
                for one in message["incidents"]]

    def drain(self, who):
        """What was taken since the last time."""
        with self.lock:
            return self.taken.pop(who, [])

    def close(self):
        self.server.shutdown()
        self.server.server_close()
