"""`listen:`: what anybody may read over TCP, and what nobody may do there."""

import contextlib
import json
import signal
import socket

import pytest

import house

SETTINGS = "listen: '127.0.0.1:0'"


def config(world, more="", port=SETTINGS):
    return (
        f"picket: {{ {port} {more} }}\n"
        "endpoints:\n"
        f"  - {{ name: shop, interval: 10d, http: {{ url: '{world.url('/shop')}',\n"
        "      auth: { bearer: s3cret-token } },\n"
        "      expect: [status == 204] }\n"
    )


def fetch(daemon, path, **more):
    status, kind, text = daemon.web(path, **more)
    assert kind == "application/json", (status, kind, text)
    return status, json.loads(text)


def checked(daemon):
    daemon.ctl("check", "shop", "--wait")
    assert daemon.endpoint("shop")["evidence"]
    return daemon


def test_what_may_be_read_is_read_there_too(world, picketd):
    daemon = checked(picketd(config(world())))
    for path in ("/v1/status", "/v1/endpoints", "/v1/endpoints/shop", "/v1/incidents"):
        status, answer = fetch(daemon, path)
        assert status == 200 and "error" not in answer, path
    status, kind, text = daemon.web("/metrics")
    assert status == 200 and kind.startswith("text/plain") and "picket_build_info" in text


def test_evidence_configuration_and_addresses_are_left_out(world, picketd):
    daemon = checked(picketd(config(world())))
    _, one = fetch(daemon, "/v1/endpoints/shop")
    assert one["last_check"]["verdict"] == "fail"
    assert not {"config", "evidence", "evidence_success"} & set(one)
    assert "address" not in one["last_check"]
    _, listed = fetch(daemon, "/v1/endpoints")
    assert "address" not in listed["endpoints"][0]["last_check"]
    _, status = fetch(daemon, "/v1/status")
    assert "path" not in status["config"] and status["config"]["endpoints"] == 1
    assert fetch(daemon, "/v1/config")[0] == 403
    assert fetch(daemon, "/v1/events?type=config")[0] == 400
    assert fetch(daemon, "/v1/events?type=notification")[0] == 400
    # Over the socket all of it is there.
    assert daemon.endpoint("shop")["last_check"]["address"]
    assert daemon.status()["config"]["path"]


def test_listen_detail_shows_them_and_a_reload_changes_that(world, picketd):
    places = world()
    daemon = checked(picketd(config(places)))
    daemon.config.write_text(config(places, ", listen_detail: true"))
    assert daemon.ctl("reload").returncode == 0
    _, one = fetch(daemon, "/v1/endpoints/shop")
    assert one["config"] and one["evidence"] and one["last_check"]["address"]
    assert "s3cret-token" not in json.dumps(one)
    assert fetch(daemon, "/v1/config")[0] == 200
    daemon.config.write_text(config(places))
    assert daemon.ctl("reload").returncode == 0
    assert fetch(daemon, "/v1/config")[0] == 403


def test_nothing_can_be_changed_there(world, picketd):
    daemon = picketd(config(world(), ", listen_detail: true"))
    for path in ("endpoints/shop/check", "endpoints/shop/pause", "endpoints/shop/resume",
                 "incidents/x/ack", "receivers/x/test", "reload"):
        status, answer = fetch(daemon, "/v1/" + path, method="POST")
        assert status == 403 and "Unix socket" in answer["error"]["message"], path
    assert daemon.endpoint("shop")["state"] == "pending"
    assert daemon.status()["checks"]["total"] == 0
    assert fetch(daemon, "/v1/endpoints", method="DELETE")[0] == 405


def test_the_host_must_be_one_that_is_known(world, picketd):
    places = world()
    daemon = picketd(config(places))
    port = daemon.status()["listen"].rpartition(":")[2]
    for host in ("localhost", "LOCALHOST:80", f"127.0.0.1:{port}", "127.0.0.1"):
        assert fetch(daemon, "/v1/status", headers={"Host": host})[0] == 200, host
    for host in ("evil.example", "127.0.0.2", "localhost.evil.example", "", "[::1]"):
        status, answer = fetch(daemon, "/v1/status", headers={"Host": host})
        assert status == 421 and "listen_hosts" in answer["error"]["message"], host
    assert daemon.web("/metrics", headers={"Host": "evil.example"})[0] == 421
    assert fetch(daemon, "http://evil.example/v1/status")[0] == 421

    daemon.config.write_text(config(places, ", listen_hosts: [status.example.com, '[::1]']"))
    assert daemon.ctl("reload").returncode == 0
    for host in ("status.example.com", "Status.Example.COM:443", "[::1]:80"):
        assert fetch(daemon, "/v1/status", headers={"Host": host})[0] == 200, host
    for host in ("localhost", "127.0.0.1"):
        assert fetch(daemon, "/v1/status", headers={"Host": host})[0] == 421, host


def test_a_request_without_a_host_is_refused(world, picketd):
    daemon = picketd(config(world()))
    address, _, port = daemon.status()["listen"].rpartition(":")
    with socket.create_connection((address, int(port)), house.PATIENCE) as connection:
        connection.sendall(b"GET /v1/status HTTP/1.0\r\n\r\n")
        assert b" 421 " in connection.recv(4096)


