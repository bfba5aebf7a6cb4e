#!/usr/bin/python3
"""claims - what must be true of picket.service; runs as root in a box, prints TAP.

The claims are looked at in their order, each leaves the service running and well.
Nothing sleeps: systemctl waits for jobs, and the journal is followed for the rest.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import traceback

CONFIG = pathlib.Path("/etc/picket/picket.yaml")
DROP_IN = pathlib.Path("/etc/systemd/system/picket.service.d/claims.conf")
SOCKET = "/run/picket/picket.sock"
PATIENCE = 60

STATE_CHANGED = "6f2b1a3c0d5e4f8b9a7c2e1d3f4b5a60"
STARTED = "0d7c5b9e2f184a6c8e3a1b2c4d5e6f71"
STOPPING = "a1b8c7d6e5f44a3b9c2d1e0f7a6b5c48"
RELOADED = "3e9d1c7b5a2f4860b1d8e7c6a5f4b392"
RELOAD_REFUSED = "9b3a7f1e6c2d4508a4e9d8c7b6f5a312"
# systemd's own, see its catalog
UNIT_STOPPED = "9d1aaa27d60140bd96365438aad20286"


def run(*words, fine=True):
    """A command to its end; its output, or (status, output) where it need not be fine."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=PATIENCE, check=False)
    if not fine:
        return done.returncode, done.stdout
    assert done.returncode == 0, f"{words}: status {done.returncode}\n{done.stdout}"
    return done.stdout


def shown(*names, unit="picket.service"):
    """Properties of the unit."""
    lines = run("systemctl", "show", unit, *(f"--property={name}" for name in names)).split("\n")
    return dict(line.split("=", 1) for line in lines if "=" in line)


def as_user(name, *words, fine=True):
    return run("setpriv", f"--reuid={name}", f"--regid={name}", "--init-groups", "--", *words,
               fine=fine)


def curl(path, *options):
    return ("curl", "--silent", "--show-error", "--max-time", "20", "--unix-socket", SOCKET,
            *options, f"http://picket{path}")


def status():
    return json.loads(run(*curl("/v1/status")))


def cursor():
    """A place in the journal: all that is logged from here on is new."""
    run("journalctl", "--sync")
    return re.search(r"-- cursor: (.*)", run("journalctl", "-n1", "--show-cursor")).group(1)


def has_fields(entry, fields):
    return all(entry.get(name) == value for name, value in fields.items())


def journal(since, **fields):
    """What the journal has now.

    Filtered here: with a match, journalctl 252 leaves out the first entry that matches
    behind a cursor that does not.
    """
    run("journalctl", "--sync")
    lines = run("journalctl", "-o", "json", "--after-cursor", since).splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    return [entry for entry in entries if has_fields(entry, fields)]


def wait_logged(since, that=lambda entry: True, **fields):
    """The first such entry, whether it is there already or comes yet."""
    follow = subprocess.Popen(
        ["timeout", str(PATIENCE), "journalctl", "-f", "-n", "all", "-o", "json",
         "--after-cursor", since], stdout=subprocess.PIPE, text=True)
    try:
        for line in follow.stdout:
            entry = json.loads(line)
            if has_fields(entry, fields) and that(entry):
                return entry
    finally:
        follow.terminate()
        follow.wait()
        follow.stdout.close()
    raise AssertionError(f"not logged within {PATIENCE} s: {fields}")


def configure(world, **more):
    """One good endpoint, one that never answers, and whatever else."""
    lines = [
        "picket: { shutdown_grace: 3s }",
        "defaults:",
        "  interval: 1s",
        "  timeout: 20s",
        "  confirm: { failures: 2, every: 200ms, successes: 1 }",
        "endpoints:",
        f"  - {{ name: shop, http: 'http://127.0.0.1:{world}/shop' }}",
        f"  - {{ name: mute, http: 'http://127.0.0.1:{world}/silent' }}",
    ]
    for name, path in more.items():
        lines.append(f"  - {{ name: {name}, http: 'http://127.0.0.1:{world}{path}' }}")
    CONFIG.write_text("\n".join(lines) + "\n")


def drop_in(*lines):
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text("\n".join(["[Service]", *lines]) + "\n")
    run("systemctl", "daemon-reload")


# --- The claims, in order ---------------------------------------------------


def the_unit_becomes_ready(world):
    configure(world)
    run("systemctl", "start", "picket.service")
    found = shown("ActiveState", "SubState", "StatusText", "NotifyAccess", "Type")
    assert found["ActiveState"] == "active" and found["SubState"] == "running", found
    assert found["Type"] == "notify", found
    assert "2 endpoints" in found["StatusText"], found


