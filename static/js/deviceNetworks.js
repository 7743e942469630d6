// The networks on this device: gets the live versions, and asks the worker that runs them. The server's artefacts are the very same.
// Answers are adapted to the visitor's own drawings in this browser.

import { ApiError } from "./api.js";
import { predictionOf } from "./combine.js";
import { withEmbedding } from "./embeddingOutput.js";
import { occlusion } from "./occlusion.js";
import { OwnDrawings } from "./ownDrawings.js";
import { squareOf } from "./square.js";
import { fromBody } from "./strokes.js";

const WORKER = new URL("./deviceWorker.js", import.meta.url);
const VENDOR = new URL("../vendor/litert/", import.meta.url);
const RUNTIME = ["core.js", "wasm-utils.js", "litert_wasm_compat_internal.js", "litert_wasm_compat_internal.wasm"];
const LOOK = 5000; // ms between two looks for newer versions
const PARTS = ["learned", "original"]; // the learned versions answer, so they come first
// A module with one SIMD instruction: a browser that knows none cannot run the networks (wasm-feature-detect, Apache-2.0).
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Why this device does not answer: "insecure", "unsupported", "runtime" or "artefact". */
export class DeviceError extends Error {
  constructor(code, cause) {
    super(code, { cause });
    Object.assign(this, { name: "DeviceError", code: `device_${code}` });
  }
}

/** Dispatches "change" when `state` may have changed: "away", "loading", "ready" or "failed", then with `error`. */
export class DeviceNetworks extends EventTarget {
  state = "away";
  error = null;
  #worker = null;
  #waiting = new Map(); // id of a message -> {resolve, reject}
  #messages = 0;
  #loading = null; // the promise of `load`
  #answering = null; // {set, confusable, networks}: what answers now
  #lookedAt = -Infinity;
  #drawings = new OwnDrawings();
  #own = {}; // version -> {keys, labels}: the embeddings of the visitor's own drawings, and what each is
  #embedded = new Map(); // "version sample" -> the embedding
  #embedding = null; // the promise of the newest `own`
  revision = 0; // grows when other drawings adapt the answers

