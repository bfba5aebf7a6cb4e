"""The oracle of scripts/soak notices what is wrong: each claim spoils one thing."""

import collections
import dataclasses

import pytest

import oracle
import plan
from clocks import Clock
from receiver import Told
from records import Verdict, bound
from report import Report
from truth import Truth
from watcher import Life

BAD = frozenset({"expectation"})


def stamp(at):
    return f"2026-11-22T10:{int(at) // 60:02}:{at % 60:06.3f}Z"


def verdict(at, name=None):
    return Verdict(stamp(at), at, at + 0.01, name is None, name)


def incident(begin, end, id="abc"):
    return {"id": id, "endpoint": "e0", "started_at": stamp(begin), "ended_at": stamp(end),
            "end": "recovered", "notifications": [{"state": "sent"}]}


@pytest.fixture
def truth():
    """One that was bad from the fifth second to the tenth."""
    one = Truth(1)
    one.worsen(0, BAD, 4.9, 5.0)
    one.worsen(0, (), 9.9, 10.0)
    return one


@pytest.fixture
def chapter():
    """And what is right of it: checks each second, the sixth of which was the first to fail."""
    return oracle.Chapter(
        "steady", Clock(), [Life(-100.0)],
        {0: [verdict(at + 0.5, "expectation" if 5 <= at < 10 else None) for at in range(15)]},
        {0: [incident(5.5, 10.5)]},
        [Told(6.6, "m1", "abc", 1, False, "e0"), Told(11.6, "m2", "abc", 2, True, "e0")])


def judge(chapter, truth):
    counts = collections.Counter()
    return (oracle.judge_verdicts(chapter, truth, counts) + oracle.judge_incidents(chapter, counts)
            + oracle.judge_told(chapter, counts)), counts


def test_what_is_right_is_right(chapter, truth):
    faults, counts = judge(chapter, truth)
    assert not faults
    assert (counts["checks"], counts["failing"], counts["undecided"]) == (15, 5, 0)
    assert (counts["incidents"], counts["told"], counts["lost"], counts["repeats"]) == (1, 2, 0, 0)


def spoil_class(chapter):
    chapter.verdicts[0][7].name = "timeout"


def spoil_pass(chapter):
    chapter.verdicts[0][7] = verdict(7.5)


def spoil_fail(chapter):
    chapter.verdicts[0][2] = verdict(2.5, "expectation")


def forget_incident(chapter):
    chapter.incidents.clear()


def begin_late(chapter):
    chapter.incidents[0] = [incident(6.5, 10.5)]


def begin_without_check(chapter):
    chapter.incidents[0] = [incident(5.0, 10.5)]


def end_late(chapter):
    chapter.incidents[0] = [incident(5.5, 11.5)]


def end_early(chapter):
    chapter.incidents[0] = [incident(5.5, 9.5)]


def split(chapter):
    chapter.incidents[0] = [incident(5.5, 10.5), incident(7.5, 11.5, "def")]


def leave_open(chapter):
    del chapter.incidents[0][0]["ended_at"]


def drop_first(chapter):
    del chapter.told[0]


def drop_last(chapter):
    del chapter.told[1]


def turn_round(chapter):
    chapter.told[0].at = 20.0


def make_up(chapter):
    chapter.told.append(Told(3.0, "m3", "xyz", 1, False, "e0"))


def fail_to_deliver(chapter):
    chapter.incidents[0][0]["notifications"][0]["state"] = "failed"


@pytest.mark.parametrize("spoil", [
    spoil_class, spoil_pass, spoil_fail, forget_incident, begin_late, begin_without_check, end_late,
    end_early, split, leave_open, drop_first, drop_last, turn_round, make_up, fail_to_deliver,
])
def test_what_is_wrong_is_noticed(chapter, truth, spoil):
    spoil(chapter)
    faults, _ = judge(chapter, truth)
    assert faults


def test_a_truth_that_is_another_is_noticed(chapter):
    assert judge(chapter, Truth(1))[0]


