// Drawings that the server has not acknowledged yet, in the browser's storage: nothing is lost when the page closes.

import { readJson, writeJson } from "./storage.js";

const PREFIX = "inkloop.waiting.";

/** Return a random key. `crypto.randomUUID` is missing where a phone reaches a laptop without https. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Items {key, at, body, ...}, oldest first. Each item has its own entry, so two open pages do not overwrite each other. */
export class OfflineQueue {
  #unstored = new Map(); // key -> an item that the storage refused: kept until the page closes

  constructor(storage) {
    this.storage = storage;
  }

  put(item) {
    if (writeJson(this.storage, PREFIX + item.key, item)) this.#unstored.delete(item.key);
    else this.#unstored.set(item.key, item);
  }

  get(key) {
    return this.all().find((item) => item.key === key);
  }

  remove(key) {
    this.#unstored.delete(key);
    this.storage?.removeItem(PREFIX + key);
  }

  all() {
    return [...this.#stored(), ...this.#unstored.values()].sort((a, b) => a.at - b.at);
  }

  #stored() {
    const names = Array.from({ length: this.storage?.length ?? 0 }, (_, i) => this.storage.key(i));
    const items = names.filter((name) => name?.startsWith(PREFIX)).map((name) => readJson(this.storage, name));
    return items.filter((item) => item?.key && item.body); // another program may have written an entry
  }
}
