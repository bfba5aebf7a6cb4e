"""The status page in a real browser: it follows what happens, and breaks none of its own rules."""

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

import house

FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
         "--disable-background-networking --disable-component-update --disable-sync "
         "--disable-dev-shm-usage").split()


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path}/profile"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    said = driver.get_log("browser")
    driver.quit()
    assert not said


def until(browser, what):
    return WebDriverWait(browser, house.PATIENCE, 0.05).until(what)


def text_of(query):
    """Elements come and go while one looks, so the page looks for itself."""
    return lambda browser: browser.execute_script(
        "const one = document.querySelector(arguments[0]); return one && one.textContent", query)


def shows(query, text):
    return lambda browser: text in (text_of(query)(browser) or "")


def start(world, picketd):
    places = world("/shop: 200\n/door: 200\n/db: 200\n")
    daemon = picketd(
        "picket: { listen: '127.0.0.1:0' }\n"
        "defaults: { interval: 10d, confirm: { failures: 1, successes: 1 } }\n"
        "groups: { web: {}, store: {} }\n"
        "endpoints:\n"
        f"  - {{ name: shop, group: web, http: '{places.url('/shop')}' }}\n"
        f"  - {{ name: door, group: web, http: '{places.url('/door')}' }}\n"
        f"  - {{ name: db, group: store, http: '{places.url('/db')}' }}\n")
    for name in ("shop", "door", "db"):
        daemon.ctl("check", name, "--wait")
    return places, daemon, f"http://{daemon.status()['listen']}/"


def rows(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('.group li')].filter(one => !one.hidden)"
        ".map(one => one.querySelector('a').textContent + ' ' + one.dataset.s)")


def test_a_change_is_shown_and_said_without_a_reload(world, picketd, browser):
    places, daemon, address = start(world, picketd)
    browser.get(address)
    until(browser, shows("#live", "live"))
    assert text_of("h1")(browser) == "All 3 endpoints are up"
    assert rows(browser) == ["db up", "door up", "shop up"]
    browser.execute_script("window.isTheSame = true")
    places.set("/shop", "503")
    daemon.ctl("check", "shop", "--wait")
    until(browser, shows("h1", "1 of 3 is down"))
    # Worst first: its group, and itself in there.
    until(browser, lambda _: rows(browser) == ["shop down", "door up", "db up"])
    assert "status is 503" in text_of(".group li[data-s=down]")(browser)
    until(browser, shows("#news", "shop is down: status is 503"))
    until(browser, shows("#incidents", "shop"))
    assert browser.title == "1 of 3 is down · picket"
    assert text_of("#chips [data-s=down] b")(browser) == "1"
    places.set("/shop", "200")
    daemon.ctl("check", "shop", "--wait")
    until(browser, shows("h1", "All 3 endpoints are up"))
    until(browser, shows("#incidents", "recovered"))
    assert browser.execute_script("return window.isTheSame")


def test_one_finds_while_one_types(world, picketd, browser):
    _, _, address = start(world, picketd)
    browser.get(address)
    browser.find_element(By.ID, "q").send_keys("DOO")
    until(browser, lambda _: rows(browser) == ["door up"])
    assert text_of("#found")(browser) == "1 of 3 match."
    browser.find_element(By.ID, "q").clear()
    browser.find_element(By.ID, "q").send_keys("store")
    until(browser, lambda _: rows(browser) == ["db up"])


def test_the_page_of_an_endpoint_follows_it(world, picketd, browser):
    places, daemon, address = start(world, picketd)
    browser.get(address)
    browser.find_element(By.LINK_TEXT, "db").click()
    until(browser, shows("#live", "live"))
    assert text_of("h1")(browser) == "db is up"
    places.set("/db", "503")
    daemon.ctl("check", "db", "--wait")
    until(browser, shows("h1", "db is down"))
    until(browser, lambda one: one.execute_script(
        "return document.querySelectorAll('.chart rect.fail').length") == 1)
    until(browser, shows("#live", "live"))


def test_a_check_adds_to_the_line_of_latencies(world, picketd, browser):
    _, daemon, address = start(world, picketd)
    browser.get(address)
    until(browser, shows("#live", "live"))
    browser.execute_script("window.isTheSame = true")
    before = len(daemon.endpoint("shop")["recent"])
    daemon.ctl("check", "shop", "--wait")
    until(browser, lambda one: one.execute_script(
        "return [...document.querySelectorAll('.group li')]"
        ".find(row => row.textContent.startsWith('shop'))"
        ".querySelector('polyline').getAttribute('points').split(' ').length") == before + 1)
    assert browser.execute_script("return window.isTheSame")


def test_a_silence_is_tagged_with_the_next_check(world, picketd, browser):
    _, daemon, address = start(world, picketd)
    browser.get(address)
    until(browser, shows("#live", "live"))
    tag = ("return [...document.querySelectorAll('.group li')]"
           ".find(row => row.textContent.startsWith('shop'))"
           ".querySelector('.tag')?.textContent || ''")
    assert browser.execute_script(tag) == ""
    assert daemon.ctl("silence", "shop", "--for", "1h").returncode == 0
    daemon.ctl("check", "shop", "--wait")
    until(browser, lambda one: one.execute_script(tag) == "silenced")
    assert daemon.ctl("unsilence", daemon.get("/v1/silences")["silences"][0]["id"]).returncode == 0
    daemon.ctl("check", "shop", "--wait")
    until(browser, lambda one: one.execute_script(tag) == "")


