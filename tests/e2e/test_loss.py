"""A network that loses one packet in a hundred, and one resolver's answer in twenty: no outage.

For minutes, in a network of its own, where nft(8) drops what goes over the loopback interface.
"""

import contextlib
import pathlib
import queue
import re
import subprocess
import sys

import house
from sink import Sink

ENDPOINTS, SECONDS = 500, 300

# The rule of the resolver's answers comes first, and takes its share of the other too.
RULES = """
table inet loss {{
	chain input {{
		type filter hook input priority 0;
		udp sport {dns} numgen random mod 20 == 0 counter drop
		iif lo numgen random mod 100 == 0 counter drop
	}}
}}
"""


def config(world, sink):
    lines = [
        "picket:",
        f"  resolver: {{ servers: ['127.0.0.1:{world.ports['dns']}'] }}",
        "receivers:",
        f"  ops: {{ webhook: '{sink.url()}', group_wait: 0s, group_interval: 1s }}",
        "defaults:",
        "  interval: 10s",
        "  notify: [ops]",
        "endpoints:",
    ]
    lines += [f"  - {{ name: e{i}, http: 'http://e{i}.loss.test:{world.port}/ok' }}"
              for i in range(ENDPOINTS)]
    return "\n".join(lines) + "\n"


def dropped():
    """How many packets each of the rules took."""
    text = subprocess.run(["nft", "list", "ruleset"], check=True, capture_output=True, text=True)
    return [int(count) for count in re.findall(r"counter packets (\d+)", text.stdout)]


def lose(folder):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    world = house.World(folder, "dns *.loss.test: 127.0.0.1\n/ok: 200\n", "--http", "127.0.0.1:0",
                        "--dns", "127.0.0.1:0")
    sink = Sink()
    daemon = house.Picketd(folder, config(world, sink))
    with contextlib.closing(sink), contextlib.closing(daemon):
        subprocess.run(["nft", "-f", "-"], input=RULES.format(dns=world.ports["dns"]), check=True,
                       text=True)
        with contextlib.suppress(queue.Empty):
            raise AssertionError(sink.came.get(timeout=SECONDS))
        answers, packets = dropped()
        checks = daemon.status()["checks"]
        print(f"{checks['total']} checks, {checks['failed']} of them failed; "
              f"{answers} answers of the resolver and {packets} packets were lost")
        # Or nothing was tried.
        assert answers > 100 and packets > 1000 and checks["total"] > ENDPOINTS * SECONDS / 20
        assert not daemon.get("/v1/incidents")["incidents"]
        assert sink.came.empty()
    world.stop()


def test_lost_packets_are_no_outage(tmp_path):
    answer = subprocess.run(["unshare", "-n", sys.executable, __file__, tmp_path], check=False,
                            stderr=subprocess.PIPE, text=True, timeout=2 * SECONDS)
    assert answer.returncode == 0, answer.stderr


if __name__ == "__main__":
    lose(pathlib.Path(sys.argv[1]))
