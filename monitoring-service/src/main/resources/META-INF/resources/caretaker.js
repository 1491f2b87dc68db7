"use strict";
// Shows what the API answers; the key stays in this tab. Everything goes in as text, never as markup.
const $ = (id) => document.getElementById(id);
const KEY = "caretaker-key";
const EVERY = 10000;

function el(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function table(columns, rows, nothing) {
  if (!rows.length) return el("p", nothing, "quiet");
  const made = el("table");
  const head = made.createTHead().insertRow();
  for (const [title, , number] of columns) {
    const cell = el("th", title, number ? "n" : "");
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const [, value, number] of columns) {
      const shown = value(row);
      const cell = line.insertCell();
      if (number) cell.className = "n";
      cell.append(shown instanceof Node ? shown : document.createTextNode(shown ?? ""));
    }
  }
  return made;
}

function bytes(n) {
  if (n === null || n === undefined) return "";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  let value = Math.abs(n);
  while (value >= 1024 && i < units.length - 1) { value /= 1024; i++; }
  return (n < 0 ? "-" : "") + value.toFixed(value < 10 && i ? 1 : 0) + " " + units[i];
}
const number = (n) => (n === null || n === undefined ? "" : Math.round(n).toLocaleString("en"));
const seconds = (n) => (n === null || n === undefined ? "" : n < 60 ? n.toFixed(1) + " s" : Math.round(n / 60) + " min");
const time = (t) => (t ? el("span", t.replace("T", " ").slice(0, 16), "time") : "");
const query = (text) => el("code", (text ?? "").replace(/\s+/g, " ").slice(0, 160));

function tree(nodes) {
  if (!nodes.length) return el("p", "Nobody waits.", "quiet");
  const list = el("ul");
  for (const node of nodes) {
    const s = node.session ?? {};
    const line = el("li");
    line.append(el("strong", "pid " + s.pid), " " + [s.user, s.application, s.state].filter(Boolean).join(", ") + " ",
      s.wantsObject ? el("span", "wants " + s.wantsMode + " on " + s.wantsObject + " ", "bad") : "", query(s.query));
    if (node.blocks?.length) line.append(tree(node.blocks));
    list.append(line);
  }
  return list;
}

function curve(samples) {
  if (samples.length < 2) return "";
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const xs = samples.map((s) => Date.parse(s.takenAt));
  const ys = samples.map((s) => s.bytes);
  const [x0, x1, y1] = [xs[0], xs[xs.length - 1], Math.max(...ys) || 1];
  svg.setAttribute("viewBox", "0 0 100 30");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "size of the database over time");
  const line = document.createElementNS(space, "polyline");
  line.setAttribute("points", samples.map((s, i) =>
    ((xs[i] - x0) / (x1 - x0 || 1)) * 100 + "," + (30 - (ys[i] / y1) * 28)).join(" "));
  line.setAttribute("fill", "none");
  line.setAttribute("stroke", "currentColor");
  line.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(line);
  return svg;
}

/** What another service said last; what is shown under a red line is as old as that line says. */
function neighbour(services, name, show) {
  const it = services.find((s) => s.name === name);
  const down = it.downSince ? el("p", it.error + " since " + it.downSince.replace("T", " ").slice(0, 16), "bad") : "";
  return [down, it.status ? show(it.status.details) : it.downSince ? "" : el("p", "Not looked at yet.", "quiet")].flat();
}

const RUN_WANTS_SOMEBODY = ["needs-approval", "failed", "refused", "paused"];
const SAID_BY_THE_STATE = ["done", "cancelled"];
const runState = (r) => el("span", [r.state, r.throttle ?? (SAID_BY_THE_STATE.includes(r.stopReason) ? "" : r.stopReason)].filter(Boolean).join(", "),
  RUN_WANTS_SOMEBODY.includes(r.state) ? "bad" : "");
const runRows = (r) => (r.mode === "shadow" ? number(r.rowsMatched) + " would go" : number(r.rowsDeleted));

function cleanup(said) {
  return [said.stopped ? el("p", "Somebody has stopped all clean-up.", "bad") : "",
    table([["policy", (r) => r.policy], ["last run", runState], ["rows", runRows, true],
      ["begun", (r) => time(r.startedAt)], ["ended", (r) => time(r.finishedAt)]], said.lastRuns ?? [], "No policy has run yet.")];
}

