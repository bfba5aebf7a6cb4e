"""What is going to happen: drawn from a seed, before any of it does.

A segment is a list of things to do and when, in seconds from its beginning.  Each thing that
begins to go wrong and is not an outage is over by the end of its segment.
"""

import dataclasses
import random

# What an endpoint may do, and the classes that it is then told to have.
KINDS = {
    "503": {"expectation"},
    "close": {"empty_reply"},
    "reset": {"reset", "empty_reply"},
    "silent": {"timeout"},
    "delay=1h": {"timeout"},
    "garbage": {"malformed_reply"},
    "half": {"partial_body"},
    "endless-headers": {"headers_too_large"},
    "bad-gzip": {"expectation"},
    "redirect=9": {"too_many_redirects"},
}

# What a cut looks like from here: packets that vanish, or a router that says so.
CUTS = {"drop": {"timeout"}, "reject": {"connect_refused", "unreachable", "timeout"}}

# What a receiver of messages may do instead of taking them.
MOODS = ["fails", "closes", "hangs", "talks nonsense", "is away"]

# Farther than a check may last, or nobody could tell from its stamp which side it was on.
CLOCKS = [86400 * 40, 3600, 90, -90, -3600, -86400 * 3]


@dataclasses.dataclass(order=True)
class Deed:
    at: float
    verb: str = dataclasses.field(compare=False)
    words: tuple = dataclasses.field(compare=False, default=())


@dataclasses.dataclass
class Sizes:
    """How large and how rough a soak is."""

    steady: int = 280  # endpoints of the daemon that is never ended
    others: int = 60  # of each of the others
    segment: float = 80  # seconds
    segments: int = 3  # a chapter, which ends with a rest
    warm_up: bool = True
    outage_every: float = 75  # seconds, of each endpoint
    outage_most: float = 40  # seconds
    kills: float = 2  # a segment, of the daemon that is killed
    can_cut: bool = True


def draw_outages(chance, sizes, deeds):
    """At most one outage that begins, and perhaps its end; what is not over goes on."""
    for i in range(sizes.steady):
        begin = chance.expovariate(1 / sizes.outage_every)
        if begin > sizes.segment:
            continue
        deeds.append(Deed(begin, "worsen", (i, chance.choice(list(KINDS)))))
        end = begin + chance.uniform(0.2, sizes.outage_most)
        if end < sizes.segment:
            deeds.append(Deed(end, "mend", (i,)))


def draw_span(chance, sizes, least, most):
    """When something begins and ends within a segment."""
    most = min(most, sizes.segment * 0.6)
    lasts = chance.uniform(min(least, most), most)
    begin = chance.uniform(0, sizes.segment - lasts)
    return begin, begin + lasts


def draw_spans(chance, sizes, deeds, watchers):
    if sizes.can_cut and chance.random() < 0.7:
        begin, end = draw_span(chance, sizes, 8, 40)
        block = (chance.randrange(sizes.steady), chance.choice([4, 16, 64]))
        if chance.random() < 0.3:
            block = (0, sizes.steady)
        way = chance.choice(list(CUTS))
        deeds += [Deed(begin, "cut", (block, way)), Deed(end, "splice", (block, way))]
    if chance.random() < 0.7:
        begin, end = draw_span(chance, sizes, 5, 45)
        who = chance.choice(watchers)
        mood = chance.choice(MOODS if sizes.can_cut else MOODS[:-1])
        deeds += [Deed(begin, "upset", (who, mood)), Deed(end, "calm", (who,))]
    if chance.random() < 0.5:
        begin, end = draw_span(chance, sizes, 10, 40)
        who = chance.choice(watchers)
        deeds += [Deed(begin, "fill", (who,)), Deed(end, "drain", (who,))]
    if chance.random() < 0.3:
        begin, end = draw_span(chance, sizes, 1, 15)
        who = chance.choice(watchers)
        deeds += [Deed(begin, "stop", (who,)), Deed(end, "go on", (who,))]


def draw_moments(chance, sizes, deeds, watchers):
    def moment():
        return chance.uniform(0, sizes.segment)

    for _ in range(int(sizes.kills) + (chance.random() < sizes.kills % 1)):
        deeds.append(Deed(moment(), "kill", ("mortal",)))
    if chance.random() < 0.7:
        deeds.append(Deed(moment(), "restart", (chance.choice(["mortal", "dizzy"]),)))
    for _ in range(2):
        deeds.append(Deed(moment(), "reload", (chance.choice(watchers), chance.randrange(1 << 30))))
    if chance.random() < 0.5:
        deeds.append(Deed(moment(), "reload badly", (chance.choice(watchers),)))
    deeds.append(Deed(moment(), "turn the clock", ("dizzy", chance.choice(CLOCKS))))


def draw_segment(seed, number, sizes, watchers):
    """The same for the same seed and number, however long the others took."""
    chance = random.Random(f"{seed}/{number}")
    deeds = []
    draw_outages(chance, sizes, deeds)
    draw_spans(chance, sizes, deeds, watchers)
    draw_moments(chance, sizes, deeds, watchers)
    return sorted(deeds)
