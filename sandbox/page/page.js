"use strict";
// The sandbox' page. What others have sent is never made into markup: every text passes through
// textContent. What is shown is one page of one view, asked for anew when an event says that there
// is something new, four times a second at most.

const $ = (selector, within = document) => within.querySelector(selector);

// An element: its attributes, and its children: elements, or texts.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child == null || child === false) continue;
    if (child instanceof Node) element.append(child);
    else {
      const text = document.createTextNode("");
      text.textContent = String(child);
      element.append(text);
    }
  }
  return element;
}

function counted(count, one, many) {
  return `${count} ${count === 1 ? one : many || one + "s"}`;
}

function time(micros) {
  const at = new Date(micros / 1000);
  return make("time", { datetime: at.toISOString() }, at.toLocaleTimeString());
}

function facts(...all) {
  return make("p", { class: "facts" }, all.flat().filter(Boolean).join(" · "));
}

async function ask(path, method, value) {
  const answer = await fetch("/_sandbox/" + path, {
    method: method || "GET", cache: "no-store",
    body: value === undefined ? undefined : JSON.stringify(value),
  });
  const read = await answer.json();
  if (!answer.ok) throw new Error(read.message || "status " + answer.status);
  return read;
}

// --- What an item of each view looks like

function fate(item) {
  const met = item.fault ? `, fault: ${item.fault}` : "";
  return item.accepted
    ? make("span", { class: "good" }, "taken" + met)
    : make("span", { class: "bad" }, `refused (${item.status || "no answer"})${met}`);
}

function head(item, ...words) {
  return make("p", { class: "head" }, make("strong", null, words.filter(Boolean).join(" ")),
    make("span", null, time(item.time), " ", fate(item)));
}

function bubble(text) {
  return make("p", { class: "bubble", dir: "auto" }, text);
}

function message(item) {
  const to = item.to || "nobody";
  const texts = item.texts && item.texts.length ? item.texts
    : [{ text: item.text, to: item.to, count: item.recipients, parts: item.parts }];
  const shown = texts.map((one) => [
    bubble(one.text == null ? "(no text)" : one.text),
    facts(
      texts.length > 1 && `to ${one.to}`, one.count > 1 && counted(one.count, "recipient"),
      item.encoding, one.parts && counted(one.parts, "part"),
      item.price && `${Number(item.price)} EUR`,
      item.replaced && `${counted(item.replaced, "character")} replaced`,
      item.lenient && "not as documented"),
  ]);
  const more = item.recipients > 1 ? `and ${item.recipients - 1} more` : "";
  return make("li", { class: "card" },
    head(item, `${item.from || "–"} → ${to}`, more), shown,
    facts(item.provider, item.id, item.ref && item.ref !== item.to && `ref ${item.ref}`),
    item.provider === "Nexmo" && item.id && receipt(item));
}

function call(item) {
  return make("li", { class: "card" },
    head(item, `${item.from || "–"} → ${item.to || "nobody"}`),
    bubble(item.text || "(nothing is spoken)"),
    facts(item.api, item.language, item.course, item.id));
}

function table(titles, rows) {
  return make("table", null,
    make("thead", null, make("tr", null, titles.map((title) => make("th", { scope: "col" }, title)))),
    make("tbody", null, rows.map((row) => make("tr", null, row.map((cell) => make("td", null, cell))))));
}

const opened = new Map(); // id of a job -> number of its first recipient that is shown

function job(item) {
  const inside = make("div");
  const show = async () => {
    const from = opened.get(item.id) || 1;
    const query = new URLSearchParams({ job: item.id, place: item.place, from });
    const page = await ask("page/recipients?" + query);
    const turn = (to) => () => { opened.set(item.id, to); show(); };
    inside.replaceChildren(
      table(["Number", "Reference", "State", "Reason"],
        page.items.map((one) => [one.to, one.ref, one.state, one.reason])),
      make("p", { class: "pages" },
        make("button", { type: "button", disabled: from === 1, onclick: turn(Math.max(1, from - 100)) },
          "Back"),
        `${from} to ${from + page.items.length - 1} of ${page.total}`,
        make("button", { type: "button", disabled: from + 100 > page.total, onclick: turn(from + 100) },
          "On")));
  };
  const toggle = (event) => {
    if (event.target.open) { opened.set(item.id, opened.get(item.id) || 1); show(); }
    else opened.delete(item.id);
  };
  return make("li", { class: "card" },
    make("p", { class: "head" }, make("strong", null, item.id), make("span", null, time(item.time))),
    facts(counted(item.recipients, "recipient"), item.place, item.ref && `ref ${item.ref}`,
      item.finished ? "finished" : "under way"),
    facts(item.states.map((one) => `${one.count} × ${one.state}`)),
    make("details", { open: opened.has(item.id), ontoggle: toggle },
      make("summary", null, "Recipients"), inside));
}