def it_runs_as_picket_and_may_only_ping(world):
    text = pathlib.Path(f"/proc/{shown('MainPID')['MainPID']}/status").read_text()
    facts = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    net_raw = 1 << 13
    assert int(facts["CapEff"], 16) == net_raw, facts["CapEff"]
    assert int(facts["CapBnd"], 16) == net_raw, facts["CapBnd"]
    assert facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2", facts
    assert facts["Uid"].split()[0] == run("id", "-u", "picket").strip(), facts["Uid"]


def a_member_of_the_group_reads_the_status(world):
    found = json.loads(as_user("reader", *curl("/v1/status")))
    assert found["config"]["endpoints"] == 2, found
    said = as_user("reader", "picketctl", "status", fine=False)
    assert "shop" in said[1], said


def a_stranger_does_not(world):
    code, said = as_user("stranger", *curl("/v1/status"), fine=False)
    assert code == 7, (code, said)


def a_reader_may_not_reload(world):
    said = as_user("reader", *curl("/v1/reload", "-X", "POST", "-w", "\n%{http_code}"))
    assert said.rstrip().endswith("403"), said
    code, said = as_user("reader", "picketctl", "reload", fine=False)
    assert code == 4, (code, said)


def a_connection_to_the_socket_starts_the_service(world):
    run("systemctl", "stop", "picket.service")
    assert shown("ActiveState", unit="picket.socket")["ActiveState"] == "active"
    found = json.loads(as_user("reader", *curl("/v1/status")))
    assert found["pid"] == int(shown("MainPID")["MainPID"]), found


def state_changes_are_in_the_journal_with_fields(world):
    since = cursor()
    run("curl", "-s", "-d", "503", f"http://127.0.0.1:{world}/_control/set?name=/shop")
    entry = wait_logged(since, MESSAGE_ID=STATE_CHANGED, PICKET_ENDPOINT="shop",
                        PICKET_STATE="down")
    assert entry["PICKET_CLASS"] == "expectation", entry
    assert "503" in entry["PICKET_REASON"], entry
    assert entry["_SYSTEMD_UNIT"] == "picket.service", entry
    run("curl", "-s", "-X", "POST", f"http://127.0.0.1:{world}/_control/restore")
    entry = wait_logged(since, MESSAGE_ID=STATE_CHANGED, PICKET_ENDPOINT="shop",
                        PICKET_STATE="up", PICKET_PREVIOUS="down")
    assert entry["PICKET_REASON"] == "", entry


def the_catalog_explains_them(world):
    run("journalctl", "--update-catalog")
    text = run("journalctl", "-x", f"MESSAGE_ID={STATE_CHANGED}", "PICKET_ENDPOINT=shop")
    assert "picketctl why shop" in text, text


def a_good_configuration_is_reloaded(world):
    since, pid = cursor(), shown("MainPID")["MainPID"]
    configure(world, extra="/extra")
    run("systemctl", "reload", "picket.service")
    assert status()["config"]["endpoints"] == 3, status()
    assert journal(since, MESSAGE_ID=RELOADED)
    assert shown("MainPID")["MainPID"] == pid


def a_bad_configuration_is_refused_and_says_why(world):
    since, pid = cursor(), shown("MainPID")["MainPID"]
    good = CONFIG.read_text()
    CONFIG.write_text(good + "  - { name: shop, htpp: 'http://127.0.0.1/' }\n")
    code, _ = run("systemctl", "reload", "picket.service", fine=False)
    assert code != 0
    found = shown("ActiveState", "MainPID")
    assert found == {"ActiveState": "active", "MainPID": pid}, found
    assert status()["config"]["endpoints"] == 3, status()
    assert journal(since, MESSAGE_ID=RELOAD_REFUSED)
    messages = [entry["MESSAGE"] for entry in journal(since, _SYSTEMD_UNIT="picket.service")]
    place = f"{CONFIG}:{len(good.splitlines()) + 1}:"
    assert any(place in message and "htpp" in message for message in messages), messages
    CONFIG.write_text(good)
    run("systemctl", "reload", "picket.service")


def a_hanging_loop_is_killed_and_started_again(world):
    drop_in("WatchdogSec=2s", "RestartSec=100ms")
    run("systemctl", "restart", "picket.service")
    since, before = cursor(), shown("MainPID", "NRestarts")
    os.kill(int(before["MainPID"]), 19)  # SIGSTOP
    wait_logged(since, lambda entry: "Watchdog timeout" in str(entry["MESSAGE"]), _PID="1")
    started = wait_logged(since, MESSAGE_ID=STARTED)
    after = shown("MainPID", "NRestarts")
    assert after["MainPID"] == started["_PID"] != before["MainPID"], (before, after)
    assert int(after["NRestarts"]) == int(before["NRestarts"]) + 1, (before, after)


