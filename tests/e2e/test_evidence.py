"""What is left of a failure and of the success behind it, in the API and on a terminal."""

import contextlib
import fcntl
import json
import os
import pty
import socket
import struct
import subprocess
import termios

import pytest

import house
import rogue

SCRIPT = """
dns *.test: 127.0.0.1
/flip: 200, 503, 200
"""

# The name of the server, the class, what has to be seen besides.
FAILURES = [
    ("expired.test", "tls_expired", ["expired at 20", "valid until", "expired.test", " ago)"]),
    ("notyet.test", "tls_expired", ["is not valid before 20", "valid from", "(in "]),
    ("misnamed.test", "tls_name_mismatch", ["names elsewhere.test", "valid until"]),
    ("selfsigned.test", "tls_self_signed", ["issued by CN=selfsigned.test", "valid until"]),
    ("untrusted.test", "tls_untrusted", ["issued by CN=another authority", "valid until"]),
    ("weak.test", "tls_weak", ["subject CN=weak.test", "valid until"]),
    ("clientcert.test", "tls_client_cert_required", ["subject CN=clientcert.test", "valid until"]),
    ("stapled-revoked.test", "tls_revoked", ["OCSP staple revoked at 20", "valid until"]),
    ("stapled-misnamed.test", "tls_name_mismatch", ["OCSP staple good", "valid until"]),
    ("revoked.test", "tls_revoked", ["in the revocation list", "serial 1234", "valid until"]),
]


