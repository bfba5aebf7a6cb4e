"""The probe tcp: every class it can end in, and the manual's recipes against real servers."""

import json


import house
import servers
from test_http_classes import SCRIPT, TLS, assert_ends, look


def endpoint(name, address, timeout="30s", expect=None, **keys):
    one = {"name": name, "tcp": {"address": address, **keys}, "timeout": timeout}
    return {**one, "expect": expect} if expect else one


def silent(connection):
    servers.wait_closed(connection)


def flood(connection):
    while True:
        connection.sendall(b"more\r\n" * 1000)


def close(connection):
    connection.shutdown(1)
    servers.wait_closed(connection)


def answers(text):
    """A script: reads something, says this, closes."""
    def script(connection):
        connection.recv(4096)
        connection.sendall(text)
        connection.shutdown(1)
        servers.wait_closed(connection)
    return script


def resets(connection):
    connection.recv(4096)
    servers.reset(connection)


HELLO = [{"send": "HELLO\r\n"}, {"expect": "^OK"}]

# What the server does, the dialogue, the class, the phase.
TALKS = [
    ("open", silent, None, None, None),
    ("answers", answers(b"OK\r\n"), HELLO, None, None),
    ("refuses", answers(b"NO\r\n"), HELLO, "malformed_reply", "transfer"),
    ("closes", close, HELLO, "empty_reply", "first_byte"),
    ("half", answers(b"O"), HELLO, "malformed_reply", "transfer"),
    ("silent", silent, HELLO, "timeout", "first_byte"),
    ("waits", servers.says(b"O"), HELLO, "timeout", "transfer"),
    ("resets", resets, HELLO, "reset", "first_byte"),
    ("floods", flood, [{"expect": "never"}], "body_too_large", "transfer"),
    ("costs", servers.says(b"a" * 4000 + b"\n"), [{"expect": "(a+)+(a+)+(a+)+b"}],
     "expectation_limit", "transfer"),
    ("slips", servers.says(b"OK\r\nand more\r\n"), [{"expect": "^OK\r\n"}, {"starttls": True}],
     "malformed_reply", "transfer"),
]


def test_how_dialogues_end(talker, tmp_path):
    checks = look(
        tmp_path,
        [endpoint(name, talker(script).address, "1s" if cls == "timeout" else "30s",
                  **({"dialogue": dialogue} if dialogue else {}))
         for name, script, dialogue, cls, _ in TALKS],
        1,
    )
    for name, _, _, cls, phase in TALKS:
        # A budget of CPU time is over sooner where a sanitizer takes most of it.
        if name == "floods" and house.SLOWNESS > 1:
            cls = checks[name]["class"]
            assert cls in ("body_too_large", "expectation_limit")
        assert_ends(checks[name], name, cls, phase)
    assert "answered 'NO\\r\\n', which does not match /^OK/" in checks["refuses"]["reason"]


def test_how_connections_end(world, talker, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    ports = world(SCRIPT, *TLS, "--tls-folder", folder, "--http", "127.0.0.1:0").ports
    server = f"127.0.0.1:{ports['dns']}"
    secure = f"127.0.0.1:{ports['tls'][0]}"
    ca = str(folder / "ca.pem")
    cases = [
        ("refused", f"127.0.0.1:{ports['refused']}", {}, "connect_refused", "connect"),
        ("swallowed", f"127.0.0.1:{ports['swallowed']}", {}, "timeout", "connect"),
        ("unknown", "unknown.names:25", {"resolver": server}, "dns_nxdomain", "resolve"),
        ("good", secure, {"tls": {"ca": ca, "server_name": "good.test"}}, None, None),
        ("expired", secure, {"tls": {"ca": ca, "server_name": "expired.test"}}, "tls_expired",
         "tls"),
        ("client", secure, {"tls": {"ca": ca, "server_name": "clientcert.test"}},
         "tls_client_cert_required", "tls"),
        ("plain", talker(servers.says(b"220 hi\r\n")).address, {"tls": True}, "tls_not_tls",
         "tls"),
        ("no starttls", talker(servers.says(b"-ERR no\r\n")).address, {"starttls": "pop3"},
         "tls_not_tls", "tls"),
        ("no pop3", talker(servers.says(b"220 hi\r\n")).address, {"starttls": "pop3"},
         "malformed_reply", "transfer"),
    ]
    checks = look(
        tmp_path,
        [endpoint(name, address, "1s" if cls == "timeout" else "30s", **keys)
         for name, address, keys, cls, _ in cases],
        1,
    )
    for name, _, _, cls, phase in cases:
        assert_ends(checks[name], name, cls, phase)


def test_a_banner_is_a_body_and_evidence_without_secrets(talker, picketd):
    banner = talker(servers.says(b"SSH-2.0-Test hunter2\r\n"))
    daemon = picketd(json.dumps({"endpoints": [{
        **endpoint("ssh", banner.address, expect=['body like "SSH-1*"'],
                   dialogue=[{"send": "${env:PICKET_SECRET}\\r\\n"}, {"expect": "\n"}]),
        "confirm": {"failures": 1},
    }]}), env={"PICKET_SECRET": "hunter2"})
    one = daemon.wait_state("ssh", "down")
    assert one["last_check"]["class"] == "expectation"
    assert one["evidence"]["body"] == "SSH-2.0-Test ***\r\n"
    assert "hunter2" not in json.dumps(daemon.get("/v1/endpoints/ssh"))
    shown = daemon.ctl("why", "ssh").stdout
    assert "SSH-2.0-Test" in shown and "hunter2" not in shown
    config = daemon.ctl("config", "ssh").stdout
    assert "dialogue.0.send" in config and "hunter2" not in config


def test_once_takes_a_url(talker):
    answer = house.run(house.PICKETD, "--once", "--json", f"tcp://{talker(silent).address}")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)[0]["probe"] == "tcp"


def test_faults_say_where_they_are(tmp_path):
    path = tmp_path / "picket.yaml"
    path.write_text(
        "endpoints:\n"
        "  - name: a\n"
        "    tcp:\n"
        "      address: 127.0.0.1:1\n"
        "      dialogue:\n"
        "        - expect: '('\n"
        "        - send: '\\q'\n"
        "        - { send: a, expect: b }\n"
        "        - sned: a\n"
        "  - { name: b, tcp: 127.0.0.1 }\n"
    )
    answer = house.run(house.PICKETD, "--check", "-c", path)
    assert answer.returncode == 78
    for line in (6, 7, 8, 9, 10):
        assert f"picket.yaml:{line}:" in answer.stderr, (line, answer.stderr)
    assert "'send'" in answer.stderr
