"""Row P of the catalogue: what this host and whoever runs the daemon do to it."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

import house

BIG = 60000


def config(*endpoints, confirm="{ failures: 1, successes: 1 }", more=""):
    lines = [more, f"defaults: {{ interval: 1s, timeout: 900ms, confirm: {confirm} }}", "endpoints:"]
    return "\n".join(lines + [f"  - {{ {one} }}" for one in endpoints]) + "\n"


class Faults:
    """What goes wrong with the calls of a daemon: see shim.c."""

    def __init__(self, folder):
        if house.SLOWNESS > 1:
            pytest.skip("a sanitizer wants to be loaded before anything else")
        self.path = folder / "faults"
        self.set()
        shim = house.BUILD / "tests" / "faults" / "shim.so"
        self.env = {"LD_PRELOAD": str(shim), "FAULTS": str(self.path)}

    def set(self, **faults):
        """At once, or a reader could see half of it."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text("".join(f"{word} {number}\n" for word, number in faults.items()))
        fresh.rename(self.path)


@pytest.fixture
def faults(tmp_path):
    return Faults(tmp_path)


def pass_time(world, milliseconds):
    """Until the world has answered a question of ours that it takes so long for."""
    assert world.ask("GET", f"/delay/{milliseconds}/of-time")[0] == 200


def test_P3_what_the_judges_have_does_not_hold_up_the_end(world, picketd):
    places = world("/big/*: 200 json=5MB\n")
    lines = [f"name: big{i}, http: '{places.url(f'/big/{i}')}', timeout: 30s, interval: 30s,"
             " expect: ['any json $.items[*].name == \"nobody\"']" for i in range(24)]
    daemon = picketd(config(*lines, more="picket: { judges: 1, shutdown_grace: 1s,"
                            " max_per_host: 24, limits: { body: 8MiB } }"))
    daemon.ctl("check", "big*")
    while daemon.status()["judges"]["queued"] < 4:
        pass
    status, took = daemon.stop()
    assert status == 0
    # For as long as the grace is; what still waits for a judge then has no verdict.  To judge all
    # of it takes twenty seconds.
    assert took < 1 + 5 * house.SLOWNESS


def is_blocked(pid, number):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return bool(int(text.partition("SigBlk:")[2].split()[0], 16) >> (number - 1) & 1)


def test_P5_a_signal_before_it_is_ready_ends_it(picketd):
    text = "endpoints:\n" + "".join(
        f"  - {{ name: e{i}, http: 'http://127.0.0.1:9/{i}' }}\n" for i in range(BIG))
    daemon = picketd(text, wait=False)
    # Before that it has nothing to end; then the file takes it a while.
    while not is_blocked(daemon.pid, signal.SIGTERM):
        assert daemon.process.poll() is None
    status, _ = daemon.stop()
    assert status == 0
    assert not daemon.socket.exists()
    assert "is down" not in daemon.logged()


def test_P9_a_streak_goes_on_under_another_threshold(world, picketd):
    places = world("/bad: 503\n")
    one = f"name: bad, interval: 20d, http: '{places.url('/bad')}'"
    daemon = picketd(config(one, confirm="{ failures: 3, every: 1h }"))
    assert daemon.ctl("check", "bad", "--wait").returncode == 1
    assert daemon.ctl("check", "bad", "--wait").returncode == 1
    assert daemon.endpoint("bad")["confirming"] == {"to": "down", "seen": 2, "needed": 3}
    daemon.config.write_text(config(one, confirm="{ failures: 4, every: 1h }"))
    assert daemon.ctl("reload").returncode == 0
    daemon.ctl("check", "bad", "--wait")
    assert daemon.endpoint("bad")["confirming"] == {"to": "down", "seen": 3, "needed": 4}
    assert daemon.endpoint("bad")["state"] == "pending"
    daemon.ctl("check", "bad", "--wait")
    assert daemon.endpoint("bad")["state"] == "down"


