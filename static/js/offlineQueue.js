// Drawings that the server has not acknowledged yet, in the browser's database: nothing is lost when the page closes.

import { BrowserRecords } from "./browserDatabase.js";
import { readJson, writeJson } from "./storage.js";

const PREFIX = "inkloop.waiting."; // of entries in the browser's storage: of earlier releases, and of what the database did not take

/** Return a random key. `crypto.randomUUID` is missing where a phone reaches a laptop without https. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Items {key, at, body, ...}. Each item has its own record, so two open pages do not overwrite each other. */
export class OfflineQueue {
  #records = new BrowserRecords("waiting");
  #unstored = new Map(); // key -> an item that is not in the database yet, or that it refused

  /** `storage` is the browser's storage, or null. */
  constructor(storage) {
    this.storage = storage;
    // A page that closes takes no more part in the database's work; the storage keeps an item at once.
    addEventListener("pagehide", () => this.#unstored.forEach((item) => writeJson(storage, PREFIX + item.key, item)));
  }

  async put(item) {
    this.#unstored.set(item.key, item);
    const isStored = await this.#records.put(item);
    if (this.#unstored.get(item.key) !== item) return; // a newer state, or removed
    if (isStored) this.#forgetUnstored(item.key);
    else writeJson(this.storage, PREFIX + item.key, item);
  }

  async get(key) {
    return (await this.all()).find((item) => item.key === key);
  }

  async remove(key) {
    this.#forgetUnstored(key);
    await this.#records.remove(key);
  }

  /** Return all items, oldest first. What lies in the storage moves into the database. */
  async all() {
    for (const item of this.#inStorage()) if (!this.#unstored.has(item.key)) await this.put(item);
    const items = new Map((await this.#records.all()).map((item) => [item.key, item]));
    for (const item of this.#unstored.values()) items.set(item.key, item);
    return [...items.values()].sort((a, b) => a.at - b.at);
  }

  #forgetUnstored(key) {
    this.#unstored.delete(key);
    this.storage?.removeItem(PREFIX + key);
  }

  #inStorage() {
    const names = Array.from({ length: this.storage?.length ?? 0 }, (_, i) => this.storage.key(i));
    const items = names.filter((name) => name?.startsWith(PREFIX)).map((name) => readJson(this.storage, name));
    return items.filter((item) => item?.key && item.body); // another program may have written an entry
  }
}
