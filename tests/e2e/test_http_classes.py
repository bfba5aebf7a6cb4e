"""Every class that http can end in: what the server does, and what picket says of it."""

import json

import pytest

import house

TLS = ("--tls", "127.0.0.1:0", "--tls", "127.0.0.1:0=old", "--dns", "127.0.0.1:0")

# What the path does, the class, the phase.
TALKING = [
    ("/status/200", None, None),
    ("/reset", "reset", "first_byte"),
    ("/close", "empty_reply", "first_byte"),
    ("/half/size/100KB", "partial_body", "transfer"),
    ("/garbage", "malformed_reply", "first_byte"),
    ("/endless-headers", "headers_too_large", "transfer"),
    ("/long-header/1MB", "headers_too_large", "transfer"),
    ("/endless", None, None),
    ("/silent", "timeout", "first_byte"),
    ("/slow/200/size/1KB", "timeout", "transfer"),
    ("/redirect/9", "too_many_redirects", "transfer"),
    ("/location/file:%2F%2F%2Fetc%2Fpasswd", "redirect_refused", "transfer"),
    ("/location/ftp:%2F%2F127.0.0.1%2F", "redirect_refused", "transfer"),
]

# The name of the server, the class.
HANDSHAKES = [
    ("good.test", None),
    ("expired.test", "tls_expired"),
    ("notyet.test", "tls_expired"),
    ("misnamed.test", "tls_name_mismatch"),
    ("selfsigned.test", "tls_self_signed"),
    ("untrusted.test", "tls_untrusted"),
    ("weak.test", "tls_weak"),
    ("clientcert.test", "tls_client_cert_required"),
    ("expired-misnamed.test", "tls_expired"),
    ("untrusted-misnamed.test", "tls_untrusted"),
    ("weak-misnamed.test", "tls_name_mismatch"),
]

# The name that is looked up, the class.
NAMES = [
    ("found.names", None),
    ("unknown.names", "dns_nxdomain"),
    ("empty.names", "dns_no_address"),
    ("servfail.names", "dns_failure"),
    ("refused.names", "dns_failure"),
    ("formerr.names", "dns_failure"),
    ("silent.names", "dns_timeout"),
]

SCRIPT = """
dns *.test: 127.0.0.1
dns found.names: 127.0.0.1
dns empty.names: empty
dns servfail.names: servfail
dns refused.names: refused
dns formerr.names: formerr
dns silent.names: silent
"""


def patience(cls):
    """Short only for what is to time out: a busy machine makes the others slow, not wrong."""
    return "1s" if cls == "timeout" else "30s"


def endpoint(name, http, timeout="30s"):
    return {"name": name, "http": http, "timeout": timeout}


def look(tmp_path, endpoints, status):
    """The last check of each after one round, by name."""
    path = tmp_path / "picket.yaml"
    # JSON is YAML.
    path.write_text(json.dumps({"endpoints": endpoints}))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert answer.returncode == status, answer.stderr
    return {one["name"]: one["last_check"] for one in json.loads(answer.stdout)}


def assert_ends(check, name, cls, phase):
    assert check["verdict"] == ("fail" if cls else "pass"), (name, check)
    assert check.get("class") == cls, (name, check)
    if phase:
        assert check["phase"] == phase, (name, check)
    # The phases sum to the latency.
    assert abs(sum(check["phases"].values()) - check["latency"]) < 0.001, (name, check)
    if cls:
        # A sentence for people, never libcurl's own text.
        assert check["reason"], name
        for libcurl in ("out of memory", "nsupported protocol", "curl"):
            assert libcurl not in check["reason"].replace("libcurl", "curl"), (name, check)


def test_how_servers_talk(world, tmp_path):
    places = world()
    checks = look(
        tmp_path,
        [
            endpoint(f"e{i}", places.url(path), patience(cls))
            for i, (path, cls, _) in enumerate(TALKING)
        ],
        1,
    )
    for i, (path, cls, phase) in enumerate(TALKING):
        assert_ends(checks[f"e{i}"], path, cls, phase)


