"""Whether what a daemon believed follows from what the world did: each fault is a sentence.

Nothing here is about speed.  Verdicts are held against the world, wherever it did not change
while a check ran; incidents against the verdicts that `confirm` asks for; messages and
history against the incidents.  All of it is of a chapter, which begins and ends with all well.
"""

import collections
import dataclasses

from clocks import seconds_of

# What a store has not written yet when a daemon is killed, it may never have known.
UNWRITTEN = 10.0
# A change in the world is seen from the next packet on, which may be on its way.
ON_ITS_WAY = 0.1
# A daemon says every so often that it lives; before its end by a kill that is all that is known.
# Where this machine has no time for it, it says so as much later.
ALIVE_EVERY, ALIVE_LATE = 11.0, 60.0
MILLISECOND = 0.0015


@dataclasses.dataclass
class Chapter:
    """What one daemon wrote, kept and told from one rest to the next."""

    who: str
    clock: object
    lives: list  # that ended within it, and the last one
    verdicts: dict  # by endpoint
    incidents: dict  # by endpoint, oldest first, as the API shows them
    told: list


def was_killed_after(chapter, at):
    return any(life.was_killed and at <= life.ended <= at + UNWRITTEN for life in chapter.lives)


def life_of(chapter, at):
    return sum(1 for life in chapter.lives if life.ended <= at)


# --- Verdicts ---------------------------------------------------------------------------------


def judge_verdict(chapter, truth, i, verdict):
    """A sentence; None: it is right; or "": nothing can be said of it."""
    begin, end = verdict.at - ON_ITS_WAY, verdict.until + ON_ITS_WAY
    seen = truth.endpoints[i].seen(begin, end)
    if truth.was_stalled(chapter.who, begin, end) or verdict.is_local:
        return ""
    if len(set(map(bool, seen))) > 1:
        return ""
    where = f"{chapter.who}: e{i} at {verdict.stamp}"
    if verdict.is_pass != (not seen[0]):
        return f"{where}: {verdict.name or 'pass'}, but it was {sorted(seen[0]) or 'well'}"
    possible = frozenset().union(*seen)
    if not verdict.is_pass and verdict.name not in possible:
        return f"{where}: {verdict.name} instead of {sorted(possible)}"
    return None


def judge_verdicts(chapter, truth, counts):
    faults = []
    for i, verdicts in chapter.verdicts.items():
        for verdict in verdicts:
            fault = judge_verdict(chapter, truth, i, verdict)
            counts["checks"] += 1
            counts["failing"] += not verdict.is_pass
            counts["local"] += verdict.is_local
            counts["undecided"] += fault == ""
            if fault:
                faults.append(fault)
    return faults


# --- Incidents --------------------------------------------------------------------------------


def pairs_of(verdicts):
    """Two in a row that say the same: what 'confirm' asks for."""
    heard = [one for one in verdicts if not one.is_local]
    return [(first, second) for first, second in zip(heard, heard[1:])
            if first.is_pass == second.is_pass]


def certain_pairs_of(chapter, verdicts):
    """Those of one life that was long enough to write them down."""
    return [(first, second) for first, second in pairs_of(verdicts)
            if life_of(chapter, first.at) == life_of(chapter, second.until) and
            not was_killed_after(chapter, second.until)]


def time_of(chapter, verdict, stamp):
    """The last lines before a kill may not be written; then the stamp must do."""
    if verdict:
        return verdict.at
    return chapter.clock.monotonic(stamp, chapter.lives[-1].ready) - MILLISECOND


def first_after(at, verdicts):
    return next((one for one in verdicts or [] if one.at >= at), None)


def first_recovery(begin, verdicts):
    """No incident ends before it began, even where the clock that tells it went back."""
    return next((first for first, _ in pairs_of(verdicts)
                 if first.is_pass and first.at > begin.at and first.stamp <= begin.stamp), None)


class Spans:
    """Of an endpoint's incidents, by the verdicts that they began and ended with."""

    def __init__(self, chapter, i, verdicts):
        self.faults, self.list = [], []
        stamps = collections.defaultdict(list)
        for one, _ in pairs_of(verdicts):
            stamps[one.stamp, one.is_pass].append(one)
        last = float("-inf")
        left = list(chapter.incidents.get(i, []))
        while left:
            # A daemon that was started again has them in the order of their stamps, whatever its
            # clock did; and a clock that goes back may have the same time again.
            begin, at = min(((first_after(last, stamps.get((one["started_at"], False))), place)
                             for place, one in enumerate(left)),
                            key=lambda one: one[0].at if one[0] else float("inf"))
            incident = left.pop(at)
            where = f"{chapter.who}: incident {incident['id']} of e{i}"
            end = first_after(begin.at if begin else last,
                              stamps.get((incident.get("ended_at"), True)))
            if "ended_at" not in incident:
                self.faults.append(f"{where}: is open, and all is well")
                continue
            if incident["end"] != "recovered":
                self.faults.append(f"{where}: has {incident['end']}, not recovered")
            # The clock went back below its beginning, and the end is said to be at that.
            if begin and incident["ended_at"] == incident["started_at"]:
                end = first_recovery(begin, verdicts)
            if not (begin and end) and not any(life.was_killed for life in chapter.lives):
                self.faults.append(
                    f"{where}: no check {'passed' if begin else 'failed'} at its "
                    f"{'end' if begin else 'beginning'}, {incident['started_at']} to "
                    f"{incident['ended_at']}")
            self.list.append((time_of(chapter, begin, incident["started_at"]),
                              time_of(chapter, end, incident["ended_at"])))
            last = self.list[-1][1]
        self.list.sort()
        for (_, end), (begin, _) in zip(self.list, self.list[1:]):
            if begin < end:
                self.faults.append(f"{chapter.who}: two incidents of e{i} at a time")

    def covers(self, at):
        return any(begin <= at < end for begin, end in self.list)


