"""What each key of `http:` does on the wire, as the server at the other end saw it."""

import contextlib
import json

import house
import rogue


def look(tmp_path, http, expect, **more):
    """One check of one endpoint; its last check."""
    path = tmp_path / "picket.yaml"
    one = {"name": "a", "http": http, "expect": expect, **more}
    path.write_text(json.dumps({"endpoints": [one]}))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert answer.returncode in (0, 1), answer.stderr
    return json.loads(answer.stdout)[0]["last_check"]


def passes(tmp_path, http, *expect, **more):
    check = look(tmp_path, http, list(expect), **more)
    assert check["verdict"] == "pass", check
    return check


def header(name):
    return f'json $.headers[?@[0] == "{name}"][1]'


def test_method_headers_and_body(world, tmp_path):
    echo = world().url("/echo")
    passes(
        tmp_path,
        {"url": echo, "method": "PATCH", "headers": {"X-Mine": "yes"}, "body": '{"a": 1}'},
        'json $.method == "PATCH"',
        'json $.body == \'{"a": 1}\'',
        f'{header("X-Mine")} == "yes"',
        f'{header("Content-Length")} == "8"',
        f'count({header("Expect")}) == 0',
        f'count({header("Accept-Encoding")}) == 0',
        f'{header("User-Agent")} like "picket/*"',
    )


def test_a_body_from_a_file(world, tmp_path):
    body = tmp_path / "body"
    body.write_text("from a file\n")
    passes(
        tmp_path,
        {"url": world().url("/echo"), "method": "POST", "body_file": str(body)},
        'json $.body == "from a file\\n"',
    )


def test_credentials(world, tmp_path):
    echo = world().url("/echo")
    passes(
        tmp_path,
        {"url": echo, "auth": {"basic": {"user": "me", "password": "pw"}}},
        f'{header("Authorization")} == "Basic bWU6cHc="',
    )
    passes(
        tmp_path,
        {"url": echo, "auth": {"bearer": "abc"}},
        f'{header("Authorization")} == "Bearer abc"',
    )


def test_a_source_address(world, tmp_path):
    passes(
        tmp_path,
        {"url": world().url("/echo"), "source": "127.0.0.77"},
        'json $.peer == "127.0.0.77"',
    )


def test_connect_to_and_the_host_that_is_asked_for(world, tmp_path):
    places = world("", "--http", "*:0")
    check = passes(
        tmp_path,
        {"url": "http://shop.example.com/echo", "connect_to": f"127.0.0.5:{places.port}"},
        'json $.local == "127.0.0.5"',
        f'{header("Host")} == "shop.example.com"',
    )
    assert check["address"] == "127.0.0.5"


def test_names_come_from_the_endpoints_own_resolver(world, tmp_path):
    places = world("dns shop.test: 127.0.0.6\n", "--http", "*:0", "--dns", "127.0.0.1:0")
    passes(
        tmp_path,
        {
            "url": places.url("/echo", "shop.test"),
            "resolver": f"127.0.0.1:{places.ports['dns']}",
        },
        'address == "127.0.0.6"',
        "address.family == 4",
        'json $.local == "127.0.0.6"',
    )


def test_both_families_must_answer(world, tmp_path):
    script = "dns dual.test: 127.0.0.1 ::1\ndns single.test: 127.0.0.1\n"
    places = world(script, "--http", "127.0.0.1:0", "--dns", "127.0.0.1:0")
    resolver = f"127.0.0.1:{places.ports['dns']}"
    # Nothing listens on ::1 there, so the look over IPv6 is the worse one.
    check = look(
        tmp_path,
        {"url": places.url("/", "dual.test"), "resolver": resolver, "ip": "both"},
        ["status == 200"],
    )
    assert check["class"] in ("connect_refused", "local")
    passes(tmp_path, {"url": places.url("/", "dual.test"), "resolver": resolver, "ip": "4"},
           "status == 200")
    passes(tmp_path, {"url": places.url("/", "dual.test"), "resolver": resolver},
           "status == 200", "address.family == 4")
    check = look(
        tmp_path,
        {"url": places.url("/", "single.test"), "resolver": resolver, "ip": "6"},
        ["status == 200"],
    )
    assert check["class"] == "dns_no_address"