  constructor(api, set) {
    super();
    Object.assign(this, { api, set });
    this.#drawings.listen(() => this.state === "ready" && this.#embedOwn());
    // What was loaded before the service worker was there is asked for again, from the browser's cache, so that it is kept.
    navigator.serviceWorker?.addEventListener("controllerchange", () => this.state === "ready" && this.#keep());
  }

  /** The versions that answer on this device. */
  get versions() {
    return this.#answering?.networks.map(({ version }) => version) ?? [];
  }

  /** Get the runtime and the live versions ready. Throws DeviceError, or ApiError without a connection; trying again is safe. */
  load() {
    if (this.state === "ready") return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** Take newer versions, if there are any and the last look is some time ago. What answered goes on where they cannot be had. */
  async look({ now = false } = {}) {
    if (this.state !== "ready" || (!now && performance.now() - this.#lookedAt < LOOK)) return;
    try {
      await this.#takeLive();
    } catch {
      // The next look tries again.
    }
  }

  /** Return the prediction of a drawing that is not empty; `adapt` tells whether the visitor's own drawings may change it. */
  async predict(drawing, { adapt = true } = {}) {
    const answering = this.#answering;
    const square = squareOf(drawing);
    if (!square) return predictionOf(answering, null, new Float32Array(784));
    try {
      const found = await this.#ask("run", { square, versions: [...new Set(this.versions)] });
      return predictionOf(answering, found, square, adapt ? this.#own : {});
    } catch (error) {
      this.#fail(new DeviceError("runtime", error));
      throw this.error;
    }
  }

  /** Return what the CNN's answer to a drawing depends on, {label, p, lost}, as functions/verbs/explain.py does. */
  async explain(drawing) {
    const { confusable, networks } = this.#answering;
    const { version, labels } = networks.find(({ learner, role }) => learner === "cnn" && role === "learned") ?? networks[0];
    const alike = labels.map((label) => confusable.find((group) => group.includes(label)) ?? [label]);
    const ask = async (square) => {
      const { outputs } = (await this.#ask("run", { square, versions: [version] }))[version];
      return alike.map((group) => group.reduce((sum, label) => sum + (outputs[labels.indexOf(label)] ?? 0), 0));
    };
    const square = squareOf(drawing);
    const outputs = await ask(square);
    const place = outputs.indexOf(Math.max(...outputs));
    const lost = await occlusion(square, async (changed) => (await ask(changed))[place]);
    return { label: labels[place], p: outputs[place], lost };
  }

  #keep() {
    for (const name of RUNTIME) fetch(new URL(name, VENDOR)).catch(() => {});
    this.api.networks(this.set).catch(() => {});
    for (const version of this.versions) this.api.artefact(version).catch(() => {});
  }

  async #load() {
    this.#set("loading");
    const worker = navigator.serviceWorker?.controller;
    try {
      refuseOldBrowsers();
      const live = this.api.networks(this.set); // the runtime and the list come together
      live.catch(() => {}); // it is awaited below
      this.#start();
      await this.#ask("load").catch(async (error) => {
        await live; // without a connection, that is the reason
        throw navigator.onLine ? new DeviceError("runtime", error) : new ApiError();
      });
      await this.#takeLive(await live);
      this.#set("ready");
      if (worker !== navigator.serviceWorker?.controller) this.#keep();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Open the live versions, and let them answer when the learned ones are there. */
  async #takeLive(found = null) {
    this.#lookedAt = performance.now();
    const live = found ?? await this.api.networks(this.set);
    const opened = new Set(this.versions);
    for (const { version, sha256, labels } of PARTS.flatMap((part) => live.networks.filter(({ role }) => role === part))) {
      if (!opened.has(version)) {
        const tflite = withEmbedding(await this.#artefact(version, sha256));
        await this.#ask("open", { version, tflite, labels: labels.length }).catch((error) => {
          throw new DeviceError("artefact", error);
        });
        opened.add(version);
      }
    }
    this.#answering = live; // one assignment: an answer comes from the old versions or from the new ones
    await this.#ask("keep", { versions: this.versions });
    await this.#embedOwn();
    this.#dispatch();
  }

  /** Embed the visitor's own drawings by the learned versions. An earlier call that still works on it is done first. */
  #embedOwn() {
    this.#embedding = (this.#embedding ?? Promise.resolve()).then(() => this.#embedNewest()).catch(() => {}); // the next answer tells why
    return this.#embedding;
  }

  async #embedNewest() {
    const drawings = await this.#drawings.of(this.set);
    const learned = this.#answering.networks.filter(({ role }) => role === "learned").map(({ version }) => version);
    const embedded = new Map();
    for (const { sample, body } of drawings) {
      const missing = learned.filter((version) => !this.#embedded.has(`${version} ${sample}`));
      const square = missing.length ? squareOf(fromBody(body)) : null;
      const found = square ? await this.#ask("run", { square, versions: missing }) : {};
      for (const version of learned) {
        const embedding = found[version]?.embedding ?? this.#embedded.get(`${version} ${sample}`);
        if (embedding) embedded.set(`${version} ${sample}`, embedding);
      }
    }
    this.#embedded = embedded; // what was forgotten is gone
    this.#own = Object.fromEntries(learned.map((version) => {
      const there = drawings.filter(({ sample }) => embedded.has(`${version} ${sample}`));
      return [version, { keys: there.map(({ sample }) => embedded.get(`${version} ${sample}`)), labels: there.map(({ label }) => label) }];
    }));
    this.revision += 1;
    this.#dispatch();
  }

  async #artefact(version, sha256) {
    const bytes = new Uint8Array(await this.api.artefact(version));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (found !== sha256) throw new DeviceError("artefact");
    return bytes;
  }

  #start() {
    this.#worker = new Worker(WORKER);
    this.#worker.addEventListener("message", ({ data: { id, result, error } }) => {
      const asked = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(new Error(error));
    });
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault(); // the page tells it
      this.#rejectAll(new Error(event.message || "The worker cannot be started."));
    });
  }

  #ask(task, given = {}) {
    this.#messages += 1;
    const id = this.#messages;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, task, given });
    });
  }

  #fail(error) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#answering = null;
    this.#rejectAll(error);
    this.error = error;
    this.#set("failed");
  }

  #rejectAll(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #set(state) {
    this.state = state;
    if (state !== "failed") this.error = null;
    this.#dispatch();
  }

  #dispatch() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}

function refuseOldBrowsers() {
  if (!isSecureContext) throw new DeviceError("insecure"); // neither Brotli nor the check of a file's sum
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(new Uint8Array(SIMD))) throw new DeviceError("unsupported");
}
