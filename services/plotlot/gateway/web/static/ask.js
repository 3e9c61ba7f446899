/* Shows an answer as its parts are found. Without this script the form leads to the same page. */

import { eventsOf } from "./events.js";

const form = document.getElementById("ask");
const button = form.querySelector("button");
const answer = document.getElementById("answer");

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function begin() {
  button.disabled = true;
  const reply = element("section", "", "reply");
  reply.ariaBusy = "true";
  reply.ariaLabel = "Answer";
  reply.append(element("h2", "Reading the code"));
  answer.replaceChildren(reply);
  return reply;
}

/* The same form without a script: its page says what is wrong, and keeps what was typed. */
function giveUp() {
  form.submit();
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  answer.replaceChildren(...page.body.childNodes);
}

async function answered(address) {
  const reply = begin();
  const response = await fetch(address, { headers: { Accept: "text/event-stream" } });
  if (!response.ok) return giveUp();
  for await (const [name, data] of eventsOf(response)) {
    if (name === "text") reply.append(element("p", data.text, "reply-text"));
    if (name === "problem") return giveUp();
    if (name === "reply") {
      show(data.html);
      history.replaceState(null, "", address);
      return;
    }
  }
  giveUp();
}

async function ask() {
  try {
    await answered(`/ask?${new URLSearchParams(new FormData(form))}`);
  } catch {
    const lost = element("p", "The server did not answer. Check the connection and try again.", "problem");
    lost.role = "alert";
    answer.replaceChildren(lost);
  } finally {
    button.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