def test_redirects_are_followed_or_not(world, tmp_path):
    places = world()
    passes(tmp_path, places.url("/redirect/3"), "status == 200", "redirects == 3")
    passes(
        tmp_path,
        {"url": places.url("/redirect/3"), "redirects": {"follow": False}},
        "status == 302",
        "redirects == 0",
    )
    check = look(
        tmp_path,
        {"url": places.url("/redirect/3"), "redirects": {"max": 2}},
        ["status == 200"],
    )
    assert check["class"] == "too_many_redirects"


def test_a_proxy_is_asked_with_the_whole_url(world, tmp_path):
    places = world()
    passes(
        tmp_path,
        {
            "url": "http://far.example.com/echo",
            "proxy": {"url": f"http://127.0.0.1:{places.port}", "user": "u", "password": "p"},
        },
        f'{header("Proxy-Authorization")} == "Basic dTpw"',
        f'{header("Host")} == "far.example.com"',
    )


def test_compressed_bodies(world, tmp_path):
    places = world()
    passes(
        tmp_path,
        {"url": places.url("/gzip/size/10KB"), "compressed": True},
        "size == 10KB",
        'header Content-Encoding == "gzip"',
    )
    passes(
        tmp_path,
        {"url": places.url("/echo"), "compressed": True},
        f'{header("Accept-Encoding")} matches /gzip/',
    )


def test_a_body_limit_of_its_own(world, tmp_path):
    places = world()
    check = look(
        tmp_path,
        {"url": places.url("/size/100KB"), "body_limit": "10KB"},
        ["size == 100KB"],
    )
    assert check["class"] == "body_too_large"
    passes(tmp_path, {"url": places.url("/size/100KB"), "body_limit": "10KB"}, "status == 200")


def test_cookies_last_as_long_as_a_check(world, tmp_path):
    places = world(
        "/first: 302 header=Set-Cookie:a=b header=Location:/echo\n"
    )
    passes(tmp_path, places.url("/first"), f'{header("Cookie")} == "a=b"')
    passes(
        tmp_path,
        {"url": places.url("/first"), "cookies": False},
        f'count({header("Cookie")}) == 0',
    )


def test_connections_are_fresh_or_kept(world, picketd):
    places = world("fresh.test: 200\nkept.test: 200\n", "--http", "127.0.0.1:0", "--dns",
                   "127.0.0.1:0")
    config = {
        "defaults": {"interval": "1s"},
        "endpoints": [
            {
                "name": kind,
                "http": {
                    "url": places.url("/", f"{kind}.test"),
                    "connect_to": f"127.0.0.1:{places.port}",
                    "connection": "reuse" if kind == "kept" else "fresh",
                },
            }
            for kind in ("fresh", "kept")
        ],
    }
    daemon = picketd(json.dumps(config))
    places.wait("*.test", 4, 2)
    kept = [e for e in daemon.endpoint("kept")["recent"] if e["verdict"] == "pass"]
    assert kept
    stats = places.stats()
    # 4 or more fresh ones, one kept one, and those of the questions to the world itself.
    fresh = stats["endpoints"]["fresh.test"]["hits"]
    assert "connect" not in daemon.endpoint("kept")["last_check"]["phases"]
    assert "connect" in daemon.endpoint("fresh")["last_check"]["phases"]
    assert fresh >= 4


