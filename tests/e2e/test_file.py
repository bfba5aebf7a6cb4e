"""The probe file: every class it can end in, and what can be expected of a file."""

import fcntl
import hashlib
import json
import os
import signal
import socket
import time

import house
from test_http_classes import assert_ends, look

CONTENT = b'{"state": "done", "bytes": 1234}\n'


def endpoint(name, path, *expect, timeout="60s", **more):
    return {"name": name, "file": str(path), "timeout": timeout, "expect": list(expect), **more}


def make(folder):
    """One of each kind."""
    fresh, old, link = folder / "fresh", folder / "old", folder / "link"
    fresh.write_bytes(CONTENT)
    old.write_bytes(CONTENT)
    os.utime(old, (time.time() - 86400,) * 2)
    link.symlink_to(fresh)
    (folder / "dangling").symlink_to(folder / "nowhere")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(folder / "socket"))
    with (folder / "large").open("wb") as large:
        large.truncate(2 << 30)
    return fresh, old, link


def test_how_it_ends(tmp_path):
    fresh, old, link = make(tmp_path)
    digest = hashlib.sha256(CONTENT).hexdigest()
    cases = [
        ("there", fresh, [], None, None),
        ("link", link, [], None, None),
        ("young", fresh, ["age(modified) < 1h"], None, None),
        ("old", old, ["age(modified) < 1h"], "expectation", "judge"),
        ("size", fresh, [f"size == {len(CONTENT)}B"], None, None),
        ("small", fresh, ["size > 1KiB"], "expectation", "judge"),
        ("hash", fresh, [f'sha256(body) == "{digest}"'], None, None),
        ("other hash", old, ['sha256(body) == "00"'], "expectation", "judge"),
        ("matches", fresh, ["body matches /done/"], None, None),
        ("differs", fresh, ["body matches /failed/"], "expectation", "judge"),
        ("json", fresh, ['json $.state == "done"', "json $.bytes > 1000"], None, None),
        ("device", "/dev/zero", ["body exists"], "file_failure", "request"),
        ("folder", tmp_path / "folder", [], "file_failure", "request"),
        ("pipe", tmp_path / "pipe", ["body exists"], "file_failure", "request"),
        ("socket", tmp_path / "socket", [], "file_failure", "request"),
        ("circle", tmp_path / "loop", [], "file_failure", "request"),
        ("missing", tmp_path / "nowhere", [], "file_missing", "request"),
        ("dangling", tmp_path / "dangling", [], "file_missing", "request"),
        ("no folder", fresh / "below", [], "file_missing", "request"),
        ("no reading", "/proc/self/mem", ["body exists"], "file_failure", "transfer"),
        ("large size", tmp_path / "large", ["size > 1GiB"], None, None),
        ("large body", tmp_path / "large", ['body contains "x"'], "body_too_large", "transfer"),
        ("must not be", tmp_path / "nowhere", ['class == "file_missing"'], None, None),
    ]
    checks = look(tmp_path, [endpoint(name, path, *expect) for name, path, expect, _, _ in cases])
    for name, _, _, cls, phase in cases:
        assert_ends(checks[name], name, cls, phase)


def test_a_file_system_that_hangs_is_a_timeout(tmp_path):
    """Whoever opens a file that is on lease waits for the holder."""
    path = tmp_path / "leased"
    path.write_bytes(CONTENT)
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        with path.open("r+b") as held:
            fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            checks = look(tmp_path, [
                endpoint("read", path, 'body contains "x"', timeout="1s"),
                endpoint("known", path, "size > 0B"),
            ])
    finally:
        signal.signal(signal.SIGIO, before)
    assert_ends(checks["read"], "read", "timeout", "request")
    assert_ends(checks["known"], "known", None, None)


def test_invert_says_that_a_file_must_not_be_there(tmp_path):
    fresh, _, _ = make(tmp_path)
    checks = look(tmp_path, [
        endpoint("gone", tmp_path / "nowhere", invert=True),
        endpoint("there", fresh, invert=True),
        # Whoever can't look does not know.
        endpoint("folder", tmp_path / "folder", invert=True),
    ])
    assert checks["gone"]["verdict"] == "pass", checks
    assert checks["there"]["class"] == "expectation", checks
    assert checks["folder"]["class"] == "file_failure", checks


def test_it_goes_down_and_comes_back(picketd, tmp_path):
    path = tmp_path / "watched"
    path.write_text("x")
    daemon = picketd(json.dumps({"endpoints": [
        endpoint("one", path, interval="1s", confirm={"failures": 1, "successes": 1})]}))
    daemon.wait_state("one", "up")
    path.unlink()
    down = daemon.wait_state("one", "down")["last_check"]
    assert (down["class"], down["phase"]) == ("file_missing", "request"), down
    path.write_text("x")
    daemon.wait_state("one", "up")


def test_it_is_told_whose_subject_it_is(tmp_path):
    path = tmp_path / "picket.yaml"
    path.write_text(json.dumps({"endpoints": [
        {"name": "a", "http": "http://localhost/", "expect": ["age(modified) < 1h"]},
        {"name": "b", "file": "relative"},
    ]}))
    answer = house.run(house.PICKETD, "--check", "-c", path)
    assert answer.returncode == 78
    assert "modified" in answer.stderr and "only file has" in answer.stderr, answer.stderr
    assert "relative" in answer.stderr, answer.stderr
