"""The live view on a terminal of ours, as people see it; and lines without one."""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import house

PART = re.compile(rb"(\x1b(\[[?0-9;]*)?)?\Z")
TOKEN = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])|(.)", re.S)


class Terminal:
    """Just enough of a terminal for what picketctl sends; anything else is a fault."""

    def __init__(self, command, rows, columns, **env):
        self.rows, self.columns = rows, columns
        self.lines = [""] * rows
        self.row, self.alternate, self.is_shown = 0, False, True
        self.rest, self.colored, self.is_cleared = b"", False, False
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            with contextlib.suppress(OSError):
                self.set_size(0)
                os.execve(command[0], [str(word) for word in command],
                          {"TERM": "xterm", "LC_ALL": "C.UTF-8", **env})
            os._exit(127)

    def set_size(self, fd):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def resize(self, rows, columns):
        """Until it has begun to draw for that size."""
        self.rows, self.columns = rows, columns
        self.is_cleared = False
        self.set_size(self.fd)
        while not self.is_cleared:
            assert self.read(house.PATIENCE)

    def take(self, text):
        for numbers, last, letter in TOKEN.findall(text):
            if letter:
                assert letter >= " " or not self.alternate, repr(text)
                if letter >= " ":
                    self.lines[self.row] += letter
            elif last == "H":
                self.row = int(numbers.split(";")[0]) - 1
            elif last == "J":
                self.lines = [""] * max(self.rows, 1)
                self.row, self.is_cleared = 0, True
            elif last == "K":
                self.lines[self.row] = ""
            elif last == "m":
                self.colored |= numbers != "0"
            elif numbers == "?1049":
                self.alternate = last == "h"
            elif numbers == "?25":
                self.is_shown = last == "h"
            else:
                assert numbers == "?7", (numbers, last)

    def read(self, seconds):
        """False where the program has ended."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = self.rest + os.read(self.fd, 65536)
        except OSError:
            return False
        cut = PART.search(data).start()
        self.rest = data[cut:]
        self.take(self.decoder.decode(data[:cut]))
        return True

    def wait(self, what):
        """Until the screen shows it; the match."""
        end = time.monotonic() + house.PATIENCE
        while time.monotonic() < end:
            found = re.search(what, self.text(), re.M)
            if found:
                return found
            assert self.read(1), f"ended before {what!r}:\n{self.text()}"
        raise AssertionError(f"no {what!r} on the screen:\n{self.text()}")

    def text(self):
        return "\n".join(self.lines)

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        """To the end; the exit status, with the terminal as it was before."""
        while self.read(house.PATIENCE):
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert not self.alternate and self.is_shown, "the terminal is not put back"
        os.close(self.fd)
        return status


def config(places, names, interval="1s"):
    lines = ["groups: { shop: {}, mail: {} }",
             f"defaults: {{ interval: {interval}, timeout: 900ms, "
             "confirm: { failures: 2, successes: 1, every: 100ms } }", "endpoints:"]
    for name, group in names.items():
        lines.append(f"  - {{ name: '{name}', group: {group}, http: '{places.url('/' + name)}' }}")
    return "\n".join(lines) + "\n"


NAMES = {"web": "shop", "pay": "shop", "imap": "mail", "smtp": "mail"}


def watch(daemon, *words, rows=24, columns=80, **env):
    return Terminal([house.PICKETCTL, "-s", daemon.socket, "watch", *words], rows, columns, **env)


def test_what_goes_down_comes_up_to_the_top(world, picketd):
    places = world("/*: 200\n")
    daemon = picketd(config(places, NAMES))
    screen = watch(daemon)
    screen.wait(r"^4 endpoints  ✓ 4 up")
    screen.wait(r"✓ up +imap .* [▁▂▃▄▅▆▇█]{3,}")
    places.set("/web", "503")
    screen.wait(r"^4 endpoints  ✗ 1 down  ✓ 3 up")
    screen.wait(r"\A[^\n]*\n1 open incident .*\n.*STATE.*\n› ✗ down +web .*✗✗.* status is 503")
    screen.wait(r"^web  http://.* status is 503, expected in 200..299")
    assert all(len(line) <= 80 for line in screen.lines), screen.text()
    assert screen.colored
    screen.type("q")
    assert screen.end() == 0


def test_keys_look_closer_and_act(world, picketd):
    places = world("/web: 503\n/*: 200\n")
    daemon = picketd(config(places, NAMES))
    daemon.wait_state("web", "down")
    screen = watch(daemon)
    screen.wait(r"^› ✗ down +web")
    screen.type("\r")
    screen.wait(r"The last failure, ")
    screen.wait(r"✗ expect: status in 200..299")
    screen.type("q")
    screen.wait(r"^› ✗ down +web")
    screen.type("a")
    screen.wait(r"comment on the incident of web: ")
    screen.type("the cable, I kn\x7f\x7fknow\r")
    screen.wait(r"web .*acknowledged; status is 503")
    [incident] = daemon.get("/v1/incidents?open=1")["incidents"]
    assert incident["acknowledged"]["comment"] == "the cable, I know"
    screen.type("ssoon\r")
    screen.wait(r"A duration is wanted")
    screen.type("s2h\r")
    screen.wait(r"why is web silent: ")
    screen.type("we know\r")
    screen.wait(r"Nobody is told of web")
    screen.wait(r"web .*silenced")
    [silence] = daemon.get("/v1/silences")["silences"]
    assert (silence["match"], silence["comment"]) == ("web", "we know")
    screen.type("/MAIL s")
    screen.wait(r"DETAIL  1 of 4")
    assert "imap" not in screen.text()
    screen.type("\rp")
    screen.wait(r"‖ paused +smtp")
    assert daemon.endpoint("smtp")["state"] == "paused"
    screen.type("a")
    screen.wait(r"smtp has no open incident")
    screen.type("c")
    screen.wait(r"'smtp' is paused")
    screen.type("p")
    screen.wait(r"✓ up +smtp")
    screen.type("\x1b")
    screen.wait(r"✗ down +web")
    screen.type("g")
    screen.wait(r"▾ shop: 2  ✗ 1 down  ✓ 1 up *\n.*web.*\n.*pay.*\n  ▾ mail: 2  ✓ 2 up")
    screen.type("\x1b[D")
    screen.wait(r"^› ▸ shop: 2 .*\n  ▾ mail: 2")
    screen.type("?")
    screen.wait(r"^  a +acknowledges the open incident")
    screen.type("\x1b")
    screen.wait(r"^› ▸ shop")
    screen.type("\x03")
    assert screen.end() == 0


def test_any_size_and_ascii_and_no_colour(world, picketd):
    places = world("/web: 503\n/*: 200\n")
    daemon = picketd(config(places, {**NAMES, "würfel-日本語": "shop"}))
    daemon.wait_state("web", "down")
    screen = watch(daemon, LC_ALL="C", NO_COLOR="1", rows=60, columns=200)
    screen.wait(r"^> x down +web .*xx status is 503, expected in 200..299$")
    screen.wait(r"\+ up +w\?rfel-\?\?\? ")
    assert screen.text().isascii() and not screen.colored
    for rows, columns in ((8, 45), (5, 20), (1, 5), (24, 80)):
        screen.resize(rows, columns)
        screen.wait(r"^> x d" if columns > 5 else r"^> x~|^> x ~")
        assert all(len(line) <= columns for line in screen.lines), (columns, screen.text())
    screen.wait(r"^5 endpoints")
    os.kill(screen.pid, signal.SIGTERM)
    assert screen.end() == 0


def test_a_daemon_that_goes_away_comes_back(world, picketd):
    places = world("/*: 200\n")
    daemon = picketd(config(places, NAMES))
    screen = watch(daemon, "web", "im*")
    screen.wait(r"✓ up +web")
    assert "smtp" not in screen.text()
    assert daemon.close() == 0
    screen.wait(r"✗ no picketd answers; trying again in \d+ s")
    screen.wait(r"✓ up +web")
    again = picketd(config(places, {"imap": "mail"}), "-s", daemon.socket, state=daemon.state)
    screen.wait(r"^1 endpoint  ")
    screen.wait(r"\A(?!.*\bweb\b)[\s\S]*✓ up +imap")
    assert again.process.poll() is None
    screen.type("q")
    assert screen.end() == 0


def test_lines_where_there_is_no_terminal(world, picketd):
    places = world("/*: 200\n")
    daemon = picketd(config(places, NAMES))
    for name in NAMES:
        daemon.wait_state(name, "up")
    reader = subprocess.Popen(
        [house.PICKETCTL, "-s", daemon.socket, "watch", "--group", "shop"],
        stdout=subprocess.PIPE, text=True)
    # It listens once the daemon has a reader; until then, change and change back.
    words = iter(["503", "200"] * 1000)
    with daemon.events("?type=state&since=0") as events:
        while not select.select([reader.stdout], [], [], 0)[0]:
            places.set("/imap", (word := next(words)))
            places.set("/web", word)
            wanted = "down" if word == "503" else "up"
            for event in events:
                if (event.get("endpoint"), event.get("to")) == ("web", wanted):
                    break
    line = reader.stdout.readline()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  web  . (up|down) (→|->) . (up|down).*\n", line), line
    # Nobody reads any more: it ends, though nothing happens.
    reader.stdout.close()
    assert reader.wait(house.PATIENCE) == 0


def test_there_is_no_daemon_at_first(tmp_path):
    answer = house.run(house.PICKETCTL, "-s", tmp_path / "none.sock", "watch")
    assert answer.returncode == 3 and "no picketd answers" in answer.stderr
    answer = house.run(house.PICKETCTL, "watch", "--state", "broken")
    assert answer.returncode == 2 and "--state is one of" in answer.stderr