def test_what_may_have_been_either_proves_nothing(chapter, truth):
    # A check during which the world changed, and one for which this machine had no time.
    chapter.verdicts[0].insert(5, verdict(4.95, "expectation"))
    chapter.verdicts[0].insert(6, verdict(5.2))
    truth.stall("steady", 5.1, 5.3)
    faults, counts = judge(chapter, truth)
    assert not faults and counts["undecided"] == 2


def test_what_a_kill_may_lose_is_forgiven_and_no_more(chapter, truth):
    forget_incident(chapter)
    chapter.told.clear()
    # Dead before it could write that it is down; by the next start all was well.
    chapter.verdicts[0] = [one for one in chapter.verdicts[0] if not 7 < one.at < 10]
    chapter.lives = [Life(-100.0, 7.0, True), Life(10.0)]
    assert not judge(chapter, truth)[0]
    chapter.lives = [Life(-100.0, 7.0, False), Life(10.0)]
    assert judge(chapter, truth)[0]


def test_repeats_are_counted_and_held_against_kills(chapter, truth):
    chapter.told.append(dataclasses.replace(chapter.told[0], at=7.0))
    report = Report(1)
    report.moments["rests"] = 1
    assert oracle.judge_told(chapter, report.counts["steady"]) == []
    report.ends["steady"] = {"kills": 1, "reports": []}
    assert report.judge()
    report.ends["steady"] = {"kills": 0, "reports": []}
    assert not report.judge()


def test_history_is_held_against_incidents(chapter, truth):
    past = oracle.Past()
    past.add(chapter, truth, chapter.incidents[0], chapter.verdicts[0])
    assert oracle.judge_past("steady", 0, past, {"up": 95.0, "down": 5.0}) == []
    for down in (4.9, 5.1):
        assert oracle.judge_past("steady", 0, past, {"up": 95.0, "down": down})
    # Who was away for a while may know less, never more.
    chapter.lives = [Life(-100.0, 7.0, True), Life(8.0)]
    past = oracle.Past()
    past.add(chapter, truth, chapter.incidents[0], chapter.verdicts[0])
    assert oracle.judge_past("steady", 0, past, {"down": 3.0}) == []
    assert oracle.judge_past("steady", 0, past, {"down": 5.1})


