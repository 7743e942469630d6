// Where answers come from: the server, or the networks on this device, which are loaded only when somebody wants them.

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
  #versions = ""; // that answered here at the last change

  /** `element` has two radio buttons of the values "server" and "device", and a line that says what leaves the device. */
  constructor(element, api, set, { storage, t }) {
    super();
    Object.assign(this, { element, api, set, storage, t });
    this.chosen = readText(storage, KEY) === "device" ? "device" : "server";
    element.querySelector(`[value=${this.chosen}]`).checked = true;
    element.addEventListener("change", ({ target: { value } }) => {
      this.chosen = value;
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
    return this.chosen === "device" && this.#device?.state === "ready";
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
    if (this.chosen === "device" && await this.#isReady()) {
      try {
        return await this.#device.predict(drawing);
      } catch {
        // The networks failed. The line says so, and the server answers.
      }
    }
    try {
      const prediction = await this.api.predict(this.set, toBody(drawing), { signal });
      this.#setAway(false);
      return prediction;
    } catch (error) {
      // A connection that is bad for a moment is no reason to load megabytes that nobody asked for.
      if (error.status !== 0 || drawing.picture || (navigator.onLine && !readText(this.storage, LOADED))) throw error;
      const prediction = await this.#load().then(() => this.#device.predict(drawing)).catch(() => {
        throw error;
      });
      this.#setAway(true);
      return prediction;
    }
  }

  /** Show what is chosen and what leaves the device. Idempotent. */
  update() {
    const line = this.element.querySelector("p");
    const text = this.#text();
    if (line.textContent !== text) line.textContent = text; // a screen reader reads every change aloud
    this.element.dataset.state = this.chosen === "device" ? (this.#device ?? this.#withoutDevice).state : "server";
  }

  #text() {
    const { state, error } = this.#device ?? this.#withoutDevice;
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
    const versions = this.#device.versions.join(" ");
    if (this.isInstant && this.#versions !== versions) {
      this.#versions = versions;
      this.dispatchEvent(new CustomEvent("change"));
    }
  }

  #setAway(away) {
    this.#away = away;
    this.update();
  }
}
