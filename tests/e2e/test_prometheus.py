"""What is shipped for Prometheus and others in conf/, and a real Prometheus that reads it all."""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import yaml

import house

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONF = ROOT / "conf"
NAME = re.compile(r"\b(?:picket|probe|process)_[a-z_]+\b")


def promtool(*words):
    end = house.run("promtool", *words, cwd=CONF / "prometheus")
    assert end.returncode == 0, end.stdout + end.stderr


def documented():
    """All names of metrics in the manual, and what a histogram makes of them."""
    text = (ROOT / "man/picket-api.7").read_text()
    found = set()
    for line in re.findall(r"^\.(?:It )?Sy (.*)$", text, re.M):
        found |= set(NAME.findall(line))
    return found | {f"{name}_{more}" for name in found for more in ("bucket", "sum", "count")}


def expressions(dashboard):
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (one["definition"] for one in dashboard["templating"]["list"] if "definition" in one)


def test_rules_are_right_by_promtool():
    promtool("check", "rules", "picket-rules.yaml")
    promtool("test", "rules", "picket-rules.test.yaml")
    promtool("check", "config", "prometheus.yaml")


def test_only_metrics_that_there_are_stand_in_rules_and_dashboard():
    rules = yaml.safe_load((CONF / "prometheus/picket-rules.yaml").read_text())
    dashboard = json.loads((CONF / "grafana-dashboard.json").read_text())
    used = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    used += list(expressions(dashboard))
    names = {name for one in used for name in NAME.findall(one)}
    assert len(names) > 15
    assert names <= documented(), names - documented()


def test_the_dashboard_is_whole():
    dashboard = json.loads((CONF / "grafana-dashboard.json").read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    for i, (x, y, w, h) in enumerate(places):
        assert x + w <= 24
        for a, b, c, d in places[:i]:
            assert x >= a + c or a >= x + w or y >= b + d or b >= y + h, dashboard["panels"][i]


def test_alertmanager_and_nagios_name_what_there_is(world, picketd):
    rules = yaml.safe_load((CONF / "prometheus/picket-rules.yaml").read_text())
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    routes = yaml.safe_load((CONF / "prometheus/alertmanager.yaml").read_text())
    receivers = {one["name"] for one in routes["receivers"]}
    assert {one["receiver"] for one in routes["route"]["routes"]} <= receivers
    for rule in routes["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            pattern = matcher.split('"')[1]
            assert any(re.fullmatch(pattern, alert) for alert in alerts), matcher
    places = world()
    daemon = picketd(f"endpoints: [{{ name: shop, interval: 10d, http: '{places.url()}' }}]\n")
    daemon.ctl("check", "shop", "--wait")
    line = re.search(r"command_line\s+(.*)", (CONF / "nagios.cfg").read_text()).group(1)
    words = line.replace('"$ARG1$"', "shop").split()
    assert words[0] == "/usr/bin/picketctl"
    end = daemon.ctl(*words[1:])
    assert end.returncode == 0 and end.stdout.startswith("PICKET OK"), end


class Prometheus:
    """The one of the distribution, on a port that the kernel chose."""

    def __init__(self, folder, config):
        shutil.copy(CONF / "prometheus/picket-rules.yaml", folder)
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yaml",
             f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:0"],
            stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "Listening on" in line:
                self.address = line.split("address=")[1].split()[0]
            if "Server is ready" in line:
                break
        # It blocks where nobody reads.
        self.reader = threading.Thread(target=self.process.stderr.read, daemon=True)
        self.reader.start()

    def query(self, expression):
        url = f"http://{self.address}/api/v1/query?" + urllib.parse.urlencode(
            {"query": expression})
        with contextlib.closing(urllib.request.urlopen(url, timeout=house.PATIENCE)) as answer:
            found = json.loads(answer.read())["data"]["result"]
        return {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in found}

    def wait(self, expression, count):
        """Until that has so many results: Prometheus asks in its own time."""
        until = time.monotonic() + house.PATIENCE
        while len(found := self.query(expression)) < count:
            assert time.monotonic() < until, (expression, found, self.query("up"))
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait(house.PATIENCE)
        self.reader.join()
        self.process.stderr.close()


def configuration(address, target):
    """The one that is shipped, with our address, a target of ours, and no patience."""
    config = yaml.safe_load((CONF / "prometheus/prometheus.yaml").read_text()
                            .replace("127.0.0.1:9799", address)
                            .replace("http://127.0.0.1/", target))
    return config | {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}}


def test_a_real_prometheus_reads_all_of_it(world, picketd, tmp_path):
    places = world()
    daemon = picketd(
        "picket: { listen: '127.0.0.1:0', probe_allow: ['*'] }\n"
        "modules: { http_2xx: { http: {} } }\n"
        "defaults: { interval: 10d, confirm: { failures: 1 } }\n"
        "endpoints:\n"
        f"  - {{ name: good, labels: {{ team: web }}, http: '{places.url('/good')}' }}\n"
        f"  - {{ name: bad, tcp: '127.0.0.1:{places.ports['refused']}' }}\n")
    daemon.ctl("check", "*", "--wait")
    prometheus = Prometheus(tmp_path, configuration(daemon.status()["listen"],
                                                    places.url("/other")))
    try:
        assert set(prometheus.wait("up == 1", 3).values()) == {1}
        found = prometheus.wait('probe_success{job="picket-endpoints"}', 2)
        by_name = {dict(key)["endpoint"]: (dict(key), value) for key, value in found.items()}
        labels, value = by_name["good"]
        assert value == 1 and by_name["bad"][1] == 0
        assert labels["instance"] == places.url("/good") and labels["team"] == "web"
        assert labels["target"] == "good"
        found = prometheus.wait('probe_http_status_code{job="picket-probe"}', 1)
        (key, value), = found.items()
        assert value == 200 and dict(key)["instance"] == places.url("/other")
        found = prometheus.wait('ALERTS{alertname="PicketEndpointDown",alertstate="firing"}', 1)
        assert dict(next(iter(found)))["endpoint"] == "bad"
        assert prometheus.wait("histogram_quantile(0.99, picket_check_lateness_seconds_bucket)", 1)
    finally:
        prometheus.stop()
