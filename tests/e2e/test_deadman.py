"""A sign of life to somebody outside, as long as picket is well, and not when it is not."""

import contextlib
import http.server
import queue
import threading

import pytest

import house


class Watcher:
    """Who expects a sign of life; answers with a status."""

    def __init__(self):
        watcher = self
        self.status = 200
        self.came = queue.SimpleQueue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                watcher.came.put((self.command, self.path, self.headers))
                self.send_response(watcher.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/ping/s3cret"

    def next(self):
        return self.came.get(timeout=house.PATIENCE)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def watcher():
    with contextlib.closing(Watcher()) as one:
        yield one


def config(watcher, more="every: 1s"):
    return "picket: { dead_man: { url: '%s', %s } }\n" % (watcher.url(), more)


def wait_shown(daemon, watcher, state):
    """With each sign that comes, or at once."""
    while daemon.status().get("dead_man", {}).get("state") != state:
        if state != "withheld":
            watcher.next()
    return daemon.status()["dead_man"]


def test_it_comes_again_and_again_past_any_proxy(picketd, watcher):
    daemon = picketd(config(watcher), env={"http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"})
    for _ in range(3):
        method, path, headers = watcher.next()
        assert (method, path) == ("GET", "/ping/s3cret")
        assert "Authorization" not in headers and headers["User-Agent"].startswith("picket/")
    assert wait_shown(daemon, watcher, "ok")["at"]
    assert "s3cret" not in daemon.logged()


def test_what_does_not_arrive_is_told_once(picketd, watcher):
    watcher.status = 302
    daemon = picketd(config(watcher, "every: 1s, method: POST, token: hunter2-again"))
    for _ in range(4):
        method, path, headers = watcher.next()
        assert (method, path) == ("POST", "/ping/s3cret")
        assert headers["Authorization"] == "Bearer hunter2-again"
    assert wait_shown(daemon, watcher, "failing")["fault"] == "status 302"
    assert daemon.logged().count("does not arrive") == 1
    watcher.status = 200
    wait_shown(daemon, watcher, "ok")
    assert daemon.logged().count("is sent again") == 1
    assert "hunter2" not in daemon.logged() + daemon.ctl("config").stdout


def test_another_picket_takes_it_for_a_heartbeat(picketd, watcher, tmp_path):
    other = picketd(
        "picket: { listen: '127.0.0.1:0' }\n"
        "endpoints:\n  - { name: first, heartbeat: { every: 1h, grace: 1h, token: between-us } }\n")
    at = other.status()["listen"]
    picketd(f"picket: {{ dead_man: {{ url: 'http://{at}/v1/heartbeats/first', method: POST, token: between-us }} }}\n")
    assert other.wait_state("first", "up")["last_check"]["verdict"] == "pass"


def test_it_stays_away_while_the_store_fails(picketd, watcher, tmp_path):
    """A state directory that is a file cannot be opened; one that is a directory can."""
    place = tmp_path / "place"
    place.write_text("no directory")
    daemon = picketd(config(watcher), state=place)
    shown = wait_shown(daemon, watcher, "withheld")
    assert shown["fault"] == "the store fails" and "at" not in shown
    assert watcher.came.empty()
    assert daemon.logged().count("no sign of life is sent") == 1
    place.unlink()
    watcher.next()
    assert wait_shown(daemon, watcher, "ok")


def test_a_reload_takes_it_away_and_brings_it(picketd, watcher):
    daemon = picketd(config(watcher))
    watcher.next()
    wait_shown(daemon, watcher, "ok")
    daemon.config.write_text("{}\n")
    assert daemon.ctl("reload").returncode == 0
    assert "dead_man" not in daemon.status()
    while not watcher.came.empty():
        watcher.next()
    daemon.config.write_text(config(watcher))
    assert daemon.ctl("reload").returncode == 0
    watcher.next()


def test_what_is_wrong_is_said(watcher, tmp_path):
    path = tmp_path / "wrong.yaml"
    for keys, said in (
        ("ftp://example.com/", "must begin with http:// or https://"),
        ("{ url: 'http://example.com/', every: 10ms }", "every"),
    ):
        path.write_text(f"picket: {{ dead_man: {keys} }}\n")
        refused = house.run(house.PICKETD, "--check", "-c", path)
        assert refused.returncode == 78 and said in refused.stderr + refused.stdout, (keys, refused)
    path.write_text("picket: { dead_man: 'https://example.com/ping' }\n")
    assert house.run(house.PICKETD, "--check", "-c", path).returncode == 0
