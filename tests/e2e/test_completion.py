"""What bash offers behind picketctl: commands, options, and names that the daemon has."""

import os
import pathlib

import house

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def complete(*words):
    script = (f"source {ROOT}/conf/picketctl.bash; COMP_WORDS=(\"$@\"); "
              "COMP_CWORD=$(($# - 1)); _picketctl; "
              "((${#COMPREPLY[@]})) && printf '%s\\n' \"${COMPREPLY[@]}\"")
    answer = house.run("bash", "-c", script, "bash", "picketctl", *words,
                       env={**os.environ, "PATH": f"{house.PICKETCTL.parent}:{os.environ['PATH']}"})
    assert answer.stderr == ""
    return answer.stdout.split("\n")[:-1]


def test_bash_completes_commands_options_and_names(world, picketd):
    places = world("/*: 200\n")
    lines = ["endpoints:"]
    for name in ("web", "pay", "imap", "smtp", "one-$x;y", "one-b:c"):
        lines.append(f"  - {{ name: '{name}', http: '{places.url()}' }}")
    daemon = picketd("\n".join(lines) + "\n")
    assert complete("wh") == ["why"]
    assert {"status", "why", "reload", "help"} <= set(complete(""))
    assert complete("status", "--s") == ["--socket", "--state"]
    assert complete("status", "--state", "d") == ["degraded", "down"]
    asked = ("-s", daemon.socket)
    assert complete(*asked, "why", "") == [
        "imap", "one-\\$x\\;y", "one-b:c", "pay", "smtp", "web"]
    assert complete(*asked, "--json", "pause", "web", "sm") == ["smtp"]
    assert complete(*asked, "check", "none") == []
    assert complete("-s", daemon.folder / "none.sock", "check", "w") == []
    assert daemon.ctl("names", "*m*").stdout == "imap\nsmtp\n"