def test_what_an_endpoint_says_stays_text_when_it_comes_live(world, picketd, browser):
    places, daemon, address = start(world, picketd)
    browser.get(address)
    until(browser, shows("#live", "live"))
    daemon.config.write_text(daemon.config.read_text().replace(
        "name: shop,", "name: shop, expect: 'body == \"fine\"',"))
    assert daemon.ctl("reload").returncode == 0
    places.set("/shop", "200 body=%3Cimg%20id=evil%20src=x%3E")
    daemon.ctl("check", "shop", "--wait")
    until(browser, shows(".group li[data-s=down] p", "<img id=evil"))
    assert not browser.find_elements(By.ID, "evil")


@pytest.mark.parametrize("width", [390, 2560])
def test_it_is_as_wide_as_the_screen_and_can_be_walked_by_keys(world, picketd, browser, width):
    _, _, address = start(world, picketd)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.get(address)
    assert browser.execute_script("return document.documentElement.scrollWidth") == width
    names = []
    for _ in range(9):
        browser.execute_cdp_cmd("Input.dispatchKeyEvent", {
            "type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9})
        names.append(browser.execute_script(
            "const one = document.activeElement; return one.id || one.textContent.trim()"))
        assert browser.execute_script(
            "return getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert names[:2] == ["Skip to the content", "q"]
    assert names[2:4] == ["all 3", "up 3"] and names[4:6] == ["store", "db"]


# What axe looks for, as far as a page of this kind can get it wrong (WCAG 2.1, A and AA): names of
# all that one can use, contrast of all texts, ids, headings, landmarks, the language.
FAULTS = """
const faults = [], seen = new Set();
const say = (what, one) => faults.push(what + ": " + one.outerHTML.slice(0, 120));
for (const one of document.querySelectorAll("[id]")) {
	if (seen.has(one.id))
		say("the same id again", one);
	seen.add(one.id);
}
for (const name of ["aria-labelledby", "aria-describedby", "for"])
	for (const one of document.querySelectorAll(`[${name}]`))
		if (!one.getAttribute(name).split(" ").every(id => document.getElementById(id)))
			say(name + " leads nowhere", one);
let last = 0;
for (const one of document.querySelectorAll("h1, h2, h3, h4")) {
	const level = Number(one.tagName[1]);
	if (level > last + 1 || (level === 1 && last !== 0))
		say("a heading out of order", one);
	last = level;
}
for (const [query, count] of [["main", 1], ["h1", 1], ["html[lang]", 1], ["head title", 1]])
	if (document.querySelectorAll(query).length !== count)
		faults.push(`not ${count} of ${query}`);
for (const one of document.querySelectorAll("th"))
	if (!one.scope)
		say("a head of a table without a scope", one);

const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function colour(css) {
	canvas.clearRect(0, 0, 1, 1);
	canvas.fillStyle = css;
	canvas.fillRect(0, 0, 1, 1);
	return [...canvas.getImageData(0, 0, 1, 1).data].map(part => part / 255);
}
function over(top, under) {
	return [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
}
function ground(one) {
	if (!one)
		return [1, 1, 1, 1];
	const own = colour(getComputedStyle(one).backgroundColor);
	return own[3] === 1 ? own : over(own, ground(one.parentElement));
}
function light(part) {
	const [r, g, b] = part.map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
	return .2126 * r + .7152 * g + .0722 * b;
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let texts = 0;
while (walker.nextNode()) {
	const one = walker.currentNode.parentElement;
	if (!walker.currentNode.data.trim() || !one.checkVisibility() || one.closest("script, .unseen, title"))
		continue;
	const under = ground(one), [a, b] = [over(colour(getComputedStyle(one).color), under), under]
		.map(light).sort((x, y) => y - x);
	texts++;
	if ((a + .05) / (b + .05) < 4.5)
		say(`contrast ${((a + .05) / (b + .05)).toFixed(2)}`, one);
}
return [faults, texts];
"""
USED = {"link", "button", "textbox", "searchbox", "image", "DisclosureTriangle", "region", "navigation"}


def nameless(browser):
    """What a screen reader meets without a name."""
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = [(one["role"]["value"], one.get("name", {}).get("value", "").strip())
             for one in nodes if not one["ignored"] and one["role"]["value"] in USED]
    assert len(roles) > 3
    return [role for role, name in roles if not name]


def test_it_can_be_read_by_everybody(world, picketd, browser):
    places, daemon, address = start(world, picketd)
    places.set("/shop", "503")
    daemon.ctl("check", "shop", "--wait")
    for scheme in ("light", "dark"):
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        for path in ("", "endpoint/shop", "endpoint/db?span=7d", "incidents"):
            browser.get(address + path)
            browser.execute_script(
                "document.querySelectorAll('details').forEach(one => one.open = true)")
            faults, texts = browser.execute_script(FAULTS)
            assert not faults and texts > 5, (scheme, path, faults)
            assert not nameless(browser), (scheme, path)
