"""The probe url against real servers: logins, listings, and what they refuse."""

import json
import socket
import struct
import subprocess

import pytest

import house
import paramiko
import real
import servers
import sftp


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


def look(tmp_path, endpoints, timeout="30s", **more):
    path = tmp_path / "picket.yaml"
    path.write_text(json.dumps({**more, "defaults": {"timeout": timeout}, "endpoints": [
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


@pytest.fixture
def key():
    return paramiko.ECDSAKey.generate()


def sftp_server(folder, key, **more):
    """/inbox with two files, of which one has a name of two lines."""
    (folder / "inbox").mkdir()
    (folder / "inbox" / "one").write_text("hello")
    (folder / "inbox" / "t\nwo").write_text("")
    return sftp.Server(folder, key, **more)


def test_sftp(server, tmp_path, key):
    files = server(sftp_server, key)
    asks = server(sftp_server, key, methods=("keyboard-interactive",))
    url, known = f"sftp://localhost:{files.port}", {"host_key": sftp.fingerprint(key)}
    checks = look(tmp_path, {
        "where": (login(url, "me", "right", **known), ['body == "/\n"']),
        "folder": (login(url + "/inbox/", "me", "right", **known), ['body == "one\nt?wo\n"']),
        "home": (login(url + "/~/inbox/", "me", "right", **known), ['body contains "one"']),
        "file": (login(url + "/inbox/one", "me", "right", **known),
                 ["json $.size == 5", 'json $.type == "file"', "age(json $.modified) < 1d"]),
        "asks": (login(f"sftp://localhost:{asks.port}", "me", "right", **known), []),
        "in the url": (f"sftp://me:right@localhost:{files.port}/inbox", ['json $.type == "folder"']),
        "missing": (login(url + "/no", "me", "right", **known), []),
        "no folder": (login(url + "/no/", "me", "right", **known), []),
        "secret": (login(url + "/secret/", "me", "right", **known), []),
        "out": (login(url, "me", "wrong", **known), []),
        "out, asked": (login(f"sftp://localhost:{asks.port}", "me", "wrong", **known), []),
    })
    for name in ("where", "folder", "home", "file", "asks", "in the url"):
        check(checks, name)
        assert checks[name]["phases"]["tls"] > 0, checks[name]
    check(checks, "missing", "expectation", "refuses the file: no such file")
    check(checks, "no folder", "expectation", "refuses the folder: no such file")
    check(checks, "secret", "expectation", "refuses the folder: permission denied")
    check(checks, "out", "expectation", "refuses the login; it offers publickey,password")
    check(checks, "out, asked", "expectation", "refuses the login; it offers keyboard-interactive")
    for name, phase in {"missing": "transfer", "out": "first_byte"}.items():
        assert checks[name]["phase"] == phase, checks[name]


def test_sftp_of_a_real_sshd(server, tmp_path):
    ssh = server(real.sshd)
    strict = server(real.sshd, settings="MaxAuthTries 1\nCiphers chacha20-poly1305@openssh.com")
    curt = server(real.sshd, settings="MaxAuthTries 1")
    keys = subprocess.run(["ssh-keygen", "-lf", tmp_path / "server0" / "host_key.pub"], check=True,
                          capture_output=True, text=True).stdout.split()[1]
    url = f"sftp://localhost:{ssh.port}"
    checks = look(tmp_path, {
        "asked": ({"url": url, "host_key": ["SHA256:" + "A" * 43, keys]}, [
            "body matches /^SSH-2.0-OpenSSH/", f'body contains "ED25519 {keys}"',
            "body matches /^publickey$/m", "body matches /^password$/m"]),
        "out": (login(url, "me", "wrong", host_key=keys), []),
        "curt": (login(f"sftp://localhost:{curt.port}", "me", "wrong"), []),
        "strict": (f"sftp://localhost:{strict.port}", []),
    })
    check(checks, "asked")
    check(checks, "out", "expectation", "refuses the login; it offers publickey,password")
    check(checks, "curt", "expectation", "refuses to go on: Too many authentication failures")
    check(checks, "strict", "tls_failure", "there is no way to do it that both sides know")
    assert checks["strict"]["phase"] == "tls" and "wrong" not in str(checks)


def test_sftp_of_somebody_else_gets_no_secret(server, tmp_path, key):
    files = server(sftp_server, key)
    other = sftp.fingerprint(paramiko.ECDSAKey.generate())
    checks = look(tmp_path, {
        "other": (login(f"sftp://localhost:{files.port}", "me", "right", host_key=other), [])})
    check(checks, "other", "tls_untrusted",
          f"has another host key: {sftp.fingerprint(key)} (ECDSA), not {other}")
    assert checks["other"]["phase"] == "tls" and files.users == []


def test_sftp_lists_within_bounds(server, tmp_path, key):
    files = server(sftp_server, key)
    for i in range(300):
        (tmp_path / "server0" / "inbox" / f"many-{i}").touch()
    url = login(f"sftp://localhost:{files.port}/inbox/", "me", "right")
    checks = look(tmp_path, {"enough": (url, ['body contains "many"']),
                             "cut": (url, ['not body contains "last"'])},
                  picket={"limits": {"body": "1KiB"}})
    check(checks, "enough")
    check(checks, "cut", "body_too_large")


def says(*pieces, then=servers.wait_closed):
    def talk(connection):
        for piece in pieces:
            connection.sendall(piece)
        then(connection)

    return talk


def shut(connection):
    connection.shutdown(socket.SHUT_WR)
    servers.wait_closed(connection)


def reset_behind_a_word(connection):
    connection.recv(1)
    servers.reset(connection)


BANNER = b"SSH-2.0-rogue\r\n"
ROGUES = {
    "other": (says(b"220 mail\r\n", then=shut), "malformed_reply", "is not SSH: 220 mail"),
    "chatty": (says(b"x\n" * 1000), "malformed_reply", "is not SSH: x"),
    "endless": (says(b"x" * 100000), "malformed_reply", "is not SSH"),
    "nonsense": (says(BANNER, b"\0" * 64), "malformed_reply", "is not SSH"),
    "huge": (says(BANNER, b"\xff" * 64), "malformed_reply", "is not SSH"),
    "empty": (shut, "empty_reply", "without a word"),
    "short": (says(BANNER, then=shut), "partial_body", "in the middle"),
    "reset": (says(BANNER, then=reset_behind_a_word), "reset", "reset the connection"),
}


def test_sftp_servers_that_are_none(server, tmp_path):
    rogues = {name: server(lambda folder, talk: servers.Talker(talk), talk)
              for name, (talk, _, _) in ROGUES.items()}
    checks = look(tmp_path, {name: (login(f"sftp://127.0.0.1:{one.port}", "me", "right"), [])
                             for name, one in rogues.items()})
    for name, (_, cls, reason) in ROGUES.items():
        check(checks, name, cls, reason)
        assert checks[name]["phase"] == "tls", checks[name]


def test_sftp_servers_that_stall(server, tmp_path):
    talks = {"silent": says(), "stuck": says(BANNER), "waiting": says(b"220 mail\r\n")}
    rogues = {name: server(lambda folder, talk: servers.Talker(talk), talk)
              for name, talk in talks.items()}
    checks = look(tmp_path, {name: (f"sftp://127.0.0.1:{one.port}", [])
                             for name, one in rogues.items()},
                  timeout=f"{int(8 * house.SLOWNESS)}s")
    check(checks, "silent", "timeout", "no end of the key exchange")
    check(checks, "stuck", "timeout", "no end of the key exchange")
    check(checks, "waiting", "malformed_reply", "is not SSH: 220 mail")


def test_sftp_that_would_end_the_process(server, tmp_path, key):
    """libssh2 asserts that an encrypted packet is as long as the cipher wants it."""
    evil = server(sftp_server, key, through=lambda connection: sftp.Flipped(connection, 5))
    good = server(sftp_server, key)
    nothing = server(sftp_server, key, sftp=False)
    checks = look(tmp_path, {
        name: (login(f"sftp://localhost:{one.port}", "me", "right"), [])
        for name, one in {"evil": evil, "good": good, "nothing": nothing}.items()})
    check(checks, "evil", "malformed_reply", "is not SSH")
    check(checks, "good")
    check(checks, "nothing", "expectation", "refuses sftp")


def test_sftp_warns_of_a_password_for_anybody(tmp_path):
    path = tmp_path / "picket.yaml"
    for more, is_warned in {"": True, ', "host_key": "SHA256:' + "A" * 43 + '"': False}.items():
        path.write_text('{"endpoints": [{"name": "a", "url": {"url": "sftp://x:2022/", "auth": '
                        '{"user": "me", "password": "${env:HOME}"}' + more + "}}]}")
        answer = house.run(house.PICKETD, "-t", "-c", path)
        assert answer.returncode == 0
        assert ("ssh-keyscan -p 2022 x | ssh-keygen -lf -" in answer.stderr) == is_warned, answer


def test_what_no_url_may_be(tmp_path):
    for text, wanted in {
        '"scp://x/"': "must be a URL of smtp",
        '{"url": "sftp://x/", "request": "ls"}': "nothing to request of sftp",
        '{"url": "sftp://x/", "tls": true}': "nothing to do with TLS",
        '{"url": "sftp://x/", "host_key": "MD5:aa"}': "must be SHA256:",
        '{"url": "imaps://x/", "host_key": "SHA256:' + "A" * 43 + '"}': "is sftp's",
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
