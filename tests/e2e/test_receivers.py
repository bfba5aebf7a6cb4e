"""Ways to tell somebody: what each puts on its wire, and what no endpoint can make it put there."""

import contextlib
import email
import email.policy
import json
import os
import re
import socket
import stat
import urllib.request

import pytest

import house
import real
from sink import config, sink  # noqa: F401

# What an endpoint says, in its name and in its reason, to become something else than a text.
NASTY = "x\\r\\nBcc: all@example.com\\r\\n\\r\\n<b>hé</b>\\r\\n.\\r\\nRCPT TO:<all@example.com>"


def quiet(keys):
    return f"{keys}, group_wait: 0s, group_interval: 100ms, retry: {{ first: 100ms, max: 200ms }}"


def deliveries(daemon):
    """What was said of deliveries, one after the other."""
    with daemon.events("?type=notification&since=0") as events:
        yield from events


# --- exec ----------------------------------------------------------------------------------


def program(tmp_path, text):
    path = tmp_path / "tell"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_program_gets_the_message_on_its_input(world, picketd, tmp_path):
    places = world("/a: 503\n")
    path = program(
        tmp_path,
        f'test -e {tmp_path}/again || {{ touch {tmp_path}/again; echo "no $TOKEN" >&2; exit 3; }}\n'
        f'cat > {tmp_path}/input\necho "$*" > {tmp_path}/args\nenv > {tmp_path}/env\n',
    )
    daemon = picketd(
        config(
            places, ["a"],
            {"ops": quiet(f"exec: {{ command: [{path}, --to, us], env: {{ TOKEN: '${{env:TOKEN}}' }} }}")},
        ),
        env={"TOKEN": "hunter2-again"},
    )
    said = deliveries(daemon)
    first, second = next(said), next(said)
    assert not first["taken"] and first["detail"] == "exit status 3: no ***"
    assert second["taken"] and second["id"] == first["id"]
    message = json.loads((tmp_path / "input").read_text())
    assert message["id"] == first["id"] and message["incidents"][0]["endpoint"] == "a"
    assert (tmp_path / "args").read_text() == "--to us\n"
    variables = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert variables["PICKET_EVENT"] == "problem" and variables["PICKET_RECEIVER"] == "ops"
    assert variables["PICKET_NOTIFICATION"] == message["id"] and variables["TOKEN"] == "hunter2-again"
    assert "HOME" not in variables
    assert "hunter2" not in daemon.logged()


def test_a_program_that_hangs_is_ended_in_time(world, picketd, tmp_path):
    places = world("/a: 503\n")
    path = program(tmp_path, "exec sleep 1000\n")
    daemon = picketd(config(places, ["a"], {"ops": quiet(f"exec: [{path}], timeout: 300ms")}))
    said = deliveries(daemon)
    assert next(said)["detail"] == "it had not ended in time"
    # And while another one hangs the daemon ends as it should.
    next(said)


def test_a_webhook_has_a_timeout_of_its_own(world, picketd):
    """Within it, as beside it, which all ways to tell have: the inner one counts."""
    places = world("/a: 503\n")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        daemon = picketd(config(
            places, ["a"], {"ops": quiet(f"webhook: {{ url: '{url}', timeout: 300ms }}, timeout: 10m")}))
        said = deliveries(daemon)
        first, second = next(said), next(said)
    assert not first["taken"] and not second["taken"] and second["id"] == first["id"]
    shown = daemon.get("/v1/config?limit=1")["config"]["receivers"]["ops"]
    assert shown["webhook.timeout"]["value"] == "300ms" and shown["timeout"]["value"] == "10m"


def test_no_secret_gets_into_arguments(world, tmp_path, monkeypatch):
    places = world("/a: 200\n")
    path = tmp_path / "picket.yaml"
    monkeypatch.setenv("TOKEN", "hunter2-again")
    path.write_text(config(places, ["a"], {"ops": "exec: [/bin/true, '${env:TOKEN}']"}))
    refused = house.run(house.PICKETD, "--check", "-c", path)
    assert refused.returncode == 78 and "'env'" in refused.stderr + refused.stdout


