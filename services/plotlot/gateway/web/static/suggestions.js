/* Suggests addresses while one is typed: a combobox with a list (WAI-ARIA APG, "editable combobox with list
   autocomplete"). Without this script the field is a plain one. */

const LEAST = 2;
const MOST = 8;
const PAUSE_MS = 120;

function option(id, { address, municipality }) {
  const item = document.createElement("li");
  item.id = id;
  item.role = "option";
  item.ariaSelected = "false";
  const town = `, ${municipality}`;
  item.append(address.endsWith(town) ? address.slice(0, -town.length) : address);
  if (address.endsWith(town)) {
    const place = document.createElement("span");
    place.textContent = town;
    item.append(place);
  }
  return item;
}

function words(count) {
  if (count === 0) return "No address here begins so.";
  return `${count} address${count === 1 ? "" : "es"}: arrow keys to choose, Enter to take one.`;
}

class Suggestions {
  constructor(input, municipality, choose) {
    Object.assign(this, { input, municipality, choose, found: [], at: -1, typed: input.value });
    this.list = document.createElement("ul");
    this.list.id = `${input.id}-suggestions`;
    this.list.role = "listbox";
    this.list.ariaLabel = "Addresses";
    this.list.hidden = true;
    this.told = document.createElement("p");
    this.told.className = "unseen";
    this.told.role = "status";
    input.after(this.list, this.told);
    input.role = "combobox";
    input.autocomplete = "off";
    input.ariaAutoComplete = "list";
    input.ariaExpanded = "false";
    input.setAttribute("aria-controls", this.list.id);
    input.addEventListener("input", () => this.wait());
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); /* the field keeps the focus */
    this.list.addEventListener("click", (event) => this.click(event));
  }

  get open() {
    return !this.list.hidden;
  }

  wait() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.typed = this.input.value;
    if (this.typed.trim().length < LEAST) return this.show([], "");
    this.timer = setTimeout(() => this.ask(this.typed), PAUSE_MS);
  }

  async ask(text) {
    this.asking = new AbortController();
    const query = new URLSearchParams({ q: text.trim(), municipality: this.municipality(), limit: MOST });
    try {
      const answer = await fetch(`/v1/addresses?${query}`, { signal: this.asking.signal });
      if (!answer.ok) return this.show([], "");
      const { addresses } = await answer.json();
      if (document.activeElement === this.input) this.show(addresses, words(addresses.length));
    } catch {
      /* Typed on, or the server is away: the form says so when it is sent. */
    }
  }

  show(found, told) {
    this.found = found;
    this.list.replaceChildren(...found.map((each, index) => option(`${this.list.id}-${index}`, each)));
    this.told.textContent = told;
    this.set(found.length > 0);
  }

  set(open) {
    this.list.hidden = !open;
    this.input.ariaExpanded = String(open);
    this.mark(-1);
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.set(false);
    this.told.textContent = "";
  }

  mark(index) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = index;
    const item = this.list.children[index];
    if (!item) return this.input.removeAttribute("aria-activedescendant");
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", item.id);
  }

  move(step) {
    const count = this.found.length;
    if (!count) return this.ask(this.input.value);
    if (!this.open) this.set(true);
    /* Before the first and after the last lies the field itself. */
    const next = this.at + step;
    this.mark(next < -1 ? count - 1 : next >= count ? -1 : next);
  }

  take(index) {
    const chosen = this.found[index];
    this.input.value = chosen.address;
    this.typed = chosen.address;
    this.found = [];
    this.close();
    this.choose(chosen);
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const taken = {
      ArrowDown: () => this.move(1),
      ArrowUp: () => this.move(-1),
      Escape: () => this.escape(),
      Enter: () => this.enter(),
    }[event.key]?.();
    if (taken !== false && ["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) event.preventDefault();
    if (taken === true) event.preventDefault();
  }

  escape() {
    if (this.open) this.close();
    else this.input.value = "";
  }

  enter() {
    if (!this.open || this.at < 0) {
      this.close();
      return false;
    }
    this.take(this.at);
    return true;
  }

  click(event) {
    const index = [...this.list.children].indexOf(event.target.closest("[role=option]"));
    if (index >= 0) this.take(index);
  }
}

/* Suggestions below a field; `municipality` says where to look, `choose` is told which was taken. */
export function suggestAddresses(input, municipality, choose) {
  return new Suggestions(input, municipality, choose);
}