def what_is_killed_is_started_again_and_knows_what_it_knew(world):
    """As the kernel kills for want of memory, which is a failure too: see Restart=."""
    drop_in("WatchdogSec=2s", "RestartSec=100ms")
    run("systemctl", "restart", "picket.service")
    before = shown("MainPID", "NRestarts")
    known = json.loads(run(*curl("/v1/endpoints/shop")))
    assert known["state"] == "up", known
    since = cursor()
    os.kill(int(before["MainPID"]), 9)
    started = wait_logged(since, MESSAGE_ID=STARTED)
    after = shown("MainPID", "NRestarts", "Result")
    assert after["MainPID"] == started["_PID"] != before["MainPID"], (before, after)
    assert int(after["NRestarts"]) == int(before["NRestarts"]) + 1, (before, after)
    again = json.loads(run(*curl("/v1/endpoints/shop")))
    assert (again["state"], again["since"]) == ("up", known["since"]), (known, again)


def the_watchdog_leaves_a_turning_loop_alone(world):
    since, pid = cursor(), shown("MainPID")["MainPID"]
    # Longer than three periods of the two seconds that the drop-in sets.
    hits = 8 + json.loads(run("curl", "-s", f"http://127.0.0.1:{world}/_stats"))[
        "endpoints"]["/shop"]["hits"]
    run("curl", "-sf", f"http://127.0.0.1:{world}/_wait?match=/shop&hits={hits}&timeout=50s")
    assert shown("MainPID")["MainPID"] == pid
    assert not [entry for entry in journal(since, _PID="1") if "Watchdog" in entry["MESSAGE"]]


def it_stops_within_the_grace(world):
    since = cursor()
    hits = 1 + json.loads(run("curl", "-s", f"http://127.0.0.1:{world}/_stats"))[
        "endpoints"]["/silent"]["hits"]
    run("systemctl", "restart", "picket.service")
    run("curl", "-sf", f"http://127.0.0.1:{world}/_wait?match=/silent&hits={hits}&timeout=50s")
    since = cursor()
    run("systemctl", "stop", "picket.service")
    found = shown("Result", "ExecMainStatus", "ActiveState")
    assert found == {"Result": "success", "ExecMainStatus": "0", "ActiveState": "inactive"}, found
    said = journal(since, MESSAGE_ID=STOPPING)[0]
    gone = journal(since, MESSAGE_ID=UNIT_STOPPED, UNIT="picket.service")[0]
    took = (int(gone["__MONOTONIC_TIMESTAMP"]) - int(said["__MONOTONIC_TIMESTAMP"])) / 1e6
    assert took < 3, f"{took} s from STOPPING to the unit's end"
    # What was quick may have come up meanwhile; what was in flight has not failed.
    fallen = [one for one in journal(since, MESSAGE_ID=STATE_CHANGED)
              if one["PICKET_STATE"] != "up"]
    assert not fallen, fallen
    run("systemctl", "start", "picket.service")


def a_faulty_file_at_the_start_is_not_tried_for_ever(world):
    since, good = cursor(), CONFIG.read_text()
    run("systemctl", "stop", "picket.service", "picket.socket")
    CONFIG.write_text("endpoints: [ { name: shop, intervall: 3s } ]\n")
    code, _ = run("systemctl", "start", "picket.service", fine=False)
    found = shown("ActiveState", "SubState", "ExecMainStatus", "NRestarts")
    assert code != 0
    assert found["ActiveState"] == "failed" and found["SubState"] == "failed", found
    assert found["ExecMainStatus"] == "78" and found["NRestarts"] == "0", found
    messages = [entry["MESSAGE"] for entry in journal(since, _SYSTEMD_UNIT="picket.service")]
    assert any(f"{CONFIG}:1:" in message and "interval" in message for message in messages), messages
    CONFIG.write_text(good)
    run("systemctl", "reset-failed", "picket.service", "picket.socket")
    run("systemctl", "start", "picket.service")


def a_credential_reaches_the_request(world):
    good = CONFIG.read_text()
    token = pathlib.Path("/etc/picket/token")
    token.write_text("tell-nobody")
    token.chmod(0o600)
    drop_in("LoadCredential=token:/etc/picket/token")
    CONFIG.write_text(good + "\n".join([
        "  - name: login",
        "    http:",
        f"      url: http://127.0.0.1:{world}/echo",
        "      auth: { bearer: '${credential:token}' }",
        "    expect:",
        "      - body matches /\"Bearer tell-[n]obody\"/",
    ]) + "\n")
    since = cursor()
    run("systemctl", "restart", "picket.service")
    wait_logged(since, MESSAGE_ID=STATE_CHANGED, PICKET_ENDPOINT="login", PICKET_STATE="up")
    assert "tell-nobody" not in run(*curl("/v1/endpoints/login"))
    assert "tell-nobody" not in run("journalctl", "--after-cursor", since)
    CONFIG.write_text(good)