function application(item) {
  return make("li", { class: "card" }, make("strong", null, item.name || "without a name"),
    facts(item.id, item.capabilities));
}

function webhook(item) {
  const isTaken = item.status >= 200 && item.status < 300;
  return make("li", { class: "card" },
    make("p", { class: "head" },
      make("strong", null, [item.kind, item.state].filter(Boolean).join(": ")),
      make("span", null, time(item.time), " ", make("span", { class: isTaken ? "good" : "bad" },
        item.status ? `answered ${item.status}` : item.problem))),
    facts(item.url, item.form, item.signature !== "none" && `signed ${item.signature}`,
      `attempt ${item.attempt}`, item.id));
}

function limit(item) {
  const change = (event) => {
    event.preventDefault();
    doing(event.target, ask("settings", "POST",
      { [item.setting]: Number(event.target.elements.limit.value) }), "set");
  };
  const words = item.limit > 0
    ? `${item.used} of ${item.limit} calls in this window of ${item.period} s`
    : `${counted(item.used, "call")} in this window of ${item.period} s, no limit`;
  return make("li", { class: "card" },
    make("h3", null, item.name), facts(words),
    make("meter", { min: 0, max: item.limit || 1, value: item.limit ? item.used : 0,
      high: item.limit ? item.limit * 0.8 : null, "aria-label": `${item.name}: ${words}` }),
    make("form", { onsubmit: change },
      field("Calls in a window, 0: no limit", "limit", { type: "number", min: 0, value: item.limit }),
      make("button", null, "Set"), said()));
}

// --- The views

const views = {
  messages: { make: message, empty: "Nothing has been sent yet.", name: "message" },
  jobs: { make: job, empty: "No job yet.", moves: (items) => items.some((one) => !one.finished) },
  calls: { make: call, empty: "Nobody was called yet.", moves: () => true },
  applications: { make: application, empty: "No application yet.", key: "id" },
  webhooks: { make: webhook, empty: "No webhook was sent yet." },
  limits: { make: limit, key: "setting", whole: true },
  switches: { load: () => showFaults() },
};

function isTypedInto(element) {
  const active = document.activeElement;
  return element.contains(active) && active.matches("input, select, textarea");
}

// What had the focus in the old element has it in the new one.
function replace(old, made) {
  const all = "button, summary, a";
  const at = [...old.querySelectorAll(all)].indexOf(document.activeElement);
  old.replaceWith(made);
  if (at >= 0 && made.querySelectorAll(all)[at]) made.querySelectorAll(all)[at].focus();
}

// Puts items into a list. What has not changed keeps its element, and with that the focus.
function fill(list, items, view, isFirst) {
  const old = new Map([...list.children].map((element) => [element.dataset.key, element]));
  items.forEach((item, i) => {
    const key = String(item[view.key || "number"]), text = JSON.stringify(item);
    let element = old.get(key);
    if (!element || element.item !== text) {
      const isNew = !element && !isFirst && old.size > 0;
      const made = view.make(item);
      made.dataset.key = key;
      made.item = text;
      if (isNew) made.classList.add("new");
      if (element && isTypedInto(element)) return;
      if (element) replace(element, made);
      element = made;
    }
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] || null);
  });
  while (list.children.length > items.length) list.lastElementChild.remove();
}

let current = "messages", wanted = false, busy = false;

function pager(name, view) {
  const section = $("#" + name);
  view.list = $(".list", section);
  if (view.whole) return;
  view.earlier = [];
  const go = (step) => () => { step(); refresh(); section.scrollIntoView(); };
  view.newest = make("button", { type: "button", onclick: go(() => { view.earlier = []; }) }, "Newest");
  view.newer = make("button", { type: "button", onclick: go(() => { view.earlier.pop(); }) }, "Newer");
  view.older = make("button", { type: "button",
    onclick: go(() => { if (view.more) view.earlier.push(view.more); }) }, "Older");
  view.count = make("span");
  section.append(make("p", { class: "pages" }, view.newest, view.newer, view.older, view.count));
}

