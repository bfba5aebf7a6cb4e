"""Every call of the daemon that can fail fails once, and each allocation: a short series of them.

With PICKET_TORTURE=SECONDS, as scripts/torture has it, each series goes on for half of that.
"""

import os
import random
import time

import pytest

import house
import torture

SECONDS = float(os.environ.get("PICKET_TORTURE", "0")) / 2


@pytest.fixture
def bench(world, picketd, sink, tmp_path):
    return torture.Bench(world, picketd, sink, tmp_path)


def at_random(draw):
    """What is drawn, for as long as there is time."""
    chance = random.Random(1)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        yield draw(chance)


def calls():
    """(call, error, nth): two errors of each, or where there is time all, and then further on."""
    pairs = [(call, error) for call, errors in torture.ERRORS.items() for error in errors]
    yield from ((call, error, 1) for call, error in pairs
                if SECONDS or error in (torture.ERRORS[call][0], torture.ERRORS[call][-1]))
    yield from at_random(lambda chance: (*chance.choice(pairs), int(2 ** chance.uniform(1, 8))))


def test_a_call_that_fails_once_is_this_hosts_trouble_and_loses_nothing(bench):
    bench.start()
    bench.drive()
    bench.settle()
    before = bench.descriptors()
    struck = sum(bench.strike_once(*one) for one in calls())
    bench.settle()
    print(f"{struck} calls failed")
    assert not bench.faults, "\n".join(bench.faults)
    assert struck > len(torture.ERRORS) / 2
    assert not bench.left_open(before)
    bench.restart()
    bench.look_for_told()


def allocations(most):
    """Which of so many; the first ones are few, so that they are far apart."""
    yield from range(1, most, most // 8)
    yield from at_random(lambda chance: int(chance.uniform(1, most)))


def test_without_memory_it_ends_with_a_message_and_knows_what_it_told(bench):
    bench.start()
    bench.drive()
    bench.settle()
    before = bench.strike.count("malloc")
    bench.drive()
    count = bench.strike.count("malloc") - before
    ended = 0
    for nth in allocations(count):
        ended += bench.starve(nth)
    print(f"{ended} ends for want of memory")
    assert ended and not bench.faults, "\n".join(bench.faults)
    bench.settle()
    bench.restart()
    bench.look_for_told()


def starts(bench, most):
    """(call, error, nth) of a start: a few, and then at random."""
    pairs = [(call, error) for call, errors in torture.ERRORS.items() for error in errors[:1]]
    pairs = [pair for pair in pairs if bench.strike.count(pair[0])]
    yield from ((*pair, 1) for pair in pairs)
    yield from (("malloc", torture.NO_MEMORY[0], nth) for nth in range(1, most, most // 8))
    pairs.append(("malloc", torture.NO_MEMORY[0]))
    yield from at_random(lambda chance: (*chance.choice(pairs), int(chance.uniform(1, most))))


def test_whatever_fails_at_its_start_it_does_its_job_or_says_why(bench, tmp_path):
    path = tmp_path / "once.yaml"
    path.write_text(f"endpoints:\n  - {{ name: a, http: '{bench.places.url('/web')}' }}\n")

    def once():
        return house.run(house.PICKETD, "--once", "-c", path, env={**os.environ, **bench.strike.env})

    assert once().returncode == 0
    failed = 0
    for call, error, nth in starts(bench, bench.strike.count("malloc")):
        bench.strike.arm(call, error, nth)
        end = once()
        said = (call, error, nth, end)
        assert end.returncode in (0, 1, os.EX_CONFIG), said
        assert end.returncode == 0 or end.stderr or "unknown" in end.stdout, said
        failed += end.returncode != 0
    print(f"{failed} starts failed")
