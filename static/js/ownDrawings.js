// The visitor's own judged drawings in this browser: they adapt the answers that are given on this device, and nothing else.
// A drawing is here only while the server has it: what its author withdraws is forgotten here too.

import { BrowserRecords } from "./browserDatabase.js";

const NEWEST = 60; // drawings of a set that adapt answers, as on the server
const NEWS = "inkloop.own"; // a channel to all pages and to the networks on this device

export class OwnDrawings {
  #records = new BrowserRecords("own"); // {sample, set, label, body, at}
  #news = null;

  constructor() {
    if (typeof BroadcastChannel === "function") this.#news = new BroadcastChannel(NEWS);
  }

  /** Call `changed` whenever drawings were added or forgotten, in any tab. */
  listen(changed) {
    this.#news?.addEventListener("message", changed);
  }

  /** Return the newest drawings {sample, label, body} of a set, newest first. */
  async of(set) {
    const found = (await this.#records.all()).filter((one) => one.set === set && one.body?.strokes);
    return found.sort((a, b) => b.at - a.at).slice(0, NEWEST);
  }

  /** Keep a drawing, `body` as the API takes it, that its author labelled; `label` null is not a symbol. `instead` is a sample that it replaces. */
  async add({ sample, set, label, body, instead = null }) {
    if (instead && instead !== sample) await this.#records.remove(instead);
    if (body.strokes) await this.#records.put({ sample, set, label, body, at: Date.now() }); // a picture stays with the server
    const all = (await this.#records.all()).filter((one) => one.set === set).sort((a, b) => b.at - a.at);
    for (const { sample: old } of all.slice(NEWEST)) await this.#records.remove(old);
    this.#news?.postMessage("changed");
  }

  /** Forget a drawing that its author withdrew. */
  async forget(sample) {
    await this.#records.remove(sample);
    this.#news?.postMessage("changed");
  }

  async forgetAll() {
    await this.#records.clear();
    this.#news?.postMessage("changed");
  }
}
