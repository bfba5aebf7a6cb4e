"""Does what the plan says, to the world, the network, the disks and the daemons, and notes it."""

import signal
import subprocess
import time

import plan
import watcher as watchers_of

TABLE = """
table inet soak {
	set vanishing { type ipv4_addr; flags interval; }
	set refused { type ipv4_addr; flags interval; }
	set away { type inet_service; }
	chain input {
		type filter hook input priority 0;
		ip daddr @vanishing drop
		ip saddr @vanishing drop
		ip daddr @refused reject with icmp host-unreachable
		tcp dport @away tcp flags & (fin|syn|rst|ack) == syn drop
	}
}
"""
NEED_IT_AWAKE = ("kill", "restart", "reload", "reload badly")
SETS = {"drop": "vanishing", "reject": "refused"}


def nft(*words, text=None):
    subprocess.run(["nft", *words], input=text, text=True, check=True)


class Mischief:
    """`watchers` by name; `truth` is told of everything, and `log` of what is worth a line."""

    def __init__(self, world, watchers, receiver, truth, log, can_cut):
        self.world, self.watchers, self.receiver = world, watchers, receiver
        self.truth, self.log = truth, log
        self.cuts = []
        self.stopped = {}  # since when
        if can_cut:
            nft("-f", "-", text=TABLE)

    def do(self, deed):
        # Nobody who stands still does anything.
        if deed.words and deed.words[0] in self.stopped and deed.verb in NEED_IT_AWAKE:
            self.go_on(deed.words[0])
        self.log(f"{deed.verb} {' '.join(str(word) for word in deed.words)}")
        getattr(self, deed.verb.replace(" ", "_"))(*deed.words)

    # --- Endpoints ------------------------------------------------------------------------

    def set(self, i, step, classes):
        before = time.monotonic()
        for path in watchers_of.paths_of(self.watchers.values(), i):
            self.world.set(path, step)
        self.truth.worsen(i, classes, before, time.monotonic())

    def worsen(self, i, kind):
        self.set(i, kind, plan.KINDS[kind])

    def mend(self, i):
        self.set(i, "200 json=1KB", ())

    # --- The network ----------------------------------------------------------------------

    def members(self, block):
        first, count = block
        return range(first, min(first + count, len(self.truth.endpoints)))

    def element(self, what, name, block):
        """Of a set of addresses; blocks may not overlap there, so each is one of its own."""
        members = self.members(block)
        if members:
            first, last = (watchers_of.address_of(i) for i in (members[0], members[-1]))
            nft(what, "element", "inet", "soak", name, f"{{ {first}-{last} }}")

    def cut(self, block, way):
        before = time.monotonic()
        self.element("add", SETS[way], block)
        self.cuts.append((block, way))
        after = time.monotonic()
        for i in self.members(block):
            self.truth.cut(i, plan.CUTS[way], before, after)

    def splice(self, block, way):
        before = time.monotonic()
        self.element("delete", SETS[way], block)
        self.cuts.remove((block, way))
        after = time.monotonic()
        for i in self.members(block):
            self.truth.cut(i, (), before, after)

    # --- Whoever is told ------------------------------------------------------------------

    def upset(self, who, mood):
        self.receiver.set_mood(who, mood)
        if mood == "is away":
            nft("add", "element", "inet", "soak", "away", f"{{ {self.receiver.port} }}")

    def calm(self, who):
        if self.receiver.moods.get(who) == "is away":
            nft("delete", "element", "inet", "soak", "away", f"{{ {self.receiver.port} }}")
        self.receiver.set_mood(who, None)

    # --- Daemons --------------------------------------------------------------------------

    def may_end(self, one):
        """What is not on the disk is lost by contract, so not while it cannot be written."""
        if one.is_full:
            self.log(f"{one.name} is spared: its disk is full")
            return False
        while one.is_behind and not one.is_well():
            time.sleep(0.2)
        one.is_behind = False
        return True

    def kill(self, who):
        one = self.watchers[who]
        if self.may_end(one):
            one.end(signal.SIGKILL)
            self.start_again(one)

    def restart(self, who):
        one = self.watchers[who]
        if self.may_end(one):
            status = one.end(signal.SIGTERM)
            assert status == 0, f"{who} ended with status {status}"
            self.start_again(one)

    def start_again(self, one):
        one.start()
        self.log(f"{one.name} is ready, pid {one.daemon.pid}")

    def reload(self, who, seed):
        self.watchers[who].change_configuration(seed)
        status, answer = self.watchers[who].reload()
        assert status == 200, (who, answer)

    def reload_badly(self, who):
        one = self.watchers[who]
        before = one.get("/v1/status")["config"]["endpoints"]
        status, answer = one.reload_badly()
        assert status == 422, (who, status, answer)
        assert one.get("/v1/status")["config"]["endpoints"] == before

    def fill(self, who):
        if not self.watchers[who].fill():
            self.log("not done: it has no disk of its own")

    def drain(self, who):
        self.watchers[who].drain()

    def stop(self, who):
        self.watchers[who].daemon.send(signal.SIGSTOP)
        self.stopped[who] = time.monotonic()

    def go_on(self, who):
        if who not in self.stopped:
            return
        self.watchers[who].daemon.send(signal.SIGCONT)
        # Answers may have come too late for it meanwhile.
        self.truth.stall(who, self.stopped.pop(who) - watchers_of.TIMEOUT,
                         time.monotonic() + watchers_of.TIMEOUT)

    def turn_the_clock(self, who, seconds):
        if not self.watchers[who].has_shim:
            self.log("not done: it has no clock of its own")
            return
        self.watchers[who].turn_clock(seconds)

    # --- The end of it --------------------------------------------------------------------

    def mend_all(self):
        for i in range(len(self.truth.endpoints)):
            if not self.truth.is_well(i):
                self.mend(i)