@pytest.mark.parametrize("growth, is_right", [(900, True), (1100, False)])
def test_memory_that_grows_is_noticed(growth, is_right):
    report = Report(1)
    report.moments["rests"] = 1
    report.memory = [(i * 100_000, 5000 + i * growth / 10) for i in range(12)]
    assert report.judge() == is_right
    # And what is too little to say anything says nothing.
    report.memory = [(checks // 100, kib) for checks, kib in report.memory]
    report.faults.clear()
    assert report.judge() and report.growth() is None


def test_nothing_is_not_enough():
    assert not Report(1).judge()


def test_a_clock_that_jumps_is_followed():
    clock = Clock()
    real = clock.monotonic("2026-11-22T10:00:00.000Z", 0)
    clock.turn(-3600, real + 10, real + 10.1)
    assert clock.monotonic("2026-11-22T10:00:05.000Z", real) == pytest.approx(real + 5, abs=0.01)
    assert clock.monotonic("2026-11-22T09:00:15.000Z", real) == pytest.approx(real + 15, abs=0.01)


def test_no_incident_ends_before_it_began(chapter, truth):
    for one in chapter.verdicts[0][8:]:
        one.stamp = one.stamp.replace("T10:", "T09:")
    chapter.incidents[0] = [incident(5.5, 5.5)]
    assert not judge(chapter, truth)[0]
    # It is the same time once more in the end, which is not when it recovered.
    chapter.verdicts[0][-1].stamp = stamp(5.5)
    assert not judge(chapter, truth)[0]
    # That is no excuse where no clock went back.
    for one in chapter.verdicts[0][8:]:
        one.stamp = one.stamp.replace("T09:", "T10:")
    assert judge(chapter, truth)[0]


def test_a_recovery_may_have_the_very_stamp_of_the_beginning(chapter, truth):
    for one in chapter.verdicts[0][8:]:
        one.stamp = one.stamp.replace("T10:", "T09:")
    chapter.verdicts[0][10].stamp = stamp(5.5)
    chapter.incidents[0] = [incident(5.5, 5.5)]
    # It failed at that time before and passes when it comes again, so the first look finds nothing.
    chapter.verdicts[0][11].stamp = stamp(6.5)
    assert not judge(chapter, truth)[0]


def test_a_failure_that_was_not_confirmed_begins_nothing(chapter):
    # The clock went back, and the outage has the stamp of a failure that passed.
    truth = Truth(1)
    for at, faults in ((2.0, BAD), (3.0, ()), (5.0, BAD), (10.0, ())):
        truth.worsen(0, faults, at - 0.1, at)
    chapter.verdicts[0][2].is_pass, chapter.verdicts[0][2].name = False, "expectation"
    chapter.verdicts[0][5].stamp = chapter.verdicts[0][2].stamp
    chapter.incidents[0] = [incident(2.5, 10.5)]
    assert not judge(chapter, truth)[0]
    chapter.verdicts[0][5].stamp = stamp(5.5)
    assert judge(chapter, truth)[0]


def test_a_beginning_that_an_earlier_failure_has_the_stamp_of(chapter, truth):
    # The clock went back: the second outage begins at what was a time within the first.
    truth.worsen(0, BAD, 20.0, 20.1)
    truth.worsen(0, (), 22.9, 23.0)
    truth.worsen(0, BAD, 25.0, 25.1)
    truth.worsen(0, (), 27.9, 28.0)
    chapter.verdicts[0] += [verdict(at + 0.5, "expectation" if 20 < at < 23 or 25 < at < 28 else None)
                            for at in range(15, 31) if at not in (20, 25)]
    last = next(one for one in chapter.verdicts[0] if one.at == 26.5)
    last.stamp = stamp(7.5)
    chapter.incidents[0] += [incident(21.5, 23.5, "def"), {**incident(7.5, 28.5), "id": "ghi"}]
    chapter.told += [dataclasses.replace(one, incident=id, at=one.at + later)
                     for one in chapter.told for id, later in (("def", 15), ("ghi", 20))]
    assert not judge(chapter, truth)[0]


def test_the_order_of_the_list_does_not_matter(chapter, truth):
    truth.worsen(0, BAD, 20.0, 20.1)
    truth.worsen(0, (), 22.9, 23.0)
    chapter.verdicts[0] += [verdict(at + 0.5, "expectation" if 20 < at < 23 else None)
                            for at in range(15, 26) if at != 20]
    chapter.incidents[0] = [incident(21.5, 23.5, "def"), chapter.incidents[0][0]]
    chapter.told += [dataclasses.replace(one, incident="def", at=one.at + 15)
                     for one in chapter.told]
    assert not judge(chapter, truth)[0]


def test_a_check_is_over_when_the_next_begins():
    verdicts = [Verdict(stamp(at), at, at + 60, True, None) for at in (1.0, 2.0, 80.0)]
    bound(verdicts)
    assert [one.until for one in verdicts] == [2.0, 62.0, 140.0]


def test_a_seed_always_draws_the_same():
    sizes, names = plan.Sizes(), ["steady", "mortal", "dizzy"]
    def draw(seed):
        return [[dataclasses.astuple(deed) for deed in plan.draw_segment(seed, number, sizes, names)]
                for number in range(20)]

    assert draw(1) == draw(1) != draw(2)
    drawn = [plan.draw_segment(1, number, sizes, names) for number in range(20)]
    verbs = {deed.verb for deeds in drawn for deed in deeds}
    assert verbs == {"worsen", "mend", "cut", "splice", "upset", "calm", "fill", "drain", "stop",
                     "go on", "kill", "restart", "reload", "reload badly", "turn the clock"}
    for deeds in drawn:
        for deed in deeds:
            assert 0 <= deed.at <= sizes.segment
