"""Rows S of the catalogue: what whoever reaches the socket can try."""

import array
import contextlib
import os
import pathlib
import random
import socket

import pytest

import house


def call(daemon):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Waits where many are before us: a timeout would make it fail at once, see unix(7).
    connection.connect(str(daemon.socket))
    connection.settimeout(house.PATIENCE)
    return connection


def say(daemon, text, piece=65536):
    """What is answered, or b"" where the connection ends without a word."""
    with call(daemon) as connection, contextlib.suppress(ConnectionError):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for at in range(0, len(text), piece):
                connection.sendall(text[at : at + piece])
        return connection.recv(65536)
    return b""


LARGE = {
    "a body of 100 MB": (b"POST /v1/reload HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n"
                         + b"x" * 200_000, (b" 413 ", b" 400 ")),
    "a header of 1 MB": (b"GET /v1/status HTTP/1.1\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
                         (b" 400 ", b" 413 ", b" 431 ")),
    "a URL of 1 MB": (b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
                      (b" 400 ", b" 413 ", b" 414 ")),
}


@pytest.mark.parametrize("name", LARGE)
def test_S4_too_large_a_request_is_refused(picketd, name):
    daemon = picketd("endpoints: []\n")
    text, wanted = LARGE[name]
    answer = say(daemon, text)
    # Who goes on writing may find the connection gone before the answer.
    assert not answer or any(status in answer for status in wanted), answer
    assert daemon.status()["pid"] == daemon.pid


DOUBLE = {
    "a length and chunks": b"POST /v1/reload HTTP/1.1\r\nContent-Length: 5\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/status HTTP/1.1\r\n\r\n",
    "a negative length": b"POST /v1/reload HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "a NUL in the path": b"GET /v1/stat\0us HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("name", DOUBLE)
def test_S5_what_can_be_read_in_two_ways_is_refused(picketd, name):
    daemon = picketd("endpoints: []\n")
    answer = say(daemon, DOUBLE[name])
    assert b" 400 " in answer or b" 404 " in answer, answer
    assert b"reloaded" not in daemon.logged().encode() and b" 200 " not in answer


WORDS = [b"GET ", b"POST ", b"/v1/status", b"/v1/endpoints", b"/v1/events?since=0", b"/", b"?", b"%",
         b"%00", b"&", b"=", b" HTTP/1.1", b" HTTP/9.9", b"\r\n", b"\n", b"\r", b"\0", b"Host: a",
         b"Content-Length: ", b"Transfer-Encoding: chunked", b"Connection: close", b":", b" ", b"\t",
         b"-1", b"18446744073709551616", b"ffffffffffffffff", b"\xff\xfe", b"x" * 9000, b"\r\n\r\n"]


def test_S11_noise_is_answered_or_ended_and_nothing_else(world, picketd):
    places = world()
    daemon = picketd("defaults: { interval: 1s, timeout: 900ms }\n"
                     f"endpoints: [{{ name: a, http: '{places.url('/a')}' }}]\n")
    places.wait("/a", 1)
    chance = random.Random(8)
    before = len(os.listdir(f"/proc/{daemon.pid}/fd"))
    for _ in range(3000):
        text = b"".join(chance.choices(WORDS, k=chance.randrange(1, 24)))
        with call(daemon) as connection:
            connection.setblocking(False)
            with contextlib.suppress(OSError):
                connection.send(text)
                connection.shutdown(socket.SHUT_WR)
    assert daemon.process.poll() is None
    hits = places.stats("/a")["endpoints"]["/a"]["hits"]
    places.wait("/a", hits + 2)
    # The last of them may be on their way out.
    with daemon.events("?since=0") as events:
        for _ in events:
            if len(os.listdir(f"/proc/{daemon.pid}/fd")) <= before + 2:
                break
    assert daemon.endpoint("a")["state"] == "up"


def test_S13_descriptors_that_are_handed_over_are_not_kept(picketd):
    daemon = picketd("endpoints: []\n")
    folder = pathlib.Path(f"/proc/{daemon.pid}/fd")
    daemon.status()
    with call(daemon) as connection, open("/dev/full", "rb") as given:
        handed = array.array("i", [given.fileno()] * 50)
        for piece in (b"GET /v1/sta", b"tus HTTP/1.1\r\nHost: a\r\n\r\n"):
            connection.sendmsg([piece], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handed)])
        assert b" 200 OK" in connection.recv(65536)
        assert "/dev/full" not in {os.readlink(one) for one in folder.iterdir()}
