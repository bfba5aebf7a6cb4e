"""The manual's recipes, and STARTTLS, against the servers that they are for."""

import json
import pathlib
import re
import shutil
import tempfile

import pytest
import yaml

import house
import real
import servers

MANUAL = pathlib.Path(__file__).parents[2] / "man"

# As the protocol has it: length, number, version 10, that of the server, and what follows.
MYSQL = b"\x4a\0\0\0\x0a8.0.36\0\1\0\0\0abcdefgh\0\xff\xff\x21\2\0" + b"\0" * 44


@pytest.fixture
def folder():
    """Others than the test's own user may enter it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="picket-e2e-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def start(folder):
    made = []

    def begin(make, *arguments):
        own = folder / make.__name__
        own.mkdir()
        made.append(make(own, *arguments))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def recipes():
    """The last example of the section on tcp, by name."""
    text = (MANUAL / "probe-tcp.mdoc").read_text()
    shown = re.findall(r'^\.\\" check\n\.Bd [^\n]*\n(.*?)^\.Ed$', text, re.M | re.S)[-1]
    return {one["name"]: one for one in yaml.safe_load(shown.replace("\\e", "\\"))["endpoints"]}


def aim(recipe, address):
    """The same, at another address."""
    if isinstance(recipe["tcp"], str):
        return {**recipe, "tcp": {"address": address}, "timeout": "30s"}
    return {**recipe, "tcp": {**recipe["tcp"], "address": address}, "timeout": "30s"}


def look(tmp_path, endpoints):
    path = tmp_path / "picket.yaml"
    path.write_text(json.dumps({"endpoints": endpoints}))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    return {one["name"]: one["last_check"] for one in json.loads(answer.stdout)}


def test_recipes_hold_what_they_say(start, talker, folder, tmp_path):
    key, cert = real.certificate(folder)
    places = {
        "ssh": start(real.sshd),
        "redis": start(real.redis),
        "memcached": start(real.memcached),
        "postgres": start(real.postgres, key, cert),
        "mysql": talker(servers.says(MYSQL)),
    }
    shown = recipes()
    assert set(shown) == set(places)
    endpoints = [aim(shown[name], place.address) for name, place in places.items()]
    for one in endpoints:
        if one["name"] == "postgres":
            one["tcp"]["tls"] = {"ca": str(cert), "server_name": "localhost"}
    checks = look(tmp_path, endpoints)
    for name, check in checks.items():
        assert check["verdict"] == "pass", (name, check)
    # And they do look: no recipe passes at another's server.
    wrong = {**{name: places["memcached"] for name in places}, "memcached": places["redis"]}
    checks = look(tmp_path, [{**aim(shown[name], place.address), "timeout": "3s"}
                             for name, place in wrong.items()])
    for name, check in checks.items():
        assert check["verdict"] == "fail", (name, check)


def test_real_servers_go_on_under_tls(start, folder, tmp_path):
    key, cert = real.certificate(folder)
    places = {
        "smtp": start(real.exim, key, cert),
        "imap": start(real.dovecot, key, cert),
        "ftp": start(real.vsftpd, key, cert),
        "ldap": start(real.slapd, key, cert),
    }
    checks = look(tmp_path, [
        {
            "name": f"{probe} {protocol}",
            probe: {"address": place.address, "starttls": protocol,
                    **({"ca": str(cert), "server_name": "localhost"} if probe == "tls" else
                       {"tls": {"ca": str(cert), "server_name": "localhost"}})},
            "timeout": "30s",
            "expect": ['certificate.names contains "localhost"', "tls.version >= 1.2"],
        }
        for protocol, place in places.items() for probe in ("tls", "tcp")
    ])
    for name, check in checks.items():
        assert check["verdict"] == "pass", (name, check)
        assert check["phases"]["tls"] > 0, (name, check)


def test_a_mail_server_is_talked_to_after_starttls(start, folder, tmp_path):
    key, cert = real.certificate(folder)
    place = start(real.exim, key, cert)
    checks = look(tmp_path, [{
        "name": "relay",
        "tcp": {
            "address": place.address,
            "starttls": "smtp",
            "tls": {"ca": str(cert), "server_name": "localhost"},
            "dialogue": [
                {"send": "EHLO picket.test\\r\\n"},
                {"expect": "^250[ -](\\S+)"},
                {"send": "NOOP ${1}\\r\\n"},
                {"expect": "250 OK"},
                {"send": "QUIT\\r\\n"},
                {"expect": "221 (.*)"},
            ],
        },
        "timeout": "30s",
        "expect": ['body contains "closing connection"'],
    }])
    assert checks["relay"]["verdict"] == "pass", checks