# --- email ---------------------------------------------------------------------------------


@pytest.fixture
def exim(tmp_path):
    """A real server that keeps what it takes in its spool."""
    with contextlib.ExitStack() as stack:
        yield lambda *options, **more: stack.enter_context(
            contextlib.closing(real.exim(tmp_path, *real.certificate(tmp_path), *options, **more))
        )


def spooled(folder):
    """Envelope and mail of each that the server has taken, in its order."""
    found = []
    for header in sorted((folder / "input").glob("*-H"), key=os.path.getmtime):
        lines = header.read_text("utf-8", "surrogateescape").split("\n\n", 1)
        envelope = lines[0].split("\n")
        # NNNP Name: value, where NNN is how long that is.
        raw, rest = "", lines[1]
        while match := re.match(r"(\d{3})(.)\s?", rest):
            length = int(match[1])
            field = rest[match.end():].encode("utf-8", "surrogateescape")[:length]
            if match[2] != "*":
                raw += field.decode("utf-8", "surrogateescape")
            rest = rest[match.end():].encode("utf-8", "surrogateescape")[length:].decode(
                "utf-8", "surrogateescape")
        body = pathlib_body(header)
        found.append((envelope, email.message_from_string(raw + "\n" + body, policy=email.policy.default)))
    return found


def pathlib_body(header):
    data = header.with_name(header.name[:-1] + "D")
    return data.read_text("utf-8", "surrogateescape").split("\n", 1)[1]


MAIL = "email: {{ server: 'localhost:{port}', from: picket@example.com, to: [ops@example.com, boss@example.com], tls: {{ ca: {ca} }}{more} }}"


def test_a_real_mail_server_takes_it_over_tls(world, picketd, exim, tmp_path):
    server = exim()
    places = world("/a: 503\n")
    keys = MAIL.format(port=server.port, ca=tmp_path / "server.pem", more="")
    daemon = picketd(config(places, ["a"], {"ops": quiet(keys)}))
    first = next(deliveries(daemon))
    assert first["taken"] and first["detail"] == "mailed", first
    envelope, mail = spooled(tmp_path)[0]
    assert "<picket@example.com>" in envelope
    assert "ops@example.com" in envelope and "boss@example.com" in envelope
    assert any(line.startswith("--tls_cipher") or "tls_cipher" in line for line in envelope), envelope
    assert mail["Subject"].startswith("[picket] a is down: ") and "503" in mail["Subject"]
    assert mail["From"] == "<picket@example.com>" or "picket@example.com" in mail["From"]
    assert mail["Message-ID"] == f"<{first['id']}@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Date"]
    assert mail.get_body().get_content_type() == "text/plain"
    body = mail.get_body().get_content()
    assert "a: down\n" in body and "  reason " in body and first["id"] in body


def test_no_endpoint_writes_headers_or_commands(world, picketd, exim, tmp_path):
    server = exim()
    places = world("")
    keys = MAIL.format(port=server.port, ca=tmp_path / "server.pem", more="")
    path = program(tmp_path, f"printf '{NASTY}'\n")
    text = config(places, [], {"ops": quiet(keys)})
    text += f"  - name: 'é <x> Bcc: all@example.com'\n    exec: [{path}]\n"
    text += "    expect: ['body == \"fine\"']\n"
    daemon = picketd(text)
    assert next(deliveries(daemon))["taken"]
    envelope, mail = spooled(tmp_path)[0]
    assert not any("all@" in line for line in envelope)
    assert mail["Bcc"] is None and len(mail.get_all("Subject")) == 1
    assert mail["Subject"].startswith("[picket] é <x> Bcc: all@example.com is down"), mail["Subject"]
    body = mail.get_body().get_content()
    assert "\\r\\nBcc: all@example.com\\r\\n" in body, body
    assert "é <x> Bcc: all@example.com: down\n" in body
    assert "\nBcc:" not in body and "\n.\n" not in body