@pytest.fixture
def secure(world, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    places = world(
        SCRIPT, "--tls", "127.0.0.1:0", "--tls-folder", folder, "--http", "*:0",
        "--dns", "127.0.0.1:0",
    )
    return places, folder


def config(endpoints, **settings):
    """JSON is YAML."""
    defaults = {
        "interval": "1s",
        "timeout": "30s",
        "confirm": {"failures": 1, "successes": 1, "every": "1s"},
    }
    return json.dumps({"picket": settings, "defaults": defaults, "endpoints": endpoints})


def on_terminal(daemon, *words, columns=80):
    """What a person sees who types this."""
    inside, outside = pty.openpty()
    fcntl.ioctl(outside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [house.PICKETCTL, "-s", daemon.socket, *words],
        stdin=outside, stdout=outside, stderr=outside,
        env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1"},
    )
    os.close(outside)
    seen = b""
    while True:
        try:
            more = os.read(inside, 65536)
        except OSError:
            break
        if not more:
            break
        seen += more
    os.close(inside)
    assert process.wait(house.PATIENCE) == 0, seen
    return seen.decode().replace("\r\n", "\n")


def test_why_shows_class_dates_and_names_of_every_tls_failure(secure, picketd):
    places, folder = secure
    port = places.ports["tls"][0]
    tls = {"ca": str(folder / "ca.pem")}
    endpoints = [
        {
            "name": name,
            "http": {
                "url": f"https://{name}:{port}/",
                "connect_to": f"127.0.0.1:{port}",
                "tls": {**tls, "crl": str(folder / "crl.pem")} if name == "revoked.test" else tls,
            },
        }
        for name, cls, _ in FAILURES
    ]
    daemon = picketd(config(endpoints))
    for name, cls, says in FAILURES:
        daemon.wait_state(name, "down")
        seen = on_terminal(daemon, "why", name)
        print(seen)
        assert f"\n  {cls} (tls): " in seen
        for words in ["SHA-256", "SPKI", "OCSP staple", *says]:
            assert words in " ".join(seen.split()), (words, seen)
        assert all(len(line) <= 80 for line in seen.splitlines()), seen


def test_a_failure_and_the_success_behind_it_are_kept(world, picketd):
    places = world(SCRIPT)
    daemon = picketd(
        config(
            [
                {
                    "name": "flip",
                    "http": {
                        "url": places.url("/flip"),
                        "headers": {"X-Key": "${env:KEY}"},
                        "auth": {"basic": {"user": "me", "password": "pw"}},
                    },
                    "expect": ["status == 200", "latency < 30s"],
                }
            ]
        ),
        env={"KEY": "sesame"},
    )
    seen = {}
    for event in daemon.wait_verdicts(3):
        seen.setdefault(event["verdict"], event)
    assert set(seen) == {"pass", "fail"}
    daemon.wait_verdicts(3, lambda event: event["verdict"] == "pass")
    one = daemon.endpoint("flip")
    failure, success = one["evidence"], one["evidence_success"]
    assert failure["class"] == "expectation" and failure["phase"] == "judge"
    assert [(line["line"], line["holds"]) for line in failure["expectations"]] == [
        ("status == 200", False),
        ("latency < 30s", True),
    ]
    assert failure["expectations"][0]["value"] == "status is 503"
    assert failure["expectations"][1]["value"].startswith("latency is ")
    assert failure["hops"][0]["addresses"][0]["outcome"] == "connected"
    assert failure["request"][0] == "GET /flip HTTP/1.1"
    assert "X-Key: ***" in failure["request"] and "Authorization: ***" in failure["request"]
    assert "sesame" not in json.dumps(one)
    assert success["verdict"] == "pass" and "class" not in success
    assert all(line["holds"] for line in success["expectations"])
    shown = on_terminal(daemon, "why", "flip")
    assert "The last failure, " in shown and "The last success, " in shown
    assert "✗ expect: status == 200\n        status is 503" in shown


def test_who_never_failed_leaves_nothing(world, picketd):
    places = world()
    daemon = picketd(config([{"name": "good", "http": places.url("/status/200")}]))
    daemon.wait_verdicts(2)
    one = daemon.endpoint("good")
    assert "evidence" not in one and "evidence_success" not in one


def test_evidence_of_all_stays_within_its_bound(world, picketd):
    places = world()
    count, bound = 60, 64 * 1024
    names = [f"e{i:02}" for i in range(count)]
    daemon = picketd(
        config(
            [{"name": name, "http": places.url("/status/500/size/5KB")} for name in names],
            limits={"evidence_total": "64KiB"},
        )
    )
    for name in names:
        daemon.wait_state(name, "down")
    kept = [one for one in map(daemon.endpoint, names) if "evidence" in one]
    size = sum(len(json.dumps(one["evidence"], separators=(",", ":"))) for one in kept)
    assert 0 < len(kept) < count
    # What is asked for one after the other may change meanwhile; each is some 5 KB.
    assert size < 2 * bound


def test_secrets_and_cookies_stay_with_their_host(world, picketd, tmp_path):
    places = world("", "--http", "*:0")
    places.set(
        "/away",
        f"location=http:%2F%2F127.0.0.2:{places.port}%2Fecho header=Set-Cookie:sid=abc",
    )
    daemon = picketd(
        config(
            [
                {
                    "name": "away",
                    "http": {
                        "url": places.url("/away"),
                        "headers": {"X-Key": "${env:KEY}", "Accept": "text/plain"},
                        "auth": {"bearer": "${env:KEY}"},
                    },
                    "expect": ["status == 201"],
                }
            ]
        ),
        env={"KEY": "sesame"},
    )
    daemon.wait_state("away", "down")
    evidence = daemon.endpoint("away")["evidence"]
    assert [hop["status"] for hop in evidence["hops"]] == [302, 200]
    sent = {line.split(":")[0] for line in evidence["request"][1:]}
    assert sent == {"Host", "User-Agent", "Accept"}
    # What the other server says that it got.
    echo = json.loads(evidence["body"])
    assert {name for name, _ in echo["headers"]} == {"Host", "User-Agent", "Accept"}


def test_a_way_from_https_to_http_is_noted(secure, picketd):
    places, folder = secure
    port = places.ports["tls"][0]
    url = f"https://good.test:{port}/location/http:%2F%2F127.0.0.1:{places.port}%2Fstatus%2F500"
    daemon = picketd(
        config(
            [
                {
                    "name": "down",
                    "http": {
                        "url": url,
                        "connect_to": f"127.0.0.1:{port}",
                        "tls": {"ca": str(folder / "ca.pem")},
                    },
                }
            ]
        )
    )
    daemon.wait_state("down", "down")
    hops = daemon.endpoint("down")["evidence"]["hops"]
    assert [hop.get("is_downgrade", False) for hop in hops] == [False, True]
    assert "from https to http" in on_terminal(daemon, "why", "down")


def test_a_certificate_near_its_end_is_no_outage(secure, picketd):
    places, folder = secure
    port = places.ports["tls"][0]
    daemon = picketd(
        config(
            [
                {
                    "name": "near",
                    "http": {
                        "url": f"https://good.test:{port}/",
                        "connect_to": f"127.0.0.1:{port}",
                        "tls": {"ca": str(folder / "ca.pem")},
                    },
                    "warn": ["certificate.expires_in > 400d"],
                }
            ]
        )
    )
    one = daemon.wait_state("near", "degraded")
    assert one["last_check"]["verdict"] == "warn"
    assert one["last_check"]["class"] == "expectation"
    assert "The last warning, " in on_terminal(daemon, "why", "near")


def twins(behave):
    """A port that refuses at 127.0.0.1 and serves at 127.0.0.2."""
    for _ in range(100):
        refusing = socket.socket()
        refusing.bind(("127.0.0.1", 0))
        with contextlib.suppress(OSError):
            return refusing, rogue.Rogue(behave, "127.0.0.2", refusing.getsockname()[1])
        refusing.close()
    raise AssertionError("no port is free at both addresses")


def test_the_address_that_answered_and_those_that_did_not(world, picketd):
    places = world("dns twin.test: 127.0.0.1 127.0.0.2\n", "--dns", "127.0.0.1:0")
    refusing, server = twins(rogue.says(b"HTTP/1.1 500 -\r\nContent-Length: 0\r\n\r\n"))
    daemon = picketd(
        config(
            [
                {
                    "name": "twin",
                    "http": {
                        "url": f"http://twin.test:{server.port}/",
                        "resolver": f"127.0.0.1:{places.ports['dns']}",
                    },
                }
            ]
        )
    )
    one = daemon.wait_state("twin", "down")
    server.stop()
    refusing.close()
    assert one["last_check"]["address"] == "127.0.0.2"
    tried = daemon.endpoint("twin")["evidence"]["hops"][0]["addresses"]
    assert [(address["address"], address["outcome"]) for address in tried] == [
        (f"127.0.0.1:{server.port}", "connect_refused"),
        (f"127.0.0.2:{server.port}", "connected"),
    ]
    shown = " ".join(on_terminal(daemon, "why", "twin").split())
    assert f"addresses 127.0.0.1:{server.port} connect_refused after" in shown


def test_each_address_is_looked_at_and_the_bad_one_named(world, picketd):
    places = world(
        "dns all.test: 127.0.0.1 127.0.0.3 127.0.0.2\n127.0.0.3: reset at-accept\n",
        "--http", "*:0", "--dns", "127.0.0.1:0",
    )
    daemon = picketd(
        config(
            [
                {
                    "name": "all",
                    "http": {
                        "url": places.url("/status/200", "all.test"),
                        "ip": "each",
                        "resolver": f"127.0.0.1:{places.ports['dns']}",
                    },
                }
            ]
        )
    )
    one = daemon.wait_state("all", "down")
    assert one["last_check"]["class"] == "reset"
    assert "127.0.0.3" in one["last_check"]["reason"]
    others = daemon.endpoint("all")["evidence"]["others"]
    assert sorted((look["address"], look["verdict"]) for look in others) == [
        (f"127.0.0.1:{places.port}", "pass"),
        (f"127.0.0.2:{places.port}", "pass"),
    ]
    # One permit, and one after the other.
    assert places.stats()["max_in_flight"] <= 1
