"""Rows N, T, D and L of the catalogue: what the network and its servers do to a check."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import sys
import threading

import pytest

import house
import rogue
from test_http_classes import OK, assert_ends, look


def config(*endpoints, confirm="{ failures: 1, successes: 1 }", more=""):
    lines = [more, f"defaults: {{ interval: 1s, timeout: 900ms, confirm: {confirm} }}", "endpoints:"]
    return "\n".join(lines + [f"  - {{ {one} }}" for one in endpoints]) + "\n"


# 8 MiB of zeros, as brotli(1) has it.
BROTLI = bytes.fromhex("9bffff7ff82700e2b14020f7fe0f")


def zstd_bomb(blocks):
    """So many blocks that say: this byte, 128 KiB times (RFC 8878, 3.1.1)."""
    head = b"\x28\xb5\x2f\xfd\x00\x38"
    return head + b"".join(
        (int(i == blocks - 1) | 1 << 1 | 1 << 17 << 3).to_bytes(3, "little") + b"\0"
        for i in range(blocks)
    )


@pytest.mark.parametrize("coding, bomb", [("br", BROTLI), ("zstd", zstd_bomb(64))],
                         ids=["br", "zstd"])
def test_N11_a_bomb_of_any_coding_is_cut_at_the_limit(tmp_path, coding, bomb):
    """8 MiB of a few bytes, under a limit of 1 MiB."""
    server = rogue.Rogue(rogue.says(OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (
        coding.encode(), len(bomb)), bomb))
    asked = {"url": f"http://127.0.0.1:{server.port}/", "compressed": True}
    checks = look(tmp_path, [
        {"name": "asks", "http": asked, "timeout": "45s", "expect": ['body contains "the end"']},
        {"name": "does not", "http": asked, "timeout": "45s", "expect": ["status == 200"]},
    ])
    server.stop()
    assert_ends(checks["asks"], coding, "body_too_large", "transfer")
    assert_ends(checks["does not"], coding, None, None)


def test_N16_behind_more_than_was_said_a_connection_is_not_used_again(picketd):
    answers = 0
    connections = 0

    def behave(connection):
        nonlocal answers, connections
        connections += 1
        while rogue.read_head(connection):
            answers += 1
            connection.sendall(OK + b"Content-Length: 2\r\n\r\nokHTTP/1.1 500 -\r\n\r\n")

    server = rogue.Rogue(behave)
    daemon = picketd(config(
        f"name: more, http: {{ url: 'http://127.0.0.1:{server.port}/', connection: reuse }}"))
    verdicts = daemon.wait_verdicts(3)
    assert [one["verdict"] for one in verdicts] == ["pass"] * 3
    server.stop()
    assert connections == answers >= 3


# --- A network of our own -----------------------------------------------------------------

# here -- router (in a namespace of its own) -- nowhere.
ROUTER = """
set -e
ip link set lo up
unshare --net sh -c 'echo $$; exec sleep 1000' >router.pid &
while ! test -s router.pid; do :; done
router=$(cat router.pid)
there() { nsenter --net=/proc/$router/ns/net "$@"; }
ip link add here type veth peer name there netns $router
ip address add 192.0.2.1/24 dev here
ip link set here up
there ip link set lo up
there ip address add 192.0.2.2/24 dev there
there ip link set there up
there sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
there ip route add 198.51.100.3 dev there
there ip route add prohibit 198.51.100.4
there sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit'
# One hop is not enough to get past the router.
echo 1 >/proc/sys/net/ipv4/ip_default_ttl
ip route add 198.51.100.0/24 via 192.0.2.2
"$@"
status=$?
kill $router
exit $status
"""


@pytest.fixture
def beyond(tmp_path):
    """Words before a command that put it beside a router."""
    assert shutil.which("ip"), "iproute2 is one of scripts/setup's"
    words = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--mount-proc",
             "--kill-child", "sh", "-c", f"cd {tmp_path}\n{ROUTER}", "sh"]
    made = subprocess.run([*words, "true"], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip("no network of our own here: " + made.stderr)
    (tmp_path / "router.pid").unlink()
    return words


# What it says of which address (RFC 792, RFC 1812 5.2.7.1).
ROUTER_SAYS = {"198.51.100.3": "too far", "198.51.100.4": "prohibited"}


def test_N28_what_a_router_says_is_unreachable_and_not_a_timeout(beyond, tmp_path):
    endpoints = []
    for host, says in ROUTER_SAYS.items():
        endpoints += [
            {"name": f"ping {says}", "timeout": "30s", "ping": {"host": host, "count": 1}},
            {"name": f"tcp {says}", "timeout": "30s", "tcp": f"{host}:80"},
        ]
    path = tmp_path / "picket.yaml"
    path.write_text(json.dumps({"endpoints": endpoints}))
    answer = house.run(*beyond, house.PICKETD, "--once", "--json", "-c", path)
    checks = {one["name"]: one["last_check"] for one in json.loads(answer.stdout)}
    assert len(checks) == 4
    for name, check in checks.items():
        print(name, check["reason"])
        assert_ends(check, name, "unreachable", "connect")
        # By what came back, and not by waiting for it.
        assert check["latency"] < 25


def test_N30_no_port_left_here_is_this_hosts_fault(tmp_path):
    """Of two ports both are taken by connections that stay; the third check gets none."""
    words = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c",
             "ip link set lo up; echo 40000 40001 >/proc/sys/net/ipv4/ip_local_port_range;"
             ' exec "$@"', "sh"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network of our own here")
    path = os.pathsep.join(sys.path)
    answer = house.run(*words, sys.executable, __file__, str(tmp_path),
                       env={**os.environ, "PYTHONPATH": path})
    assert answer.returncode == 0, answer.stderr
    check = json.loads(answer.stdout)
    assert_ends(check, "no port", "local", "connect")
    assert "ports" in check["reason"] or "address" in check["reason"], check


def look_without_ports():
    """In a network with two ports for those who connect."""
    server = rogue.Rogue(rogue.stalls, port=50000)
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(socket.create_connection(("127.0.0.1", 50000)))
        checks = look(pathlib.Path(sys.argv[1]), [
            {"name": "a", "http": "http://127.0.0.1:50000/", "timeout": "30s"}])
    server.stop()
    print(json.dumps(checks["a"]))


# --- This host ----------------------------------------------------------------------------


def descriptors(daemon):
    return [int(one.name) for one in pathlib.Path(f"/proc/{daemon.pid}/fd").iterdir()]


def test_N31_without_descriptors_it_is_unknown_and_comes_back_by_itself(world, picketd):
    places = world()
    daemon = picketd(config(f"name: a, http: '{places.url('/a')}'"))
    daemon.wait_state("a", "up")
    before = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    with daemon.events("?type=state&since=0") as events:
        # Nothing below is free, and nothing above is allowed.
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (3, before[1]))
        for event in events:
            if event.get("to") == "unknown":
                break
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, before)
        for event in events:
            if event.get("to") == "up":
                break
    shown = daemon.endpoint("a")
    assert shown["evidence"]["class"] == "local" and shown["evidence"]["phase"] == "connect"
    assert daemon.get("/v1/incidents")["incidents"][0]["endpoint"] is None
    assert "'a' is down" not in daemon.logged()


def test_N34_what_comes_and_goes_is_flapping_once_and_every_change_is_an_event(world, picketd):
    places = world("/flap: 200, 503, again\n")
    daemon = picketd(config(f"name: flap, http: '{places.url('/flap')}', interval_failing: 1s"))
    changes = []
    with daemon.events("?type=state&since=0") as events:
        for event in events:
            if event["type"] == "state":
                changes.append(event["to"])
            if "flapping" in daemon.endpoint("flap")["flags"] and len(changes) >= 8:
                break
    assert changes[:8] == ["up", "down"] * 4
    assert daemon.logged().count("'flap' is flapping") == 1


def test_T12_without_its_ca_an_endpoint_is_unknown_until_the_file_is_there(world, picketd, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    places = world("", "--tls", "127.0.0.1:0", "--tls-folder", folder)
    port = places.ports["tls"][0]
    ca = tmp_path / "ca.pem"
    daemon = picketd(config(
        f"name: a, http: {{ url: 'https://good.test:{port}/', connect_to: '127.0.0.1:{port}',"
        f" tls: {{ ca: '{ca}' }} }}"))
    one = daemon.wait_state("a", "unknown")
    assert (one["last_check"]["class"], one["last_check"]["phase"]) == ("local", "tls")
    assert str(ca) in one["last_check"]["reason"]
    shutil.copy(folder / "ca.pem", ca)
    daemon.wait_state("a", "up")
    assert "'a' is down" not in daemon.logged()


def test_L5_a_resolver_that_is_not_up_yet_makes_no_incident_of_an_endpoint(world, picketd):
    places = world("dns late.test: 127.0.0.1\n", "--http", "127.0.0.1:0", "--dns", "127.0.0.1:0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        # Of a port that is connected elsewhere the kernel says that nobody is there.
        taken.bind(("127.0.0.1", 0))
        taken.connect(("127.0.0.1", 9))
        port = taken.getsockname()[1]
        daemon = picketd(config(
            f"name: a, http: '{places.url('/', 'late.test')}'",
            more=f"picket: {{ resolver: {{ servers: ['127.0.0.1:{port}'] }} }}"))
        one = daemon.wait_state("a", "unknown")
        assert (one["last_check"]["class"], one["last_check"]["phase"]) == ("local", "resolve")
        assert [i["endpoint"] for i in daemon.get("/v1/incidents")["incidents"]] == [None]
    # It comes up: what it is asked goes to the world's.
    relay = Relay(port, places.ports["dns"])
    assert daemon.wait_state("a", "up")["last_check"]["verdict"] == "pass"
    relay.stop()
    assert "'a' is down" not in daemon.logged()


def test_D11_a_resolv_conf_that_names_nobody_is_warned_of(picketd, tmp_path):
    written = tmp_path / "resolv.conf"
    written.write_text("# nameserver 192.0.2.1\nsearch example.test\n")
    # The folder may be nobody's to write to, so the file is put over the one that is there.
    words = ("unshare", "--user", "--map-root-user", "--net", "--mount", "--", "sh", "-c",
             f'ip link set lo up; mount --bind {written} "$(realpath /etc/resolv.conf)" && exec "$@"',
             "sh")
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no files of our own here")
    daemon = picketd(config("name: a, http: 'http://shop.example.test/'"), prefix=words)
    check = daemon.wait_state("a", "unknown")["last_check"]
    assert (check["class"], check["phase"]) == ("local", "resolve")
    said = "resolv.conf has no line 'nameserver': names are asked of 127.0.0.1"
    assert daemon.logged().count(said) == 1, daemon.logged()
    # Mended in place, it is read again, and nothing more is said of it.
    written.write_text("nameserver 127.0.0.1\n")
    daemon.wait_verdicts(2)
    assert daemon.logged().count("names are asked of") == 1


class Relay:
    """A name server that asks another one."""

    def __init__(self, port, behind):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.port, self.behind = port, behind
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.settimeout(house.PATIENCE)
                other.sendto(query, ("127.0.0.1", self.behind))
                self.socket.sendto(other.recv(4096), peer)

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()


def test_D14_names_that_cannot_be_are_refused_where_they_stand(tmp_path):
    path = tmp_path / "picket.yaml"
    long = "x" * 64 + ".example"
    names = [long, "bücher.example", "a..example", ".".join(["abcdefghi"] * 26)]
    probes = ["http: 'http://{}/'", "tcp: '{}:5'", "tls: '{}:5'", "udp: {{ address: '{}:5', send: x }}",
              "ping: '{}'", "dns: {{ query: '{}', server: 127.0.0.1 }}"]
    lines = [f"  - {{ name: e{i}, {probe.format(name)} }}"
             for i, (probe, name) in enumerate((p, n) for p in probes for n in names
                              # A question may be about any bytes (RFC 2181, 11).
                              if n.isascii() or "dns" not in p)]
    path.write_text("endpoints:\n" + "\n".join(lines) + "\n")
    refused = house.run(house.PICKETD, "--check", "-c", path)
    assert refused.returncode == 78
    for i, line in enumerate(lines):
        assert f"picket.yaml:{i + 2}:" in refused.stderr, line
    path.write_text("endpoints:\n" + "\n".join(
        f"  - {{ name: e{i}, {probe.format('_under.score.example.')} }}"
        for i, probe in enumerate(probes)) + "\n")
    taken = house.run(house.PICKETD, "--check", "-c", path)
    assert taken.returncode == 0, taken.stderr


if __name__ == "__main__":
    look_without_ports()