def test_who_will_not_have_it_is_named(world, picketd, exim, tmp_path):
    server = exim(rcpt="deny message = hunter2-again is no user\n  condition = ${if eq{$local_part}{boss}}\n  accept")
    places = world("/a: 503\n")
    keys = MAIL.format(port=server.port, ca=tmp_path / "server.pem", more="")
    daemon = picketd(config(places, ["a"], {"ops": quiet(keys)}))
    first = next(deliveries(daemon))
    assert first["taken"] and first["detail"].startswith("mailed, but not to all: 550 "), first
    envelope, _ = spooled(tmp_path)[0]
    assert "ops@example.com" in envelope and "boss@example.com" not in envelope


def test_without_tls_nothing_is_mailed_where_it_is_wanted(world, picketd, exim, tmp_path):
    server = exim(tls=False)
    places = world("/a: 503\n")
    keys = MAIL.format(port=server.port, ca=tmp_path / "server.pem", more="")
    daemon = picketd(config(places, ["a"], {"ops": quiet(keys)}))
    first = next(deliveries(daemon))
    assert not first["taken"] and first["detail"] == "localhost: it offers no STARTTLS", first


def test_a_server_that_is_not_trusted_gets_nothing(world, picketd, exim, tmp_path):
    server = exim()
    places = world("/a: 503\n")
    keys = MAIL.format(port=server.port, ca="/etc/ssl/certs/ca-certificates.crt", more="")
    daemon = picketd(config(places, ["a"], {"ops": quiet(keys)}))
    first = next(deliveries(daemon))
    assert not first["taken"] and first["detail"] == "localhost: its certificate does not verify", first
    assert not list((tmp_path / "input").glob("*-H"))


def test_a_server_is_logged_in_to(world, picketd, exim, tmp_path):
    server = exim(password="hunter2-again")
    places = world("/a: 503\n")
    for password, taken in (("hunter2-wrong", False), ("hunter2-again", True)):
        more = ", auth: { user: picket, password: '${env:PASSWORD}' }"
        keys = MAIL.format(port=server.port, ca=tmp_path / "server.pem", more=more)
        daemon = picketd(config(places, ["a"], {"ops": quiet(keys)}), env={"PASSWORD": password})
        first = next(deliveries(daemon))
        assert first["taken"] == taken, first
        if not taken:
            assert "does not take the user" in first["detail"]
        assert "hunter2" not in daemon.logged() and "hunter2" not in daemon.ctl("config").stdout


def test_addresses_are_looked_at(world, tmp_path):
    places = world("/a: 200\n")
    path = tmp_path / "picket.yaml"
    for keys, said in (
        ("server: h, from: a@b, to: ['x@y, z@y']", "must be an address"),
        ('server: h, from: "a@b\\r\\nBcc: c@d", to: [x@y]', "must be one line"),
        ("server: 'h/x', from: a@b, to: [x@y]", "HOST or HOST:PORT"),
        ("server: 'http://h', from: a@b, to: [x@y]", "smtp"),
        ("server: h, from: a@b, to: [x@y], auth: { user: u }", "go together"),
    ):
        path.write_text(config(places, ["a"], {"ops": f"email: {{ {keys} }}"}))
        refused = house.run(house.PICKETD, "--check", "-c", path)
        assert refused.returncode == 78 and said in refused.stderr + refused.stdout, (keys, refused)


# --- webhook -------------------------------------------------------------------------------