def test_P15_a_store_that_lost_its_end_is_set_aside_loudly(world, picketd):
    places = world("/bad: 503\n")
    text = config(*[f"name: e{i}, http: '{places.url('/bad')}'" for i in range(50)])
    daemon = picketd(text)
    for i in range(50):
        daemon.wait_state(f"e{i}", "down")
    assert daemon.stop()[0] == 0
    path = daemon.state / "picket.db"
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)
    following = picketd(text, state=daemon.state)
    following.wait_state("e0", "down")
    assert following.status()["store"]["state"] == "ok"
    assert "picket.db.corrupt" in following.logged()
    assert (daemon.state / "picket.db.corrupt").exists()
    assert following.stop()[0] == 0
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM endpoints").fetchone()[0] == 50
    db.close()


def gaps(world, name):
    times = world.stats(name)["endpoints"][name]["arrivals"]
    return [(b - a) / 1e6 for a, b in zip(times, times[1:])]


def assert_no_check_moves(world, picketd, faults, **jump):
    """The daemon, when its clock has jumped so and checks went on."""
    places = world("/a: 200\n")
    daemon = picketd(config(f"name: a, http: '{places.url('/a')}'"), env=faults.env)
    places.wait("/a", 3)
    with daemon.events("?type=verdict&since=0") as events:
        before = next(iter(events))["seq"]
    faults.set(**jump)
    places.wait("/a", 8)
    apart = gaps(places, "/a")
    assert len(apart) >= 7
    # Neither at once nor in an hour: the first check alone is off the beat.
    assert all(gap > 0.5 for gap in apart[1:]), apart
    assert all(gap < 5 * house.SLOWNESS for gap in apart), apart
    with daemon.events("?type=verdict&since=0") as events:
        seen = [event for _, event in zip(range(8), events)]
    numbers = [event["seq"] for event in seen]
    assert numbers == sorted(set(numbers)) and numbers[0] >= before
    assert daemon.endpoint("a")["state"] == "up"
    return daemon


@pytest.mark.parametrize("jump", [86400, -3600])
def test_P16_a_wall_clock_that_jumps_moves_no_check(world, picketd, faults, jump):
    assert_no_check_moves(world, picketd, faults, clock=jump)


