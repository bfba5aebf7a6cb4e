"""What a daemon wrote of its checks, read a piece at a time."""

import collections
import dataclasses
import json

from watcher import is_watched

# Seconds that a check may take on a machine that has no time for it.
LONGEST = 60.0


@dataclasses.dataclass(slots=True)
class Verdict:
    stamp: str
    at: float  # monotonic: when the check began
    until: float  # and when it was over, at the latest
    is_pass: bool
    name: str  # of the class; or None

    @property
    def is_local(self):
        return self.name == "local"


def bound(verdicts):
    """An endpoint is never checked twice at once, so one is over when the next begins.  A latency
    says less: it is the network's, and who is kept from running begins later and ends later.
    """
    for one, following in zip(verdicts, verdicts[1:]):
        one.until = min(one.until, following.at)


class Records:
    """Of one daemon; nothing is read twice."""

    def __init__(self, path, clock, near):
        self.path, self.clock, self.near = path, clock, near
        self.place = 0
        self.counts = collections.Counter()
        self.torn = 0

    def read(self):
        """Verdicts by endpoint, in their order, of those that are called e0, e1, …"""
        found = collections.defaultdict(list)
        with self.path.open("rb") as file:
            file.seek(self.place)
            data = file.read()
        whole = data.rfind(b"\n") + 1
        self.place += whole
        for line in data[:whole].splitlines():
            try:
                one = json.loads(line)
            except ValueError:
                # A kill cuts the last line short, and the next one is behind it.
                self.torn += 1
                continue
            name = one["endpoint"]
            if is_watched(name):
                self.counts[name] += 1
                found[int(name[1:])].append(self.parse(one))
        return found

    def parse(self, one):
        at = self.clock.monotonic(one["at"], self.near)
        self.near = at
        return Verdict(one["at"], at, at + LONGEST, one["verdict"] == "pass", one.get("class"))
