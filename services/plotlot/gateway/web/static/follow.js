/* Follows a page that goes on: what changed takes the place of what was, and what the reader opened stays open. */

const followed = document.querySelector("[data-refresh]");

function update(before, after) {
  if (before.isEqualNode(after)) return;
  const [old, fresh] = [[...before.children], [...after.children]];
  if (before.matches("article, .banner, #verdict") && old.length === fresh.length) {
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