async function load(name) {
  const view = views[name];
  if (view.load) return view.load();
  const before = view.earlier && view.earlier.at(-1);
  const page = await ask("page/" + name + (before ? "?before=" + before : ""));
  if (name !== current || before !== (view.earlier && view.earlier.at(-1))) return;
  view.moving = Boolean(view.moves && view.moves(page.items));
  fill(view.list, page.items, view, view.shown !== before);
  view.shown = before;
  if (view.whole) return;
  view.more = page.more;
  view.older.disabled = !page.more;
  view.newest.disabled = view.newer.disabled = !before;
  view.count.textContent = page.items.length === 0 ? view.empty
    : before ? "an older page" : "the newest, live";
}

// Asks for what is shown; what happens meanwhile asks once more.
async function refresh() {
  wanted = true;
  if (busy) return;
  busy = true;
  while (wanted) {
    wanted = false;
    try { await load(current); } catch (problem) { say(problem.message, true); }
    await new Promise((done) => setTimeout(done, 250));
  }
  busy = false;
}

function turn() {
  const name = location.hash.slice(1);
  if (name === "main") return;
  current = views[name] ? name : "messages";
  for (const other of Object.keys(views)) $("#" + other).hidden = other !== current;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === "#" + current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  refresh();
}

let told = null;

// At most once a second: a screen reader reads it out.
function say(words, isAway) {
  if (!told) setTimeout(() => {
    const status = $("#status");
    if (status.textContent !== told.words) status.textContent = told.words;
    status.classList.toggle("away", Boolean(told.isAway));
    told = null;
  }, $("#status").textContent === "connecting" ? 0 : 1000);
  told = { words, isAway };
}

function listen() {
  const events = new EventSource("/_sandbox/page/events");
  events.addEventListener("state", (event) => {
    const [arrivals, , waiting] = JSON.parse(event.data);
    say(counted(arrivals, "request") + (waiting ? `, ${counted(waiting, "webhook")} waiting` : ""));
    refresh();
  });
  events.onerror = () => say("the sandbox does not answer", true);
}

// --- Forms

function field(words, name, attributes, ...options) {
  const kind = options.length ? "select" : attributes && attributes.rows ? "textarea" : "input";
  return make("label", null, words, make(kind, Object.assign({ name }, attributes), options.flat()));
}

function option(value) {
  return make("option", { value }, value || "any");
}

function said() {
  return make("span", { class: "facts", role: "status" });
}

// What became of it, in words, behind the form.
async function doing(form, asked, words) {
  const place = $("[role=status]", form);
  try {
    await asked;
    place.textContent = words;
  } catch (problem) {
    place.textContent = problem.message;
  }
  refresh();
}

function values(form) {
  const given = {};
  for (const [name, value] of new FormData(form)) if (value !== "") given[name] = value;
  return given;
}

function form(title, fields, button, submit) {
  return make("form", { class: "card", autocomplete: "off", onsubmit: (event) => {
    event.preventDefault();
    submit(event.target, values(event.target));
  } }, make("h3", null, title), make("div", { class: "fields" }, fields),
  make("button", { class: "main" }, button), " ", said());
}

const ways = [
  ["lost_answer", "Answers are lost", "taken, but the answer never comes"],
  ["throttle", "Too many requests", "refused for now"],
  ["status", "Internal errors", "500, not taken"],
  ["latency", "Slow answers", "a second late"],
  ["reset", "Connections reset", "before a byte is read"],
  ["garbage", "Garbage for answers", "taken, and answered with HTML"],
];

const operations = ["", "send_sms", "send_job", "send_voice", "get_job", "list_recipients", "list_jobs",
  "get_version", "list_owned_numbers", "list_inbound_numbers", "get_balance", "create_application",
  "list_applications"];

const kinds = ["lost_answer", "throttle", "status", "nexmo_status", "close", "reset", "cut", "latency",
  "garbage", "empty", "oversized", "nulls", "shape"];

// A fault that a switch has put there, and no other, is what that switch takes away.
function isOf(fault, kind) {
  const names = Object.keys(fault).filter((name) => name !== "id" && name !== "hits");
  return fault.kind === kind && names.length === 1;
}

