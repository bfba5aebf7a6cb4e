"""Every way in which a program can end, and what picket says of it."""

import contextlib
import json
import os
import pathlib
import select
import threading
import time

import house

# What the shell is to do, the style, the verdict, the class, the phase.
ENDS = [
    ("echo fine", "plain", "pass", None, None),
    ("exit 1", "plain", "fail", "exec_exit", "transfer"),
    ("exit 255", "plain", "fail", "exec_exit", "transfer"),
    ("kill -KILL $$", "plain", "fail", "exec_signal", "transfer"),
    ("sleep 1000", "plain", "fail", "timeout", "transfer"),
    ("trap '' TERM; sleep 1000 & while :; do sleep 100; done", "plain", "fail", "timeout", "transfer"),
    ("while :; do echo flood; done", "plain", "fail", "timeout", "transfer"),
    ("sleep 1000 & echo fine", "plain", "pass", None, None),
    ("echo 'A OK | a=1;2;3'", "nagios", "pass", None, None),
    ("echo 'A WARNING | a=2.5;2;3'; exit 1", "nagios", "warn", "exec_exit", "transfer"),
    ("echo 'A CRITICAL | a=4;2;3'; exit 2", "nagios", "fail", "exec_exit", "transfer"),
    ("echo 'A UNKNOWN'; exit 3", "nagios", "fail", "plugin_unknown", "transfer"),
    ("exit 4", "nagios", "fail", "plugin_unknown", "transfer"),
    ("exec /nowhere/at/all", "nagios", "fail", "plugin_unknown", "transfer"),
    ("kill -SEGV $$", "nagios", "fail", "exec_signal", "transfer"),
]


def look(tmp_path, config, status):
    path = tmp_path / "picket.yaml"
    path.write_text(json.dumps(config))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert answer.returncode == status, answer.stderr
    return {one["name"]: one["last_check"] for one in json.loads(answer.stdout)}


def shell(name, line, style="plain", timeout="30s", **more):
    return {
        "name": name,
        "timeout": timeout,
        "exec": {"command": ["/bin/sh", "-c", line], "style": style},
        **more,
    }


def test_how_programs_end(tmp_path):
    endpoints = [
        shell(f"e{i}", line, style, "2s" if cls == "timeout" else "30s")
        for i, (line, style, _, cls, _) in enumerate(ENDS)
    ]
    checks = look(tmp_path, {"endpoints": endpoints}, 1)
    for i, (line, _, verdict, cls, phase) in enumerate(ENDS):
        check = checks[f"e{i}"]
        assert check["verdict"] == verdict, (line, check)
        assert check.get("class") == cls, (line, check)
        assert check.get("phase") == phase, (line, check)
        assert abs(sum(check["phases"].values()) - check["latency"]) < 0.001, (line, check)


def test_what_cannot_be_run_is_unknown_and_says_why(tmp_path):
    cases = {
        "missing": ("#!/bin/sh\n", None, "No such file"),
        "forbidden": ("#!/bin/sh\n", 0o600, "Permission denied"),
        "nonsense": ("nonsense", 0o700, "no '#!' line"),
        "anybodys": ("#!/bin/sh\n", 0o777, "by everybody"),
    }
    endpoints = []
    for name, (text, mode, _) in cases.items():
        program = tmp_path / name
        if mode is not None:
            program.write_text(text)
            program.chmod(mode)
        endpoints.append({"name": name, "exec": {"command": str(program), "style": "nagios"}})
    checks = look(tmp_path, {"endpoints": endpoints}, 1)
    for name, (_, _, reason) in cases.items():
        check = checks[name]
        assert (check["class"], check["phase"]) == ("plugin_unknown", "request"), check
        assert reason in check["reason"], check
        # It did not run, so it took no time.
        assert "latency" not in check and check["phases"] == {}, check


def test_expectations_about_programs(tmp_path):
    perf = "echo \"DISK OK | /=2643MB;5948;5958 'time a'=20ms;1:;@15:30 x=42% n=7\""
    endpoints = [
        shell(
            "perf",
            perf,
            "nagios",
            expect=[
                "perf / < 3GB",
                "perf 'time a' == 20ms",
                "perf x > 40%",
                "perf n == 7",
                "perf.level / == 'ok'",
                "perf.level 'time a' == 'critical'",
                "not (perf nothing exists)",
                "exit == 0",
            ],
        ),
        shell("json", "echo '{\"items\": [1, 2]}'", expect=["count(json $.items[*]) == 2"]),
        shell("streams", "echo a; echo b >&2; exit 3",
              expect=['body == "a\n"'.replace("\n", "\\n"), 'stderr contains "b"', "exit in [0, 3]"]),
        shell("signal", "kill -TERM $$", expect=['class == "exec_signal"', "signal == 15"]),
    ]
    checks = look(tmp_path, {"endpoints": endpoints}, 0)
    for name, check in checks.items():
        assert check["verdict"] == "pass", (name, check)


