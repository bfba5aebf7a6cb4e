"""An SFTP server of paramiko's, on a port that the kernel chose: its logins are its own.

A real sshd lets in whom the host knows, and the tests make nobody known to it.
"""

import base64
import hashlib
import os
import socket
import threading

import paramiko

def fingerprint(key):
    """As ssh-keygen -l prints it."""
    return "SHA256:" + base64.b64encode(
        hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


class Flipped:
    """A connection on which, in the n-th piece that is sent, the last bit of a length is another."""

    def __init__(self, connection, n):
        self.connection, self.left = connection, n

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def send(self, data):
        self.left -= 1
        if self.left == 0:
            data = data[:3] + bytes([data[3] ^ 1]) + data[4:]
        return self.connection.send(data)


class Logins(paramiko.ServerInterface):
    """Lets in "me" with "right", by the methods that it is given, and notes who asked."""

    def __init__(self, methods, users):
        self.methods, self.users = methods, users

    def get_allowed_auths(self, username):
        self.users.append(username)
        return ",".join(self.methods)

    def judge(self, username, password):
        fits = username == "me" and password == "right"
        return paramiko.AUTH_SUCCESSFUL if fits else paramiko.AUTH_FAILED

    def check_auth_password(self, username, password):
        return self.judge(username, password) if "password" in self.methods else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username, submethods):
        self.username = username
        query = paramiko.InteractiveQuery("door", "who comes")
        query.add_prompt("colour: ", True)
        query.add_prompt("password: ", False)
        return query

    def check_auth_interactive_response(self, responses):
        # What is shown as it is typed gets no secret.
        if len(responses) != 2 or responses[0] != "":
            return paramiko.AUTH_FAILED
        return self.judge(self.username, responses[1])

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    """What is below `root`, which looks like /; /secret is nobody's business."""

    root = None

    def place(self, path):
        return self.root + self.canonicalize(path)

    def ask(self, path, how):
        if path.startswith("/secret"):
            return paramiko.SFTP_PERMISSION_DENIED
        try:
            return how(self.place(path))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def stat(self, path):
        return self.ask(path, lambda at: paramiko.SFTPAttributes.from_stat(os.stat(at)))

    def list_folder(self, path):
        return self.ask(path, lambda at: [
            paramiko.SFTPAttributes.from_stat(os.stat(os.path.join(at, name)), name)
            for name in sorted(os.listdir(at))])


class Server:
    """`through` is put between paramiko and each connection."""

    def __init__(self, root, key, methods=("publickey", "password"), sftp=True,
                 through=lambda connection: connection):
        self.key, self.methods, self.sftp, self.through = key, methods, sftp, through
        self.users = []
        self.files = type("Rooted", (Files,), {"root": str(root)})
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.transports = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                self.serve(self.listener.accept()[0])
        except OSError:
            pass

    def serve(self, connection):
        transport = paramiko.Transport(self.through(connection))
        self.transports.append(transport)
        transport.add_server_key(self.key)
        if self.sftp:
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
        try:
            transport.start_server(server=Logins(self.methods, self.users), event=threading.Event())
        except (EOFError, OSError, paramiko.SSHException):
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for transport in self.transports:
            transport.close()