def test_how_connections_end(world, tmp_path):
    places = world("127.0.0.9: reset at-accept\n", "--http", "*:0")
    refused, swallowed = places.ports["refused"], places.ports["swallowed"]
    cases = [
        (f"http://127.0.0.1:{refused}/", "connect_refused", "connect"),
        (f"http://127.0.0.1:{swallowed}/", "timeout", "connect"),
        # While connecting or just after it, as the two ends happen to run.
        (places.url("/", "127.0.0.9"), "reset", None),
    ]
    checks = look(
        tmp_path,
        [endpoint(f"e{i}", url, patience(cls)) for i, (url, cls, _) in enumerate(cases)],
        1,
    )
    for i, (url, cls, phase) in enumerate(cases):
        assert_ends(checks[f"e{i}"], url, cls, phase)


@pytest.fixture
def secure(world, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    places = world(SCRIPT, *TLS, "--tls-folder", folder, "--http", "127.0.0.1:0")
    return places, folder


def test_how_handshakes_end(secure, tmp_path):
    places, folder = secure
    port = places.ports["tls"][0]
    endpoints = [
        endpoint(
            name,
            {
                "url": f"https://{name}:{port}/",
                "connect_to": f"127.0.0.1:{port}",
                "tls": {"ca": str(folder / "ca.pem")},
            },
        )
        for name, _ in HANDSHAKES
    ]
    checks = look(tmp_path, endpoints, 1)
    for name, cls in HANDSHAKES:
        assert_ends(checks[name], name, cls, "tls" if cls else None)
    assert "misnamed.test" in checks["misnamed.test"]["reason"]
    assert "expired at 20" in checks["expired.test"]["reason"]


def test_what_is_configured_for_a_handshake_counts(secure, tmp_path):
    places, folder = secure
    port, old = places.ports["tls"]
    trusted = {"ca": str(folder / "ca.pem")}
    cases = [
        ("revoked.test", port, {**trusted, "crl": str(folder / "crl.pem")}, "tls_revoked"),
        ("fine.test", port, {**trusted, "crl": str(folder / "crl.pem")}, None),
        ("expired.test", port, {"verify": False}, None),
        ("untrusted.test", port, {"ca": str(folder / "other-ca.pem")}, None),
        (
            "clientcert.test",
            port,
            {
                **trusted,
                "cert": str(folder / "client.pem"),
                "key": str(folder / "client.key"),
            },
            None,
        ),
        ("modern.test", old, trusted, "tls_weak"),
        ("old.test", old, {**trusted, "min_version": "1.0"}, None),
        ("absent.test", port, {"ca": str(folder / "none.pem")}, "local"),
    ]
    endpoints = [
        endpoint(
            name,
            {"url": f"https://{name}:{at}/", "connect_to": f"127.0.0.1:{at}", "tls": tls},
        )
        for name, at, tls, _ in cases
    ]
    checks = look(tmp_path, endpoints, 1)
    for name, _, _, cls in cases:
        assert_ends(checks[name], name, cls, "tls" if cls else None)


def test_how_lookups_end(secure, tmp_path):
    places, _ = secure
    server = f"127.0.0.1:{places.ports['dns']}"
    endpoints = [
        endpoint(name, {"url": places.url("/", name), "resolver": server})
        for name, _ in NAMES
    ]
    checks = look(tmp_path, endpoints, 1)
    for name, cls in NAMES:
        assert_ends(checks[name], name, cls, "resolve" if cls else None)
        assert "resolve" in checks[name]["phases"], name


def test_a_proxy_that_fails_is_not_the_target(world, tmp_path):
    places = world("far.test: 407\n")
    refused = places.ports["refused"]
    endpoints = [
        endpoint("asks", {"url": "http://far.test/", "proxy": f"http://127.0.0.1:{places.port}"}),
        endpoint("gone", {"url": "http://far.test/", "proxy": f"http://127.0.0.1:{refused}"}),
    ]
    checks = look(tmp_path, endpoints, 1)
    assert_ends(checks["asks"], "asks", "proxy_failure", "transfer")
    assert "407" in checks["asks"]["reason"]
    assert_ends(checks["gone"], "gone", "proxy_failure", "connect")


def test_a_broken_encoding_is_told_from_a_broken_body(world, tmp_path):
    places = world()
    endpoints = [
        endpoint("bad", {"url": places.url("/bad-gzip"), "compressed": True}),
        endpoint("good", {"url": places.url("/gzip/size/10KB"), "compressed": True}),
    ]
    checks = look(tmp_path, endpoints, 1)
    assert_ends(checks["bad"], "bad", "bad_encoding", "transfer")
    assert_ends(checks["good"], "good", None, None)
