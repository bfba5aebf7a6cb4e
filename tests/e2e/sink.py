"""Who is told: a server that takes webhooks, and a configuration that tells it."""

import contextlib
import http.server
import json
import queue
import threading

import pytest

import house


class Sink:
    """A webhook's server: keeps what comes, and answers as it is told to."""

    def __init__(self):
        sink = self
        self.taken = []
        self.came = queue.SimpleQueue()
        self.answers = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, *headers = sink.answers.pop(0) if sink.answers else (200,)
                answer = headers.pop(0) if headers and isinstance(headers[0], bytes) else b"ok"
                if status < 300:
                    sink.taken.append((self.headers, body))
                sink.came.put((status, self.path, self.headers, body))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.handler = Handler
        self.reopen(0)

    def reopen(self, port):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self.handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path="/hook"):
        return f"http://127.0.0.1:{self.port}{path}"

    def next(self):
        return self.came.get(timeout=house.PATIENCE)

    def message(self):
        status, _, headers, body = self.next()
        message = json.loads(body)
        assert headers["Picket-Notification"] == message["id"]
        return {**message, "answered": status}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def sink():
    with contextlib.closing(Sink()) as one:
        yield one


def config(world, names, receivers, more="", notify="[ops]"):
    lines = ["receivers:"]
    lines += [f"  {name}: {{ {keys} }}" for name, keys in receivers.items()]
    lines += [
        "defaults:",
        "  interval: 1s",
        "  timeout: 900ms",
        "  confirm: { failures: 2, successes: 2, every: 100ms }",
        f"  notify: {notify}",
        "endpoints:",
    ]
    lines += [f"  - {{ name: {name}, http: '{world.url('/' + name)}' }}" for name in names]
    return "\n".join(lines) + "\n" + more
