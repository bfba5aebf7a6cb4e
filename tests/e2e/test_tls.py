"""The probe tls: every class it can end in, against servers that really do so."""

import json

import pytest

import house
import servers
from test_http_classes import HANDSHAKES, SCRIPT, TLS, assert_ends, look


@pytest.fixture
def secure(world, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    places = world(SCRIPT, *TLS, "--tls-folder", folder, "--http", "127.0.0.1:0")
    return places, folder


def endpoint(name, address, timeout="30s", **keys):
    return {"name": name, "tls": {"address": address, **keys}, "timeout": timeout}


def test_how_handshakes_end(secure, tmp_path):
    places, folder = secure
    address = f"127.0.0.1:{places.ports['tls'][0]}"
    ca = str(folder / "ca.pem")
    checks = look(
        tmp_path,
        [endpoint(name, address, ca=ca, server_name=name) for name, _ in HANDSHAKES],
        1,
    )
    for name, cls in HANDSHAKES:
        assert_ends(checks[name], name, cls, "tls" if cls else None)
        # What was waited for is there, and nothing else.
        assert "transfer" not in checks[name]["phases"], name
        if checks[name].get("phase") not in ("first_byte", "request"):
            assert "first_byte" not in checks[name]["phases"], name


def test_how_connections_end(secure, talker, tmp_path):
    places, _ = secure
    ports = places.ports
    server = f"127.0.0.1:{ports['dns']}"
    cases = [
        ("refused", f"127.0.0.1:{ports['refused']}", {}, "connect_refused", "connect"),
        ("swallowed", f"127.0.0.1:{ports['swallowed']}", {}, "timeout", "connect"),
        ("plain", talker(servers.says(b"220 hi\r\n")).address, {}, "tls_not_tls", "tls"),
        ("unknown", "unknown.names:443", {"resolver": server}, "dns_nxdomain", "resolve"),
        ("servfail", "servfail.names:443", {"resolver": server}, "dns_failure", "resolve"),
        ("empty", "empty.names:443", {"resolver": server}, "dns_no_address", "resolve"),
        ("no file", f"127.0.0.1:{ports['tls'][0]}", {"ca": "/nonexistent"}, "local", "tls"),
        ("no source", f"127.0.0.1:{ports['tls'][0]}", {"source": "192.0.2.1"}, "local",
         "connect"),
    ]
    checks = look(
        tmp_path,
        [endpoint(name, address, "1s" if cls == "timeout" else "30s", **keys)
         for name, address, keys, cls, _ in cases],
        1,
    )
    for name, _, _, cls, phase in cases:
        assert_ends(checks[name], name, cls, phase)


def test_once_takes_a_url(secure):
    places, _ = secure
    answer = house.run(house.PICKETD, "--once", "--json",
                       f"tls://127.0.0.1:{places.ports['tls'][0]}")
    assert answer.returncode == 1
    shown = json.loads(answer.stdout)[0]
    assert shown["probe"] == "tls"
    assert shown["last_check"]["class"] in ("tls_untrusted", "tls_self_signed")
    refused = house.run(house.PICKETD, "--once", "tls://127.0.0.1:1/path")
    assert refused.returncode == 78
    assert "tls://" in refused.stderr


def test_certificates_are_subjects_and_evidence(secure, picketd):
    places, folder = secure
    address = f"127.0.0.1:{places.ports['tls'][0]}"
    daemon = picketd(json.dumps({"endpoints": [{
        **endpoint("one", address, ca=str(folder / "ca.pem"), server_name="good.test"),
        "confirm": {"failures": 1},
        "expect": [
            "certificate.names contains \"good.test\"",
            "certificate.expires_in > 1d",
            "tls.version >= 1.2",
            "certificate.expires_in > 90000d",
        ],
    }]}))
    one = daemon.wait_state("one", "down")
    assert one["last_check"]["class"] == "expectation"
    assert [line["holds"] for line in one["evidence"]["expectations"]] == [True, True, True, False]
    assert "good.test" in one["evidence"]["tls"]["chain"][0]["names"]
    shown = daemon.ctl("why", "one").stdout
    assert "good.test" in shown and "90000d" in shown
