"""/probe: answers as blackbox_exporter does, compared with the one of the distribution."""

import contextlib
import json
import socket
import subprocess
import urllib.parse
import urllib.request

import pytest

import house
from test_metrics import parse, promtool

MODULES = """
modules:
  http_2xx: { timeout: 20s, http: {} }
  http_200_regex: { timeout: 20s, http: {}, expect: [status == 200, body matches /hello/] }
  post: { timeout: 20s, http: { method: POST, body: x } }
  tls_ca: { timeout: 20s, http: { tls: { ca: '%(ca)s', server_name: good.test } } }
  tcp: { timeout: 20s, tcp: {} }
  ssh: { timeout: 1s, tcp: { dialogue: [{ expect: '^SSH' }] } }
  icmp: { timeout: 20s, ping: {} }
  soa: { timeout: 20s, dns: { query: found.test } }
"""

# The same, for the other one.
THEIRS = """
modules:
  http_2xx: { prober: http, timeout: 20s }
  http_200_regex:
    prober: http
    timeout: 20s
    http: { valid_status_codes: [200], fail_if_body_not_matches_regexp: [hello] }
  post: { prober: http, timeout: 20s, http: { method: POST, body: x } }
  tls_ca:
    prober: http
    timeout: 20s
    http: { tls_config: { ca_file: '%(ca)s', server_name: good.test } }
  tcp: { prober: tcp, timeout: 20s }
  ssh: { prober: tcp, timeout: 1s, tcp: { query_response: [{ expect: '^SSH' }] } }
  icmp: { prober: icmp, timeout: 20s }
  soa: { prober: dns, timeout: 20s, dns: { query_name: found.test, query_type: A,
         valid_rcodes: [NOERROR] } }
"""

SCRIPT = """
dns found.test: 127.0.0.1 127.0.0.2
/hello: 200 body=hello
/no: 500
/moved: 302 location=/hello
"""

# Durations, of which only the names can be equal.
MEASURED = ("probe_duration_seconds", "probe_dns_lookup_time_seconds",
            "probe_http_duration_seconds", "probe_icmp_duration_seconds",
            "probe_dns_duration_seconds")
# That only they have, as picket-api(7) says: names that were no names were not looked up, the
# hop limit is not known to us, and the leaf is in the evidence.
THEIRS_ALONE = {"probe_dns_lookup_time_seconds", "probe_icmp_reply_hop_limit",
                "probe_ssl_last_chain_info"}


@pytest.fixture
def places(world, tmp_path):
    (tmp_path / "tls").mkdir()
    found = world(SCRIPT, "--http", "127.0.0.1:0", "--dns", "127.0.0.1:0", "--tls",
                  "127.0.0.1:0", "--tls-folder", tmp_path / "tls")
    found.ca = tmp_path / "tls" / "ca.pem"
    return found


