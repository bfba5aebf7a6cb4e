"""The probe websocket: every class it can end in, and a real server."""

import asyncio
import base64
import hashlib
import json
import ssl
import threading

import pytest
import websockets

import house
import real
import servers
from test_http_classes import assert_ends, look


def accept_of(request):
    key = request.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
    return base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())


def upgrades(frames, end=False):
    """A script: upgrades as it should, sends this, and closes or waits."""
    def script(connection):
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept_of(request) +
            b"\r\n\r\n" + frames)
        if end:
            connection.shutdown(1)
        servers.wait_closed(connection)
    return script


def answers(text):
    def script(connection):
        connection.recv(4096)
        connection.sendall(text)
        servers.wait_closed(connection)
    return script


def flood(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 101 X\r\n")
    while True:
        connection.sendall(b"X-More: and more\r\n" * 100)


# What the server does, the class, the phase.
TALKS = [
    ("matches", upgrades(b"\x81\x02no\x81\x05ready"), None, None),
    ("refuses", answers(b"HTTP/1.1 403 Forbidden\r\n\r\n"), "malformed_reply", "transfer"),
    ("other", answers(b"SSH-2.0-x\r\n\r\n"), "malformed_reply", "transfer"),
    ("broken", upgrades(b"\xff\xff"), "malformed_reply", "transfer"),
    ("huge", upgrades(b"\x82\x7f\0\0\0\1\0\0\0\0"), "body_too_large", "transfer"),
    ("closes", upgrades(b"\x88\x02\x03\xe9"), "partial_body", "transfer"),
    ("ends", upgrades(b"", end=True), "partial_body", "transfer"),
    ("silent", servers.wait_closed, "timeout", "first_byte"),
    ("waits", upgrades(b"\x81\x02no"), "timeout", "transfer"),
    ("floods", flood, "headers_too_large", "transfer"),
]


def test_how_it_ends(talker, tmp_path):
    checks = look(
        tmp_path,
        [
            {
                "name": name,
                "websocket": {"url": f"ws://{talker(script).address}/", "expect": "^ready"},
                "timeout": "1s" if cls == "timeout" else "30s",
            }
            for name, script, cls, _ in TALKS
        ],
        1,
    )
    for name, _, cls, phase in TALKS:
        assert_ends(checks[name], name, cls, phase)


@pytest.fixture
def echo(tmp_path):
    """A real server that says everything again, over ws and wss."""
    key, cert = real.certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    loop, ports, up = asyncio.new_event_loop(), [], threading.Event()
    done = asyncio.Event()

    async def say_again(connection, *_):
        async for message in connection:
            await connection.send(message)

    async def serve():
        async with websockets.serve(say_again, "127.0.0.1", 0) as plain:
            async with websockets.serve(say_again, "127.0.0.1", 0, ssl=context) as secure:
                ports.extend(one.sockets[0].getsockname()[1] for one in (plain, secure))
                up.set()
                await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert up.wait(house.PATIENCE)
    yield ports[0], ports[1], cert
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


def test_a_real_server_upgrades_answers_pings_and_messages(echo, tmp_path):
    plain, secure, cert = echo
    tls = {"ca": str(cert), "server_name": "localhost"}
    says = {"send": '{"price": 7}', "expect": "price"}
    places = {"ws": f"ws://127.0.0.1:{plain}/", "wss": f"wss://127.0.0.1:{secure}/live?a=b"}
    checks = look(
        tmp_path,
        [{"name": f"{scheme} ping", "websocket": {"url": url, "tls": tls}}
         for scheme, url in places.items()] +
        [{"name": f"{scheme} echo", "websocket": {"url": url, "tls": tls, **says},
          "expect": ["json $.price == 7"]} for scheme, url in places.items()],
        0,
    )
    for name, check in checks.items():
        assert_ends(check, name, None, None)
        assert ("tls" in check["phases"]) == name.startswith("wss"), name


def test_once_takes_a_url(echo):
    answer = house.run(house.PICKETD, "--once", "--json", f"ws://127.0.0.1:{echo[0]}/")
    assert answer.returncode == 0, answer.stdout
    assert json.loads(answer.stdout)[0]["probe"] == "websocket"
