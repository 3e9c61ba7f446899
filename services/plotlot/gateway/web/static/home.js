/* Shows an analysis as it happens. Without this script the form leads to the same report. */

import { eventsOf } from "./events.js";
import { suggestAddresses } from "./suggestions.js";

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

function showProblem({ detail, remedy = "", field, suggestions = [] }) {
  end();
  document.getElementById("problem-detail").textContent = detail;
  document.getElementById("problem-remedy").textContent = remedy;
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
  /* Nobody is signed in any more: without a script the question leads to the sign-in, and back to its report. */
  if (response.status === 401) return location.assign(`/analyze?${new URLSearchParams(question)}`);
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

if (form) {
  suggestAddresses(form.elements.namedItem("address"), municipality, (chosen) => {
    analyze({ parcel_id: chosen.parcel_id, municipality: chosen.municipality });
  });
}

/* A page that comes back from the history starts afresh. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted && form) end();
});
