// Drawings that the server has not acknowledged yet, in the browser's own store: closing the page loses none.

const PREFIX = "inkloop.waiting.";

/** Return a key that nobody else makes. `crypto.randomUUID` is missing where a phone reaches a laptop without https. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Items {key, at, ...} in the order they were made, each in an entry of its own: two open pages do not overwrite each other. */
export class Waiting {
  #unkept = new Map(); // items that the store refused (full, or forbidden): kept as long as the page lives

  constructor(store) {
    this.store = store;
  }

  put(item) {
    try {
      this.store.setItem(PREFIX + item.key, JSON.stringify(item));
      this.#unkept.delete(item.key);
    } catch {
      this.#unkept.set(item.key, item);
    }
  }

  get(key) {
    return this.all().find((item) => item.key === key);
  }

  remove(key) {
    this.#unkept.delete(key);
    this.store?.removeItem(PREFIX + key);
  }

  all() {
    return [...this.#kept(), ...this.#unkept.values()].sort((one, other) => one.at - other.at);
  }

  #kept() {
    const items = [];
    for (let i = 0; i < (this.store?.length ?? 0); i += 1) {
      const name = this.store.key(i);
      if (name.startsWith(PREFIX)) items.push(read(this.store, name));
    }
    return items.filter(Boolean);
  }
}

function read(store, name) {
  try {
    const item = JSON.parse(store.getItem(name));
    return item?.key && item.body ? item : null;
  } catch {
    return null; // not written by this page
  }
}

/** Return the browser's store of that name, or null where it is forbidden. */
export function openStore(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}
