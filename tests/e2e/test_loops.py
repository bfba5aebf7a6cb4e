"""Several loops: checks are looked at from all of them, and everything crosses as it should."""

import re

import pytest

import house

LOOPS = 3


def config(places, count=60, path="/json/1KB", interval="1s", keys="", server=None):
    settings = f"loops: {LOOPS}, max_per_host: 500"
    if server:
        settings += f", resolver: {{ servers: ['127.0.0.1:{server}'], timeout: 20s, tries: 1 }}"
    lines = [
        f"picket: {{ {settings}{keys} }}",
        f"defaults: {{ interval: {interval}, timeout: 300s }}",
        "endpoints:" if count else "endpoints: []",
    ]
    host = "{}.loops.test" if server else "127.0.0.1"
    lines += [
        f"  - {{ name: e{i}, http: '{places.url(path, host.format(f'h{i}'))}' }}"
        for i in range(count)
    ]
    return "\n".join(lines) + "\n"


def further(daemon):
    return sorted(name for name in daemon.threads() if name.startswith("loop"))


def turns(daemon):
    """By the label `loop`; None where there is none."""
    text = daemon.web("/metrics")[2]
    found = re.findall(r'^picket_loop_turn_seconds_count(?:{loop="(\d+)"})? (\d+)$', text, re.M)
    return {loop: int(count) for loop, count in found}


@pytest.mark.skipif(bool(house.LOOPS), reason="the number of loops is another here")
def test_without_a_word_there_is_one_loop(world, picketd):
    daemon = picketd(f"picket: {{ listen: '127.0.0.1:0' }}\n"
                     f"endpoints: [{{ name: a, http: '{world().url('/')}' }}]\n")
    assert further(daemon) == []
    assert daemon.status()["loop"]["threads"] == 1
    assert list(turns(daemon)) == [""]


def secure(places, name, interval="1h"):
    return (f"  - {{ name: {name}, interval: {interval}, confirm: {{ failures: 1 }}, "
            f"tls: '127.0.0.1:{places.ports['tls'][0]}' }}\n")


@pytest.mark.skipif(bool(house.LOOPS), reason="the number of loops is another here")
def test_handshakes_have_a_loop_of_their_own(world, picketd, tmp_path):
    places = world("", "--http", "*:0", "--tls", "*:0=expired", "--tls-folder", tmp_path)
    plain = ("picket: { listen: '127.0.0.1:0' }\ndefaults: { interval: 1s }\nendpoints:\n"
             f"  - {{ name: a, http: '{places.url('/')}' }}\n")
    daemon = picketd(plain)
    daemon.wait_state("a", "up")
    # It is there from the first handshake on.
    assert further(daemon) == []
    daemon.config.write_text(plain + secure(places, "b"))
    assert daemon.ctl("reload").returncode == 0
    assert daemon.wait_state("b", "down")["last_check"]["class"] == "tls_expired"
    assert further(daemon) == ["loop-1"]
    assert daemon.status()["loop"]["threads"] == 2
    # And nothing else is made there.
    before = turns(daemon)
    daemon.wait_verdicts(5)
    after = turns(daemon)
    assert after["1"] == before["1"] and after["0"] > before["0"], (before, after)
    assert daemon.stop()[0] == 0


def test_of_several_loops_each_but_the_first_makes_handshakes(world, picketd, tmp_path):
    places = world("", "--http", "*:0", "--tls", "*:0=expired", "--tls-folder", tmp_path)
    text = config(places, keys=", listen: '127.0.0.1:0'")
    daemon = picketd(text)
    assert further(daemon) == ["loop-1", "loop-2"]
    daemon.config.write_text(text + "".join(secure(places, f"s{i}", "1s") for i in range(30)))
    assert daemon.ctl("reload").returncode == 0
    for i in range(30):
        daemon.wait_state(f"s{i}", "down")
    assert further(daemon) == ["loop-1", "loop-2", "loop-3"]
    assert daemon.status()["loop"]["threads"] == LOOPS + 1


def test_each_loop_looks_at_its_share(world, picketd):
    places = world()
    daemon = picketd(config(places, keys=", listen: '127.0.0.1:0'"))
    assert further(daemon) == ["loop-1", "loop-2"]
    before = turns(daemon)
    assert list(before) == ["0", "1", "2"]
    daemon.wait_verdicts(300)
    assert {one["state"] for one in daemon.endpoints().values()} == {"up"}
    after = turns(daemon)
    # A loop that looks at nothing does not turn at all.
    assert all(after[loop] - before[loop] >= 20 for loop in after), (before, after)
    assert daemon.status()["loop"]["threads"] == LOOPS


def test_what_is_removed_is_given_up_on_every_loop(world, picketd):
    places = world()
    daemon = picketd(config(places, path="/silent", interval="1h"))
    daemon.ctl("check", "e*")
    places.wait("/silent", 60)
    assert daemon.status()["checks"]["in_flight"] == 60
    daemon.config.write_text(config(places, count=0))
    assert daemon.ctl("reload").returncode == 0
    # Their timeout is five minutes.
    with daemon.events("?since=0"):
        while daemon.status()["checks"]["in_flight"]:
            pass
    text = daemon.logged()
    assert "is down" not in text


def test_other_name_servers_are_asked_by_every_loop(world, picketd):
    places = world("dns *.loops.test: 127.0.0.1\n", "--http", "127.0.0.1:0",
                   "--dns", "127.0.0.1:0")
    others = world("dns *.elsewhere.test: 127.0.0.1\n", "--dns", "127.0.0.1:0")
    daemon = picketd(config(places, count=20, server=places.ports["dns"]))
    for i in range(20):
        daemon.wait_state(f"e{i}", "up")
    daemon.config.write_text(config(places, count=20, server=others.ports["dns"]))
    assert daemon.ctl("reload").returncode == 0
    for i in range(20):
        one = daemon.wait_state(f"e{i}", "down")
        assert one["last_check"]["class"] == "dns_nxdomain", one


def test_another_number_is_taken_up_at_the_next_start(world, picketd):
    places = world()
    daemon = picketd(config(places, count=1))
    daemon.config.write_text(config(places, count=1).replace(f"loops: {LOOPS}", "loops: 5"))
    assert daemon.ctl("reload").returncode == 0
    assert "'picket.loops' has changed; it is taken up at the next start" in daemon.logged()
    assert further(daemon) == ["loop-1", "loop-2"]


def test_what_stays_with_the_first_loop_goes_on_beside_the_others(world, picketd):
    kinds = {
        "http": f"http: '{world().url('/')}'",
        "exec": "exec: [/bin/true]",
        "file": "file: /etc/hostname",
        "ping": "ping: 127.0.0.1",
        "quorum": "quorum: { members: [http-1, exec-1], need: 2 }",
    }
    names = [f"{kind}-{i}" for kind in kinds for i in range(6)]
    daemon = picketd(
        f"picket: {{ loops: {LOOPS} }}\ndefaults: {{ interval: 1s }}\nendpoints:\n"
        + "".join(f"  - {{ name: {name}, {kinds[name.split('-')[0]]} }}\n" for name in names)
    )
    for name in names:
        daemon.wait_state(name, "up")


def test_a_stop_waits_for_what_every_loop_holds(world, picketd):
    places = world()
    daemon = picketd(config(places, path="/silent", interval="1h"))
    daemon.ctl("check", "e*")
    places.wait("/silent", 60)
    status, took = daemon.stop()
    assert status == 0
    assert took < 2.0 * house.SLOWNESS
    assert "60 checks in flight are cancelled" in daemon.logged()
    assert "'shutdown_grace' is over" not in daemon.logged()
