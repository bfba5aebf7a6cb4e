"""Metrics: what Prometheus reads, judged by its own promtool."""

import http.client
import re
import subprocess

import house

OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? ([^ ]+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')


def parse(text):
    """{(name, frozenset of labels): value}, in which nothing may be there twice."""
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        pairs = LABEL.findall(labels or "")
        assert sum(len(k) + len(v) + 4 for k, v in pairs) in (0, len(labels or "") + 1), line
        key = (name, frozenset((k, v) for k, v in pairs if v))
        assert key not in samples, line
        samples[key] = float(value)
    return samples


def one(samples, name, **labels):
    return samples[name, frozenset(labels.items())]


def scrape(daemon, path="/metrics", accept=None):
    status, kind, text = daemon.web(path, headers={"Accept": accept} if accept else None)
    assert status == 200, text
    return kind, text


def promtool(text):
    end = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                         capture_output=True, timeout=house.PATIENCE, check=False)
    assert end.returncode == 0 and not end.stderr, end.stderr


def config(world, more=""):
    return (
        "picket: { listen: '127.0.0.1:0' }\n"
        "defaults: { interval: 10d }\n"
        f"endpoints:\n"
        f"  - {{ name: good, http: '{world.url('/good')}' }}\n"
        f"  - {{ name: bad, http: '{world.url('/bad')}', expect: [status == 204] }}\n"
        f"  - {{ name: off, enabled: false, http: '{world.url('/off')}' }}\n" + more
    )


def checked(daemon):
    daemon.ctl("check", "good", "bad", "--wait")
    daemon.wait_state("good", "up")
    return daemon


def test_promtool_has_nothing_to_say(world, picketd):
    daemon = checked(picketd(config(world())))
    kind, text = scrape(daemon)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    promtool(text)


def test_the_numbers_are_those_of_the_daemon(world, picketd):
    daemon = checked(picketd(config(world())))
    samples = parse(scrape(daemon)[1])
    checks = daemon.status()["checks"]["total"]
    assert one(samples, "picket_checks_total", verdict="pass") >= 1
    assert one(samples, "picket_checks_total", verdict="fail", **{"class": "expectation"}) >= 1
    assert one(samples, "picket_checks_total", verdict="fail", **{"class": "timeout"}) == 0
    assert sum(value for (name, _), value in samples.items()
               if name == "picket_checks_total") <= checks
    assert one(samples, "picket_endpoints", state="up") == 1
    assert one(samples, "picket_endpoints", state="paused") == 1
    assert one(samples, "picket_check_lateness_seconds_count") >= 2
    buckets = [value for (name, _), value in samples.items()
               if name == "picket_loop_turn_seconds_bucket"]
    assert one(samples, "picket_loop_turn_seconds_bucket", le="+Inf") == max(buckets)
    assert one(samples, "picket_permits_max") == 500
    assert one(samples, "picket_config_last_reload_success") == 1
    assert one(samples, "picket_store_ok") == 1
    assert one(samples, "process_resident_memory_bytes") > 1e6
    assert 5 < one(samples, "process_open_fds") < one(samples, "process_max_fds")
    assert one(samples, "process_cpu_seconds_total") > 0


def test_a_refused_reload_is_seen(world, picketd):
    places = world()
    daemon = picketd(config(places))
    daemon.config.write_text("endpoints: [{ name: x }]")
    assert daemon.ctl("reload").returncode != 0
    assert one(parse(scrape(daemon)[1]), "picket_config_last_reload_success") == 0
    daemon.config.write_text(config(places))
    assert daemon.ctl("reload").returncode == 0
    assert one(parse(scrape(daemon)[1]), "picket_config_last_reload_success") == 1


def test_messages_are_counted_by_receiver(world, picketd):
    places = world()
    daemon = picketd(config(places, (
        f"  - {{ name: down, http: '{places.url('/x')}', expect: [status == 204], notify: [ops],\n"
        "      confirm: { failures: 1 } }\n"
        "receivers:\n"
        f"  ops: {{ webhook: '{places.url('/hook')}', group_wait: 0s }}\n"
    )))
    with daemon.events("?type=notification&since=0") as events:
        daemon.ctl("check", "down", "--wait")
        assert next(event for event in events if event["type"] == "notification")["taken"]
    samples = parse(scrape(daemon)[1])
    assert one(samples, "picket_notifications_total", receiver="ops", result="sent") == 1
    assert one(samples, "picket_notifications_total", receiver="ops", result="failed") == 0
    assert one(samples, "picket_incidents_open") == 1


