"""What the log says, and what it does not."""


def config(world, fleet=0):
    return (
        "defaults: { interval: 1s, timeout: 900ms, confirm: { failures: 2, every: 100ms } }\n"
        "endpoints:\n"
        f"  - {{ name: good, http: '{world.url('/good')}' }}\n"
        f"  - {{ name: bad, http: '{world.url('/status/503')}' }}\n"
    ) + "".join(f"  - {{ name: e{i}, http: '{world.url(f'/{i}')}' }}\n" for i in range(fleet))


def test_first_passes_of_a_fleet_are_no_news_and_an_outage_is(world, picketd):
    daemon = picketd(config(world(), fleet=200))
    daemon.wait_state("good", "up")
    daemon.wait_state("bad", "down")
    logged = daemon.logged()
    assert "'bad' is down (was pending): status is 503, expected in 200..299" in logged
    assert "'good'" not in logged


def test_a_first_pass_among_few_is_news(world, picketd):
    daemon = picketd(config(world()))
    daemon.wait_state("good", "up")
    assert "'good' is up (was pending)" in daemon.logged()


def test_verbose_tells_of_single_checks(world, picketd):
    daemon = picketd(config(world()), "--verbose")
    daemon.wait_state("good", "up")
    daemon.wait_state("bad", "down")
    logged = daemon.logged()
    assert "'good': pass after " in logged
    assert "'good' is up (was pending)" in logged
    assert "'bad': fail after " in logged and ", expectation: " in logged