def test_a_preset_says_what_its_service_wants_and_hears_what_it_answers(world, picketd, sink):
    places = world("/a: 503\n")
    sink.answers = [(200, b'{"ok":false,"description":"chat not found"}'), (200, b'{"ok":true}')]
    keys = (
        "webhook: { preset: telegram, url: '%s', fields: { chat_id: '${env:CHAT}' } }" % sink.url("/bot1/sendMessage")
    )
    daemon = picketd(config(places, ["a"], {"ops": quiet(keys)}), env={"CHAT": "-100"})
    said = deliveries(daemon)
    first, second = next(said), next(said)
    assert not first["taken"] and "chat not found" in first["detail"], first
    assert second["taken"]
    _, path, headers, body = sink.next()
    assert path == "/bot1/sendMessage" and headers["Content-Type"] == "application/json"
    message = json.loads(body)
    assert message["chat_id"] == "-100" and message["text"].startswith("a is down: ")


def test_what_a_preset_needs_must_be_there(world, tmp_path):
    places = world("/a: 200\n")
    path = tmp_path / "picket.yaml"
    for keys, said in (
        ("preset: pagerduty, url: 'http://h/'", "'fields' needs a 'routing_key' for the preset pagerduty"),
        ("preset: slack, url: 'http://h/', body: x", "'preset' brings a body of its own"),
        ("url: 'http://h/', body: '${field:x}'", "'fields' needs a 'x'"),
        ("preset: slak, url: 'http://h/'", "slack"),
    ):
        path.write_text(config(places, ["a"], {"ops": f"webhook: {{ {keys} }}"}))
        refused = house.run(house.PICKETD, "--check", "-c", path)
        assert refused.returncode == 78 and said in refused.stderr + refused.stdout, (keys, refused)


def test_a_server_is_logged_in_to_and_its_echo_is_masked(world, picketd, sink):
    places = world("/a: 503\n")
    for auth, sent in (
        ("bearer: '${env:TOKEN}'", "Bearer hunter2-again"),
        ("basic: { user: me, password: '${env:TOKEN}' }", "Basic bWU6aHVudGVyMi1hZ2Fpbg=="),
    ):
        sink.answers = [(403, f"I heard {sent}".encode())]
        daemon = picketd(
            config(places, ["a"], {"ops": quiet("webhook: { url: '%s', auth: { %s } }" % (sink.url(), auth))}),
            env={"TOKEN": "hunter2-again"},
        )
        first = next(deliveries(daemon))
        assert first["detail"].startswith("status 403: I heard B") and first["detail"].endswith(" ***")
        assert sink.next()[2]["Authorization"] == sent
        assert sent.split()[1] not in daemon.logged() + daemon.ctl("config").stdout
        daemon.close()


# --- alertmanager --------------------------------------------------------------------------


def alertmanagers(tmp_path, stack, hook, count=2):
    """A cluster of real ones, whose own webhook goes to `hook`; their URLs, and how to start each."""
    config_path = tmp_path / "alertmanager.yml"
    config_path.write_text(json.dumps({
        "route": {"receiver": "hook", "group_by": ["..."], "group_wait": "1s",
                  "group_interval": "1s", "repeat_interval": "1h"},
        "receivers": [{"name": "hook", "webhook_configs": [{"url": hook, "send_resolved": True}]}],
    }))
    gossip = [real.free_port() for _ in range(count)]
    members = []
    for i in range(count):
        folder = tmp_path / f"member{i}"
        folder.mkdir()

        def command(port, i=i, folder=folder):
            peers = [f"--cluster.peer=127.0.0.1:{one}" for one in gossip if one != gossip[i]]
            return ["prometheus-alertmanager", f"--config.file={config_path}",
                    f"--web.listen-address=127.0.0.1:{port}", f"--storage.path={folder}",
                    f"--cluster.listen-address=127.0.0.1:{gossip[i]}",
                    "--cluster.settle-timeout=2s", *peers]

        members.append(stack.enter_context(
            contextlib.closing(real.Daemon(command, folder / "log"))))
    return members


