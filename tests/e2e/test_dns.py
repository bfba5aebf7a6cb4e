"""Every way in which a question to a name server can end, and what picket says of it."""

import json
import socket

import house
import real

SCRIPT = """
dns found.test: 127.0.0.7 ::1 ttl=30
dns alias.test: cname=found.test
dns empty.test: empty
dns servfail.test: servfail
dns refused.test: refused
dns formerr.test: formerr
dns silent.test: silent
dns long.test: 127.0.0.1 truncated
"""

# The name, the class, the phase.
NAMES = [
    ("found.test", None, None),
    ("alias.test", None, None),
    ("empty.test", None, None),
    ("long.test", None, None),
    ("unknown.test", "dns_nxdomain", "transfer"),
    ("servfail.test", "dns_failure", "transfer"),
    ("refused.test", "dns_failure", "transfer"),
    ("formerr.test", "dns_failure", "transfer"),
    ("silent.test", "dns_timeout", "first_byte"),
]


def look(tmp_path, endpoints, status):
    path = tmp_path / "picket.yaml"
    path.write_text(json.dumps({"endpoints": endpoints}))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert answer.returncode == status, answer.stderr
    return {one["name"]: one["last_check"] for one in json.loads(answer.stdout)}


def test_how_questions_end(world, tmp_path):
    server = f"127.0.0.1:{world(SCRIPT, '--dns', '127.0.0.1:0').ports['dns']}"
    endpoints = [
        {
            "name": f"{transport} {name}",
            "timeout": "1s" if cls == "dns_timeout" else "30s",
            "dns": {"query": name, "server": server, "transport": transport},
        }
        for name, cls, _ in NAMES
        for transport in ("udp", "tcp")
    ]
    checks = look(tmp_path, endpoints, 1)
    for name, cls, phase in NAMES:
        for transport in ("udp", "tcp"):
            check = checks[f"{transport} {name}"]
            assert check["verdict"] == ("fail" if cls else "pass"), (name, check)
            assert check.get("class") == cls, (name, check)
            assert check.get("phase") == phase, (name, check)
            assert abs(sum(check["phases"].values()) - check["latency"]) < 0.001, (name, check)


def test_where_nobody_listens(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        # Of a port that is connected elsewhere the kernel says that nobody is there.
        taken.bind(("127.0.0.1", 0))
        taken.connect(("127.0.0.1", 9))
        server = "127.0.0.1:%d" % taken.getsockname()[1]
        checks = look(
            tmp_path,
            [
                {"name": transport, "dns": {"query": "a.test", "server": server,
                                            "transport": transport}}
                for transport in ("udp", "tcp")
            ],
            1,
        )
    for transport, check in checks.items():
        assert (check["class"], check["phase"]) == ("connect_refused", "connect"), check


def test_expectations_about_answers(world, tmp_path):
    server = f"127.0.0.1:{world(SCRIPT, '--dns', '127.0.0.1:0').ports['dns']}"

    def dns(name, query, *expect, **more):
        return {"name": name, "expect": list(expect),
                "dns": {"query": query, "server": server, **more}}

    checks = look(
        tmp_path,
        [
            dns("a", "found.test", 'answer contains "127.0.0.7"', "answers == 1", "ttl == 30s",
                'rcode == "NOERROR"', "authenticated is false", "count(additional) == 0",
                "address in '127.0.0.0/8'"),
            dns("aaaa", "found.test", 'answer == "::1"', type="AAAA"),
            dns("none", "unknown.test", 'rcode == "NXDOMAIN"', "not (ttl exists)"),
            dns("closed", "refused.test", 'class is not empty or rcode == "REFUSED"'),
        ],
        0,
    )
    for name, check in checks.items():
        assert check["verdict"] == "pass", (name, check)


def test_a_name_by_url(world):
    port = world(SCRIPT, "--dns", "127.0.0.1:0").ports["dns"]
    answer = house.run(house.PICKETD, "--once", f"dns://127.0.0.1:{port}/found.test")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    answer = house.run(house.PICKETD, "--once", f"dns://127.0.0.1:{port}/unknown.test")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "NXDOMAIN" in answer.stdout


def test_a_real_server_is_asked_over_tls(tmp_path):
    key, cert = real.certificate(tmp_path)
    server = real.unbound(tmp_path, key, cert)
    try:
        dns = {"query": "found.test", "server": f"localhost:{server.port}", "transport": "tls"}
        trusting = {**dns, "tls": {"ca": str(cert)}}
        expect = ['answer == "127.0.0.7"', "ttl == 30s", 'certificate.subject == "CN=localhost"']
        checks = look(tmp_path, [
            {"name": "found", "dns": trusting, "expect": expect},
            {"name": "unknown", "dns": {**trusting, "query": "unknown.test"}},
            {"name": "untrusted", "dns": dns},
            {"name": "plain", "dns": {**dns, "transport": "tcp"}, "timeout": "2s"},
        ], 1)
    finally:
        server.close()
    assert checks["found"]["verdict"] == "pass", checks["found"]
    assert set(checks["found"]["phases"]) >= {"connect", "tls", "first_byte"}
    assert checks["unknown"]["class"] == "dns_nxdomain"
    assert checks["untrusted"]["class"] == "tls_self_signed"
    assert checks["plain"]["verdict"] == "fail"