def judge_incidents(chapter, counts):
    faults = []
    for i, verdicts in chapter.verdicts.items():
        spans = Spans(chapter, i, verdicts)
        faults += spans.faults
        counts["incidents"] += len(chapter.incidents.get(i, []))
        for first, second in certain_pairs_of(chapter, verdicts):
            where = f"{chapter.who}: e{i}: checks at {first.stamp} and {second.stamp}"
            if first.is_pass and spans.covers(first.at):
                faults.append(f"{where} passed, and its incident went on")
            elif not first.is_pass and not (spans.covers(first.at) and spans.covers(second.at)):
                faults.append(f"{where} failed, and there is no incident from the first on")
            counts["outages"] += not first.is_pass
    strangers = set(chapter.incidents) - set(chapter.verdicts)
    return faults + [f"{chapter.who}: an incident of e{i}, which was not checked"
                     for i in strangers]


# --- Messages ---------------------------------------------------------------------------------


def judge_told(chapter, counts):
    """Each incident was told to have begun, and then to be over; more than once is counted."""
    faults = []
    told = collections.Counter((one.incident, one.transition, one.is_over) for one in chapter.told)
    begun, over = collections.defaultdict(list), collections.defaultdict(list)
    for one in chapter.told:
        (over if one.is_over else begun)[one.incident].append(one.at)
    for i, incidents in chapter.incidents.items():
        for incident in incidents:
            id = incident["id"]
            where = f"{chapter.who}: incident {id} of e{i}, {incident['started_at']}"
            if id not in begun:
                counts["lost"] += 1
                faults.append(f"{where}: nobody was told of it")
            elif "ended_at" in incident and id not in over:
                counts["lost"] += 1
                faults.append(f"{where}: nobody was told that it is over")
            elif id in over and min(over[id]) < min(begun[id]):
                faults.append(f"{where}: its end was told before its beginning")
            for state in incident["notifications"]:
                if state["state"] != "sent":
                    faults.append(f"{where}: its last message is {state['state']}")
    known = {one["id"] for incidents in chapter.incidents.values() for one in incidents}
    faults += [f"{chapter.who}: told of {id}, which is no incident"
               for id in {one.incident for one in chapter.told} - known]
    counts["told"] += len(chapter.told)
    counts["repeats"] += sum(times - 1 for times in told.values())
    return faults


# --- History ----------------------------------------------------------------------------------


def silence_of(chapter, truth, life):
    """How long its end is after what it said last, at most."""
    if not life.was_killed:
        return 0.0
    is_late = truth.was_stalled(chapter.who, life.ended - 2 * ALIVE_EVERY, life.ended)
    return ALIVE_LATE if is_late else ALIVE_EVERY


class Past:
    """What history must say of an endpoint since it was watched first."""

    def __init__(self):
        self.down = 0.0
        self.outages = 0
        self.spans = []  # monotonic, of those during which the daemon may have been away

    def add(self, chapter, truth, incidents, verdicts):
        for incident in incidents:
            begin, end = seconds_of(incident["started_at"]), seconds_of(incident["ended_at"])
            self.down += end - begin
            self.outages += 1
        for life, following in zip(chapter.lives, chapter.lives[1:]):
            if not verdicts or life.ended < verdicts[0].at:
                continue
            first = min((one.at for one in verdicts if one.at >= following.ready),
                        default=following.ready)
            self.spans.append((life.ended - silence_of(chapter, truth, life), first + 1))

    def away(self):
        return sum(end - begin for begin, end in self.spans)


def judge_past(who, i, past, time):
    """`time` is what GET …/history says of what it was, in seconds."""
    tolerance = MILLISECOND * (past.outages + 1)
    down = time.get("down", 0)
    if past.down - past.away() - tolerance <= down <= past.down + tolerance:
        return []
    return [f"{who}: history says that e{i} was down for {down:.3f} s; its {past.outages} incidents "
            f"took {past.down:.3f} s, {past.away():.1f} s of which may be unknown"]
