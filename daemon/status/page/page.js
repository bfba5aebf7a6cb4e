/* page.js - keeps the page up to date by /v1/events; without it the page is as it was made.
   Nothing here makes markup of a text: texts are texts, and whole parts come from the daemon. */
"use strict";
(() => {
const order = ["down", "unknown", "degraded", "pending", "up", "paused"];
const body = document.body, kind = body.dataset.kind, root = body.dataset.root;
const find = (query, from = document) => from.querySelector(query);
const FOLLOWED = 1000; /* rows whose every check is followed, not only changes of state */

let seen = Number(body.dataset.seq), stream = null, rows = new Map();

/* Times. */

function ago(at) {
	const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(at)) / 1000));
	const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
	if (seconds < 60)
		return `${seconds}s`;
	if (minutes < 60)
		return `${minutes}m`;
	return hours < 24 ? `${hours}h${minutes % 60}m` : `${Math.floor(hours / 24)}d`;
}

function tick() {
	for (const time of document.querySelectorAll("time[data-age]")) {
		const text = ago(time.dateTime);
		if (time.textContent !== text)
			time.textContent = text;
	}
}

function duration(seconds) {
	const digits = number => String(Number(number.toPrecision(3)));
	if (seconds < 1e-3)
		return `${digits(seconds * 1e6)}us`;
	return seconds < 1 ? `${digits(seconds * 1e3)}ms` : `${digits(seconds)}s`;
}

/* What is said to who cannot see it, and to who can. */

const news = [];
function announce(text) {
	news.push(text);
	if (news.length > 1)
		return;
	setTimeout(() => {
		find("#news").textContent = news.length > 5
			? `${news.length} endpoints have changed` : news.join(". ");
		news.length = 0;
	}, 700);
}

function live(text) {
	const place = find("#live");
	if (place && place.textContent !== text)
		place.textContent = text;
}

function stamp() {
	const place = find("#asof");
	if (place) {
		place.dateTime = new Date().toISOString();
		place.textContent = `${place.dateTime.slice(11, 19)} UTC`;
	}
}

/* The board. */

function index() {
	rows = new Map();
	for (const row of document.querySelectorAll(".group li"))
		rows.set(find("a", row).textContent, row);
	filter();
}

function counts(part) {
	const sums = {};
	for (const row of part.querySelectorAll("li[data-s]"))
		sums[row.dataset.s] = (sums[row.dataset.s] || 0) + 1;
	return sums;
}

function headline(sums) {
	const sum = Object.values(sums).reduce((a, b) => a + b, 0);
	const worst = order.find(state => sums[state]) || "paused", count = sums[worst];
	if (!sum)
		return [worst, "No endpoints"];
	if (worst !== "up" && worst !== "paused")
		return [worst, `${count} of ${sum} ${count === 1 ? "is" : "are"} ${worst}`];
	return [worst, count === 1 ? `1 endpoint is ${worst}` : `All ${count} endpoints are ${worst}`];
}

function element(name, text) {
	const made = document.createElement(name);
	made.textContent = text;
	return made;
}

function showSums(group) {
	const sums = counts(group), place = find(".sums", group);
	place.replaceChildren();
	for (const state of order.filter(one => sums[one])) {
		const part = element("span", `${sums[state]} ${state}`);
		part.dataset.s = state;
		place.append(part, " ");
	}
}

function showChips(sums) {
	for (const chip of document.querySelectorAll("#chips li")) {
		const state = chip.dataset.s;
		find("b", chip).textContent = state ? sums[state] || 0 : rows.size;
	}
	for (const state of order) {
		if (!sums[state] || find(`#chips [data-s=${state}]`))
			continue;
		const chip = document.createElement("li"), link = element("a", `${state} `);
		link.href = `./?state=${state}`;
		link.append(element("b", sums[state]));
		chip.dataset.s = state;
		chip.append(link);
		const after = order.slice(order.indexOf(state) + 1)
			.map(one => find(`#chips [data-s=${one}]`)).find(Boolean);
		find("#chips").insertBefore(chip, after || null);
	}
}

function showAll() {
	const sums = counts(find("#endpoints")), [worst, text] = headline(sums);
	if (find("#headline").textContent !== text)
		find("#headline").textContent = text;
	document.title = `${text} · picket`;
	find(".banner").dataset.s = worst;
	showChips(sums);
	const colour = getComputedStyle(find(".banner")).backgroundColor;
	const icon = find("link[rel=icon]");
	icon.href = icon.href.replace(/fill='[^']*'/, `fill='${encodeURIComponent(colour)}'`);
	stamp();
}