def test_real_plugins(tmp_path):
    plugins = pathlib.Path("/usr/lib/nagios/plugins")

    def plugin(name, *words, **more):
        return {"name": name, "exec": {"command": [str(plugins / words[0]), *words[1:]],
                                       "style": "nagios"}, **more}

    checks = look(
        tmp_path,
        {
            "endpoints": [
                plugin("disk", "check_disk", "-w", "0%", "-c", "0%", "-p", "/",
                       expect=["perf / >= 0B", "perf.level / == 'ok'"]),
                plugin("full", "check_disk", "-w", "100%", "-c", "100%", "-p", "/"),
                plugin("warning", "check_dummy", "1", "so so"),
                plugin("unknown", "check_dummy", "3", "who knows"),
                plugin("closed", "check_tcp", "-H", "127.0.0.1", "-p", "1"),
            ]
        },
        1,
    )
    assert checks["disk"]["verdict"] == "pass", checks["disk"]
    for name, verdict, cls in [("full", "fail", "exec_exit"), ("warning", "warn", "exec_exit"),
                               ("unknown", "fail", "plugin_unknown"),
                               ("closed", "fail", "exec_exit")]:
        assert (checks[name]["verdict"], checks[name]["class"]) == (verdict, cls), checks[name]
    assert checks["warning"]["reason"] == "WARNING: so so"


def test_secrets_reach_the_program_and_nobody_else(picketd):
    daemon = picketd(
        json.dumps(
            {
                "endpoints": [
                    {
                        "name": "asks",
                        "interval": "1s",
                        "confirm": {"failures": 1},
                        "exec": {
                            "command": ["/bin/sh", "-c", 'echo "got $TOKEN"; exit 1'],
                            "env": {"TOKEN": "${env:PICKET_TEST_TOKEN}"},
                        },
                    }
                ]
            }
        ),
        env={"PICKET_TEST_TOKEN": "hush-hush"},
    )
    one = daemon.wait_state("asks", "down")
    assert one["evidence"]["body"] == "got ***\n"
    assert one["evidence"]["process"] == {"exit": 1}
    for text in (json.dumps(one), daemon.logged(), daemon.ctl("why", "asks").stdout):
        assert "hush" not in text
    assert "exit status  1" in daemon.ctl("why", "asks").stdout


def test_a_plugin_that_cannot_tell_leads_to_unknown(picketd):
    daemon = picketd(
        json.dumps(
            {
                "endpoints": [
                    shell("lost", "echo 'no database'; exit 3", "nagios", interval="1s",
                          confirm={"failures": 2, "every": "100ms"})
                ]
            }
        )
    )
    one = daemon.wait_state("lost", "unknown")
    assert one["last_check"]["class"] == "plugin_unknown"
    assert one["last_check"]["reason"] == "no database"


def descendants(pid):
    found = set()
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        found.update(map(int, (task / "children").read_text().split()))
    return found


def test_who_leaves_the_process_group_ends_with_the_check(picketd, tmp_path):
    left = tmp_path / "left"
    os.mkfifo(left)
    line = ("setsid -f sh -c 'trap \"\" TERM; exec 3>&-; setsid -f sleep 1000; sleep 1000'; "
            f"setsid -f sh -c 'echo $$ >{left}; exec sleep 1000' >/dev/null 2>&1; sleep 0.1")
    daemon = picketd(json.dumps({"endpoints": [shell("leaves", line, interval="10d")]}))
    threading.Thread(target=daemon.ctl, args=("check", "leaves"), daemon=True).start()
    pid = int(left.read_text())
    assert daemon.wait_verdicts(1)[0]["verdict"] == "pass"
    with contextlib.suppress(ProcessLookupError):
        gone = os.pidfd_open(pid)
        assert select.select([gone], [], [], house.PATIENCE)[0]
        os.close(gone)
    # The others of it too, and no zombie is left: there is nothing to wait for but that.
    until = time.monotonic() + house.PATIENCE
    while descendants(daemon.pid) and time.monotonic() < until:
        threading.Event().wait(0.02)
    assert not descendants(daemon.pid)


def descriptors(pid):
    """Those that may belong to programs."""
    found = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(os.readlink(fd))
    return {link for link in found if "pipe" in link or "pidfd" in link}


def test_two_hundred_programs_that_do_not_end(picketd, world):
    """Half ignore SIGTERM, some leave a grandchild on the pipe, some print without end; http
    goes on meanwhile, and nothing is left of them."""
    lines = [
        "trap '' TERM; while :; do sleep 100; done",
        "exec sleep 1000",
        "trap '' TERM; sleep 1000 & while :; do sleep 100; done",
        "trap '' TERM; while :; do echo flood; done",
        "sleep 1000 & exec yes",
        "sleep 1000 & exit 1",
    ]
    places = world()
    endpoints = [
        shell(f"exec{i}", lines[i % 6], timeout="60s" if i % 6 == 5 else "3s", interval="30d",
              confirm={"failures": 1})
        for i in range(200)
    ]
    endpoints += [
        {"name": f"http{i}", "http": places.url(f"/?{i}"), "interval": "1s", "timeout": "30s"}
        for i in range(20)
    ]
    daemon = picketd(json.dumps({"picket": {"exec_concurrent": 200}, "endpoints": endpoints}))
    own = descriptors(daemon.pid)
    answer = daemon.ctl("check", "exec*")
    assert answer.returncode == 0, answer.stderr
    seen = set()
    with daemon.events("?type=verdict&since=0") as events:
        for event in events:
            seen.add(event["endpoint"])
            if len(seen) == len(endpoints):
                break
    checks = {name: one["last_check"] for name, one in daemon.endpoints("?limit=500").items()}
    for i in range(200):
        check = checks[f"exec{i}"]
        # On a busy machine some do not even start in time.
        assert check["class"] in (["exec_exit"] if i % 6 == 5 else ["timeout", "local"]), check
    for i in range(20):
        assert checks[f"http{i}"]["verdict"] == "pass"
    # The last of them may be reaped a moment after their checks have ended.
    with daemon.events() as events:
        for _ in events:
            if not descendants(daemon.pid) and descriptors(daemon.pid) <= own:
                break
