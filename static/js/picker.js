// The picker of labels: opened to say what a drawing really is. Arrows move in it; a key, or a few letters, choose.

const LIKELY = 5; // labels suggested first

/** Says "pick" with {label}, and "leave" when its reader wants to be elsewhere. */
export class Picker extends EventTarget {
  constructor(element) {
    super();
    this.element = element;
    this.search = element.querySelector("input");
    this.perhaps = element.querySelector("[data-perhaps]");
    element.addEventListener("click", ({ target }) => this.#pick(target.closest("[data-label]")));
    element.addEventListener("keydown", (event) => this.#move(event));
    element.addEventListener("focusin", ({ target }) => this.#own(target.closest("[data-label]")));
    this.search?.addEventListener("input", () => this.#find());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Show it with `likely` labels first, where there are many, and `chosen` marked. Idempotent. */
  update({ open, likely, chosen }) {
    if (open && !this.isOpen) this.#prepare(likely);
    this.element.hidden = !open;
    for (const button of this.#all()) button.setAttribute("aria-pressed", String(button.dataset.label === chosen));
  }

  focus() {
    (this.search ?? this.#shown()[0]).focus();
  }

  /** Take a key that was pressed anywhere while it is open. */
  key(event) {
    const typed = [...event.key].length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") this.dispatchEvent(new CustomEvent("leave"));
    else if (typed && this.search) this.search.focus(); // the key itself then arrives there
    else if (typed) this.#pick(this.#called(event.key));
  }

  #prepare(likely) {
    if (this.search) this.search.value = "";
    if (this.perhaps) {
      const known = likely.map((label) => this.#called(label)).filter(Boolean).slice(0, LIKELY);
      this.perhaps.querySelector(".picker-labels").replaceChildren(...known.map((button) => button.cloneNode(true)));
      this.perhaps.hidden = known.length === 0;
    }
    this.#find();
    this.#own(this.#shown()[0]);
  }

  #all() {
    return [...this.element.querySelectorAll("[data-label]")];
  }

  #shown() {
    return this.#all().filter((button) => !button.hidden && !button.closest("section").hidden);
  }

  // What is written exactly so, else in the other case: a key may be held with or without Shift.
  #called(text) {
    const proper = this.#all().filter((button) => !button.closest("[data-perhaps]"));
    const small = text.toLowerCase();
    return proper.find(({ dataset }) => dataset.label === text) ?? proper.find(({ dataset }) => dataset.label.toLowerCase() === small);
  }

  #find() {
    const text = this.search?.value.trim().toLowerCase() ?? "";
    for (const section of this.element.querySelectorAll("section:not([data-perhaps])")) {
      const buttons = [...section.querySelectorAll("[data-label]")];
      for (const button of buttons) button.hidden = !button.dataset.label.toLowerCase().includes(text);
      section.hidden = buttons.every((button) => button.hidden);
    }
    if (this.perhaps) this.perhaps.hidden = text !== "" || this.perhaps.querySelector("[data-label]") === null;
    const shown = this.#shown();
    this.element.querySelector(".picker-none").hidden = shown.length > 0;
    if (!shown.some((button) => button.tabIndex === 0)) this.#own(shown[0]);
  }

  // One place to stop at for the tab key, however many labels there are: the one where its reader was last.
  #own(button) {
    if (button) for (const each of this.#all()) each.tabIndex = each === button ? 0 : -1;
  }

  #pick(button) {
    if (button) this.dispatchEvent(new CustomEvent("pick", { detail: { label: button.dataset.label } }));
  }

  #move(event) {
    const shown = this.#shown();
    const inSearch = event.target === this.search;
    if (inSearch && event.key === "Enter") {
      event.preventDefault();
      this.#pick(this.#exact(shown));
    } else if (inSearch && event.key === "ArrowDown") {
      event.preventDefault();
      shown[0]?.focus();
    } else if (!inSearch) {
      const next = neighbour(shown, event.target.closest("[data-label]"), event.key);
      if (next) event.preventDefault();
      next?.focus();
    }
  }

  #exact(shown) {
    const text = this.search.value.trim();
    const called = text === "" ? null : this.#called(text);
    return called ?? (text !== "" && shown.length === 1 ? shown[0] : null);
  }
}

/** Return the one of `buttons` that an arrow key leads to from `from`, or undefined. */
function neighbour(buttons, from, key) {
  const at = buttons.indexOf(from);
  if (at < 0) return undefined;
  if (key === "ArrowRight") return buttons[at + 1];
  if (key === "ArrowLeft") return buttons[at - 1];
  if (key === "Home") return buttons[0];
  if (key === "End") return buttons.at(-1);
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const here = from.getBoundingClientRect();
  const away = (button) => {
    const there = button.getBoundingClientRect();
    const rows = key === "ArrowDown" ? there.top - here.top : here.top - there.top;
    return rows < here.height / 2 ? Infinity : 100 * rows + Math.abs(there.left - here.left); // the nearest row, then the nearest place
  };
  const nearest = buttons.reduce((best, button) => (away(button) < away(best) ? button : best), from);
  return nearest === from ? undefined : nearest;
}
