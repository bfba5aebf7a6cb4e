"""Rows N of the catalogue: what becomes of packets on their way, in networks of our own."""

import contextlib
import functools
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys

import pytest

import house
import rogue
from test_http_classes import OK, assert_ends, look

# What is larger gets lost on the loopback interface, and nobody says so: as on a path through
# a tunnel, whose routers' messages a firewall swallows.  And what does not say how large the
# least one is tries no smaller one (net.ipv4.tcp_mtu_probing, which is off unless set).
NARROW = """
table inet path {
	chain input {
		type filter hook input priority 0;
		iif lo meta length > 1000 counter drop
	}
}
"""

FORBIDS = """
table inet host {
	chain output {
		type filter hook output priority 0;
		meta l4proto { udp, icmp } counter drop
	}
}
"""


def in_a_network(what, tmp_path):
    """What that function of this file prints, as the only one there."""
    words = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c",
             'ip link set lo up && nft list ruleset && exec "$@"', "sh"]
    made = subprocess.run([*words, "true"], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip("no network of our own here: " + made.stderr)
    answer = house.run(*words, sys.executable, __file__, what, str(tmp_path),
                       env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def rule(text):
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


# --- N29 --------------------------------------------------------------------------------------


def shakes_hands(connection, folder):
    """With a chain that takes some kilobytes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "long.pem", folder / "client.key")
    with context.wrap_socket(connection, server_side=True) as wrapped:
        rogue.wait_end(wrapped)


def says_by_and_by(head, body):
    """Each in a packet of its own."""

    def behave(connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rogue.read_head(connection)
        connection.sendall(head)
        connection.sendall(body)
        rogue.wait_end(connection)

    return behave


def look_over_a_narrow_path(folder):
    tls = folder / "tls"
    tls.mkdir()
    places = house.World(folder, "", "--tls", "127.0.0.1:0", "--tls-folder", tls,
                         "--http", "127.0.0.1:0")
    (tls / "long.pem").write_text(
        (tls / "client.pem").read_text() + 10 * (tls / "ca.pem").read_text())
    length = b"Content-Length: 5000\r\n\r\n"
    with contextlib.ExitStack() as stack:
        stack.callback(places.stop)

        def address(behave):
            server = rogue.Rogue(behave)
            stack.callback(server.stop)
            return f"127.0.0.1:{server.port}"

        rule(NARROW)
        asked = {
            "small": {"url": places.url("/size/100B")},
            "tls": {"url": f"https://{address(functools.partial(shakes_hands, folder=tls))}/",
                    "tls": {"ca": str(tls / "ca.pem")}},
            "body": {"url": f"http://{address(says_by_and_by(OK + length, b'x' * 5000))}/"},
            "answer": {"url": places.url("/size/5KB")},
            "request": {"url": places.url("/status/200"), "method": "POST", "body": "x" * 5000},
        }
        patience = {"small": "45s"}
        checks = look(folder, [{"name": name, "http": http,
                                "timeout": patience.get(name, "3s")}
                               for name, http in asked.items()])
        print(json.dumps(checks))


def test_N29_a_path_that_swallows_large_packets_is_a_timeout_where_it_does(tmp_path):
    checks = in_a_network("look_over_a_narrow_path", tmp_path)
    assert_ends(checks["small"], "small", None, None)
    for name, phase in [("tls", "tls"), ("body", "transfer"), ("answer", "first_byte"),
                        ("request", "first_byte")]:
        assert_ends(checks[name], name, "timeout", phase)


# --- N33 --------------------------------------------------------------------------------------


def look_with_a_filter(folder):
    rule(FORBIDS)
    checks = look(folder, [
        {"name": "ping", "ping": {"host": "127.0.0.1", "count": 2}, "timeout": "30s"},
        {"name": "udp", "udp": {"address": "127.0.0.1:9", "send": "x"}, "timeout": "30s"},
        {"name": "dns", "dns": {"query": "a.test", "server": "127.0.0.1:53"}, "timeout": "30s"},
        {"name": "name", "http": {"url": "http://a.test/", "resolver": "127.0.0.1:53"},
         "timeout": "30s"},
    ])
    print(json.dumps(checks))


def test_N33_what_this_hosts_own_filter_forbids_is_this_hosts_fault(tmp_path):
    checks = in_a_network("look_with_a_filter", tmp_path)
    for name, phase in [("ping", "request"), ("udp", None), ("dns", "connect"), ("name", "resolve")]:
        assert_ends(checks[name], name, "local", phase)
        # By what the kernel said, and not by waiting.
        assert checks[name]["latency"] < 25


if __name__ == "__main__":
    globals()[sys.argv[1]](pathlib.Path(sys.argv[2]))
