// Whether checked drawings may be kept. Asked once, where the first verdict needs it; the answer is remembered and can be changed.

import { readText, writeText } from "./storage.js";

const KEY = "inkloop.consent";
const SETTLE = 400; // ms in which no pointer chooses: the question appears where a finger has just tapped, perhaps twice

/** Dispatches "choice" when the person has chosen. `allowed` is true, false, or null before that. */
export class Consent extends EventTarget {
  #asking = false;
  #settling = 0;

  /** `element` has the question, with a button of `data-consent` "yes" and "no"; `state` says what was chosen, with a button to change it. */
  constructor(element, state, storage, t) {
    super();
    Object.assign(this, { element, state, storage, t });
    const stored = readText(storage, KEY);
    this.allowed = stored === null ? null : stored === "yes";
    element.addEventListener("click", ({ target }) => this.#choose(target.closest("[data-consent]")?.dataset.consent));
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
      if (event.repeat) event.preventDefault(); // a key that is still held down from the verdict
    });
    state.querySelector("button").addEventListener("click", () => this.ask());
    this.update();
  }

  /** Show the question, and move the focus to it. */
  ask() {
    this.#asking = true;
    this.update();
    this.element.dataset.settling = "";
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => delete this.element.dataset.settling, SETTLE);
    this.element.querySelector("button").focus();
    this.element.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.#asking = false;
    this.update();
  }

  update() {
    this.element.hidden = !this.#asking;
    this.state.hidden = this.#asking;
    const code = { null: "unasked", true: "yes", false: "no" }[this.allowed];
    this.state.querySelector("span").textContent = this.t(`consent.${code}`);
    this.state.querySelector("button").hidden = this.allowed === null;
  }

  #choose(choice) {
    if (!choice) return;
    this.allowed = choice === "yes";
    writeText(this.storage, KEY, choice);
    this.close();
    this.dispatchEvent(new CustomEvent("choice"));
  }
}
