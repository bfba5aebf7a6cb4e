"""Servers that break rules below HTTP: what the world is too well-mannered for.

Each is a port of its own, with a function that has a connection (or a datagram) to itself.
"""

import contextlib
import socket
import struct
import threading


class Rogue:
    """A TCP server; `behave` gets each connection, which is closed when it returns."""

    def __init__(self, behave, address="127.0.0.1", port=0):
        self.behave = behave
        self.listener = socket.create_server((address, port))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve_one, args=(connection,), daemon=True).start()

    def serve_one(self, connection):
        # Whatever the other side does to it is the other side's business.
        with contextlib.suppress(OSError), connection:
            self.behave(connection)

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


def read_head(connection):
    """The head of a request, and what came with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            break
        data += more
    return data


def wait_end(connection):
    """Until the other side is gone: who closes first with something unread resets."""
    while connection.recv(65536):
        pass


def says(*pieces):
    """Answers a request with these bytes, and closes."""

    def behave(connection):
        read_head(connection)
        for piece in pieces:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        wait_end(connection)

    return behave


def says_without_end(first, again):
    def behave(connection):
        read_head(connection)
        connection.sendall(first)
        while True:
            connection.sendall(again)

    return behave


def says_and_resets(data):
    def behave(connection):
        read_head(connection)
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def says_early(data):
    """Before the request is complete."""

    def behave(connection):
        connection.recv(1)
        connection.sendall(data)
        wait_end(connection)

    return behave


def shuts_half(connection):
    """Says that it will say nothing, and goes on reading."""
    read_head(connection)
    connection.shutdown(socket.SHUT_WR)
    wait_end(connection)


def stalls(connection):
    """Takes what comes and says nothing."""
    wait_end(connection)


def says_first(data):
    """Bytes instead of what the other side's first message asks for."""

    def behave(connection):
        connection.recv(65536)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        wait_end(connection)

    return behave


def frame(kind, payload=b"", flags=0, stream=0):
    """Of HTTP/2 (RFC 9113, 4.1)."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream
    ) + payload


def http2(*frames, again=None):
    """Its settings, these frames, and then one of them without end."""

    def behave(connection):
        connection.recv(65536)
        connection.sendall(frame(4) + frame(4, flags=1) + b"".join(frames))
        while again:
            connection.sendall(again)
        wait_end(connection)

    return behave


def http2_early(*headers):
    """A whole reply once the request's head is there; of its body nothing is wanted (RFC 9113, 8.1)."""
    reply = b"\x88"
    for name, value in headers:
        # RFC 7541, 6.2.2.
        reply += b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value

    def behave(connection):
        with connection.makefile("rb") as stream:
            stream.read(24)
            kind = 0
            while kind != 1:
                head = stream.read(9)
                kind = head[3]
                stream.read(int.from_bytes(head[:3], "big"))
        connection.sendall(frame(4) + frame(1, reply, flags=5, stream=1)
                           + frame(3, bytes(4), stream=1))
        wait_end(connection)

    return behave


class Names:
    """A name server over UDP only; `answer` makes datagrams of a query."""

    def __init__(self, answer):
        self.answer = answer
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # A port that nobody listens on over TCP: bound there, and not opened.
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.bind(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.socket.bind(("127.0.0.1", self.port))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return
            for reply in self.answer(query):
                self.socket.sendto(reply, peer)

    def stop(self):
        # An empty datagram is the end.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()
        self.tcp.close()


def question_of(query):
    """The question section, and the type that is asked for."""
    end = 12
    while query[end]:
        end += query[end] + 1
    return query[12 : end + 5], struct.unpack(">H", query[end + 1 : end + 3])[0]


def reply_to(query, records=(), flags=0x8180, name=None):
    """An answer with these (type, rdata), all of the name that was asked for."""
    question, _ = question_of(query)
    head = query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
    body = b"".join(
        b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
        for kind, data in records
    )
    return head + (name or question) + body


def addresses(query, *texts):
    _, kind = question_of(query)
    return [(1, socket.inet_aton(text)) for text in texts] if kind == 1 else []