function mail(said) {
  return [el("p", [number(said.waiting) + " waiting", said.waiting ? "the oldest for " + seconds(said.oldestWaitingSeconds) : "",
      number(said.scheduled) + " scheduled", number(said.unknown) + " unknown"].filter(Boolean).join(" · ")),
    el("p", "transport: " + said.transport, said.transport === "ok" ? "quiet" : "bad")];
}

async function get(path) {
  const answer = await fetch("/api/monitoring/" + path, { headers: { Authorization: "Bearer " + sessionStorage.getItem(KEY) } });
  if (answer.status === 401 || answer.status === 403) throw new Error("The key is not accepted here.");
  if (!answer.ok) throw new Error("No answer: " + answer.status);
  return answer.json();
}

/** Each part by itself: one that fails is said in its place and spoils no other. */
async function part(id, path, show) {
  try {
    $(id).replaceChildren(...[show(await get(path))].flat());
  } catch (e) {
    $(id).replaceChildren(el("p", e.message, "bad"));
  }
}

async function refresh() {
  const health = await fetch("/api/monitoring/health").then((r) => r.json()).catch(() => ({ status: "no answer", checks: [] }));
  const failed = (health.checks ?? []).filter((c) => c.status !== "pass").map((c) => c.name + ": " + c.details);
  $("state").textContent = [health.status, ...failed].join(" · ");
  $("state").className = health.status === "healthy" ? "good" : "bad";
  const known = Boolean(sessionStorage.getItem(KEY));
  $("main").hidden = !known;
  $("login").hidden = known;
  $("logout").hidden = !known;
  if (!known) return;
  await Promise.all([
    part("incidents", "incidents?size=10", (a) => table([["state", (i) => el("span", i.state, i.state === "firing" ? "bad" : "quiet")],
      ["what", (i) => i.summary], ["value", (i) => i.value], ["since", (i) => time(i.startedAt)]], a.items, "Nothing is or was wrong.")),
    part("cleanup", "services", (a) => neighbour(a.services, "cleanup-service", cleanup)),
    part("mail", "services", (a) => neighbour(a.services, "email-service", mail)),
    part("blocking", "database/queries", (a) => tree(a.blocking)),
    part("running", "database/queries", (a) => table([["pid", (q) => q.pid, true], ["for", (q) => seconds(q.seconds), true],
      ["application", (q) => q.application], ["waits for", (q) => q.waiting_for], ["query", (q) => query(q.query)]], a.running.rows.slice(0, 10), a.running.note ?? "Nothing runs.")),
    part("statements", "database/queries/history?hours=24", (a) => table([["share", (s) => s.percent.toFixed(1) + " %", true],
      ["calls", (s) => number(s.calls), true], ["mean", (s) => s.meanMs.toFixed(1) + " ms", true], ["statement", (s) => query(s.query || s.queryId)]], a.statements.slice(0, 12), "Nothing counted yet: needs pg_stat_statements and two looks.")),
    part("findings", "findings?size=20", (a) => table([["severity", (f) => el("span", f.severity, f.severity === "critical" ? "bad" : "")],
      ["check", (f) => f.check], ["object", (f) => f.object], ["evidence", (f) => f.evidence], ["since", (f) => time(f.since)]], a.items, "No findings.")),
    part("tables", "database/tables?sort=tableBytes&size=12", (a) => table([["table", (t) => t.schema + "." + t.table], ["rows", (t) => number(t.rows), true],
      ["dead", (t) => number(t.deadRows), true], ["table", (t) => bytes(t.tableBytes), true], ["indexes", (t) => bytes(t.indexBytes), true], ["vacuum", (t) => time(t.lastVacuum)]], a.list.rows, a.list.note ?? "No tables.")),
    part("growth", "database/growth?days=30", (a) => [curve(a.database), el("p", [a.forecast.bytesPerDay !== null && a.forecast.bytesPerDay !== undefined
      ? bytes(a.forecast.bytesPerDay) + " a day" : "", a.forecast.daysUntilLimit !== null && a.forecast.daysUntilLimit !== undefined
      ? a.forecast.daysUntilLimit + " days until the limit" : "", a.forecast.note ?? ""].filter(Boolean).join(" · "))]),
    part("schema", "database/schema?hours=24&size=1", (a) => table([["when", (c) => time(c.at)], ["what", (c) => c.kind], ["table", (c) => c.schema + "." + c.table]], a.changes, "Nothing changed.")),
  ]);
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $("key").value.trim());
  $("key").value = "";
  refresh();
});
$("logout").addEventListener("click", () => { sessionStorage.removeItem(KEY); refresh(); });
refresh();
setInterval(refresh, EVERY);