function switches() {
  const flip = async (event) => {
    const button = event.currentTarget, kind = button.dataset.kind;
    const isOn = button.getAttribute("aria-checked") === "true";
    const faults = isOn ? await ask("faults") : [];
    const asked = isOn
      ? Promise.all(faults.filter((one) => isOf(one, kind))
        .map((one) => ask("faults?id=" + one.id, "DELETE")))
      : ask("faults", "POST", { kind });
    doing(button.closest(".card"), asked, isOn ? "off" : "on");
  };
  return make("div", { class: "card" }, make("h3", { id: "faults-title" }, "Faults of every call"),
    make("div", { class: "switches", role: "group", "aria-labelledby": "faults-title" },
      ways.map(([kind, words, meaning]) => make("button", { type: "button", role: "switch",
        "aria-checked": "false", "data-kind": kind, title: meaning, onclick: flip }, words))),
    said(), make("ul", { id: "faults", class: "list" }));
}

async function showFaults() {
  const faults = await ask("faults");
  for (const button of document.querySelectorAll("[role=switch]")) {
    const isOn = faults.some((fault) => isOf(fault, button.dataset.kind));
    button.setAttribute("aria-checked", String(isOn));
  }
  fill($("#faults"), faults, { key: "id", make: (fault) => {
    const { id, hits, kind, ...rest } = fault;
    const words = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return make("li", { class: "head" },
      make("span", null, [kind, ...words].join(", "), ": met by ", counted(hits, "call"), " "),
      make("button", { type: "button", "aria-label": `Remove fault ${id}: ${kind}`,
        onclick: (event) => doing(event.target.closest(".card"), ask("faults?id=" + id, "DELETE"),
          "removed") }, "Remove"));
  } });
}

function faultForm() {
  return form("One fault", [
    field("What happens", "kind", null, kinds.map(option)),
    field("Operation", "operation", null, operations.map(option)),
    field("Number has", "to", { inputmode: "tel" }),
    field("How many calls", "count", { type: "number", min: 1, value: 1 }),
  ], "Add fault", (element, given) => {
    if (given.count) given.count = Number(given.count);
    doing(element, ask("faults", "POST", given), "added");
  });
}

function inboundForm() {
  return form("An inbound text", [
    field("From", "from", { value: "447700900001", inputmode: "tel" }),
    field("To", "to", { value: "447700900500", inputmode: "tel" }),
    field("Your webhook, on this machine", "url", { type: "url", placeholder: "the account's" }),
    field("Text", "text", { rows: 2, required: true }),
  ], "Send inbound text", (element, given) => doing(element, ask("inbound", "POST", given), "sent"));
}

function accountForm() {
  const made = form("The account's webhook", [
    field("Where receipts and inbound texts go, on this machine", "webhook_url", { type: "url" }),
  ], "Set", (element) => doing(element,
    ask("settings", "POST", { webhook_url: element.elements.webhook_url.value }), "set"));
  ask("settings").then((all) => { made.elements.webhook_url.value = all.webhook_url; });
  return made;
}

function resetForm() {
  return form("Begin anew", [make("p", { class: "facts" },
    "Forgets all that has arrived, jobs, calls, applications, faults and settings.")],
  "Forget everything", (element) => doing(element, ask("reset", "POST"), "forgotten"));
}

// A delivery receipt for a message that has arrived.
function receipt(item) {
  const made = make("form", { onsubmit: (event) => {
    event.preventDefault();
    const status = event.target.elements.status.value;
    const fields = { messageId: item.id, msisdn: item.to, to: item.from || "", status,
      "err-code": status === "failed" || status === "rejected" ? "1" : "0" };
    if (item.ref && item.ref !== item.to) fields["client-ref"] = item.ref;
    const wish = { kind: "delivery_receipt", fields };
    if (item.callback) wish.url = item.callback;
    doing(event.target, ask("webhooks", "POST", wish), "called back");
  } },
  field("Status", "status", null,
    ["delivered", "accepted", "buffered", "expired", "failed", "rejected", "unknown"].map(option)),
  make("button", null, "Call back"), " ", said());
  return make("details", null, make("summary", null, "Delivery receipt"), made);
}

for (const [name, view] of Object.entries(views)) if (view.make) pager(name, view);
$("#switches").append(switches(), faultForm(), inboundForm(), accountForm(), resetForm());
addEventListener("hashchange", turn);
setInterval(() => { if (views[current].moving && !document.hidden) refresh(); }, 1000);
turn();
listen();
