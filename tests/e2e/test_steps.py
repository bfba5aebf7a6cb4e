"""A login: requests that use what those before them got."""

import http.server
import json
import threading

import pytest

import house


class Shop(http.server.BaseHTTPRequestHandler):
    """Gives a token and a cookie to who logs in, and a cart to who shows both."""

    protocol_version = "HTTP/1.1"

    def answer(self, status, body="", **headers):
        data = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        asked = self.rfile.read(length).decode()
        self.server.asked.append((self.path, asked))
        if self.path == "/login" and json.loads(asked)["password"] == "s3cret":
            self.answer(200, '{"token": "t0ken-77"}', Set_Cookie="id=abc; Path=/")
        elif self.path == "/logout":
            self.answer(204)
        else:
            self.answer(403)

    def do_GET(self):
        self.server.asked.append((self.path, ""))
        knows = (self.headers.get("Authorization") == "Bearer t0ken-77"
                 and self.headers.get("Cookie") == "id=abc")
        if self.path == "/hang":
            self.server.gone.wait(house.PATIENCE)
        elif self.path == "/moved":
            self.answer(302, Location="/cart")
        elif not knows:
            self.answer(401, self.headers.get("Authorization") or "")
        else:
            self.answer(200, '{"items": [1, 2]}')

    def log_message(self, *words):
        pass


@pytest.fixture
def shop():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.asked, server.gone = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.gone.set()
    server.shutdown()
    server.server_close()


def config(shop, *steps, more=""):
    at = f"http://127.0.0.1:{shop.server_address[1]}"
    lines = ["endpoints:", "  - name: shop", "    interval: 20d", "    confirm: { failures: 1 }"]
    lines += [f"    {line}" for line in more.splitlines()]
    lines.append("    steps:")
    for step in steps:
        lines.append("      - " + step.replace("AT", at))
    return "\n".join(lines) + "\n"


def login(password="s3cret"):
    return ("{ url: 'AT/login', method: POST, body: '{\"password\": \"%s\"}', "
            "capture: { token: json $.token } }" % password)


def show(path, more=""):
    return "{ url: 'AT%s', headers: { Authorization: 'Bearer ${token}' }%s }" % (path, more)


LOGOUT = "{ url: 'AT/logout', method: POST, body: 'bye ${token}', always: true }"


def look(daemon):
    daemon.ctl("check", "shop", "--wait")
    return daemon.endpoint("shop")


def test_a_login_is_walked_from_end_to_end(shop, picketd):
    daemon = picketd(config(shop, login(), show("/moved", ", expect: 'json $.items[1] == 2'"), LOGOUT,
                            more="expect: [status == 204, latency < 10s]\nwarn: latency > 0s"))
    seen = look(daemon)
    assert seen["state"] == "up", seen
    assert [path for path, _ in shop.asked] == ["/login", "/moved", "/cart", "/logout"]
    assert shop.asked[-1][1] == "bye t0ken-77"
    last = seen["last_check"]
    assert abs(sum(last["phases"].values()) - last["latency"]) < 0.001
    assert seen["target"].endswith("/login")


def test_the_first_failure_ends_it_and_what_cleans_up_follows(shop, picketd):
    daemon = picketd(config(shop, login(), show("/cart", ", expect: json $.items is empty"),
                            show("/never"), LOGOUT))
    seen = look(daemon)
    last = seen["last_check"]
    assert seen["state"] == "down" and last["class"] == "expectation"
    assert last["reason"] == "step 2 of 4: $.items is [1,2], expected empty"
    assert [path for path, _ in shop.asked] == ["/login", "/cart", "/logout"]
    evidence = seen["evidence"]
    assert [(one["step"], one["verdict"], one["status"]) for one in evidence["steps"]] == [(1, "pass", 200)]
    assert evidence["hops"][0]["url"].endswith("/cart")
    # What was captured is shown nowhere.
    assert "t0ken-77" not in json.dumps(seen)
    assert "step 2 of 4" in daemon.ctl("why", "shop").stdout


def test_without_a_token_nothing_else_is_asked_for(shop, picketd):
    seen = look(picketd(config(shop, login("wrong"), show("/cart"), LOGOUT)))
    assert seen["last_check"]["reason"].startswith("step 1 of 3: status is 403")
    assert [path for path, _ in shop.asked] == ["/login"]


def test_a_step_without_cookies_sends_and_keeps_none(shop, picketd):
    seen = look(picketd(config(shop, login(), show("/cart", ", cookies: false"))))
    assert seen["last_check"]["reason"].startswith("step 2 of 2: status is 401")


def test_time_is_for_all_of_them_and_a_second_for_cleaning_up(shop, picketd):
    seen = look(picketd(config(shop, login(), show("/hang"), LOGOUT, more="timeout: 1s")))
    assert seen["last_check"]["class"] == "timeout"
    assert seen["last_check"]["reason"].startswith("step 2 of 3:")
    assert shop.asked[-1] == ("/logout", "bye t0ken-77")


def test_a_check_that_is_under_way_ends_with_the_daemon_or_its_endpoint(shop, picketd):
    daemon = picketd(config(shop, login(), show("/hang"), LOGOUT, more="timeout: 60s"))
    daemon.ctl("check", "shop")
    while ("/hang", "") not in shop.asked:
        pass
    daemon.config.write_text("endpoints: []\n")
    assert daemon.ctl("reload").returncode == 0
    assert daemon.endpoints() == {}
    while daemon.status()["checks"]["in_flight"]:
        pass
    assert ("/logout", "bye t0ken-77") not in shop.asked


def test_faults_are_told_where_they_are(shop, tmp_path):
    path = tmp_path / "picket.yaml"
    path.write_text(config(
        shop,
        "{ url: 'AT/${token}' }",
        "{ url: 'AT/', capture: { each: status, two: 'json $.a[*]', three: 'status == 200' } }",
        "{ url: 'AT/', expect: 'json $.a = 1' }"))
    done = house.run(house.PICKETD, "-t", "-c", path)
    assert done.returncode == 78
    assert "no step before this one captures 'token'" in done.stderr
    assert "'each'" in done.stderr
    assert "single value" in done.stderr
    assert "==" in done.stderr
