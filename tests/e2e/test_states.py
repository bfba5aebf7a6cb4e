"""From checks to states: what is believed, when, and what is shown of it."""

import datetime


def config(world, endpoints, interval="1s", confirm="{ failures: 3, successes: 2, every: 100ms }"):
    lines = [
        "defaults:",
        f"  interval: {interval}",
        "  timeout: 5s",
        f"  confirm: {confirm}",
        "endpoints:",
    ]
    for name, more in endpoints.items():
        lines.append(f"  - name: {name}")
        lines.append(f"    http: {world.url('/' + name)}")
        lines += [f"    {line}" for line in more]
    return "\n".join(lines) + "\n"


def test_right_ones_are_up_down_and_degraded(world, picketd):
    places = world("/good: 200 json=1KB\n/bad: 503\n/slow: 200 delay=120ms\n")
    daemon = picketd(
        config(
            places,
            {
                "good": ["expect: ['json $.status == \"UP\"']"],
                "bad": [],
                "slow": ["warn: latency < 50ms"],
            },
        )
    )
    assert daemon.wait_state("good", "up")["last_check"]["verdict"] == "pass"
    bad = daemon.wait_state("bad", "down")
    assert bad["last_check"]["class"] == "expectation"
    assert bad["last_check"]["reason"] == "status is 503, expected in 200..299"
    assert daemon.wait_state("slow", "degraded")["last_check"]["verdict"] == "warn"
    totals = daemon.status()["endpoints"]
    assert (totals["up"], totals["down"], totals["degraded"]) == (1, 1, 1)


def test_an_inverted_endpoint_is_good_where_it_does_not_work(world, picketd):
    places = world("/open: 200\n/closed: 404\n/page: 200 body=login\n")
    daemon = picketd(config(places, {
        "open": ["invert: true"],
        "closed": ["invert: true"],
        "page": ["invert: true", "expect: 'json $.a == 1'"],
    }))
    is_open = daemon.wait_state("open", "down")["last_check"]
    assert is_open["class"] == "expectation" and is_open["phase"] == "judge"
    assert "invert" in is_open["reason"]
    assert daemon.wait_state("closed", "up")["last_check"]["verdict"] == "pass"
    # That the page is not JSON proves nothing in either direction.
    page = daemon.wait_state("page", "down")["last_check"]
    assert page["class"] == "expectation" and "not JSON at 1:1" in page["reason"]


def test_one_bad_answer_is_not_an_outage(world, picketd):
    places = world("/shaky: 200 x2, 500 x2, 200\n")
    daemon = picketd(config(places, {"shaky": []}))
    verdicts = daemon.wait_verdicts(7)
    assert [one["verdict"] for one in verdicts][:5] == ["pass", "pass", "fail", "fail", "pass"]
    with daemon.events("?type=state&since=0") as events:
        first = next(event for event in events if event["type"] == "state")
    assert first["to"] == "up", first
    assert daemon.endpoint("shaky")["state"] == "up"


def test_an_outage_is_confirmed_and_dated_back(world, picketd):
    places = world("/shop: 200, 500 x3, 200\n")
    daemon = picketd(config(places, {"shop": []}))
    daemon.wait_state("shop", "up")
    down = daemon.wait_state("shop", "down")
    fails = daemon.wait_verdicts(3, lambda event: event["verdict"] == "fail")
    assert down["since"] <= fails[0]["at"]
    # Confirming checks come `every` apart (and 20 % less at the least), not an interval.
    arrivals = places.stats("/shop")["endpoints"]["/shop"]["arrivals"]
    assert 70_000 < arrivals[2] - arrivals[1] < 900_000
    up = daemon.wait_state("shop", "up")
    assert up["since"] > down["since"]


def test_what_is_down_has_an_interval_of_its_own(world, picketd):
    places = world("/shop: 500 x4, 200\n")
    daemon = picketd(
        config(
            places,
            {"shop": ["interval_failing: 1s"]},
            interval="30d",
            confirm="{ failures: 1, successes: 1 }",
        )
    )
    daemon.ctl("check", "shop")
    # By an interval of 30 days there would be no second check.
    places.wait("/shop", 5)
    up = daemon.wait_state("shop", "up")
    # The chance that its place in the 30 days is near is one in 40,000.
    again = [datetime.datetime.fromisoformat(up[key]) for key in ("since", "next_check_at")]
    assert (again[1] - again[0]).total_seconds() > 60


def related(world, endpoints, online_if="null", interval="30d"):
    lines = [
        f"picket: {{ online_if: {online_if} }}",
        f"defaults: {{ interval: {interval}, confirm: {{ failures: 2, successes: 1, every: 100ms }} }}",
        "endpoints:",
    ]
    for name, more in endpoints.items():
        lines.append(f"  - {{ name: {name}, http: '{world.url('/' + name)}'{more} }}")
    return "\n".join(lines) + "\n"