/* To its place among its neighbours: the worst first, then by name. */
function placeRow(row) {
	const key = one => [order.indexOf(one.dataset.s), find("a", one).textContent];
	const [rank, name] = key(row), list = row.parentNode;
	const focus = document.activeElement;
	for (const other of list.children) {
		const [its, called] = key(other);
		if (other !== row && (its > rank || (its === rank && called > name))) {
			list.insertBefore(row, other);
			break;
		}
		if (other === list.lastElementChild)
			list.append(row);
	}
	if (row.contains(focus))
		focus.focus({ preventScroll: true });
}

function setReason(row, reason) {
	const old = find("p", row);
	if (reason && old)
		old.textContent = reason;
	else if (reason)
		row.append(element("p", reason));
	else if (old)
		old.remove();
}

const tagged = ["flapping", "acknowledged", "maintenance", "silenced", "suppressed"];
function setTags(row, flags) {
	const isBad = row.dataset.s === "down" || row.dataset.s === "unknown";
	const words = tagged.filter(word => flags.includes(word) && (isBad || word !== "suppressed"));
	const old = [...row.querySelectorAll(".tag")];
	if (old.map(tag => tag.textContent).join() === words.join())
		return;
	old.forEach(tag => tag.remove());
	let last = find("i", row);
	for (const word of words) {
		const tag = element("span", word);
		tag.className = "tag";
		last.after(" ", tag);
		last = tag;
	}
}

/* Groups stand as the daemon has them: the one with the worst in it first, then by name. */
function placeGroup(group) {
	const name = find("h3 a", group) ? find("h3 a", group).textContent : "";
	const rank = one => Math.min(...[...one.querySelectorAll("li")]
		.map(row => order.indexOf(row.dataset.s)));
	const mine = rank(group), others = [...document.querySelectorAll(".group")];
	const after = others.find(other => {
		if (other === group)
			return false;
		const its = rank(other), called = find("h3 a", other);
		return its > mine || (its === mine && called && called.textContent > name);
	});
	if (after ? after.previousElementSibling === group : group === others[others.length - 1])
		return;
	const focus = group.contains(document.activeElement) && document.activeElement;
	if (after)
		after.before(group);
	else
		others[others.length - 1].after(group);
	if (focus)
		focus.focus({ preventScroll: true });
}

const changed = new Set();
function drawChanges() {
	const groups = new Set();
	for (const row of changed) {
		placeRow(row);
		groups.add(row.closest(".group"));
	}
	changed.clear();
	groups.forEach(showSums);
	groups.forEach(placeGroup);
	showAll();
	filter();
}

function stateChanged(event) {
	const row = rows.get(event.endpoint);
	if (!row || "partial" in body.dataset) {
		refresh();
		return;
	}
	row.dataset.s = event.to;
	find("b", row).textContent = event.to;
	if (event.since) {
		let time = find("time", row);
		if (!time) {
			time = document.createElement("time");
			time.dataset.age = "";
			find("b", row).after(" ", time, " ");
		}
		time.dateTime = event.since;
		time.textContent = ago(event.since);
	}
	setReason(row, event.reason);
	announce(`${event.endpoint} is ${event.to}${event.reason ? `: ${event.reason}` : ""}`);
	changed.add(row);
	if (changed.size === 1)
		requestAnimationFrame(drawChanges);
}

/* As the daemon draws it: microseconds, the newest on the right. */
function spark(row, latency) {
	const line = find(".spark polyline", row);
	if (!line)
		return;
	const values = line.getAttribute("points").split(" ").filter(Boolean)
		.map(point => Number(point.split(",")[1])).concat(Math.round(latency * 1e6)).slice(-30);
	line.setAttribute("points", values.map((value, i) => `${30 - values.length + i},${value}`).join(" "));
	line.parentNode.setAttribute("viewBox", `0 0 29 ${Math.max(1, ...values)}`);
}