def test_openmetrics_is_given_to_who_asks_for_it(world, picketd):
    daemon = picketd(config(world()))
    kind, text = scrape(daemon, accept=OPENMETRICS)
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert text.endswith("# EOF\n")
    assert "# TYPE picket_checks counter\n" in text
    assert "picket_checks_total{" in text
    for accept in ("text/plain", "*/*", "application/openmetrics-text;q=0.1,text/plain",
                   "application/openmetrics-text;q=0"):
        kind, text = scrape(daemon, accept=accept)
        assert kind.startswith("text/plain") and "# EOF" not in text, accept


def test_the_unix_socket_has_them_too(world, picketd):
    daemon = picketd(config(world()))
    connection = house.UnixConnection(daemon.socket, house.PATIENCE)
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    assert answer.status == http.client.OK
    promtool(answer.read().decode())
    connection.close()


def test_every_probe_has_its_metrics(world, picketd, tmp_path):
    (tmp_path / "tls").mkdir()
    places = world("dns found.test: 127.0.0.1 127.0.0.2\nhttp /moved: 302 location=/good\n",
                   "--http", "127.0.0.1:0", "--dns", "127.0.0.1:0", "--tls", "127.0.0.1:0",
                   "--tls-folder", tmp_path / "tls")
    secure = f"127.0.0.1:{places.ports['tls'][0]}"
    ca = tmp_path / "tls" / "ca.pem"
    daemon = picketd(
        "picket: { listen: '127.0.0.1:0' }\n"
        "defaults: { interval: 10d, labels: { team: 'a\"b\\c' } }\n"
        "groups: { secure: {} }\n"
        "endpoints:\n"
        f"  - {{ name: h, http: '{places.url('/good')}' }}\n"
        f"  - {{ name: s, group: secure, http: {{ url: 'https://{secure}/x', tls: {{ ca: '{ca}',"
        " server_name: good.test } } }\n"
        f"  - {{ name: t, group: secure, tls: {{ address: '{secure}', ca: '{ca}',"
        " server_name: good.test } }\n"
        f"  - {{ name: d, dns: {{ query: found.test, server: '127.0.0.1:{places.ports['dns']}' }} }}\n"
        "  - { name: p, ping: 127.0.0.1 }\n"
        "  - { name: e, exec: { style: nagios, command: [/bin/echo, 'OK | load=0.5;1;2'] } }\n"
        f"  - {{ name: r, tcp: '127.0.0.1:{places.ports['refused']}' }}\n"
    )
    daemon.ctl("check", "*", "--wait")
    kind, text = scrape(daemon, "/metrics/endpoints")
    promtool(text)
    samples = parse(text)
    targets = {one["name"]: one for one in daemon.endpoints().values()}

    def value(name, endpoint, **more):
        labels = {"instance": targets[endpoint]["target"].replace("\\", "\\\\"),
                  "endpoint": endpoint, "probe": targets[endpoint]["probe"],
                  "team": 'a\\"b\\\\c', **more}
        if "group" in targets[endpoint]:
            labels["group"] = targets[endpoint]["group"]
        return samples.get((name, frozenset(labels.items())))

    for name in "hstdpe":
        last = targets[name]["last_check"]
        assert last["verdict"] == "pass", last
        assert value("probe_success", name) == 1
        assert abs(value("probe_duration_seconds", name) - last["latency"]) < 1e-6
        assert value("picket_endpoint_state", name, state="up") == 1
    assert value("probe_success", "r") == 0
    assert value("picket_endpoint_failure", "r", **{"class": "connect_refused",
                                                    "phase": "connect"}) == 1
    assert value("probe_http_status_code", "h") == 200
    phases = targets["s"]["last_check"]["phases"]
    assert value("probe_http_duration_seconds", "s", phase="tls") == phases["tls"]
    assert value("probe_http_duration_seconds", "s", phase="processing") == phases["first_byte"]
    assert value("probe_http_duration_seconds", "h", phase="tls") is None
    assert value("probe_http_ssl", "s") == 1 and value("probe_http_ssl", "h") == 0
    for name in "st":
        assert value("probe_tls_version_info", name, version="TLS 1.3") == 1
        assert value("probe_ssl_earliest_cert_expiry", name) > 1.7e9
        assert value("probe_ssl_last_chain_expiry_timestamp_seconds", name) > 1.7e9
    assert value("probe_dns_answer_rrs", "d") == 2
    assert value("probe_dns_query_succeeded", "d") == 1
    assert value("picket_ping_loss_ratio", "p") == 0
    assert value("probe_icmp_duration_seconds", "p", phase="rtt") > 0
    assert value("picket_exec_perf", "e", label="load") == 0.5

    only = parse(scrape(daemon, "/metrics/endpoints?group=secure")[1])
    assert {dict(labels)["endpoint"] for _, labels in only} == {"s", "t"}
    kind, text = scrape(daemon, "/metrics/endpoints?name=h", accept=OPENMETRICS)
    assert kind.startswith("application/openmetrics-text") and text.endswith("\n# EOF\n")
