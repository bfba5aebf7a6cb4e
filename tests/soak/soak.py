"""A soak: daemons watch a world that misbehaves, and an oracle watches them.

    soak.py SECONDS SEED FOLDER BUILD SANITIZED

Run by scripts/soak, in a network and among file systems of its own.  Three daemons look at the
same endpoints: `steady` is never ended, `mortal` is killed and restarted, and `dizzy` has a
clock that jumps.
"""

import collections
import contextlib
import itertools
import pathlib
import subprocess
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

import house  # noqa: E402  (the path is set above)
import oracle  # noqa: E402
import plan  # noqa: E402
import watcher as watchers_of  # noqa: E402
from canary import Canary  # noqa: E402
from mischief import Mischief  # noqa: E402
from receiver import Receiver  # noqa: E402
from records import Records, bound  # noqa: E402
from report import Report  # noqa: E402
from truth import Truth  # noqa: E402

# Of those that are over, as many are kept (ALERT_CLOSED_MAX), each told twice.
KEPT_INCIDENTS = 5000

# How long something may take that is bound to come: a bound, not an expectation.
PATIENCE = 600


def changes_of(sizes):
    """Of those that fill everything up, with all that may go wrong and takes no time: often
    enough for that, and no more.
    """
    kinds = itertools.cycle(kind for kind, classes in plan.KINDS.items() if "timeout" not in classes)
    return [step for _ in range(KEPT_INCIDENTS // sizes.steady + 1)
            for step in (next(kinds), "200 json=1KB")]


def script(sizes):
    return ("/*/e*: 200 json=1KB\n/*/guest*: 200 json=1KB\n"
            f"/*/warm*: {', '.join(changes_of(sizes))}\n")


class Broken(Exception):
    """There is no going on."""


class Soak:
    def __init__(self, folder, seed, sizes, builds, log=None):
        self.folder, self.seed, self.sizes = folder, seed, sizes
        self.report = Report(seed)
        self.began = time.monotonic()
        self.log_file = open(log or folder / "log", "w", buffering=1)
        (folder / "world").mkdir(parents=True)
        self.world = house.World(folder / "world", script(sizes), "--http", "*:0")
        self.receiver = Receiver()
        counts = {"steady": sizes.steady, "mortal": sizes.others, "dizzy": sizes.others}
        self.watchers = {
            name: watchers_of.Watcher(name, folder / name, count, self.world, self.receiver,
                                      builds[name], name == "dizzy")
            for name, count in counts.items()}
        self.truth = Truth(max(counts.values()))
        self.mischief = Mischief(self.world, self.watchers, self.receiver, self.truth, self.log,
                                 sizes.can_cut)
        self.known = {name: set() for name in counts}
        self.buffers = {name: collections.defaultdict(list) for name in counts}
        self.pasts = {name: collections.defaultdict(oracle.Past) for name in counts}
        self.segment = 0
        self.canaries = []

    def log(self, text):
        stamp = time.strftime("%H:%M:%S", time.gmtime())
        self.log_file.write(f"{stamp} {time.monotonic() - self.began:+.3f} {text}\n")

    def fault(self, *faults):
        for one in faults:
            self.log(f"FAULT: {one}")
        self.report.faults += faults

    # --- Beginning ------------------------------------------------------------------------

    def start(self):
        # Until now nobody is watched by anybody.
        self.since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
        steady = self.watchers["steady"]
        if self.sizes.warm_up:
            self.warm_up(steady)
        else:
            steady.start()
        for name in ("mortal", "dizzy"):
            self.watchers[name].start()
        self.records = {name: Records(one.export, one.clock, time.monotonic())
                        for name, one in self.watchers.items()}
        for name, one in self.watchers.items():
            self.canaries.append(Canary(name, lambda one=one: one.get("/v1/status"), self.truth))
        self.canaries.append(Canary(None, lambda: self.world.ask("GET", "/canary"), self.truth))
        self.log("all are started")

    def warm_up(self, steady):
        """Until everything that has a bound is full, or its growth would look like a leak."""
        text = steady.configuration()
        head, _, _ = text.partition("endpoints:\n")
        steady.start(head.replace("failures: 2, successes: 2", "failures: 1, successes: 1") +
                     "endpoints:\n" + "".join(
                         f"  - {{ name: warm{i}, notify: [ops], http: '{steady.url(i, 'warm')}', "
                         f"labels: {{ round: '{i}' }} }}\n" for i in range(steady.count)))
        self.log("everything fills up")
        # Nobody is told and nothing is written for a while, or what waits would be more than ever
        # when it happens later.
        self.receiver.set_mood("steady", "fails")
        steady.fill()
        changes = len(changes_of(self.sizes))
        self.world.wait("/steady/warm*", changes // 2, steady.count, PATIENCE)
        self.receiver.set_mood("steady", None)
        steady.drain()
        self.world.wait("/steady/warm*", changes, steady.count, PATIENCE)
        self.wait("it is not told in full", lambda: self.not_told(steady))
        status, answer = steady.reload()
        assert status == 200, answer
        self.known["steady"] |= {one["id"] for one in steady.incidents(set())}

    @staticmethod
    def not_told(one):
        status = one.get("/v1/status")
        left = (status["incidents"]["open"], status["notifications"]["queued"],
                status["store"]["waiting"])
        if not any(left) and status["store"]["state"] == "ok":
            return None
        return (f"{one.name}: {left[0]} incidents open, {left[1]} messages queued, store "
                f"{status['store']['state']}")

    def sleep(self, seconds):
        time.sleep(max(0, seconds))
        for one in self.watchers.values():
            if one.daemon and one.has_ended():
                raise Broken(f"{one.name} has ended with status {one.daemon.process.returncode}")

    # --- Going on -------------------------------------------------------------------------

    def wait(self, what, is_so):
        """Until something is so that is bound to be; where much is left, it takes its time."""
        before, until = None, 0.0
        while left := is_so():
            if left != before:
                before, until = left, time.monotonic() + PATIENCE
            if time.monotonic() > until:
                raise Broken(f"{what}: {left}")
            self.sleep(0.3)

    def wrong_states(self):
        """Whoever is not what the world makes of it."""
        wrong = []
        for one in self.watchers.values():
            shown = one.endpoints()
            for i in range(one.count):
                state = shown[f"e{i}"]["state"]
                if state != ("up" if self.truth.is_well(i) else "down"):
                    wrong.append(f"{one.name}: e{i} is {state}, but it was "
                                 f"{sorted(self.truth.endpoints[i].faults) or 'well'}")
        return wrong[:20]

    def not_at_rest(self):
        return self.wrong_states() + [left for one in self.watchers.values()
                                      if (left := self.not_told(one))]

    def run_segment(self):
        deeds = plan.draw_segment(self.seed, self.segment, self.sizes, list(self.watchers))
        self.segment += 1
        self.log(f"segment {self.segment}")
        began = time.monotonic()
        for deed in deeds:
            self.sleep(deed.at - (time.monotonic() - began))
            self.mischief.do(deed)
            self.report.deeds[deed.verb] += 1
        self.sleep(self.sizes.segment - (time.monotonic() - began))
        self.log("it stays as it is, until all states are right")
        self.wait("states that stay wrong", self.wrong_states)
        self.report.moments["freezes"] += 1
        self.weigh()

    def weigh(self):
        """Not behind judge(), which asks for more the longer it goes on."""
        steady = self.watchers["steady"]
        self.report.memory.append((steady.get("/v1/status")["checks"]["total"],
                                   steady.anonymous_kib()))

    def run_chapter(self, until):
        for number in range(self.sizes.segments):
            if number == 0 or time.monotonic() < until:
                self.run_segment()
        self.log("rest")
        self.mischief.mend_all()
        self.wait("no rest", self.not_at_rest)
        self.report.moments["rests"] += 1
        for one in self.watchers.values():
            self.judge(one)
        self.truth.forget(time.monotonic() - 60)
        print(f"{time.strftime('%H:%M:%S')} {self.segment} segments, "
              f"{self.report.total('checks')} checks, {self.report.total('incidents')} incidents, "
              f"{self.report.total('told')} messages, {len(self.report.faults)} faults", flush=True)

    # --- Judging --------------------------------------------------------------------------

    def read(self, one, mark):
        """What it has written until then; lines come in the order of the ends of checks."""
        buffer = self.buffers[one.name]

        def is_behind():
            fresh = self.records[one.name].read()
            for i, verdicts in fresh.items():
                buffer[i] += verdicts
            return not any(verdict.at > mark for verdicts in fresh.values() for verdict in verdicts)

        self.wait(f"{one.name} writes no verdicts", is_behind)
        self.buffers[one.name] = collections.defaultdict(list)
        for verdicts in buffer.values():
            bound(verdicts)
        return buffer

    def judge(self, one):
        verdicts = self.read(one, time.monotonic())
        incidents = collections.defaultdict(list)
        for incident in reversed(one.incidents(self.known[one.name])):
            self.known[one.name].add(incident["id"])
            if watchers_of.is_watched(incident["endpoint"]):
                incidents[int(incident["endpoint"][1:])].append(incident)
        told = [told for told in self.receiver.drain(one.name)
                if watchers_of.is_watched(told.endpoint)]
        chapter = oracle.Chapter(one.name, one.clock, one.lives, verdicts, incidents, told)
        counts = self.report.counts[one.name]
        self.fault(*oracle.judge_verdicts(chapter, self.truth, counts),
                   *oracle.judge_incidents(chapter, counts), *oracle.judge_told(chapter, counts))
        self.judge_past(one, chapter)
        one.lives[:] = one.lives[-1:]
        one.clock.forget(time.monotonic() - 60)

    def judge_past(self, one, chapter):
        for i in range(one.count):
            past = self.pasts[one.name][i]
            past.add(chapter, self.truth, chapter.incidents.get(i, []),
                     chapter.verdicts.get(i, []))
            if one.clock.spans[1:]:
                continue  # In which order it was what, a clock that goes back does not know.
            history = one.get(f"/v1/endpoints/e{i}/history?since={self.since}")
            self.fault(*oracle.judge_past(one.name, i, past, history["time"]))
            self.report.moments["histories"] += 1
            if one.name == "steady":
                self.judge_count(one, i, history["checks"])
        self.report.counts[one.name]["down seconds"] = round(
            sum(past.down for past in self.pasts[one.name].values()))

    def judge_count(self, one, i, checks):
        """Of one that was there all the time each check is counted, and none twice."""
        records = self.records[one.name]
        least = records.counts[f"e{i}"]

        def are_missing():
            for other, verdicts in records.read().items():
                self.buffers[one.name][other] += verdicts
            return records.counts[f"e{i}"] < checks and \
                f"history has {checks} checks of e{i}, {records.counts[f'e{i}']} are written"

        if checks < least:
            self.fault(f"{one.name}: history has {checks} checks of e{i}, not {least}")
        if records.counts[f"e{i}"] < checks:
            self.wait("verdicts that are not written", are_missing)

    # --- Ending ---------------------------------------------------------------------------

    def run(self, seconds):
        """True if all was as it should be."""
        until = self.began + seconds
        try:
            self.start()
            self.wait("they did not come up", self.wrong_states)
            while not self.report.moments["rests"] or time.monotonic() < until:
                self.run_chapter(until)
        except Exception as exception:  # pylint: disable=broad-except  # of whatever it died
            self.log(traceback.format_exc())
            self.fault(f"there was no going on: {type(exception).__name__}: {exception}")
        for canary in self.canaries:
            canary.stop()
            self.report.moments["stalls"] += canary.stalls
        self.end_all()
        is_right = self.report.judge()
        for line in self.report.lines():
            self.log(line)
            print(line, flush=True)
        (self.folder / "report.json").write_text(self.report.json())
        return is_right

    def end_all(self):
        for one in self.watchers.values():
            if not one.daemon or one.lives[-1].ended < float("inf"):
                continue
            if one.has_ended():
                one.look_through_log()
            elif (status := one.end(watchers_of.signal.SIGTERM)) != 0:
                self.fault(f"{one.name} ended with status {status}")
            self.report.ends[one.name] = {"kills": one.kills, "reports": one.reports}
            with contextlib.suppress(OSError):
                subprocess.run(["umount", one.folder / "disk"], check=False, capture_output=True)
        self.receiver.close()
        self.world.stop()


def main():
    seconds, seed = float(sys.argv[1]), int(sys.argv[2])
    folder, build, sanitized = (pathlib.Path(path).resolve() for path in sys.argv[3:6])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    sizes = plan.Sizes()
    soak = Soak(folder, seed, sizes,
                {"steady": build, "mortal": sanitized, "dizzy": sanitized})
    print(f"seed {seed}, {seconds:.0f} s; what is done is in {folder}/log", flush=True)
    return 0 if soak.run(seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
