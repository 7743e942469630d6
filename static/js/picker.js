// The picker of labels: a person says in it which symbol a drawing is. Arrow keys move; a typed key or a search chooses.

const MAX_SUGGESTIONS = 5;

/** Dispatches "pick" with {label}, and "close" when its reader presses Escape. */
export class Picker extends EventTarget {
  #refused = null; // the answer that is wrong

  constructor(element) {
    super();
    this.element = element;
    this.search = element.querySelector("input");
    this.suggestions = element.querySelector("[data-suggestions]");
    element.addEventListener("click", ({ target }) => this.#pick(target.closest("[data-label]")));
    element.addEventListener("keydown", (event) => this.#move(event));
    element.addEventListener("focusin", ({ target }) => this.#setTabStop(target.closest("[data-label]")));
    this.search?.addEventListener("input", () => this.#filter());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /**
   * Show or hide the picker: `likely` labels come first where there are many labels, `chosen` is marked, and the answer that was
   * `refused` is not offered again. Idempotent.
   */
  update({ open, likely, chosen, refused = null }) {
    if (open && !this.isOpen) this.#prepare(likely, refused);
    this.element.hidden = !open;
    for (const button of this.#buttons()) button.setAttribute("aria-pressed", String(button.dataset.label === chosen));
  }

  focus() {
    (this.search ?? this.#visible()[0]).focus();
  }

  /** Handle a key that was pressed anywhere on the page while the picker is open. */
  key(event) {
    const typed = [...event.key].length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") this.dispatchEvent(new CustomEvent("close"));
    else if (typed && this.search) this.search.focus(); // the browser then types the key into the search field
    else if (typed) this.#pick(this.#buttonOf(event.key));
  }

  #prepare(likely, refused) {
    this.#refused = refused;
    if (this.search) this.search.value = "";
    if (this.suggestions) {
      const buttons = likely.map((label) => this.#buttonOf(label)).filter(Boolean).slice(0, MAX_SUGGESTIONS);
      this.suggestions.querySelector(".picker-labels").replaceChildren(...buttons.map((button) => button.cloneNode(true)));
      this.suggestions.hidden = buttons.length === 0;
    }
    this.#filter();
    this.#setTabStop(this.#visible()[0]);
  }

  #buttons() {
    return [...this.element.querySelectorAll("[data-label]")];
  }

  #visible() {
    return this.#buttons().filter((button) => !button.hidden && !button.closest("section").hidden);
  }

  /** Return the button of the label `text`, or else of the same label in the other case: a person may hold Shift or not. */
  #buttonOf(text) {
    const buttons = this.#buttons().filter((button) => !button.closest("[data-suggestions]"));
    const lower = text.toLowerCase();
    return buttons.find(({ dataset }) => dataset.label === text) ?? buttons.find(({ dataset }) => dataset.label.toLowerCase() === lower);
  }

  #filter() {
    const text = this.search?.value.trim().toLowerCase() ?? "";
    for (const section of this.element.querySelectorAll("section:not([data-suggestions])")) {
      const buttons = [...section.querySelectorAll("[data-label]")];
      for (const button of buttons) {
        const { label } = button.dataset;
        button.hidden = !label.toLowerCase().includes(text) || (text === "" && label === this.#refused);
      }
      section.hidden = buttons.every((button) => button.hidden);
    }
    if (this.suggestions) this.suggestions.hidden = text !== "" || this.suggestions.querySelector("[data-label]") === null;
    const visible = this.#visible();
    this.element.querySelector(".picker-none").hidden = visible.length > 0;
    if (!visible.some((button) => button.tabIndex === 0)) this.#setTabStop(visible[0]);
  }

  /** Make `button` the only one that the Tab key stops at, so that Tab passes all labels in one step. */
  #setTabStop(button) {
    if (button) for (const each of this.#buttons()) each.tabIndex = each === button ? 0 : -1;
  }

  #pick(button) {
    if (button) this.dispatchEvent(new CustomEvent("pick", { detail: { label: button.dataset.label } }));
  }

  #move(event) {
    const visible = this.#visible();
    const inSearch = event.target === this.search;
    if (inSearch && event.key === "Enter") {
      event.preventDefault();
      this.#pick(this.#found(visible));
    } else if (inSearch && event.key === "ArrowDown") {
      event.preventDefault();
      visible[0]?.focus();
    } else if (!inSearch) {
      const next = neighbour(visible, event.target.closest("[data-label]"), event.key);
      if (next) event.preventDefault();
      next?.focus();
    }
  }

  /** Return the button that the search means: the exact label, or the only visible label. */
  #found(visible) {
    const text = this.search.value.trim();
    if (text === "") return null;
    return this.#buttonOf(text) ?? (visible.length === 1 ? visible[0] : null);
  }
}

/** Return the button to which the key `key` leads from the button `from`, or undefined. */
function neighbour(buttons, from, key) {
  const index = buttons.indexOf(from);
  if (index < 0) return undefined;
  if (key === "ArrowRight") return buttons[index + 1];
  if (key === "ArrowLeft") return buttons[index - 1];
  if (key === "Home") return buttons[0];
  if (key === "End") return buttons.at(-1);
  if (key === "ArrowDown" || key === "ArrowUp") return nearestInRow(buttons, from, key === "ArrowDown" ? 1 : -1);
  return undefined;
}

/** Return the nearest button in the nearest row below (`direction` 1) or above (-1), or undefined. */
function nearestInRow(buttons, from, direction) {
  const here = from.getBoundingClientRect();
  const distance = (button) => {
    const there = button.getBoundingClientRect();
    const down = direction * (there.top - here.top);
    return down < here.height / 2 ? Infinity : 100 * down + Math.abs(there.left - here.left); // rows count more than columns
  };
  const nearest = buttons.reduce((best, button) => (distance(button) < distance(best) ? button : best), from);
  return nearest === from ? undefined : nearest;
}
