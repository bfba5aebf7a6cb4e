"""A soak of seconds, so that scripts/soak never rots."""

import pathlib
import subprocess
import sys

import pytest

import plan
import soak

SMALL = plan.Sizes(steady=40, others=20, segment=12, segments=1, warm_up=False, outage_every=10,
                   outage_most=8, kills=1)


def test_a_soak_of_seconds_is_right(tmp_path):
    own = ["unshare", "--net", "--mount"]
    if subprocess.run([*own, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs a network and mounts of its own")
    answer = subprocess.run([*own, sys.executable, "-B", __file__, tmp_path], check=False,
                            capture_output=True, text=True, timeout=550)
    print(answer.stderr, *tmp_path.glob("log"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    # Or nothing was tried.
    assert "1 x cut" in answer.stdout and "1 x kill" in answer.stdout, answer.stdout
    assert "1 x reload" in answer.stdout and "1 x fill" in answer.stdout, answer.stdout


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    builds = {name: soak.house.BUILD for name in ("steady", "mortal", "dizzy")}
    return 0 if soak.Soak(pathlib.Path(sys.argv[1]), 2, SMALL, builds).run(1) else 1


if __name__ == "__main__":
    sys.exit(main())