def test_all_addresses_are_its_own_where_it_listens_on_all(world, picketd):
    daemon = picketd(config(world(), port="listen: '0.0.0.0:0'"))
    port = int(daemon.status()["listen"].rpartition(":")[2])
    for address, host, wanted in (("127.0.0.1", "127.0.0.1", b" 200 "),
                                  ("127.0.0.2", "127.0.0.2", b" 200 "),
                                  ("127.0.0.1", "127.0.0.2", b" 421 ")):
        with socket.create_connection((address, port), house.PATIENCE) as connection:
            connection.sendall(f"GET /v1/status HTTP/1.1\r\nHost: {host}:{port}\r\n"
                               "Connection: close\r\n\r\n".encode())
            assert wanted in connection.recv(4096), (address, host)


def test_a_port_that_is_taken_is_told_and_ends_the_start(world, picketd, tmp_path):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        path = tmp_path / "picket.yaml"
        path.write_text(config(world(), port=f"listen: '127.0.0.1:{port}'"))
        end = house.run(house.PICKETD, "-c", path, "-s", tmp_path / "s", "--ephemeral")
    assert end.returncode == 1
    assert f"cannot listen on '127.0.0.1:{port}' ('picket.listen')" in end.stderr
    assert "not starting" in end.stderr
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("value", ["9799", "example.com:9799", "127.0.0.1", "127.0.0.1:70000",
                                   "::1:80", "127.0.0.1:", "[127.0.0.1]:80", "http://127.0.0.1:1"])
def test_a_bad_address_is_a_fault_of_the_configuration(tmp_path, value):
    path = tmp_path / "picket.yaml"
    path.write_text(f"picket:\n  listen: '{value}'\n")
    end = house.run(house.PICKETD, "--check", "-c", path)
    assert end.returncode == 78
    assert "picket.yaml:2:11: 'listen' must be an address of this host with a port" in (
        end.stdout + end.stderr)


def test_another_address_needs_a_restart(world, picketd):
    places = world()
    daemon = picketd(config(places))
    before = daemon.status()["listen"]
    daemon.config.write_text(config(places, port="listen: '127.0.0.3:0'"))
    assert daemon.ctl("reload").returncode == 0
    assert "'picket.listen' has changed; it is taken up at the next start" in daemon.logged()
    assert daemon.status()["listen"] == before
    assert daemon.web("/metrics")[0] == 200


STARTER = """
import os, socket, sys
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="listen", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_socket_that_systemd_passes_is_used_instead(world, picketd):
    daemon = picketd(config(world(), port="listen: '127.0.0.9:1'"),
                     prefix=("python3", "-c", STARTER, "0"))
    at = daemon.status()["listen"]
    assert at.startswith("127.0.0.1:")
    assert daemon.web("/metrics")[0] == 200


def test_what_is_passed_and_is_no_tcp_listener_is_a_fault(tmp_path, world):
    path = tmp_path / "picket.yaml"
    path.write_text(config(world()))
    for make in ("open('/dev/null')", "socket.socket()",
                 "socket.socket(socket.AF_UNIX); listening.bind('x'); listening.listen()"):
        starter = STARTER.replace('socket.create_server(("127.0.0.1", int(sys.argv[1])))', make)
        end = house.run("python3", "-c", starter, "0", house.PICKETD, "-c", path,
                        "-s", tmp_path / "s", "--ephemeral", cwd=tmp_path)
        assert end.returncode == 1 and "'listen'" in end.stderr, (make, end.stderr)


def test_an_open_request_ends_with_the_daemon(world, picketd):
    daemon = picketd(config(world()))
    address, _, port = daemon.status()["listen"].rpartition(":")
    with socket.create_connection((address, int(port)), house.PATIENCE) as stream:
        stream.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in stream.recv(4096)
        status, took = daemon.stop(signal.SIGTERM)
        assert status == 0 and took < 5 * house.SLOWNESS
        while stream.recv(4096):
            pass


def test_a_full_socket_says_so_to_root_too(picketd):
    daemon = picketd("picket: { limits: { connections: 2 } }\nendpoints: []\n")
    with contextlib.ExitStack() as stack:
        # As many as are kept for those who may change something.
        for _ in range(2 + 8):
            stack.enter_context(daemon.events())
        for _ in range(20):
            status, answer = daemon.ask("GET", "/v1/status")
            assert (status, answer["error"]["code"]) == (503, "too_many_connections")
        # A program that is turned away says why.
        said = daemon.ctl("status")
        assert said.returncode != 0 and "All connections are taken" in said.stderr, said
    while daemon.ask("GET", "/v1/status")[0] == 503:
        pass
    assert daemon.status()["pid"] == daemon.pid


def test_no_more_come_in_than_are_allowed(world, picketd):
    daemon = picketd(config(world(), ", limits: { connections: 2 }"))
    address, _, port = daemon.status()["listen"].rpartition(":")
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            one = stack.enter_context(socket.create_connection((address, int(port)),
                                                               house.PATIENCE))
            one.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" in one.recv(4096)
        third = stack.enter_context(socket.create_connection((address, int(port)),
                                                             house.PATIENCE))
        assert b" 503 " in third.recv(4096)
        # The socket has places of its own.
        assert daemon.status()["pid"] == daemon.pid
