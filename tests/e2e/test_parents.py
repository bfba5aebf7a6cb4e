"""What depends on something that is down waits to be told, and then what is true is."""

from sink import sink  # noqa: F401


def related(world, sink, endpoints):
    lines = [
        "receivers:",
        f"  ops: {{ webhook: '{sink.url()}', group_by: endpoint, group_wait: 0s, group_interval: 10ms }}",
        "defaults:",
        "  interval: 1s",
        "  timeout: 900ms",
        "  confirm: { failures: 2, successes: 2, every: 200ms }",
        "  notify: ops",
        "endpoints:",
    ]
    for name, more in endpoints.items():
        lines.append(f"  - {{ name: {name}, http: '{world.url('/' + name)}'{more} }}")
    return "\n".join(lines) + "\n"


CHAIN = {"edge": "", "shop": ", depends_on: [edge]", "cart": ", depends_on: [shop]"}


def told(message):
    assert len(message["incidents"]) == 1
    return message["event"], message["incidents"][0]["endpoint"]


def test_what_comes_back_with_it_is_never_told(world, picketd, sink):
    places = world("/edge: 200\n/shop: 200\n/cart: 200\n")
    daemon = picketd(related(places, sink, CHAIN))
    for name in CHAIN:
        daemon.wait_state(name, "up")
    for name in CHAIN:
        places.set("/" + name, "reset")
    assert told(sink.message()) == ("problem", "edge")
    for name in ("shop", "cart"):
        assert "suppressed" in daemon.wait_state(name, "down")["flags"]
    assert daemon.status()["incidents"]["open"] == 3
    for name in CHAIN:
        places.set("/" + name, "200")
    assert told(sink.message()) == ("recovery", "edge")
    for name in CHAIN:
        assert daemon.wait_state(name, "up")["flags"] == []
    # One more that is told, so that whatever else there was had come before it.
    places.set("/cart", "503")
    assert told(sink.message()) == ("problem", "cart")
    assert len(sink.taken) == 3


def test_what_stays_away_is_told_when_it_is_back(world, picketd, sink):
    places = world("/edge: 200\n/shop: 200\n/cart: 200\n")
    daemon = picketd(related(places, sink, CHAIN))
    for name in CHAIN:
        daemon.wait_state(name, "up")
    for name in CHAIN:
        places.set("/" + name, "reset")
    assert told(sink.message()) == ("problem", "edge")
    for name in ("shop", "cart"):
        daemon.wait_state(name, "down")
    places.set("/edge", "200")
    assert sorted(told(sink.message()) for _ in range(2)) == [("problem", "shop"), ("recovery", "edge")]
    places.set("/shop", "200")
    assert sorted(told(sink.message()) for _ in range(2)) == [("problem", "cart"), ("recovery", "shop")]


def test_the_end_of_what_was_told_before_is_told_afterwards(world, picketd, sink):
    places = world("/edge: 200\n/shop: 503\n/cart: 200\n")
    daemon = picketd(related(places, sink, CHAIN))
    assert told(sink.message()) == ("problem", "shop")
    daemon.wait_state("edge", "up")
    places.set("/edge", "reset")
    assert told(sink.message()) == ("problem", "edge")
    places.set("/shop", "200")
    daemon.wait_state("shop", "up")
    assert len(sink.taken) == 2
    places.set("/edge", "200")
    assert sorted(told(sink.message()) for _ in range(2)) == [("recovery", "edge"), ("recovery", "shop")]
