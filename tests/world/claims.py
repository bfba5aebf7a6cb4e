#!/usr/bin/python3
"""claims - does the world do as it is told, and does it count right?  Prints TAP.

    claims.py WORLD

It is what other tests measure with, so it is measured first.
"""

import contextlib
import gzip
import http.client
import json
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import traceback

PATIENCE = 30
SCRIPT = """
/shop: 200, 500 x2, close, 204
/round: 200, 503, again
/flap: 200 for=300ms, 503 for=300ms, again
/dark-*: silent
127.0.3.*: 200 body=by%20host
127.0.4.1: reset at-accept
dns *.world.test: 127.0.0.7 127.0.0.8 ::1 ttl=30
dns alias.test: cname=a.world.test
dns mute.test: silent
dns big.test: 127.0.0.9 truncated
dns broken.test: servfail
"""


class World:
    def __init__(self, program, folder):
        with open(f"{folder}/script", "w", encoding="utf-8") as script:
            script.write(SCRIPT)
        self.folder = folder
        self.process = subprocess.Popen(
            [program, "--with-parent", "--http", "*:0", "--tls", "127.0.0.1:0", "--tls-folder",
             folder, "--dns", "127.0.0.1:0", script.name], stdout=subprocess.PIPE, text=True)
        self.ports = json.loads(self.process.stdout.readline())
        self.port = self.ports["http"][0]

    def connect(self, host="127.0.0.1", port=None):
        return socket.create_connection((host, port or self.port), PATIENCE)

    def get(self, path, host="127.0.0.1", method="GET", body=None):
        connection = http.client.HTTPConnection(host, self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer

    def raw(self, path):
        """All bytes until the connection ends."""
        with self.connect() as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            found = b""
            while piece := sock.recv(65536):
                found += piece
            return found

    def stats(self, name="*"):
        return json.loads(self.get(f"/_stats?match={name}")[1])

    def lookup(self, name, kind=1, over_tcp=False, timeout=PATIENCE):
        """(rcode, truncated, number of answers, the last four bytes)."""
        query = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0)
        query += b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        query += b"\0" + struct.pack(">2H", kind, 1)
        where = ("127.0.0.1", self.ports["dns"])
        if over_tcp:
            with socket.create_connection(where, timeout) as sock:
                sock.sendall(struct.pack(">H", len(query)) + query)
                answer = sock.recv(4096)[2:]
        else:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.settimeout(timeout)
                sock.sendto(query, where)
                answer = sock.recv(4096)
        _, flags, _, count, _, _ = struct.unpack(">6H", answer[:12])
        return flags & 15, bool(flags & 0x200), count, answer[-4:]


def steps_follow_each_other_and_the_last_one_stays(world):
    found = []
    for _ in range(6):
        try:
            found.append(world.get("/shop")[0])
        except http.client.RemoteDisconnected:
            found.append("closed")
    assert found == [200, 500, 500, "closed", 204, 204], found


def steps_start_over_where_that_is_said(world):
    assert [world.get("/round")[0] for _ in range(4)] == [200, 503, 200, 503]


def steps_of_a_time_do_not_depend_on_requests(world):
    seen, end = [], time.monotonic() + PATIENCE
    while len(seen) < 4 and time.monotonic() < end:
        status = world.get("/flap")[0]
        if not seen or seen[-1] != status:
            seen.append(status)
    assert seen in ([200, 503, 200, 503], [503, 200, 503, 200]), seen


def a_path_can_be_the_script(world):
    began = time.monotonic()
    status, body, _ = world.get("/delay/200/status/503/body/sorry%20all/x")
    assert (status, body) == (503, b"sorry all")
    assert time.monotonic() - began >= 0.2


def a_host_can_be_the_endpoint(world):
    assert world.get("/anything", "127.0.3.77")[1] == b"by host"
    assert world.stats()["endpoints"]["127.0.3.77"]["hits"] == 1


def bodies_have_the_size_that_was_asked_for(world):
    assert len(world.get("/size/5MB")[1]) == 5_000_000
    body = world.get("/json/5MB")[1]
    assert len(body) == 5_000_000 and json.loads(body)["status"] == "UP"
    packed = world.get("/gzip/json/1KB")
    assert packed[2].headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed[1]))["status"] == "UP"


def faults_are_what_they_are_called(world):
    head, _, body = world.raw("/half/size/1000").partition(b"\r\n\r\n")
    assert b"Content-Length: 1000" in head and len(body) == 500
    assert not world.raw("/close")
    assert b"HTTP/" not in world.raw("/garbage")
    assert b"Content-Length: 77" in world.raw("/length/77/last")
    try:
        world.raw("/reset")
        raise AssertionError("no reset")
    except ConnectionResetError:
        pass
    assert world.raw("/chunked/last/size/3").endswith(b"3\r\nThe\r\n0\r\n\r\n")


def what_is_endless_goes_on(world):
    for path, mark in (("/endless", b"1000\r\nxxxx"), ("/endless-headers", b"X-More: xxx")):
        with world.connect() as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            found = 0
            while found < 2_000_000:
                piece = sock.recv(65536)
                assert piece, "it ended"
                found += len(piece)
            while mark not in piece:
                piece += sock.recv(65536)


def a_fault_can_come_before_the_request(world):
    try:
        with world.connect("127.0.4.1") as sock:
            assert not sock.recv(1)
        raise AssertionError("no reset")
    except ConnectionResetError:
        pass


def redirects_count_down(world):
    status, _, answer = world.get("/redirect/2/x")
    assert (status, answer.headers["Location"]) == (302, "/redirect/1/x")
    assert world.get("/redirect/0/x")[0] == 200