@pytest.fixture
def exporter(tmp_path, places):
    """The address of a blackbox_exporter of ours, on a port that the kernel chose."""
    path = tmp_path / "blackbox.yml"
    path.write_text(THEIRS % {"ca": places.ca})
    process = subprocess.Popen(
        ["prometheus-blackbox-exporter", f"--config.file={path}",
         "--web.listen-address=127.0.0.1:0"],
        stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if "Listening on" in line:
                yield line.split("address=")[1].split()[0]
                break
        else:
            pytest.fail("no blackbox_exporter came up")
    finally:
        process.terminate()
        process.wait(house.PATIENCE)
        process.stderr.close()


def config(places, more="probe_allow: ['*']", endpoints=""):
    return (f"picket: {{ listen: '127.0.0.1:0', {more} }}\n" + MODULES % {"ca": places.ca}
            + endpoints)


def query(target, module=None):
    words = {"target": target} | ({"module": module} if module else {})
    return "/probe?" + urllib.parse.urlencode(words)


def probe(daemon, target, module=None, **headers):
    status, kind, text = daemon.web(query(target, module), headers=headers)
    assert status == 200, text
    assert kind.startswith("text/plain; version=0.0.4")
    promtool(text)
    return parse(text)


def refused(daemon, target, module=None):
    status, _, text = daemon.web(query(target, module))
    return status, json.loads(text)["error"]["message"]


def cases(places):
    secure = f"127.0.0.1:{places.ports['tls'][0]}"
    return [
        (places.url("/hello"), "http_2xx"),
        (f"127.0.0.1:{places.port}/hello", "http_2xx"),
        (places.url("/no"), "http_2xx"),
        (places.url("/moved"), "http_2xx"),
        (places.url("/hello"), "http_200_regex"),
        (places.url("/no"), "http_200_regex"),
        (places.url("/hello"), "post"),
        (f"http://127.0.0.1:{places.ports['refused']}/", "http_2xx"),
        (f"https://{secure}/hello", "tls_ca"),
        (f"127.0.0.1:{places.port}", "tcp"),
        (f"127.0.0.1:{places.ports['refused']}", "tcp"),
        (f"127.0.0.1:{places.port}", "ssh"),
        ("127.0.0.1", "icmp"),
        (f"127.0.0.1:{places.ports['dns']}", "soa"),
    ]


def test_samples_are_those_of_blackbox_exporter(places, picketd, exporter):
    daemon = picketd(config(places))
    for target, module in cases(places):
        ours = probe(daemon, target, module)
        with contextlib.closing(urllib.request.urlopen(
                f"http://{exporter}{query(target, module)}", timeout=house.PATIENCE)) as answer:
            theirs = parse(answer.read().decode())
        what = f"{target} {module}\nours {ours}\ntheirs {theirs}"
        for key, value in theirs.items():
            name = key[0]
            if name in THEIRS_ALONE:
                continue
            if name in MEASURED:
                # A step that did not happen is absent with us; making a socket is none.
                if value > 0 and dict(key[1]).get("phase") not in ("resolve", "setup"):
                    # Asking a name server over UDP needs no connection.
                    assert key in ours or module == "soa", (key, what)
            else:
                assert ours.get(key) == value, (key, what)
        for key in ours:
            assert key in theirs or key[0].startswith("picket_") or (
                key[0] == "probe_failed_due_to_regex"), (key, what)


def test_prometheus_timeout_bounds_a_look(places, picketd):
    daemon = picketd(config(places))
    target = f"127.0.0.1:{places.ports['swallowed']}"
    samples = probe(daemon, target, "tcp", **{"X-Prometheus-Scrape-Timeout-Seconds": "0.4"})
    assert samples["probe_success", frozenset()] == 0
    assert samples["probe_duration_seconds", frozenset()] < 1 * house.SLOWNESS


def test_only_what_is_allowed_is_looked_at(places, picketd):
    allowed = (f"probe_allow: ['http://127.0.0.1:*/hello', '*.example.test:80',"
               " 'https://*.example.test/*']")
    daemon = picketd(config(places, allowed))
    assert probe(daemon, places.url("/hello"))["probe_success", frozenset()] == 1
    for target in (places.url("/no"), "http://127.0.0.2/hello", f"127.0.0.1:{places.port}/hello",
                   "https://127.0.0.1/a.example.test/b", "https://127.0.0.1#.example.test/",
                   "https://127.0.0.1\\.example.test/", "127.0.0.1:80"):
        status, message = refused(daemon, target, "http_2xx")
        assert status == 403 and "probe_allow" in message, target
    assert places.stats()["hits"] == 1
    daemon.config.write_text(config(places, "listen_detail: false"))
    assert daemon.ctl("reload").returncode == 0
    assert refused(daemon, places.url("/hello"))[0] == 403


def test_nonsense_is_refused_with_a_reason(places, picketd):
    daemon = picketd(config(places))
    for target, module, wanted in (
            ("a:1", "nope", "No module is called 'nope'"),
            ("", "tcp", "'target' is missing"),
            ("a:b", "tcp", "HOST:PORT"),
            ("a b", "icmp", "host name"),
            ("ftp://a/", "http_2xx", "http"),
            ("a" * 300, "icmp", "too long")):
        status, message = refused(daemon, target, module)
        assert status == 400 and wanted in message, (target, message)
    assert daemon.web("/probe?target=a:1&what=x")[0] == 400


def test_a_look_leaves_nothing_behind(places, picketd):
    daemon = picketd(config(places))
    before = daemon.status()
    for _ in range(3):
        probe(daemon, places.url("/no"))
    after = daemon.status()
    assert after["endpoints"] == before["endpoints"] and after["permits"]["in_use"] == 0
    assert after["incidents"]["open"] == 0 and after["checks"]["total"] == 0
    assert daemon.endpoints() == {}


def test_the_target_of_an_endpoint_is_looked_at_as_that_says(places, picketd):
    target = places.url("/hello")
    daemon = picketd(config(places, "listen_detail: false", (
        "endpoints:\n"
        f"  - {{ name: shop, interval: 10d, http: '{target}', expect: [status == 204],"
        " confirm: { failures: 1 } }\n"
        f"  - {{ name: port, interval: 10d, tcp: '127.0.0.1:{places.port}' }}\n")))
    daemon.ctl("check", "*", "--wait")
    hits = places.stats()["hits"]
    for module in (None, "http_2xx", "unknown"):
        # Younger than the scrape's timeout, so not checked again.
        samples = probe(daemon, target, module, **{"X-Prometheus-Scrape-Timeout-Seconds": "600"})
        assert samples["probe_success", frozenset()] == 0
        assert samples["probe_http_status_code", frozenset()] == 200
    assert places.stats()["hits"] == hits
    daemon.wait_verdicts(1, lambda event: event["endpoint"] == "shop")
    probe(daemon, target, None, **{"X-Prometheus-Scrape-Timeout-Seconds": "0.000001"})
    assert places.stats()["hits"] == hits + 1
    # Another probe's module is not for it.
    assert refused(daemon, target, "tcp")[0] == 403
    daemon.ctl("pause", "shop")
    assert refused(daemon, target)[0] == 409


def test_of_several_with_one_target_one_that_may_be_asked_is(places, picketd):
    target, inside = places.url("/hello"), places.url("/no")
    daemon = picketd(config(places, "listen_detail: false", (
        "defaults: { interval: 10d }\n"
        "endpoints:\n"
        f"  - {{ name: a, http: '{target}', enabled: false }}\n"
        f"  - {{ name: b, http: '{target}', public: false, expect: [status == 204] }}\n"
        f"  - {{ name: c, http: '{target}' }}\n"
        f"  - {{ name: d, http: '{inside}', public: false }}\n")))
    assert probe(daemon, target)["probe_success", frozenset()] == 1
    # Who sees no detail does not learn that there is another.
    status, message = refused(daemon, inside)
    assert status == 403 and "'d'" not in message
    daemon.ctl("pause", "c")
    status, message = refused(daemon, target)
    assert status == 409 and "'a' is paused" in message


def test_debug_tells_people_what_was_done(places, picketd):
    places.set("/no", "500")
    daemon = picketd(config(places))
    for target, wanted in (
            (places.url("/hello"), ("verdict     pass", "  connect     ", "probe_success 1")),
            (places.url("/no"), ("verdict     fail, expectation in phase judge",
                                 "reason      status is 500", "probe_success 0"))):
        status, kind, text = daemon.web(query(target) + "&debug=true")
        assert status == 200 and kind == "text/plain; charset=utf-8"
        assert "  address" not in text
        for words in (*wanted, "latency", "Metrics that would have been returned:"):
            assert words in text, text
    # The same as nothing.
    assert "The check" not in daemon.web(query(places.url("/hello")) + "&debug=false")[2]


def test_a_stop_waits_for_no_look(places, picketd):
    daemon = picketd(config(places))
    address, _, port = daemon.status()["listen"].rpartition(":")
    target = f"127.0.0.1:{places.ports['swallowed']}"
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection((address, int(port))))
        connection.sendall(f"GET {query(target, 'tcp')} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                           .encode())
        while daemon.status()["permits"]["in_use"] == 0:
            pass
        status, took = daemon.stop()
        assert status == 0 and took < 4 * house.SLOWNESS
        assert b" 503 " in connection.recv(4096)


@pytest.mark.parametrize("module, wanted", [
    ("{ exec: {} }", "a module cannot be of 'exec'"),
    ("{ file: {} }", "a module cannot be of 'file'"),
    ("{ http: 'http://a/' }", "'url' of a module comes with the request"),
    ("{ http: { url: 'http://a/' } }", "'url' of a module comes with the request"),
    ("{ http: { body_file: /x } }", "no 'body_file'"),
    ("{ tcp: }", "write 'tcp: {}'"),
    ("{ expect: [status == 200] }", "has no probe"),
    ("{ tcp: {}, expect: [status == 200] }", "status"),
    ("{ tcp: {}, interval: 5s }", "unknown key 'interval'"),
    ("{ tcp: {}, ping: {} }", "one probe"),
    ("{ http: { method: 7 7 } }", "method"),
    ("{ dns: {} }", "query"),
])
def test_a_bad_module_is_a_fault_of_the_configuration(tmp_path, module, wanted):
    path = tmp_path / "picket.yaml"
    path.write_text(f"modules:\n  m: {module}\n")
    end = house.run(house.PICKETD, "--check", "-c", path)
    assert end.returncode == 78
    assert wanted in end.stdout + end.stderr
    assert "picket.yaml:2:" in end.stdout + end.stderr


def test_what_holds_is_told_of_the_daemon_groups_and_modules(picketd):
    daemon = picketd("groups:\n  web: { labels: { team: shop } }\n"
                     "modules:\n  m: { http: { method: POST } }\nendpoints: []\n")
    told = daemon.get("/v1/config?limit=1")["config"]
    assert told["picket"]["socket"] == {"value": str(daemon.socket), "from": "command line"}
    assert told["picket"]["state_dir"] == {"value": str(daemon.state), "from": "command line"}
    assert told["picket"]["shutdown_grace"]["from"] == "built-in"
    assert told["groups"]["web"]["labels.team"]["value"] == "shop"
    assert told["modules"]["m"]["http.method"]["value"] == "POST"
    assert told["modules"]["m"]["http.method"]["from"].endswith("picket.yaml:4")
    assert "http.url" not in told["modules"]["m"]
    shown = daemon.ctl("config").stdout
    assert "modules:" in shown and "# command line" in shown
