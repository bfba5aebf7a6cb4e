"""`export:`: every verdict as a line of JSON, and nothing waits for the file."""

import json

from test_metrics import one, parse, scrape


def config(places, path, more=""):
    return (
        "picket: { listen: '127.0.0.1:0', export: { file: %s } %s }\n" % (path, more) +
        "defaults: { interval: 10d }\n"
        "groups: { web: {} }\n"
        "endpoints:\n"
        f"  - {{ name: good, group: web, labels: {{ team: a }}, http: '{places.url('/good')}' }}\n"
        "  - { name: bad, http: { url: '" + places.url("/bad") + "',\n"
        "      auth: { bearer: s3cret-token } }, expect: ['body contains \"s3cret-token\"'] }\n"
    )


def check(daemon):
    daemon.ctl("check", "good", "bad", "--wait")
    return daemon


def wait_counted(daemon, lines):
    """Until so many lines are written or lost; both numbers."""
    while True:
        samples = parse(scrape(daemon)[1])
        written = one(samples, "picket_export_lines_written_total")
        lost = one(samples, "picket_export_lines_lost_total")
        if written + lost >= lines:
            return written, lost


def read(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {line["endpoint"]: line for line in lines}, len(lines)


def test_each_verdict_is_a_line(world, picketd, tmp_path):
    path = tmp_path / "verdicts.jsonl"
    daemon = check(picketd(config(world(), path)))
    total = daemon.status()["checks"]["total"]
    daemon.stop()
    lines, count = read(path)
    assert count >= total >= 2
    good, bad = lines["good"], lines["bad"]
    assert good["verdict"] == "pass" and good["group"] == "web" and good["labels"] == {"team": "a"}
    assert good["probe"] == "http" and good["latency"] > 0 and good["phases"]
    assert good["at"].endswith("Z") and good["state"] == "up"
    assert bad["verdict"] == "fail" and bad["class"] == "expectation" and bad["reason"]
    assert "s3cret-token" not in path.read_text()


def test_logrotate_moves_it_and_a_reload_makes_it_again(world, picketd, tmp_path):
    path, moved = tmp_path / "verdicts.jsonl", tmp_path / "verdicts.jsonl.1"
    daemon = check(picketd(config(world(), path)))
    wait_counted(daemon, 2)
    path.rename(moved)
    assert daemon.ctl("reload").returncode == 0
    check(daemon)
    daemon.stop()
    assert set(read(moved)[0]) == set(read(path)[0]) == {"good", "bad"}


def test_a_reload_turns_it_on_moves_it_and_turns_it_off(world, picketd, tmp_path):
    places, first, second = world(), tmp_path / "a", tmp_path / "b"
    off = config(places, first).replace(f", export: {{ file: {first} }}", "")
    daemon = check(picketd(off))
    assert "picket_export" not in scrape(daemon)[1]
    for path in (first, second):
        daemon.config.write_text(config(places, path))
        assert daemon.ctl("reload").returncode == 0
        check(daemon)
    wait_counted(daemon, 4)
    daemon.config.write_text(off)
    assert daemon.ctl("reload").returncode == 0
    before = second.read_text()
    check(daemon)
    daemon.stop()
    assert first.exists() and second.read_text() == before


def test_a_file_that_takes_nothing_holds_up_nobody_and_is_told_once(world, picketd, tmp_path):
    path = tmp_path / "missing" / "verdicts.jsonl"
    daemon = picketd(config(world(), path))
    for lines in (2, 4, 6):
        check(daemon)
        _, lost = wait_counted(daemon, lines)
        assert lost >= lines
    assert daemon.logged().count("cannot be written: No such file or directory") == 1
    path.parent.mkdir()
    check(daemon)
    assert wait_counted(daemon, lost + 2)[0] >= 1
    check(daemon)
    assert "can be written again" in daemon.logged()