def a_request_is_echoed(world):
    found = json.loads(world.get("/echo?a=b", method="POST", body="hello")[1])
    assert found["method"] == "POST" and found["target"] == "/echo?a=b", found
    assert found["body"] == "hello" and ["Content-Length", "5"] in found["headers"], found


def orders_change_a_rule_and_take_it_back(world):
    world.get("/_control/set?name=/round", method="POST", body="418")
    assert world.get("/round")[0] == 418
    world.get("/_control/restore", method="POST")
    assert world.get("/round")[0] == 200
    status, said, _ = world.get("/_control/set?name=/round", method="POST", body="200 dleay=3s")
    assert status == 400 and b"dleay" in said, said


def what_is_in_flight_is_counted(world):
    world.get("/_control/forget", method="POST")
    with contextlib.ExitStack() as stack:
        for i in range(20):
            sock = stack.enter_context(world.connect(f"127.0.9.{i % 4 + 1}"))
            request = f"GET /dark-{i} HTTP/1.1\r\nHost: 127.0.9.{i % 4 + 1}\r\n\r\n"
            sock.sendall(request.encode())
        assert world.get("/_wait?match=/dark-*&hits=1&endpoints=20")[0] == 200
        found = world.stats()
        assert found["in_flight"] == found["max_in_flight"] == 20, found
        assert found["hosts"]["127.0.9.1"]["in_flight"] == 5, found
    # Who hangs up before the next one comes was never there together with it.
    for _ in range(100):
        with world.connect() as sock:
            sock.sendall(b"GET /dark-x HTTP/1.1\r\nHost: y\r\n\r\n")
            assert world.get("/_wait?match=/dark-x&hits=1")[0] == 200
    found = world.stats()
    assert found["hosts"]["y"]["max_in_flight"] == 1, found["hosts"]["y"]
    assert found["in_flight"] == 0 and found["max_in_flight"] == 20, found
    assert found["left"] == 120, found


def arrivals_are_on_the_monotonic_clock(world):
    before = time.monotonic()
    world.get("/noted")
    world.get("/noted")
    after = time.monotonic()
    first, second = world.stats("/noted")["endpoints"]["/noted"]["arrivals"]
    assert before * 1e6 <= first <= second <= after * 1e6, (before, first, second, after)


def waiting_ends_in_time(world):
    assert world.get("/_wait?match=/never&hits=1&timeout=50ms")[0] == 504


def one_port_refuses_and_one_swallows(world):
    try:
        world.connect("127.0.5.5", world.ports["refused"])
        raise AssertionError("it was not refused")
    except ConnectionRefusedError:
        pass
    with socket.socket() as sock:
        sock.settimeout(0.3)
        try:
            sock.connect(("127.0.5.5", world.ports["swallowed"]))
            raise AssertionError("it was not swallowed")
        except TimeoutError:
            pass


def names_are_answered(world):
    assert world.lookup("a.world.test") == (0, False, 2, bytes([127, 0, 0, 8]))
    assert world.lookup("a.world.test", 28)[:3] == (0, False, 1)
    assert world.lookup("alias.test") == (0, False, 3, bytes([127, 0, 0, 8]))
    assert world.lookup("big.test")[:3] == (0, True, 0)
    assert world.lookup("big.test", over_tcp=True) == (0, False, 1, bytes([127, 0, 0, 9]))
    assert world.lookup("broken.test")[0] == 2
    assert world.lookup("nobody.test")[0] == 3
    try:
        world.lookup("mute.test", timeout=0.2)
        raise AssertionError("it was answered")
    except TimeoutError:
        pass
    assert world.stats()["dns"]["names"]["mute.test A"] == 1


def certificates_are_wrong_in_the_way_they_are_called(world):
    context = ssl.create_default_context(cafile=f"{world.folder}/ca.pem")
    found = {}
    for name in ("good", "expired", "misnamed", "selfsigned", "untrusted", "notyet", "weak"):
        try:
            with world.connect(port=world.ports["tls"][0]) as sock:
                context.wrap_socket(sock, server_hostname=f"{name}.shop.test").close()
            found[name] = "fine"
        except ssl.SSLCertVerificationError as fault:
            found[name] = fault.verify_message
    wanted = {"good": "fine", "expired": "expired", "misnamed": "mismatch",
              "selfsigned": "self-signed", "untrusted": "issuer", "notyet": "not yet",
              "weak": "too weak"}
    for name, said in wanted.items():
        assert said in found[name], (name, found[name])


CLAIMS = [
    steps_follow_each_other_and_the_last_one_stays,
    steps_start_over_where_that_is_said,
    steps_of_a_time_do_not_depend_on_requests,
    a_path_can_be_the_script,
    a_host_can_be_the_endpoint,
    bodies_have_the_size_that_was_asked_for,
    faults_are_what_they_are_called,
    what_is_endless_goes_on,
    a_fault_can_come_before_the_request,
    redirects_count_down,
    a_request_is_echoed,
    orders_change_a_rule_and_take_it_back,
    what_is_in_flight_is_counted,
    arrivals_are_on_the_monotonic_clock,
    waiting_ends_in_time,
    one_port_refuses_and_one_swallows,
    names_are_answered,
    certificates_are_wrong_in_the_way_they_are_called,
]


def main():
    failed = 0
    print(f"1..{len(CLAIMS)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        world = World(sys.argv[1], folder)
        for number, claim in enumerate(CLAIMS, 1):
            name = claim.__name__.replace("_", " ")
            try:
                claim(world)
                print(f"ok {number} - {name}", flush=True)
            except Exception:  # pylint: disable=broad-except  # a claim may fail in any way
                failed += 1
                print(f"not ok {number} - {name}")
                print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
        world.process.terminate()
        status = world.process.wait()
    return 1 if failed or status else 0


if __name__ == "__main__":
    sys.exit(main())
