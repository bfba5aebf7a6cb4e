"""What the world really did, and when: the oracle's only source.

Times are seconds of CLOCK_MONOTONIC.  A change is not at a moment but in a span: after it was
asked for, and before it was answered.  Within that, either may have been seen.
"""

import bisect
import dataclasses


@dataclasses.dataclass
class Change:
    before: float
    after: float
    faults: frozenset  # the classes that a check may find; empty: it is well


class Endpoint:
    def __init__(self):
        self.changes = [Change(float("-inf"), float("-inf"), frozenset())]
        self.ends = [float("-inf")]

    def note(self, before, after, faults):
        self.changes.append(Change(before, after, faults))
        self.ends.append(after)

    @property
    def faults(self):
        return self.changes[-1].faults

    def seen(self, begin, end):
        """All that may have been so at some time of a span."""
        first = max(bisect.bisect_right(self.ends, begin) - 1, 0)
        found = []
        for change in self.changes[first:]:
            if change.before > end:
                break
            found.append(change.faults)
        return found

    def bad_for(self, begin, end):
        """How long it was bad within a span: at least, and at most."""
        least = most = 0.0
        for change, following in zip(self.changes, [*self.changes[1:], None]):
            until = min(following.before if following else end, end)
            latest = min(following.after if following else end, end)
            if change.faults:
                least += max(0.0, until - max(change.after, begin))
                most += max(0.0, latest - max(change.before, begin))
        return least, most

    def forget(self, until):
        """What was over long ago."""
        keep = max(bisect.bisect_right(self.ends, until) - 1, 0)
        self.changes, self.ends = self.changes[keep:], self.ends[keep:]


class Truth:
    def __init__(self, count):
        self.endpoints = [Endpoint() for _ in range(count)]
        self.kinds = [frozenset()] * count  # by the world
        self.cuts = [frozenset()] * count  # by the network
        self.stalls = {}  # who (None: everybody) -> spans in which this machine stood still

    def worsen(self, i, faults, before, after):
        self.kinds[i] = frozenset(faults)
        self.note(i, before, after)

    def cut(self, i, faults, before, after):
        self.cuts[i] = frozenset(faults)
        self.note(i, before, after)

    def note(self, i, before, after):
        # What does not come through does nothing.
        self.endpoints[i].note(before, after, self.cuts[i] or self.kinds[i])

    def is_well(self, i):
        return not self.endpoints[i].faults

    def stall(self, who, begin, end):
        self.stalls.setdefault(who, []).append((begin, end))

    def was_stalled(self, who, begin, end):
        return any(begin <= until and end >= since
                   for name in (None, who) for since, until in self.stalls.get(name, []))

    def forget(self, until):
        for one in self.endpoints:
            one.forget(until)
        for spans in self.stalls.values():
            spans[:] = [span for span in spans if span[1] > until]
