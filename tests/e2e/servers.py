"""Servers of a test's own, on loopback and ports that the kernel chose."""

import contextlib
import socket
import struct
import threading


class Talker:
    """Gives each connection to `script(connection)`, in a thread of its own, and closes it."""

    def __init__(self, script):
        self.script = script
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        with contextlib.suppress(OSError), connection:
            self.script(connection)

    def close(self):
        # Closing alone does not wake accept().
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def reset(connection):
    """Ends it with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def wait_closed(connection):
    """Until the other side has closed."""
    while connection.recv(65536):
        pass


def says(text):
    """A script: says this, and waits for the other side to close."""
    def script(connection):
        connection.sendall(text)
        wait_closed(connection)
    return script