def it_may_come_from_an_interface(world):
    good = CONFIG.read_text()
    CONFIG.write_text(good + f"  - {{ name: near, http: {{ url: 'http://127.0.0.1:{world}/near',"
                             " source: lo }, expect: [status == 200] }\n")
    since = cursor()
    run("systemctl", "reload", "picket.service")
    wait_logged(since, MESSAGE_ID=STATE_CHANGED, PICKET_ENDPOINT="near", PICKET_STATE="up")
    CONFIG.write_text(good)
    run("systemctl", "reload", "picket.service")


# What each needs that the unit does not allow.
PLUGINS = {
    "load": "#!/bin/sh\nread -r load rest </proc/loadavg || exit 2\necho \"load $load\"\n",
    "processes": "#!/bin/sh\n[ -e /proc/1/comm ]\n",
    "compiler": "#!/usr/bin/python3\nimport mmap\n"
                "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n",
    "priority": "#!/usr/bin/python3\nimport os\nos.setpriority(os.PRIO_PROCESS, 0, 10)\n",
}


def exposure():
    text = run("systemd-analyze", "--no-pager", "security", "picket.service", fine=False)[1]
    return float(re.search(r"Overall exposure level for .*: ([0-9.]+) ", text).group(1))


def wait_all(since, state):
    for name in PLUGINS:
        wait_logged(since, MESSAGE_ID=STATE_CHANGED, PICKET_ENDPOINT=name, PICKET_STATE=state)


def plugins_that_need_more_get_it_by_the_drop_in(world):
    good = CONFIG.read_text()
    for name, text in PLUGINS.items():
        path = pathlib.Path("/usr/local/bin") / f"check-{name}"
        path.write_text(text)
        path.chmod(0o755)
    CONFIG.write_text(good + "".join(
        f"  - {{ name: {name}, exec: [/usr/local/bin/check-{name}] }}\n" for name in PLUGINS))
    since = cursor()
    run("systemctl", "restart", "picket.service")
    wait_all(since, "down")
    before = exposure()
    example = next(pathlib.Path("/usr").rglob("doc/picket/examples/plugins.conf"))
    run("install", "-D", "-m", "644", example, DROP_IN.with_name("plugins.conf"))
    run("systemctl", "daemon-reload")
    since = cursor()
    run("systemctl", "restart", "picket.service")
    wait_all(since, "up")
    assert f"from {before} to {exposure()}" in example.read_text().replace("\n# ", " "), exposure()
    DROP_IN.with_name("plugins.conf").unlink()
    CONFIG.write_text(good)
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", "picket.service")


CLAIMS = [
    the_unit_becomes_ready,
    it_runs_as_picket_and_may_only_ping,
    a_member_of_the_group_reads_the_status,
    a_stranger_does_not,
    a_reader_may_not_reload,
    a_connection_to_the_socket_starts_the_service,
    state_changes_are_in_the_journal_with_fields,
    the_catalog_explains_them,
    a_good_configuration_is_reloaded,
    a_bad_configuration_is_refused_and_says_why,
    a_hanging_loop_is_killed_and_started_again,
    what_is_killed_is_started_again_and_knows_what_it_knew,
    the_watchdog_leaves_a_turning_loop_alone,
    it_stops_within_the_grace,
    a_faulty_file_at_the_start_is_not_tried_for_ever,
    a_credential_reaches_the_request,
    it_may_come_from_an_interface,
    plugins_that_need_more_get_it_by_the_drop_in,
]


def main():
    run("useradd", "--user-group", "reader", "--groups", "picket")
    run("useradd", "--user-group", "stranger")
    world = subprocess.Popen(["world", "--with-parent"], stdout=subprocess.PIPE, text=True)
    port = json.loads(world.stdout.readline())["http"][0]
    failed = 0
    print(f"1..{len(CLAIMS)}", flush=True)
    for number, claim in enumerate(CLAIMS, 1):
        name = claim.__name__.replace("_", " ")
        try:
            claim(port)
            print(f"ok {number} - {name}", flush=True)
        except Exception:  # pylint: disable=broad-except  # a claim may fail in any way
            failed += 1
            print(f"not ok {number} - {name}")
            print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
            # So that the next claim is about itself.
            configure(port)
            run("systemctl", "reset-failed", "picket.service", "picket.socket", fine=False)
            run("systemctl", "restart", "picket.service", fine=False)
    if failed:
        print("# " + run("journalctl", "-b", "-n", "80", "-u", "picket.service", "-u",
                         "picket.socket").replace("\n", "\n# "))
    world.terminate()
    world.wait()
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