function checked(event) {
	const row = rows.get(event.endpoint);
	if (!row)
		return;
	find("i", row).textContent = "latency" in event ? duration(event.latency) : "";
	if (event.latency > 0 && (event.verdict !== "fail" || event.phase === "judge"))
		spark(row, event.latency);
	setTags(row, event.flags || []);
	/* One check that passes is not believed yet: what is wrong stays there with the state. */
	if (event.reason || row.dataset.s === "up")
		setReason(row, event.reason);
}

function filter() {
	const input = find("#q");
	if (!input)
		return;
	const wanted = input.value.trim().toLowerCase();
	let found = 0;
	for (const group of document.querySelectorAll(".group")) {
		const name = find("h3 a", group);
		const all = name && name.textContent.toLowerCase().includes(wanted);
		let some = 0;
		for (const row of group.querySelectorAll("li")) {
			row.hidden = !all && !find("a", row).textContent.toLowerCase().includes(wanted);
			some += !row.hidden;
		}
		group.hidden = some === 0;
		found += some;
	}
	find("#found").textContent = wanted ? `${found} of ${rows.size} match.` : "";
}

/* Parts as the daemon makes them. */

async function load(path) {
	const answer = await fetch(path, { cache: "no-store" });
	if (!answer.ok)
		throw new Error(String(answer.status));
	return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function swap(fresh, query) {
	const old = find(query), made = find(query, fresh);
	if (!old || !made)
		return;
	const open = [...old.querySelectorAll("details")].map(one => one.open);
	const focus = old.contains(document.activeElement) && document.activeElement.href;
	old.replaceWith(document.adoptNode(made));
	made.querySelectorAll("details").forEach((one, i) => { one.open = Boolean(open[i]); });
	if (focus) {
		const link = [...made.querySelectorAll("a")].find(one => one.href === focus);
		if (link)
			link.focus({ preventScroll: true });
	}
}

/* At most one at a time, and not more often than every so many milliseconds. */
function often(least, work) {
	let running = false, wanted = false;
	return async () => {
		wanted = true;
		if (running)
			return;
		running = true;
		while (wanted) {
			wanted = false;
			try {
				await work();
			} catch {
				live("the daemon does not answer");
			}
			await new Promise(done => setTimeout(done, least));
		}
		running = false;
	};
}

const refresh = often(kind === "board" ? 5000 : 1000, async () => {
	const text = find("#live") ? find("#live").textContent : "";
	const fresh = await load(location.href);
	const before = find("#headline") ? find("#headline").textContent : "";
	for (const part of [".banner", "#chips", "#main"])
		swap(fresh, part);
	seen = Math.max(seen, Number(fresh.body.dataset.seq));
	document.title = fresh.title;
	live(text);
	if (kind === "board")
		index();
	else if (find("#headline") && find("#headline").textContent !== before)
		announce(find("#headline").textContent);
});

const refreshIncidents = often(3000, async () => swap(await load(`${root}incidents`), "#incidents"));

/* Events. */

function take(message, work) {
	const event = JSON.parse(message.data);
	if (event.seq <= seen)
		return;
	seen = event.seq;
	work(event);
}

function connect() {
	const types = kind === "board" && rows.size > FOLLOWED ? "state,incident" : "state,incident,verdict";
	const name = kind === "endpoint" ? `&name=${encodeURIComponent(body.dataset.name)}` : "";
	stream = new EventSource(`${root}v1/events?since=${seen}&type=${types}${name}`);
	stream.onopen = () => live("live");
	stream.onerror = () => {
		live("not connected: this is how it was");
		if (stream.readyState !== EventSource.CLOSED)
			return;
		setTimeout(resume, 15000);
	};
	const on = (type, work) => stream.addEventListener(type, message => take(message, work));
	on("gap", refresh);
	if (kind === "board") {
		on("state", stateChanged);
		on("verdict", checked);
		on("incident", refreshIncidents);
	} else {
		for (const type of ["state", "verdict", "incident"])
			on(type, refresh);
	}
}

function resume() {
	if (document.hidden || (stream && stream.readyState !== EventSource.CLOSED))
		return;
	refresh();
	connect();
}

/* A browser has few connections to a host, and nobody reads a page that is behind another. */
document.addEventListener("visibilitychange", () => {
	if (document.hidden && stream)
		stream.close();
	else
		resume();
});

if (kind === "none")
	return;
if (kind === "board") {
	index();
	find("#q").addEventListener("input", filter);
	find("nav button").hidden = true;
}
setInterval(tick, 5000);
connect();
})();
