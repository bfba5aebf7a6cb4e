"""Fixtures: a world and daemons that end with their test, and whose faults fail it."""

import pytest

import house
import servers


@pytest.fixture
def world(tmp_path):
    made = []

    def make(script="", *options):
        folder = tmp_path / f"world{len(made)}"
        folder.mkdir()
        made.append(house.World(folder, script, *options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def picketd(tmp_path):
    made = []

    def make(config, *options, **more):
        folder = tmp_path / f"picketd{len(made)}"
        folder.mkdir()
        made.append(house.Picketd(folder, config, *options, **more))
        return made[-1]

    yield make
    for one in made:
        status = one.close()
        log = (one.folder / "picketd.log").read_text()
        print(log[-4000:])
        assert "Sanitizer" not in log and "runtime error" not in log
        assert "Assertion" not in log
        assert status == 0


@pytest.fixture
def talker():
    made = []

    def make(script):
        made.append(servers.Talker(script))
        return made[-1]

    yield make
    for one in made:
        one.close()
