"""What a soak showed, and whether that is what was promised."""

import collections
import json
import statistics

# Of the daemon that nobody ends; fewer checks than these are too few to say anything.
KIB_A_MILLION, CHECKS_NEEDED = 1024, 200_000


class Report:
    def __init__(self, seed):
        self.seed = seed
        self.faults = []
        self.counts = collections.defaultdict(collections.Counter)  # by daemon
        self.moments = collections.Counter()  # at which something was looked at
        self.memory = []  # (checks, KiB) of the daemon that nobody ends
        self.ends = {}  # by daemon: kills, reports of sanitizers
        self.deeds = collections.Counter()

    def growth(self):
        """KiB a million checks, from the first third of the looks at it to the last; None: too few."""
        third = len(self.memory) // 3
        if not third:
            return None
        (early, low), (late, high) = (
            (statistics.median(one[0] for one in part), statistics.median(one[1] for one in part))
            for part in (self.memory[:third], self.memory[-third:]))
        if late - early < CHECKS_NEEDED:
            return None
        return (high - low) * 1e6 / (late - early)

    def judge(self):
        """Once, at the end."""
        growth = self.growth()
        if growth is not None and growth > KIB_A_MILLION:
            self.faults.append(f"memory grew by {growth:.0f} KiB a million checks")
        if not self.moments["rests"]:
            self.faults.append("nothing was looked at")
        for who, end in self.ends.items():
            repeats = self.counts[who]["repeats"]
            if repeats > end["kills"]:
                self.faults.append(f"{who}: {repeats} messages came again at {end['kills']} kills")
            self.faults += end["reports"]
        return not self.faults

    def total(self, what):
        return sum(counts[what] for counts in self.counts.values())

    def lines(self):
        growth = self.growth()
        kills = sum(end["kills"] for end in self.ends.values())
        reports = sum(len(end["reports"]) for end in self.ends.values())
        checks = self.total("checks")
        yield f"seed {self.seed}: " + ", ".join(
            f"{count} x {verb}" for verb, count in sorted(self.deeds.items()))
        yield (f"checks: {checks}, {self.total('failing')} of them failing, "
               f"{self.total('local')} local; {self.total('undecided')} at moments of which "
               "nothing can be said, all others as the world was")
        yield (f"states: right at {self.moments['freezes']} moments of trouble and at "
               f"{self.moments['rests']} of rest")
        yield f"incidents: {self.total('incidents')}"
        yield (f"messages: {self.total('told')} of changes, {self.total('lost')} lost, "
               f"{self.total('repeats')} came again at {kills} kills")
        yield (f"history: of {self.moments['histories']} looks, each as the incidents; "
               f"{self.counts['steady']['down seconds']} s down")
        yield ("memory: " + ("too few checks to say" if growth is None else
                             f"{growth:+.0f} KiB a million checks") +
               "".join(f", {kib} KiB at {total}" for total, kib in self.memory[:1] +
                       self.memory[-1:]))
        yield f"sanitizers: {reports} reports"
        yield f"stalls of this machine: {self.moments['stalls']}"
        for fault in self.faults[:50]:
            yield f"FAULT: {fault}"
        yield ("ok" if not self.faults else f"{len(self.faults)} faults")

    def json(self):
        return json.dumps({
            "seed": self.seed, "faults": self.faults, "deeds": self.deeds, "moments": self.moments,
            "counts": self.counts, "ends": self.ends, "memory": self.memory,
            "KiB a million checks": self.growth()}, indent=1)