def test_while_this_host_is_offline_nothing_is_down_but_what_says_so(world, picketd):
    places = world("/gateway: reset at-accept\n/resolver: reset\n/shop: reset\n/page: 500\n")
    daemon = picketd(
        related(
            places,
            {"gateway": "", "resolver": "", "shop": "", "page": ""},
            "[gateway, resolver]",
            interval="1s",
        )
    )
    shop = daemon.wait_state("shop", "unknown")
    assert shop["last_check"]["class"] == "local"
    assert "'gateway' and 'resolver' fail too" in shop["last_check"]["reason"]
    # These are what tells, and this one was answered.
    for name in ("gateway", "resolver", "page"):
        daemon.wait_state(name, "down")
    assert "seems to be offline" in daemon.logged()
    for name in ("/gateway", "/shop"):
        places.set(name, "200")
    assert daemon.wait_state("shop", "up")["last_check"]["verdict"] == "pass"
    assert "'shop' is down" not in daemon.logged()
    daemon.wait_state("gateway", "up")
    assert "online again" in daemon.logged()


def test_references_and_parents_are_looked_at_before_it_is_called_down(world, picketd):
    places = world("/gateway: 200\n/edge: 200\n/shop: reset\n")
    daemon = picketd(
        related(
            places,
            {"gateway": "", "edge": "", "shop": ", depends_on: [edge]"},
            "[gateway]",
        )
    )
    daemon.ctl("check", "gateway", "edge")
    daemon.wait_verdicts(2)
    daemon.ctl("check", "shop")
    down = daemon.wait_state("shop", "down")
    assert down["last_check"]["class"] == "reset"
    assert down["flags"] == []
    seen = places.stats()["endpoints"]
    for name in ("/gateway", "/edge"):
        # By their interval of 30 days they would not have been.
        assert seen[name]["arrivals"][-1] > seen["/shop"]["arrivals"][0], name


def test_what_depends_on_something_that_is_down_is_suppressed(world, picketd):
    places = world("/edge: reset\n/shop: reset\n/cart: 200\n")
    daemon = picketd(
        related(
            places,
            {"edge": "", "shop": ", depends_on: [edge]", "cart": ", depends_on: [shop]"},
            interval="1s",
        )
    )
    daemon.wait_state("edge", "down")
    daemon.wait_state("shop", "down")
    assert daemon.endpoint("shop")["flags"] == ["suppressed"]
    assert daemon.endpoint("cart")["flags"] == ["suppressed"]
    assert daemon.endpoint("edge")["flags"] == []
    places.set("/edge", "200")
    daemon.wait_state("edge", "up")
    assert daemon.endpoint("shop")["flags"] == []
    assert daemon.endpoint("cart")["flags"] == ["suppressed"]


def test_a_closed_port_is_refused_and_a_class_can_be_expected(world, picketd):
    places = world()
    port = places.ports["refused"]
    daemon = picketd(
        "defaults: { interval: 1s, confirm: { failures: 2, every: 100ms } }\n"
        "endpoints:\n"
        f"  - {{ name: closed, http: 'http://127.0.0.1:{port}/' }}\n"
        f"  - name: must-be-closed\n"
        f"    http: http://127.0.0.1:{port}/\n"
        "    expect:\n"
        '      - class == "connect_refused"\n'
    )
    closed = daemon.wait_state("closed", "down")
    assert closed["last_check"]["class"] == "connect_refused"
    assert closed["last_check"]["phase"] == "connect"
    assert "first_byte" not in closed["last_check"]["phases"]
    assert daemon.wait_state("must-be-closed", "up")["last_check"]["verdict"] == "pass"


def test_a_secret_that_the_server_echoes_is_masked(world, picketd):
    places = world("/echo: 500 echo\n")
    daemon = picketd(
        "defaults: { interval: 1s, confirm: { failures: 1 } }\n"
        "endpoints:\n"
        "  - name: echo\n"
        "    http:\n"
        f"      url: {places.url('/echo')}\n"
        "      auth: { bearer: '${env:TOKEN}' }\n"
        "    expect:\n"
        "      - status == 200\n"
        "      - body == \"x\"\n",
        env={"TOKEN": "hunter2-and-more"},
    )
    shown = daemon.wait_state("echo", "down")
    assert "hunter2" not in str(shown)
    assert "***" in str(shown["evidence"])
    assert "hunter2" not in daemon.ctl("config", "echo").stdout
    assert "hunter2" not in daemon.logged()


def test_a_token_that_was_fetched_is_masked(world, picketd):
    token = '{"access_token":"fetched-just-now","token_type":"Bearer","expires_in":60}'
    quoted = token.replace("{", "%7B").replace("}", "%7D").replace('"', "%22").replace(",", "%2C")
    places = world(f"/token: 200 type=application/json body={quoted}\n/echo: 500 echo\n")
    daemon = picketd(
        "defaults: { interval: 1s, timeout: 900ms, confirm: { failures: 1 } }\n"
        "endpoints:\n"
        "  - name: echo\n"
        "    http:\n"
        f"      url: {places.url('/echo')}\n"
        "      auth:\n"
        "        oauth2:\n"
        f"          token_url: {places.url('/token')}\n"
        "          client_id: me\n"
        "          client_secret: hunter2\n"
        "    expect: body == \"x\"\n"
    )
    shown = daemon.wait_state("echo", "down")
    assert "Bearer ***" in str(shown["evidence"])
    assert "fetched-just-now" not in str(shown)
    assert "fetched-just-now" not in daemon.logged()
