// Where answers come from: the server, or the networks on this device, which are loaded only when somebody wants them, or when the
// server answers slowly and nobody has chosen it.

import { AnswerTimes } from "./answerTimes.js";
import { errorText } from "./format.js";
import { readText, writeText } from "./storage.js";
import { toBody } from "./strokes.js";

const KEY = "inkloop.place";
const LOADED = "inkloop.place.loaded"; // whether the networks were on this device before

/** Dispatches "change" when other answers may be had: the person chose another place, or other versions answer on this device. */
export class AnswerPlace extends EventTarget {
  #device = null; // DeviceNetworks, once they were wanted
  #withoutDevice = { state: "loading", error: null }; // what the line tells meanwhile
  #away = false; // whether this device answers because the server could not be reached
  #times = new AnswerTimes(); // of the server
  #isSlow = false; // whether this device is to answer because the server is slow
  #answering = ""; // the versions, and the revision of the visitor's own drawings, that answered here at the last change

  /** `element` has two radio buttons of the values "server" and "device", and a line that says what leaves the device. */
  constructor(element, api, set, { storage, t }) {
    super();
    Object.assign(this, { element, api, set, storage, t });
    const before = readText(storage, KEY);
    this.chosen = before === "device" ? "device" : "server";
    this.mayDecide = before === null; // whether the person has left the choice to the page
    element.addEventListener("change", ({ target: { value } }) => {
      this.chosen = value;
      this.mayDecide = false;
      this.#isSlow = false;
      writeText(storage, KEY, value);
      if (value === "device") this.#load().catch(() => {}); // the line says why
      this.update();
      this.dispatchEvent(new CustomEvent("change"));
    });
    if (this.#isWanted) this.#load().catch(() => {});
    addEventListener("online", () => this.#isWanted && this.#load().catch(() => {}));
    this.update();
  }

  /** Whether answers come at once, so that they can follow the pen. */
  get isInstant() {
    return (this.chosen === "device" || this.#isSlow) && this.#device?.state === "ready";
  }

  /** Whether the networks are loaded before they must answer: an installed app has to answer without a connection. */
  get #isWanted() {
    return this.chosen === "device" || matchMedia("(display-mode: standalone)").matches;
  }

  /** Take newer versions on this device; without `now` not more often than the device likes to look. */
  look(options) {
    this.#device?.look(options);
  }

  /** Return the prediction of a drawing. Without the server this device answers, if it has the networks. Throws ApiError. */
  async predict(drawing, { signal } = {}) {
    if (drawing.picture && this.chosen === "device") throw { code: "picture_needs_server" }; // it leaves no device that must keep it
    if ((this.isInstant && !drawing.picture) || (this.chosen === "device" && await this.#isReady())) {
      try {
        return await this.#device.predict(drawing, this.api);
      } catch {
        // The networks failed. The line says so, and the server answers.
      }
    }
    const start = performance.now();
    try {
      const prediction = await this.api.predict(this.set, toBody(drawing), { signal });
      this.#setAway(false);
      if (!drawing.picture) this.#measure(performance.now() - start);
      return prediction;
    } catch (error) {
      if (signal?.aborted && !drawing.picture) this.#times.addWaited(performance.now() - start);
      // A connection that is bad for a moment is no reason to load megabytes that nobody asked for.
      if (error.status !== 0 || drawing.picture || (navigator.onLine && !readText(this.storage, LOADED))) throw error;
      const prediction = await this.#load().then(() => this.#device.predict(drawing, this.api)).catch(() => {
        throw error;
      });
      this.#setAway(true);
      return prediction;
    }
  }

  /** Let this device answer once the server was slow some times, where the person has left that to the page and does not save data. */
  #measure(time) {
    this.#times.add(time);
    if (!this.#times.areSlow || !this.mayDecide || this.#isSlow || navigator.connection?.saveData) return;
    this.#isSlow = true;
    this.#load().catch(() => {}); // the server goes on answering
  }

  /** Return what the CNN's answer to a drawing depends on, {label, lost}, from where the answer came. Throws ApiError. */
  explain(drawing) {
    const here = this.#device?.state === "ready" && (this.isInstant || this.#away) && !drawing.picture;
    return here ? this.#device.explain(drawing) : this.api.explain(this.set, toBody(drawing));
  }

  /** Show what is chosen and what leaves the device. Idempotent. */
  update() {
    this.element.querySelector(`[value=${this.isInstant ? "device" : this.chosen}]`).checked = true;
    const line = this.element.querySelector("p");
    const text = this.#text();
    if (line.textContent !== text) line.textContent = text; // a screen reader reads every change aloud
    this.element.dataset.state = this.chosen === "device" || this.isInstant ? (this.#device ?? this.#withoutDevice).state : "server";
  }

  #text() {
    const { state, error } = this.#device ?? this.#withoutDevice;
    if (this.#isSlow && this.isInstant) return this.t("place.slow");
    if (this.chosen === "server") return this.t(this.#away ? "place.away" : "place.server");
    if (state !== "failed") return this.t(state === "ready" ? "place.device" : "place.loading");
    if (error.status === 0) return this.t("place.missing");
    return `${errorText(error, this.t)} ${this.t("place.instead")}`;
  }

  /** Wait for the networks of this device; return whether they can answer. Networks that failed are not tried at every stroke. */
  async #isReady() {
    const failed = this.#device?.state === "failed" && this.#device.error.status !== 0;
    return !failed && this.#load().then(() => true, () => false);
  }

  async #load() {
    if (!this.#device) await this.#makeDevice();
    await this.#device.load();
    writeText(this.storage, LOADED, "yes");
  }

  async #makeDevice() {
    try {
      const { DeviceNetworks } = await import(this.element.dataset.networks); // an address, so that no page's script contains it
      if (this.#device) return; // another call made it meanwhile
      this.#device = new DeviceNetworks(this.api, this.set);
      this.#device.addEventListener("change", () => this.#deviceChanged());
    } catch (error) {
      this.#withoutDevice = { state: "failed", error: { code: "device_runtime", status: navigator.onLine ? undefined : 0 } };
      this.update();
      throw error;
    }
  }

  #deviceChanged() {
    this.update();
    const answering = [...this.#device.versions, this.#device.revision].join(" ");
    if (this.isInstant && this.#answering !== answering) {
      this.#answering = answering;
      this.dispatchEvent(new CustomEvent("change"));
    }
  }

  #setAway(away) {
    this.#away = away;
    this.update();
  }
}