def test_what_a_kept_connection_showed_is_known_of_every_check(world, picketd, tmp_path):
    places = world("kept.test: 200\n", "--http", "127.0.0.1:0", "--tls", "127.0.0.1:0",
                   "--tls-folder", tmp_path)
    port = places.ports["tls"][0]
    lines = ['address == "127.0.0.1"', "address.family == 4"]
    shown = ["tls.version >= 1.2", "tls.cipher is not empty", "certificate.expires_in > 1h",
             "certificate.chain_expires_in > 1h", 'any certificate.names == "kept.test"']
    config = {
        "defaults": {"interval": "1s", "confirm": {"failures": 1}},
        "endpoints": [
            {"name": "plain", "expect": lines, "http": {
                "url": places.url("/", "kept.test"), "connect_to": f"127.0.0.1:{places.port}",
                "connection": "reuse"}},
            {"name": "tls", "expect": lines + shown, "http": {
                "url": f"https://kept.test:{port}/", "connect_to": f"127.0.0.1:{port}",
                "tls": {"ca": f"{tmp_path}/ca.pem"}, "connection": "reuse"}},
        ],
    }
    daemon = picketd(json.dumps(config))
    for name in ("plain", "tls"):
        seen = daemon.wait_verdicts(4, lambda event, name=name: event["endpoint"] == name)
        assert [one["verdict"] for one in seen] == ["pass"] * 4, seen
        last = daemon.endpoint(name)["last_check"]
        assert "connect" not in last["phases"] and "tls" not in last["phases"]
        assert last["address"] == "127.0.0.1"
    with contextlib.closing(house.UnixConnection(daemon.socket, house.PATIENCE)) as connection:
        connection.request("GET", "/metrics/endpoints")
        metrics = connection.getresponse().read().decode().splitlines()
    ssl = {line.rpartition(" ")[2] for line in metrics
           if line.startswith("probe_http_ssl{") and 'endpoint="tls"' in line}
    assert ssl == {"1"}
    assert any(line.startswith("probe_ssl_earliest_cert_expiry{") for line in metrics)


def test_secrets_never_come_back(world, picketd, tmp_path):
    places = world()
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    config = {
        "endpoints": [
            {
                "name": "a",
                "http": {
                    "url": places.url("/echo?q=${file:" + str(secret) + "}"),
                    "auth": {"bearer": "${file:" + str(secret) + "}"},
                },
                "confirm": {"failures": 1},
                "expect": ["status == 500"],
            }
        ]
    }
    daemon = picketd(json.dumps(config))
    daemon.wait_state("a", "down")
    shown = json.dumps(daemon.endpoint("a")) + daemon.ctl("config", "a").stdout + daemon.logged()
    assert "hunter2" not in shown
    assert "***" in shown


def test_credentials_in_headers_never_come_back(world, picketd):
    places = world()
    config = {
        "endpoints": [
            {
                "name": "a",
                "http": {
                    "url": places.url("/echo"),
                    "headers": {"Authorization": "Bearer hunter2-hunter2",
                                "X-Api-Key": "hunter3", "Accept-Language": "de"},
                },
                "confirm": {"failures": 1},
                "expect": [f'{header("Authorization")} == "x"', f'{header("X-Api-Key")} == "x"',
                           f'{header("Accept-Language")} == "x"'],
            }
        ]
    }
    daemon = picketd(json.dumps(config))
    daemon.wait_state("a", "down")
    shown = json.dumps(daemon.endpoint("a")) + daemon.ctl("config", "a").stdout + daemon.logged()
    shown += json.dumps(daemon.get("/v1/incidents"))
    assert "hunter" not in shown
    assert "***" in shown and '\\"de\\"' in shown


def test_a_reply_before_the_body_is_sent_counts_in_http2(picketd):
    server = rogue.Rogue(rogue.http2_early((b"content-length", b"0")))
    http = f'{{ url: "http://127.0.0.1:{server.port}/", method: POST, body: x, http_version: "2" }}'
    names = [f"early-{i}" for i in range(50)]
    # Which comes first is a race; one in five lost it.
    entries = "".join(f"  - {{ name: {name}, http: {http} }}\n" for name in names)
    daemon = picketd("defaults: { interval: 20d, timeout: 20s }\nendpoints:\n" + entries)
    daemon.ctl("check", "*", "--wait")
    seen = {daemon.endpoint(name)["last_check"].get("reason") for name in names}
    server.stop()
    assert seen == {None}
