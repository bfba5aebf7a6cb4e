"""A router that says that no way leads there, while the next packet would find one.

In a network of its own, where nft(8) answers the first packet to an address as such a router does:
on loopback it says so while connect(2) still runs, and the kernel goes on trying.
"""

import contextlib
import pathlib
import subprocess
import sys

import pytest

import house

# The first packet to each address is refused, the one that is sent again a second later is not.
RULES = """
table inet detour {
	set told { type ipv4_addr; flags dynamic; timeout 1h; }
	chain input {
		type filter hook input priority 0;
		ip daddr 127.9.0.0/16 tcp flags & (syn|ack) == syn ip daddr != @told \\
			add @told { ip daddr } counter reject with icmp host-unreachable
	}
}
"""


def look(folder):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True)
    world = house.World(folder, "/*: 200\n", "--http", "*:0")
    daemon = house.Picketd(folder, (
        "defaults: { interval: 20d, timeout: 30s, confirm: { failures: 1, successes: 1 } }\n"
        "endpoints:\n"
        f"  - {{ name: page, http: 'http://127.9.0.1:{world.port}/page' }}\n"
        f"  - {{ name: port, tcp: '127.9.0.2:{world.port}' }}\n"), "--ephemeral")
    with contextlib.closing(daemon):
        for name in ("page", "port"):
            daemon.ctl("check", name, "--wait")
            last = daemon.endpoint(name)["last_check"]
            assert (last["class"], last["phase"]) == ("unreachable", "connect"), last
            daemon.ctl("check", name, "--wait")
            assert daemon.endpoint(name)["last_check"]["verdict"] == "pass"
    world.stop()


def test_what_a_router_says_is_what_is_told(tmp_path):
    own = ["unshare", "--net"]
    if subprocess.run([*own, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs a network of its own")
    answer = subprocess.run([*own, sys.executable, __file__, tmp_path], check=False,
                            capture_output=True, text=True, timeout=4 * house.PATIENCE)
    assert answer.returncode == 0, answer.stdout + answer.stderr


if __name__ == "__main__":
    look(pathlib.Path(sys.argv[1]))
