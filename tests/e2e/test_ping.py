"""Echo requests, and what picket says of what comes back."""

import json
import shutil
import subprocess

import pytest

import house

# In a network of our own nothing answers but what we put there.
AWAY = """
set -e
ip link set lo up
ip link add here type veth peer name there
ip link set there up
ip address add 192.0.2.1/24 dev here
ip link set here up
ip neighbour add 192.0.2.9 lladdr 02:00:00:00:00:09 dev here nud permanent
ip route add unreachable 198.51.100.0/24
exec "$@"
"""


def look(endpoints, tmp_path, *prefix):
    path = tmp_path / "picket.yaml"
    path.write_text(json.dumps({"endpoints": endpoints}))
    answer = house.run(*prefix, house.PICKETD, "--once", "--json", "-c", path)
    return {one["name"]: one["last_check"] for one in json.loads(answer.stdout)}


@pytest.fixture
def network():
    prefix = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", AWAY, "sh"]
    if subprocess.run([*prefix, "true"], capture_output=True).returncode:
        prefix = ["unshare", "--net", "sh", "-c", AWAY, "sh"]
    assert shutil.which("ip"), "iproute2 is one of scripts/setup's"
    made = subprocess.run([*prefix, "true"], capture_output=True, text=True)
    if made.returncode:
        pytest.skip("no network of our own here: " + made.stderr)
    return prefix


def test_how_pings_end(network, tmp_path):
    cases = [
        # The name, the options, the class, the phase.
        ("back", {"host": "127.0.0.1"}, None, None),
        ("six", {"host": "::1", "size": "1000B"}, None, None),
        ("sourced", {"host": "192.0.2.1", "source": "127.0.0.1", "ttl": 3}, None, None),
        ("swallowed", {"host": "192.0.2.9", "count": 2}, "timeout", "first_byte"),
        ("unreachable", {"host": "198.51.100.1"}, "unreachable", "connect"),
        ("routeless", {"host": "203.0.113.1"}, "unreachable", "connect"),
        ("large", {"host": "192.0.2.9", "size": "2000B", "dont_fragment": True},
         "unreachable", "connect"),
    ]
    checks = look(
        [
            {"name": name, "ping": ping, "timeout": "2s" if cls == "timeout" else "30s"}
            for name, ping, cls, _ in cases
        ],
        tmp_path,
        *network,
    )
    for name, _, cls, phase in cases:
        check = checks[name]
        assert check["verdict"] == ("fail" if cls else "pass"), (name, check)
        assert check.get("class") == cls, (name, check)
        assert check.get("phase") == phase, (name, check)
        assert abs(sum(check["phases"].values()) - check["latency"]) < 0.001, (name, check)
    assert checks["swallowed"]["reason"] == "none of 2 echo requests came back"


def test_expectations_and_urls(network, tmp_path):
    checks = look(
        [
            {
                "name": "one",
                "ping": {"host": "127.0.0.1", "count": 4, "spacing": "5ms"},
                "expect": ["loss == 0%", "loss < 20%", "rtt.max < 10s", "rtt.min <= rtt.avg",
                           "rtt.jitter < 10s", "address == '127.0.0.1'"],
            },
            {
                "name": "closed",
                "ping": {"host": "198.51.100.1", "count": 1},
                "expect": ['class == "unreachable"', "loss == 100%"],
            },
        ],
        tmp_path,
        *network,
    )
    for name, check in checks.items():
        assert check["verdict"] == "pass", (name, check)
    answer = house.run(*network, house.PICKETD, "--once", "ping://127.0.0.1")
    assert answer.returncode == 0, answer.stdout + answer.stderr
