"""The probe url against real servers: logins, listings, and what they refuse."""

import json
import socket
import struct
import subprocess

import pytest

import house
import real


@pytest.fixture
def server(tmp_path):
    made = []

    def make(how, *words, **more):
        folder = tmp_path / f"server{len(made)}"
        folder.mkdir()
        made.append(how(folder, *words, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def look(tmp_path, endpoints):
    path = tmp_path / "picket.yaml"
    path.write_text(json.dumps({"defaults": {"timeout": "30s"}, "endpoints": [
        {"name": name, "url": url, "expect": expect} for name, (url, expect) in endpoints.items()]}))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert answer.returncode in (0, 1), answer.stderr
    return {one["name"]: one["last_check"] for one in json.loads(answer.stdout)}


def check(checks, name, cls=None, reason=""):
    one = checks[name]
    assert one.get("class") == cls and reason in one.get("reason", ""), (name, one)
    assert abs(sum(one["phases"].values()) - one["latency"]) < 0.001, (name, one)


def login(url, user, password, **more):
    return {"url": url, "auth": {"user": user, "password": password}, **more}


def test_smtp(server, tmp_path):
    key, cert = real.certificate(tmp_path)
    mail = server(real.exim, key, cert, password="right")
    url, tls = f"smtp://localhost:{mail.port}", {"ca": str(cert)}
    checks = look(tmp_path, {
        "plain": (url, ['body contains "OK"']),
        "in": (login(url, "me", "right", tls=tls), ["tls.version >= 1.2"]),
        "out": (login(url, "me", "wrong", tls=tls), []),
        "asked": ({"url": url, "request": "HELP"}, ['body matches /^214/']),
        "untrusted": ({"url": url, "tls": True}, []),
    })
    check(checks, "plain")
    check(checks, "in")
    check(checks, "out", "expectation", "refuses the login: 535")
    check(checks, "asked")
    check(checks, "untrusted", "tls_self_signed")
    assert checks["in"]["phases"]["tls"] > 0 and "wrong" not in str(checks)


def test_imap_and_pop3(server, tmp_path):
    key, cert = real.certificate(tmp_path)
    mail = server(real.dovecot, key, cert)
    post = server(real.dovecot, key, cert, protocol="pop3")
    imap, pop3 = f"imap://localhost:{mail.port}", f"pop3://localhost:{post.port}"
    tls = {"ca": str(cert)}
    checks = look(tmp_path, {
        "greeting": (imap, ["body contains 'NOOP completed'"]),
        "in": (login(imap + "/INBOX", "me", "right", tls=tls), ["body contains '0 EXISTS'"]),
        "out": (login(imap, "me", "wrong", tls=tls), []),
        "nowhere": (login(imap + "/nowhere", "me", "right", tls=tls), []),
        "post": (login(pop3, "me", "right", tls=tls), ["body like '+OK 0 0*'"]),
        "stranger": (login(pop3, "me", "wrong", tls=tls), []),
        "other": (f"smtp://localhost:{mail.port}", []),
    })
    check(checks, "greeting")
    check(checks, "in")
    check(checks, "out", "expectation", "refuses the login")
    check(checks, "nowhere", "expectation", "refuses the mailbox")
    check(checks, "post")
    check(checks, "stranger", "expectation", "refuses the login")
    check(checks, "other", "malformed_reply", "is not SMTP")


def test_ftp(server, tmp_path):
    key, cert = real.certificate(tmp_path)
    files = server(real.vsftpd, key, cert)
    url = f"ftp://localhost:{files.port}"
    checks = look(tmp_path, {
        "root": (url, []),
        "tls": ({"url": url + "/", "tls": {"ca": str(cert)}}, ["tls.version >= 1.2"]),
        "missing": (url + "/no/such", []),
    })
    check(checks, "root")
    check(checks, "tls")
    check(checks, "missing", "expectation", "refuses the file: 550")


def publish(port, topic, text):
    """A message that the server keeps; it has it once it answers the ping behind it."""
    with socket.create_connection(("localhost", port), real.PATIENCE) as broker:
        broker.sendall(b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01t")
        assert broker.recv(4, socket.MSG_WAITALL) == b"\x20\x02\0\0"
        message = struct.pack(">H", len(topic)) + topic + text
        broker.sendall(bytes([0x31, len(message)]) + message + b"\xc0\0")
        assert broker.recv(2, socket.MSG_WAITALL) == b"\xd0\0"


def test_mqtt(server, tmp_path):
    broker = server(real.mosquitto)
    subprocess.run(["mosquitto_passwd", "-b", "-c", tmp_path / "users", "me", "right"], check=True,
                   capture_output=True)
    closed = server(real.mosquitto, users=tmp_path / "users")
    url = f"mqtt://localhost:{broker.port}"
    publish(broker.port, b"site/heartbeat", b"beat 7")
    checks = look(tmp_path, {
        "ping": (url, []),
        "kept": (url + "/site/heartbeat", ['body == "beat 7"']),
        "in": (login(f"mqtt://localhost:{closed.port}", "me", "right"), []),
        "out": (login(f"mqtt://localhost:{closed.port}", "me", "wrong"), []),
    })
    for name in ("ping", "kept", "in"):
        check(checks, name)
    check(checks, "out", "expectation", "refuses the login: it does not let us in")


def test_what_no_url_may_be(tmp_path):
    for text, wanted in {
        '"sftp://x/"': "must be a URL of smtp",
        '"smtp://x/?a"': "without a query",
        '"imap://x/a%0d%0ab"': "must be a URL of smtp",
        '{"url": "mqtt://x/", "request": "PING"}': "nothing to request of mqtt",
        '{"url": "imaps://x/", "tls": false}': "under TLS from the start",
        '{"url": "smtp://x/", "auth": {"password": "y"}}': "auth.user",
    }.items():
        path = tmp_path / "picket.yaml"
        path.write_text('{"endpoints": [{"name": "a", "url": ' + text + "}]}")
        answer = house.run(house.PICKETD, "-t", "-c", path)
        assert answer.returncode == 78 and wanted in answer.stderr, (text, answer.stderr)