def together(members):
    """Waits until each of the cluster knows all the others, without which each tells everything."""
    for one in members:
        while True:
            with urllib.request.urlopen(f"http://127.0.0.1:{one.port}/api/v2/status") as answer:
                cluster = json.load(answer)["cluster"]
            if cluster["status"] == "ready" and len(cluster["peers"]) == len(members):
                break


def test_a_cluster_of_real_alertmanagers_tells_each_change_once(world, picketd, sink, tmp_path):
    with contextlib.ExitStack() as stack:
        members = alertmanagers(tmp_path, stack, sink.url())
        together(members)
        places = world("/a: 503\n/b: 503\n")
        urls = ", ".join(f"'http://127.0.0.1:{one.port}'" for one in members)
        daemon = picketd(config(places, ["a", "b"], {"ops": f"alertmanager: [{urls}]"}).replace(
            "  interval: 1s", "  interval: 1s\n  labels: { team: web }"))
        first = next(deliveries(daemon))
        assert first["taken"] and first["detail"] == "taken by 2 of 2", first
        told = {}

        def hear(name, status):
            """Waits until the cluster tells this. What it tells again, unchanged, is its own business: it promises
            at least once, and a member that is long without a word from the other one does not wait for it."""
            while not told.get(name) or told[name][-1] != (status, identities[name]):
                for alert in json.loads(sink.next()[3])["alerts"]:
                    labels = alert["labels"]
                    assert labels["alertname"] == "PicketEndpoint"
                    assert labels["team"] == "web" and "severity" not in labels
                    assert "503" in alert["annotations"]["summary"]
                    identity = identities.setdefault(labels["endpoint"], (alert["fingerprint"], alert["startsAt"]))
                    assert identity == (alert["fingerprint"], alert["startsAt"]), "another alert for the same incident"
                    heard = told.setdefault(labels["endpoint"], [])
                    if heard[-1:] != [(alert["status"], identity)]:
                        heard.append((alert["status"], identity))

        identities = {}
        hear("a", "firing")
        hear("b", "firing")
        # One is restarted, and comes back without any alert; the other one is not.
        members[0].close()
        assert members[0].start()
        together(members)
        places.set("/a", "200")
        hear("a", "resolved")
        places.set("/b", "200")
        hear("b", "resolved")
        for name in "ab":
            assert [status for status, _ in told[name]] == ["firing", "resolved"], told


def test_what_lasts_is_sent_again_and_all_of_it_is_told(world, picketd, sink):
    places = world("/*: 503\n")
    daemon = picketd(config(places, [f"e{i}" for i in range(250)], {"ops": f"alertmanager: '{sink.url('')}'"}))
    seen, ends = {}, {}
    while len(seen) < 250 or min(seen.values()) < 2:
        status, path, _, body = sink.next()
        assert (status, path) == (200, "/api/v2/alerts")
        alerts = json.loads(body)
        assert len(alerts) <= 100
        for alert in alerts:
            name = alert["labels"]["endpoint"]
            seen[name] = seen.get(name, 0) + 1
            assert alert["endsAt"] > ends.get(name, "") and alert["startsAt"] < alert["endsAt"]
            ends[name] = alert["endsAt"]
    places.set("/*", "200")
    ended = set()
    while len(ended) < 250:
        for alert in json.loads(sink.next()[3]):
            if alert["labels"]["endpoint"] not in ended and alert["endsAt"] < ends[alert["labels"]["endpoint"]]:
                ended.add(alert["labels"]["endpoint"])


def test_one_member_that_takes_it_is_enough(world, picketd, sink):
    places = world("/a: 503\n")
    gone = real.free_port()
    daemon = picketd(config(places, ["a"], {"ops": f"alertmanager: ['http://127.0.0.1:{gone}', '{sink.url('')}']"}))
    first = next(deliveries(daemon))
    assert first["taken"] and first["detail"].startswith("taken by 1 of 2; 127.0.0.1: it refuses"), first
    assert daemon.ctl("notify-test", "ops").returncode == 0
