"use strict";

/* Shows an analysis as it happens. Without this script the form leads to the same report. */

const form = document.getElementById("analyze");
const button = form?.querySelector("button");
const progress = document.getElementById("progress");
const stages = [...document.querySelectorAll("#stages li")];
const problem = document.getElementById("problem");

function showStage(index) {
  stages.forEach((stage, number) => {
    stage.classList.toggle("now", number === index);
    stage.classList.toggle("done", number < index);
  });
}

function endStage({ name, milliseconds }) {
  const index = stages.findIndex((stage) => stage.dataset.stage === name);
  if (index < 0) return;
  const spent = stages[index].querySelector("small") ?? document.createElement("small");
  spent.textContent = `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
  stages[index].append(spent);
  showStage(index + 1);
}

function begin() {
  problem.hidden = true;
  progress.hidden = false;
  button.disabled = true;
  stages.forEach((stage) => stage.querySelector("small")?.remove());
  showStage(0);
}

function end() {
  progress.hidden = true;
  button.disabled = false;
}

function showProblem({ detail, field, suggestions = [] }) {
  end();
  document.getElementById("problem-detail").textContent = detail;
  document.getElementById("problem-near").hidden = suggestions.length === 0;
  document.getElementById("problem-suggestions").replaceChildren(
    ...suggestions.map((suggestion) => suggested(suggestion, field)),
  );
  problem.hidden = false;
}

function suggested(text, field) {
  const item = document.createElement("li");
  const input = form.elements.namedItem(field ?? "");
  if (!input) {
    item.textContent = text;
    return item;
  }
  const again = document.createElement("button");
  again.type = "button";
  again.className = "suggestion";
  again.textContent = text;
  again.addEventListener("click", () => {
    const parcel = field === "address" && text.match(/ \(parcel (.+)\)$/)?.[1];
    input.value = parcel ? text.replace(/ \(parcel .+\)$/, "") : text;
    analyze(parcel ? { parcel_id: parcel, municipality: municipality() } : asked());
  });
  item.append(again);
  return item;
}

function* wholeEvents(text) {
  for (const block of text.split("\n\n")) {
    const lines = block.split("\n");
    const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
    const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
    if (name && data) yield [name, JSON.parse(data)];
  }
}

async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value = "" } = await reader.read();
    held += value;
    const whole = done ? held.length : held.lastIndexOf("\n\n") + 2;
    if (whole > 1) {
      yield* wholeEvents(held.slice(0, whole));
      held = held.slice(whole);
    }
    if (done) return;
  }
}

function municipality() {
  return form.elements.namedItem("municipality").value;
}

function asked() {
  return { address: form.elements.namedItem("address").value, municipality: municipality() };
}

async function answered(question) {
  const response = await fetch("/v1/analyses", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify(question),
  });
  if (!response.ok) return showProblem(await response.json());
  for await (const [name, data] of eventsOf(response)) {
    if (name === "stage") endStage(data);
    if (name === "problem") return showProblem(data);
    if (name === "result") {
      showStage(stages.length);
      return location.assign(`/analyses/${encodeURIComponent(data.id)}`);
    }
  }
  showProblem({ detail: "The answer broke off before its end. Try again." });
}

async function analyze(question) {
  begin();
  try {
    await answered(question);
  } catch {
    showProblem({ detail: "The server did not answer. Check the connection and try again." });
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  analyze(asked());
});

/* A page that comes back from the history starts afresh. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted && form) end();
});

/* Follows a release: what changed takes the place of what was, and what the reader opened stays open. */

const followed = document.querySelector("[data-refresh]");

function update(before, after) {
  if (before.isEqualNode(after)) return;
  const [old, fresh] = [[...before.children], [...after.children]];
  if (before.matches("article, .banner") && old.length === fresh.length) {
    before.className = after.className;
    old.forEach((each, number) => update(each, fresh[number]));
  } else if (before.matches("article")) before.replaceChildren(...fresh);
  else if (before.matches("[role=status]")) before.textContent = after.textContent;
  else before.replaceWith(after);
}

function replaced(before, after) {
  const open = new Set([...before.querySelectorAll("details[open]")].map((each) => each.id));
  const focused = before.contains(document.activeElement) ? document.activeElement.id : "";
  after.querySelectorAll("details").forEach((each) => (each.open = open.has(each.id)));
  update(before, after);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function follow() {
  if (document.hidden || !getSelection().isCollapsed) return true;
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) return true;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const after = page.getElementById(followed.id);
  if (!after) return true;
  document.title = page.title;
  replaced(followed, after);
  return "refresh" in after.dataset;
}

async function followOn() {
  const more = await follow().catch(() => true);
  if (more) setTimeout(followOn, 1000 * followed.dataset.refresh);
}

if (followed) setTimeout(followOn, 1000 * followed.dataset.refresh);
