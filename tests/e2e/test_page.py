"""The status page: what a browser is given, what it may do with it, and who sees what."""

import html.parser
import http.client
import json
import xml.dom.minidom

import pytest

import house

SETTINGS = "listen: '127.0.0.1:0'"
VOID = {"meta", "link", "input"}


class Page(html.parser.HTMLParser):
    """Elements with their attributes and texts; an element that is not closed is a fault."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.scripts = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append((tag, element))

    def handle_endtag(self, tag):
        if tag == "p" and self.open[-1][0] != "p":
            raise AssertionError("a stray </p>")
        opened, _ = self.open.pop()
        assert opened == tag, (opened, tag)

    def handle_data(self, data):
        for _, element in self.open:
            element["text"] += data

    def all(self, tag, **wanted):
        return [one for one in self.elements
                if one["tag"] == tag and all(one.get(k) == v for k, v in wanted.items())]

    def one(self, tag, **wanted):
        found = self.all(tag, **wanted)
        assert len(found) == 1, (tag, wanted, len(found))
        return found[0]

    def rows(self):
        """Name -> row of the board."""
        found = {}
        for i, one in enumerate(self.elements):
            if one.get("id") == "incidents":
                break
            if one["tag"] == "a" and one.get("href", "").startswith("endpoint/") and \
                    self.elements[i - 1]["tag"] == "li" and self.elements[i + 1]["tag"] == "b":
                found.setdefault(one["text"], self.elements[i - 1])
        return found


def fetch(daemon, path, **headers):
    connection = http.client.HTTPConnection(daemon.status()["listen"], timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def page(daemon, path="/"):
    answer, text = fetch(daemon, path)
    assert answer.status == 200, text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(text)


def page_over_socket(daemon, path):
    """The same as one sees it over the Unix socket."""
    connection = house.UnixConnection(daemon.socket, house.PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200
    return Page(text)


def config(world, more="", settings="", endpoints=""):
    return (
        f"picket: {{ {SETTINGS} {settings} }}\n"
        "defaults: { interval: 10d, confirm: { failures: 1, successes: 1 } }\n"
        "groups: { web: {}, many: {} }\n"
        "endpoints:\n"
        f"  - {{ name: shop, group: web, http: '{world.url('/shop')}' }}\n"
        f"  - {{ name: bad one, group: web, http: '{world.url('/bad')}' }}\n"
        f"  - {{ name: alone, http: '{world.url('/alone')}' {more} }}\n" + endpoints
    )


SCRIPT = "/shop: 200\n/bad: 503\n/alone: 200\n"


def started(daemon, names=("shop", "bad one", "alone")):
    for name in names:
        daemon.ctl("check", name, "--wait")
    return daemon


def test_all_endpoints_are_on_it_the_worst_first(world, picketd):
    daemon = started(picketd(config(world(SCRIPT))))
    board = page(daemon)
    assert board.one("h1")["text"] == "1 of 3 is down"
    assert board.one("title")["text"] == "1 of 3 is down · picket"
    rows = board.rows()
    assert list(rows) == ["bad one", "shop", "alone"]
    assert rows["bad one"]["data-s"] == "down"
    assert "down" in rows["bad one"]["text"] and "status is 503" in rows["bad one"]["text"]
    assert rows["shop"]["data-s"] == "up" and "up" in rows["shop"]["text"]
    heads = [one["text"].split() for one in board.all("h3")]
    assert heads[0] == ["web", "1", "down", "1", "up"]
    assert heads[1] == ["No", "group", "1", "up"]
    incidents = board.one("section", id="incidents")["text"]
    assert "bad one down for" in " ".join(incidents.split())
    for tag in ("header", "nav", "main", "footer"):
        assert board.all(tag), tag
    assert board.one("p", id="news")["aria-live"] == "polite"
    assert board.one("label", **{"for": "q"}) and board.one("html")["lang"] == "en"


def test_nothing_of_it_comes_from_elsewhere(world, picketd):
    daemon = started(picketd(config(world(SCRIPT))))
    for path in ("/", "/endpoint/bad%20one", "/incidents"):
        answer, text = fetch(daemon, path)
        policy = dict(part.strip().split(" ", 1)
                      for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'" and policy["connect-src"] == "'self'"
        assert policy["base-uri"] == "'none'" and policy["frame-ancestors"] == "'none'"
        for word in ("style", "script"):
            assert policy[f"{word}-src"].startswith("'sha256-"), policy
            assert "unsafe" not in policy[f"{word}-src"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        made = Page(text)
        for one in made.elements:
            assert not any(key.startswith("on") or key == "style" for key in one), one
            for key in ("src", "href", "action"):
                assert not one.get(key, "").startswith(("http", "//", "javascript")), one
    assert len(text.encode()) < 100_000


HOSTILE = "<img src=x onerror=alert(1)>\"'&amp;"


def test_what_comes_from_outside_is_text(world, picketd, talker):
    places = world("/x: 200\n")
    body = json.dumps({"status": "<script>alert(2)</script>\"'\u202e"})
    places.set("/body", "200 body=" + "".join(f"%{byte:02X}" for byte in body.encode()))
    places.set("/head", "200 header=X-Mode:%3Cb%20onclick=alert(3)%3E")
    name = "<b onmouseover='alert(4)'>&\"x\""
    daemon = picketd(
        f"picket: {{ {SETTINGS}, listen_detail: true }}\n"
        "defaults: { interval: 10d, confirm: { failures: 1 } }\n"
        f"groups: {{ {json.dumps(HOSTILE)}: {{}} }}\n"
        "endpoints:\n"
        f"  - name: {json.dumps(name.replace('/', ''))}\n"
        f"    group: {json.dumps(HOSTILE)}\n"
        f"    labels: {{ team: {json.dumps(HOSTILE)} }}\n"
        f"    http: {places.url('/body')}\n"
        "    expect: 'json $.status == \"UP\"'\n"
        f"  - name: head\n    http: {places.url('/head')}\n"
        "    expect: 'header X-Mode == \"plain\"'\n"
        f"  - name: beat\n    heartbeat: {{ every: 10d }}\n"
    )
    for one in (name, "head"):
        daemon.ctl("check", one, "--wait")
    assert daemon.endpoint(name)["state"] == "down"
    status, _ = daemon.ask("POST", "/v1/heartbeats/beat?status=fail&message=%3Ci%20onload%3Dx%3E")
    assert status == 204
    daemon.wait_state("beat", "down")
    paths = ["/", "/incidents", "/?q=%3Cscript%3Ealert(5)%3C%2Fscript%3E%22",
             "/?group=" + "%3Cimg%20src%3Dx%3E", "/endpoint/head", "/endpoint/beat",
             "/endpoint/" + "".join(f"%{byte:02X}" for byte in name.encode())]
    shown = ""
    for path in paths:
        made = page(daemon, path)
        assert len(made.all("script")) == 1 and not made.all("img")
        for one in made.elements:
            assert not any(key.startswith("on") for key in one), (path, one)
        shown += made.one("body")["text"]
    # It is all there, as text; what would turn the direction of the rest is not.
    for text in (name, HOSTILE, "<script>alert(2)</script>", "<b onclick=alert(3)>",
                 "<i onload=x>"):
        assert text in shown, text
    assert "\u202e" not in shown
    answer, text = fetch(daemon, "/endpoint/%3Cscript%3Ealert(6)%3C%2Fscript%3E")
    assert answer.status == 404
    answer, text = fetch(daemon, "/endpoint/%3Cscript%3Ealert(6)")
    assert answer.status == 404 and len(Page(text).all("script")) == 1
    answer, text = fetch(daemon, "/badge/" + "".join(f"%{b:02X}" for b in name.encode()) + ".svg")
    assert answer.status == 200
    badge = xml.dom.minidom.parseString(text)
    assert [one.tagName for one in badge.getElementsByTagName("*")] == \
        ["svg", "title", "rect", "path", "g", "text", "text"]
    assert badge.getElementsByTagName("title")[0].firstChild.data == f"{name}: down"


@pytest.mark.parametrize("query, names", [
    ("", ["bad one", "shop", "alone"]),
    ("?state=down", ["bad one"]),
    ("?q=", ["bad one", "shop", "alone"]),
    ("?state=paused", []),
    ("?group=web", ["bad one", "shop"]),
    ("?q=SHO", ["shop"]),
    ("?q=web&state=up", ["shop"]),
    ("?name=*o*", ["bad one", "shop", "alone"]),
    ("?name=s*", ["shop"]),
    ("?label=a:b", []),
])
def test_parameters_leave_out_what_was_not_asked_for(world, picketd, query, names):
    daemon = started(picketd(config(world(SCRIPT))))
    board = page(daemon, "/" + query)
    assert list(board.rows()) == names
    assert ("No endpoint matches" in board.one("body")["text"]) == (not names)


def test_what_makes_no_sense_or_is_not_there_is_refused(world, picketd):
    daemon = picketd(config(world(SCRIPT)))
    for path, status in (("/?state=fine", 400), ("/?what=x", 400), ("/endpoint/none", 404),
                         ("/endpoint/", 404), ("/badge/none.svg", 404), ("/badge/shop.png", 404),
                         ("/badge/.svg", 404), ("/endpoint/shop?x=1", 400), ("/index.html", 404)):
        assert fetch(daemon, path)[0].status == status, path
    assert fetch(daemon, "/", Host="evil.example")[0].status == 421
    assert daemon.web("/", method="POST")[0] == 405


def test_badges_tell_the_state(world, picketd):
    daemon = started(picketd(config(world(SCRIPT))))
    answer, text = fetch(daemon, "/badge/bad%20one.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert xml.dom.minidom.parseString(text).documentElement.getAttribute("aria-label") == \
        "bad one: down"
    _, text = fetch(daemon, "/badge/shop.json")
    badge = json.loads(text)
    assert (badge["schemaVersion"], badge["label"], badge["message"], badge["isError"]) == \
        (1, "shop", "up", False)
    assert json.loads(fetch(daemon, "/badge/bad%20one.json")[1])["isError"] is True


def test_an_endpoint_has_a_page_with_its_checks(world, picketd):
    daemon = started(picketd(config(world(SCRIPT), settings=", listen_detail: true")))
    daemon.ctl("check", "bad one", "--wait")
    made = page(daemon, "/endpoint/bad%20one")
    assert made.one("h1")["text"] == "bad one is down"
    assert len(made.all("rect", **{"class": "fail"})) == 2
    assert len(made.all("td", **{"class": "fail"})) == 2
    assert "/bad" in made.all("dl")[0]["text"]
    assert '"status": 503' in made.one("pre")["text"]


def test_an_endpoint_has_a_page_with_its_uptime(world, picketd):
    daemon = started(picketd(config(world(SCRIPT))))
    days = page(daemon, "/endpoint/shop").all("rect")
    kinds = [one["class"] for one in days if "day" in one["class"]]
    assert kinds == ["day none"] * 89 + ["day pass"]
    text = " ".join(page(daemon, "/endpoint/shop").one("section", **{
        "aria-labelledby": "uptime-head"})["text"].split())
    assert "last 24 hours100 % last 7 days100 % last 30 days100 %" in text
    assert "of 1 something is known, it was down on 0." in text
    text = " ".join(page(daemon, "/endpoint/bad%20one").one("section", **{
        "aria-labelledby": "uptime-head"})["text"].split())
    assert "last 24 hours0.00 %" in text and "it was down on 1." in text


def test_an_endpoint_has_a_page_with_its_latency(world, picketd):
    daemon = started(picketd(config(world(SCRIPT))))
    section = {"aria-labelledby": "latency-head"}
    for span, title in (("", "24 hours"), ("?span=7d", "7 days"), ("?span=365d", "365 days")):
        made = page(daemon, f"/endpoint/shop{span}")
        text = " ".join(made.one("section", **section)["text"].split())
        checks = daemon.endpoint("shop")["recent"]
        assert f"Of {len(checks)} checks in the last {title} 0 failed. Latency: half below " in text
        assert [one["text"] for one in made.all("a") if one.get("aria-current") == "true"] == [title]
        drawn = {one["class"]: one["d"] for one in made.all("path")}
        # As many steps as there were with answers: all checks are in the last ones.
        assert drawn["p50"].startswith("M") and drawn["p99"].endswith("Z")
    bad = " ".join(page(daemon, "/endpoint/bad%20one").one("section", **section)["text"].split())
    failed = len(daemon.endpoint("bad one")["recent"])
    assert f"Of {failed} checks in the last 24 hours {failed} failed." in bad
    answer, text = fetch(daemon, "/endpoint/shop?span=1d")
    assert answer.status == 400 and "none of 24h, 7d, 30d and 365d" in text


def test_each_row_has_a_line_of_its_latencies(world, picketd):
    daemon = started(picketd(config(world(SCRIPT))))
    daemon.ctl("check", "shop", "--wait")
    lines = [one["points"].split() for one in page(daemon).all("polyline")]
    # Worst first: an answer that is not as wanted was an answer all the same.
    assert [len(points) for points in lines[:1]] == [len(daemon.endpoint("bad one")["recent"])]
    shop = [round(one["latency"] * 1e6) for one in daemon.endpoint("shop")["recent"]]
    assert [f"{30 - len(shop) + i},{value}" for i, value in enumerate(shop)] in lines


def test_evidence_is_not_for_everybody(world, picketd):
    daemon = started(picketd(config(world(SCRIPT))))
    assert not page(daemon, "/endpoint/bad%20one").all("pre")
    made = page_over_socket(daemon, "/endpoint/bad%20one")
    assert '"status": 503' in made.one("pre")["text"]


def test_what_is_not_public_is_not_there_for_everybody(world, picketd):
    places = world("/alone: 503\n/shop: 200\n/bad: 503\n")
    daemon = started(picketd(config(places, more=", public: false")))
    assert daemon.endpoint("alone")["state"] == "down"
    board = page(daemon)
    assert list(board.rows()) == ["bad one", "shop"]
    assert board.one("h1")["text"] == "1 of 2 is down"
    for path in ("/", "/incidents", "/v1/endpoints", "/v1/incidents", "/metrics/endpoints"):
        answer, text = fetch(daemon, path)
        assert answer.status == 200 and "alone" not in text, path
    for path in ("/endpoint/alone", "/badge/alone.svg", "/v1/endpoints/alone"):
        assert fetch(daemon, path)[0].status == 404, path
    # The stream of events leaves it out, too: what comes first is of the one after it.
    connection = http.client.HTTPConnection(daemon.status()["listen"], timeout=60)
    connection.request("GET", "/v1/events?since=0&type=state")
    names = [json.loads(connection.getresponse().readline()).get("endpoint")]
    assert "alone" not in names
    connection.close()
    # Over the socket it is there as ever.
    assert "alone" in page_over_socket(daemon, "/").rows()
    assert "alone" in daemon.endpoints()
    assert [one["endpoint"] for one in daemon.get("/v1/incidents?name=alone")["incidents"]] == \
        ["alone"]
    # And a reload may show it to all.
    daemon.config.write_text(config(places, more=", public: true"))
    assert daemon.ctl("reload").returncode == 0
    assert "alone" in page(daemon).rows()


def test_six_thousand_endpoints_are_more_than_a_page_shows(world, picketd):
    more = ("  - { name: 'many-{}', group: many, enabled: false, each: ["
            + ", ".join(f"'{i:04}'" for i in range(6000)) + "], tcp: '127.0.0.1:1' }\n")
    daemon = started(picketd(config(world(SCRIPT), endpoints=more)))
    board = page(daemon)
    rows = board.rows()
    assert len(rows) == 5000 and list(rows)[0] == "bad one"
    assert "And 1003 more" in board.one("body")["text"]
    assert list(page(daemon, "/?q=many-5999").rows()) == ["many-5999"]
    assert "6000 paused" in " ".join(board.one("section", id="endpoints")["text"].split())
