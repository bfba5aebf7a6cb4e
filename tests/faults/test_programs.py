"""Rows X of the catalogue: what programs do to the daemon that runs them."""

import fcntl
import json
import pathlib
import signal
import time

import house


def config(*endpoints, **settings):
    """JSON is YAML."""
    defaults = {"interval": "1s", "timeout": "30s", "confirm": {"failures": 1, "successes": 1}}
    return json.dumps({"picket": settings, "defaults": defaults, "endpoints": list(endpoints)})


def program(path, text):
    fresh = path.with_suffix(".new")
    fresh.write_text("#!/bin/sh\n" + text)
    fresh.chmod(0o755)
    fresh.rename(path)
    return str(path)


def test_X3_who_leaves_the_group_of_a_program_ends_with_it(picketd, tmp_path):
    """Once with setsid(2), once as a daemon of its own: neither is in the group that is killed."""
    path = program(tmp_path / "leaves", f"""
setsid sh -c 'echo $$ >{tmp_path}/a.new; mv {tmp_path}/a.new {tmp_path}/a; exec sleep 1000' &
setsid -f sh -c 'setsid -f sh -c "
  trap : TERM
  echo \\$\\$ >{tmp_path}/b.new; mv {tmp_path}/b.new {tmp_path}/b
  while :; do sleep 1; done"' >/dev/null 2>&1
while ! test -e {tmp_path}/a -a -e {tmp_path}/b; do sleep 0.05; done
echo fine
""")
    daemon = picketd(config({"name": "leaves", "exec": path, "interval": "30d"}))
    daemon.wait_state("leaves", "up")
    until = time.monotonic() + house.PATIENCE
    for name in "ab":
        process = int((tmp_path / name).read_text())
        # Not even as a zombie.
        while pathlib.Path(f"/proc/{process}").exists():
            assert time.monotonic() < until
    # What they had started is the daemon's by now, until it ends.
    children = pathlib.Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children")
    while children.read_text().split():
        assert time.monotonic() < until, children.read_text()


def test_X5_what_a_program_prints_cannot_move_a_cursor(picketd, tmp_path):
    path = program(tmp_path / "nasty",
                   r"printf 'a\0b\033[2J\r\377\302\233x\n<0>forged\n'; exit 2" + "\n")
    daemon = picketd(config({"name": "nasty", "exec": {"command": path, "style": "nagios"}}))
    one = daemon.wait_state("nasty", "down")
    assert one["last_check"]["class"] == "exec_exit"
    assert one["last_check"]["reason"].isprintable(), one["last_check"]
    for text in (daemon.ctl("why", "nasty").stdout, daemon.ctl("status").stdout, daemon.logged()):
        assert not set("\0\x1b\r\x9b") & set(text), text
        assert not any(line.startswith("<0>") for line in text.splitlines())


def test_X10_no_shell_reads_arguments(tmp_path):
    path = tmp_path / "picket.yaml"
    words = ["; touch made", "$(touch made)", "`id`", "*", "-n", "--", "'\""]
    command = ["/usr/bin/printf", "%s|", *words]
    path.write_text(config({
        "name": "a", "exec": {"command": command, "cwd": str(tmp_path)},
        "expect": ["body == " + json.dumps("".join(word + "|" for word in words))],
    }))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert json.loads(answer.stdout)[0]["last_check"]["verdict"] == "pass", answer.stdout
    assert not (tmp_path / "made").exists()


def test_X12_a_thousand_programs_take_turns_and_delay_nobody_else(world, picketd):
    places = world()
    programs = [{"name": f"exec{i}", "exec": "/bin/true", "interval": "30d", "timeout": "300s"}
                for i in range(1000)]
    others = [{"name": f"http{i}", "http": places.url(f"/{i}")} for i in range(20)]
    daemon = picketd(config(*programs, *others, exec_concurrent=8, max_concurrent=2000))
    places.wait("/*", 1, 20)
    began = time.monotonic()
    with daemon.events("?type=verdict&since=0") as events:
        assert daemon.ctl("check", "exec*").returncode == 0
        seen = set()
        for event in events:
            if event["endpoint"].startswith("exec"):
                assert event["verdict"] == "pass", event
                seen.add(event["endpoint"])
                if len(seen) == 1000:
                    break
    took = time.monotonic() - began
    for one in places.stats("/*")["endpoints"].values():
        times = [at / 1e6 for at in one["arrivals"] if at / 1e6 > began]
        # Each second, however many programs wait.
        assert len(times) >= int(took) - 2, (took, times)
    assert {one["last_check"]["verdict"] for one in daemon.endpoints("?name=http*").values()} == {"pass"}


def test_X14_a_program_that_is_replaced_is_run_anew(picketd, tmp_path):
    path = program(tmp_path / "plugin", f"touch {tmp_path}/began; while ! test -e {tmp_path}/on; do"
                   " /bin/sleep 0.05; done; echo old\n")
    daemon = picketd(config({"name": "a", "exec": path, "expect": ['body contains "old"']}))
    until = time.monotonic() + house.PATIENCE
    while not (tmp_path / "began").exists():
        assert time.monotonic() < until
    program(tmp_path / "plugin", "echo new\n")
    (tmp_path / "on").touch()
    daemon.wait_state("a", "up")
    one = daemon.wait_state("a", "down")
    assert one["evidence"]["body"] == "new\n"


def test_L12_a_program_on_a_file_system_that_hangs_keeps_nobody_else(world, picketd, tmp_path):
    """Whoever runs a file that is on lease waits for the holder (fcntl(2), F_SETLEASE)."""
    places = world()
    path = tmp_path / "plugin"
    program(path, "echo fine\n")
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        with path.open("r+b") as held:
            fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            daemon = picketd(config(
                {"name": "hangs", "exec": str(path), "timeout": "2s"},
                *[{"name": f"exec{i}", "exec": "/bin/true"} for i in range(3)],
                {"name": "http", "http": places.url("/a")}))
            check = daemon.wait_state("hangs", "down")["last_check"]
            assert check["class"] == "timeout", check
            for _ in range(2):
                for name in ("exec0", "exec1", "exec2", "http"):
                    daemon.wait_verdicts(1, lambda one, name=name: one["endpoint"] == name
                                         and one["verdict"] == "pass")
            assert daemon.endpoint("hangs")["state"] == "down"
    finally:
        signal.signal(signal.SIGIO, before)
    # The file system answers again.
    daemon.wait_state("hangs", "up")