def test_T11_where_most_certificates_are_out_of_their_time_the_clock_is_doubted(
        world, picketd, faults, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    places = world("", "--tls", "127.0.0.1:0", "--tls-folder", folder)
    port, ca = places.ports["tls"][0], folder / "ca.pem"
    names = [f"good{i}.test" for i in range(4)] + ["expired.test"]
    daemon = picketd(config(*[
        f"name: {name}, tls: {{ address: '127.0.0.1:{port}', server_name: {name}, ca: '{ca}' }}"
        for name in names]), env=faults.env)
    daemon.wait_state("good0.test", "up")
    alone = daemon.wait_state("expired.test", "down")["last_check"]
    # One that has expired has expired.
    assert "clock" not in alone["reason"] and "is the clock" not in daemon.logged()
    faults.set(clock=400 * 86400)
    for name in names[:4]:
        assert daemon.wait_state(name, "down")["last_check"]["class"] == "tls_expired"
    daemon.wait_verdicts(1, lambda one: "is the clock of this host right?" in one.get("reason", ""))
    assert daemon.logged().count("out of their time: is the clock of this host right?") == 1
    faults.set()
    daemon.wait_state("good0.test", "up")
    for name in names[1:4]:
        daemon.wait_state(name, "up")
    assert "not in doubt any more" in daemon.logged()
    daemon.wait_verdicts(1, lambda one: one["endpoint"] == "expired.test"
                         and "clock" not in one["reason"])


def test_P17_a_second_that_comes_twice_moves_no_check(world, picketd, faults):
    """A leap second, as Linux has it: at its end CLOCK_REALTIME goes back by one (adjtimex(2))."""
    assert_no_check_moves(world, picketd, faults, clock=-1)


def test_P18_a_host_that_slept_makes_nothing_up_and_says_what_nobody_saw(world, picketd, faults):
    hours = 8
    daemon = assert_no_check_moves(world, picketd, faults, sleep=hours * 3600)
    # It notices by and by.
    with daemon.events("?type=verdict&since=0") as events:
        for _ in zip(range(300), events):
            past = daemon.get(f"/v1/endpoints/a/history?since={hours + 1}h")["time"]
            if past.get("unknown", 0) >= hours * 3600 - 60:
                break
    assert hours * 3600 - 60 <= past["unknown"] <= hours * 3600 + 60, past
    assert past["up"] > 0 and "down" not in past
    assert "is down" not in daemon.logged()


def test_P19_after_a_stop_nobody_is_down_and_nothing_is_made_up(world, picketd):
    places = world("/*: 200 delay=100ms\n")
    daemon = picketd(config(*[f"name: e{i}, http: '{places.url(f'/{i}')}'" for i in range(40)],
                            more="picket: { max_per_host: 40 }"))
    places.wait("/*", 2, 40)
    daemon.send(signal.SIGSTOP)
    places.forget()
    pass_time(places, 5000)
    daemon.send(signal.SIGCONT)
    places.wait("/*", 4, 40)
    seen = places.stats("/*")["endpoints"]
    for i in range(40):
        times = [at / 1e6 for at in seen[f"/{i}"]["arrivals"]]
        # One that was overdue, and then its beats: five were missed.
        assert times[3] - times[0] > 1.5, times
    assert all(one["state"] == "up" for one in daemon.endpoints().values())
    assert "is down" not in daemon.logged()


def test_P20_a_program_that_cannot_be_started_is_this_hosts_fault(picketd, faults):
    daemon = picketd(config("name: a, exec: [/bin/true]"), env=faults.env)
    daemon.wait_state("a", "up")
    faults.set(spawn=11)
    one = daemon.wait_state("a", "unknown")
    assert one["last_check"]["class"] == "local"
    assert "temporarily unavailable" in one["last_check"]["reason"]
    faults.set()
    daemon.wait_state("a", "up")
    assert "'a' is down" not in daemon.logged()


def test_P21_it_goes_on_with_the_threads_it_gets(world, picketd, faults):
    places = world()
    faults.set(thread=2)
    text = config(f"name: a, http: '{places.url('/a')}'", more="picket: { judges: 4 }")
    daemon = picketd(text, "--ephemeral", env=faults.env)
    assert daemon.status()["judges"]["threads"] == 2
    assert "only 2 of 4 judges could be started" in daemon.logged()
    daemon.wait_state("a", "up")


def test_P21_there_are_as_many_loops_as_threads_for_them(world, picketd, faults):
    places = world()
    text = config(*[f"name: e{i}, http: '{places.url('/a')}'" for i in range(12)],
                  more="picket: { judges: 1, loops: 4 }")
    for threads, loops in ((3, 3), (1, 1)):
        faults.set(thread=threads)
        daemon = picketd(text, "--ephemeral", env=faults.env)
        assert daemon.status()["loop"]["threads"] == loops
        assert f"only {loops} of 4 loops could be started" in daemon.logged()
        for i in range(12):
            daemon.wait_state(f"e{i}", "up")


def test_P21_without_a_loop_for_handshakes_the_first_one_makes_them(world, picketd, faults, tmp_path):
    places = world("", "--tls", "*:0=expired", "--tls-folder", tmp_path)
    faults.set(thread=1)
    daemon = picketd(config(f"name: a, tls: '127.0.0.1:{places.ports['tls'][0]}'",
                            more="picket: { judges: 1 }"), "--ephemeral", env=faults.env)
    assert daemon.wait_state("a", "down")["last_check"]["class"] == "tls_expired"
    assert daemon.status()["loop"]["threads"] == 1
    logged = daemon.logged()
    assert logged.count("no loop for handshakes of TLS can be started") == 1, logged
    assert "they are made on the first loop" in logged

    # It is tried for again, at a reload at the latest.
    faults.set()
    daemon.send(signal.SIGHUP)
    while daemon.status()["loop"]["threads"] == 1:
        pass
    assert "there is a loop for handshakes of TLS now" in daemon.logged()


def test_P27_a_further_loop_that_does_not_turn_is_noticed(world, picketd, faults):
    places = world()
    watcher = f"dead_man: {{ url: '{places.url('/alive')}', every: 1s }}"
    daemon = picketd(config(f"name: a, http: '{places.url('/a')}'",
                            more=f"picket: {{ loops: 2, {watcher} }}"), env=faults.env)
    with daemon.events("?since=0"):
        while daemon.status()["dead_man"]["state"] != "ok":
            pass
        faults.set(stuck=1)
        # Ten seconds after somebody wanted it to turn.
        while daemon.status()["dead_man"]["state"] != "withheld":
            pass
    assert "a loop does not turn" in daemon.logged()
    assert daemon.stop()[0] == 0


def test_P21_without_any_thread_it_does_not_start(tmp_path, faults):
    path = tmp_path / "picket.yaml"
    path.write_text("endpoints: []\n")
    faults.set(thread=0)
    end = house.run(house.PICKETD, "-c", path, "-s", tmp_path / "s", "--ephemeral",
                    env={**os.environ, **faults.env})
    assert end.returncode == 1
    assert "thread" in end.stderr and "not starting" in end.stderr


class MemoryGroup:
    """A control group with a bound of its own for memory, whichever version this host has."""

    def __init__(self, name):
        root = pathlib.Path("/sys/fs/cgroup")
        enabled = root / "cgroup.subtree_control"
        if enabled.exists() and "memory" in enabled.read_text().split():
            self.path, self.usage, self.bound = root / name, "memory.current", "memory.max"
        else:
            self.path = root / "memory" / name
            self.usage, self.bound = "memory.usage_in_bytes", "memory.limit_in_bytes"
        try:
            self.path.mkdir()
            self.bind(2**40)
        except OSError as error:
            pytest.skip(f"no control group for memory: {error}")
        self.words = ("sh", "-c", f'echo $$ >{self.path}/cgroup.procs && exec "$@"', "sh")

    def used(self):
        return int((self.path / self.usage).read_text())

    def bind(self, limit):
        (self.path / self.bound).write_text(str(limit))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        until = time.monotonic() + house.PATIENCE
        while time.monotonic() < until:
            # Who was killed may still be on the way out.
            with contextlib.suppress(OSError):
                self.path.rmdir()
                return


def test_P23_whom_the_kernel_kills_for_memory_knows_afterwards_what_it_knew(
        world, picketd, tmp_path):
    places = world("/bad: 503\n/big: 200 size=60MB\n")
    text = config(f"name: shop, http: '{places.url('/shop')}'", f"name: bad, http: '{places.url('/bad')}'",
                  f"name: big, http: '{places.url('/big')}', timeout: 60s, interval: 30d",
                  more="picket: { limits: { body: 64MiB } }")
    folder = tmp_path / "first"
    folder.mkdir()
    with MemoryGroup(f"picket-test-{os.getpid()}") as group:
        first = house.Picketd(folder, text, prefix=group.words)
        try:
            for name, state in [("shop", "up"), ("bad", "down"), ("big", "up")]:
                first.wait_state(name, state)
            known = {name: first.endpoint(name)["since"] for name in ("shop", "bad")}
            incident = first.get("/v1/incidents")["incidents"][0]["id"]
            # A second's rows are on the disk when it says so.
            places.wait("/shop", 1 + places.stats("/shop")["endpoints"]["/shop"]["hits"])
            group.bind(group.used() + 2**20)
            first.ctl("check", "big")
            assert first.process.wait(house.PATIENCE) == -signal.SIGKILL
        finally:
            first.kill()
    following = picketd(text, state=first.state)
    assert {name: following.endpoint(name)["since"] for name in known} == known
    assert [one["id"] for one in following.get("/v1/incidents")["incidents"]] == [incident]
    following.wait_state("shop", "up")
    assert following.status()["store"]["state"] == "ok"


def test_P24_few_descriptors_are_few_permits_and_a_warning(world, picketd):
    places = world()
    daemon = picketd(config(*[f"name: e{i}, http: '{places.url(f'/{i}')}'" for i in range(20)]),
                     prefix=("prlimit", "--nofile=64"))
    permits = daemon.status()["permits"]["max"]
    assert 0 < permits <= 32
    assert "descriptors" in daemon.logged() and "max_concurrent" in daemon.logged()
    for i in range(20):
        daemon.wait_state(f"e{i}", "up")


def test_P25_with_its_outputs_closed_it_works(world, picketd):
    places = world()
    daemon = picketd(config(f"name: a, http: '{places.url('/a')}'"),
                     prefix=("sh", "-c", 'exec "$@" >&- 2>&-', "sh"))
    daemon.wait_state("a", "up")
    assert daemon.logged() == ""
    # What it opened since did not become its output.
    for fd in (1, 2):
        link = pathlib.Path(f"/proc/{daemon.pid}/fd/{fd}")
        assert not os.path.lexists(link) or "picket" not in os.readlink(link), os.readlink(link)


# The journal is a folder of ours, and stderr the stream that it is told to be.
AS_JOURNAL = """
mkdir -p /run/systemd/journal && mount --bind {folder} /run/systemd/journal &&
JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$@"
"""


def test_P25_a_journal_that_does_not_read_makes_nobody_wait(world, picketd, tmp_path):
    folder = tmp_path / "journal"
    folder.mkdir()
    words = ("unshare", "--mount", "--", "sh", "-c", AS_JOURNAL.format(folder=folder), "sh")
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs a file system of its own")
    places = world()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(folder / "socket"))
        journal.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        daemon = picketd("defaults: { interval: 1s, timeout: 900ms }\nendpoints:\n" + "".join(
            f"  - {{ name: e{i}, http: '{places.url(f'/{i}')}' }}\n" for i in range(200)),
            "--verbose", prefix=words)
        # Each check is a line; far more than a queue of datagrams holds.
        places.wait("/*", 8, 200)
        first = journal.recv(65536)
        assert daemon.status()["pid"] == daemon.pid
        assert b"MESSAGE=" in first or b"MESSAGE\n" in first
        # What is read again is written again.
        journal.setblocking(False)
        while True:
            try:
                journal.recv(65536)
            except BlockingIOError:
                break
        journal.setblocking(True)
        journal.settimeout(house.PATIENCE)
        assert b"PRIORITY" in journal.recv(65536)
        assert daemon.stop()[0] == 0


def test_P28_a_socket_that_is_removed_is_made_again(world, picketd):
    daemon = picketd("endpoints: []\n")
    assert daemon.status()["pid"] == daemon.pid
    daemon.socket.unlink()
    until = time.monotonic() + house.PATIENCE
    while not daemon.socket.exists():
        assert time.monotonic() < until
    assert daemon.status()["pid"] == daemon.pid
    assert "socket" in daemon.logged() and "again" in daemon.logged()
    assert daemon.stop()[0] == 0
    assert not daemon.socket.exists()


def test_P29_a_hundred_thousand_endpoints_are_ready_soon(picketd):
    text = "defaults: { interval: 30d }\nendpoints:\n" + "".join(
        f"  - {{ name: e{i:05}, http: 'http://127.0.0.1:9/{i}' }}\n" for i in range(100_000))
    daemon = picketd(text, "--ephemeral")
    fields = pathlib.Path(f"/proc/{daemon.pid}/stat").read_text().rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    print(json.dumps({"CPU until READY (s)": cpu}))
    # Of CPU time: how long that is depends on who else runs here.
    assert cpu < 5 * house.SLOWNESS
    assert daemon.status()["config"]["endpoints"] == 100_000
