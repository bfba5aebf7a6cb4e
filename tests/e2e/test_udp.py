"""The probe udp: every class it can end in, and a real server."""

import json
import os
import pathlib
import pwd
import socket
import subprocess
import threading

import pytest

import house
import real
from test_http_classes import SCRIPT, assert_ends, look

VERSION = "\\0\\x01\\0\\0\\0\\x01\\0\\0version\\r\\n"


@pytest.fixture
def answers():
    """A socket that answers every datagram with this (nothing: b"")."""
    made = []

    def make(text):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("127.0.0.1", 0))
        made.append(one)

        def serve():
            try:
                while True:
                    _, where = one.recvfrom(65536)
                    if where is None:
                        break
                    if text is not None:
                        one.sendto(text, where)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        return f"127.0.0.1:{one.getsockname()[1]}"

    yield make
    for one in made:
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        one.close()


def endpoint(name, address, timeout="30s", **keys):
    return {"name": name, "udp": {"address": address, "send": "ping", **keys},
            "timeout": timeout}


def test_how_it_ends(world, answers, tmp_path):
    places = world(SCRIPT, "--dns", "127.0.0.1:0", "--http", "127.0.0.1:0")
    server = f"127.0.0.1:{places.ports['dns']}"
    nobody = f"127.0.0.1:{real.free_port()}"
    cases = [
        ("any", answers(b"hello"), {}, None, None),
        ("empty", answers(b""), {}, None, None),
        ("matches", answers(b"pong"), {"expect": "^pong$"}, None, None),
        ("differs", answers(b"bang"), {"expect": "^pong$"}, "malformed_reply", "first_byte"),
        ("costs", answers(b"a" * 4000 + b"?b"), {"expect": "(a+)+(a+)+(a+)+b"}, "expectation_limit",
         "first_byte"),
        ("silent", answers(None), {}, "timeout", "first_byte"),
        ("nobody", nobody, {}, "connect_refused", "connect"),
        ("unknown", "unknown.names:7", {"resolver": server}, "dns_nxdomain", "resolve"),
        ("servfail", "servfail.names:7", {"resolver": server}, "dns_failure", "resolve"),
        ("found", f"found.names:{answers(b'x').rpartition(':')[2]}", {"resolver": server}, None,
         None),
        ("no source", nobody, {"source": "192.0.2.1"}, "local", "connect"),
    ]
    checks = look(
        tmp_path,
        [endpoint(name, address, "1s" if cls == "timeout" else "30s", **keys)
         for name, address, keys, cls, _ in cases],
        1,
    )
    for name, _, _, cls, phase in cases:
        assert_ends(checks[name], name, cls, phase)


def test_memcached_answers_over_udp(tmp_path):
    port = real.free_port()
    with subprocess.Popen(["memcached", "-l", "127.0.0.1", "-p", "0", "-U", str(port), "-u",
                           pwd.getpwuid(os.getuid()).pw_name]) as server:
        try:
            # It has no word for being there: ask until it answers.
            for _ in range(600):
                checks = look_once(tmp_path, port)
                if checks["verdict"] == "pass":
                    break
            assert checks["verdict"] == "pass", checks
        finally:
            server.terminate()


def look_once(tmp_path, port):
    path = pathlib.Path(tmp_path) / "picket.yaml"
    path.write_text(json.dumps({"endpoints": [{
        "name": "cache",
        "udp": {"address": f"127.0.0.1:{port}", "send": VERSION, "expect": "VERSION [0-9.]+"},
    }]}))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    return json.loads(answer.stdout)[0]["last_check"]
