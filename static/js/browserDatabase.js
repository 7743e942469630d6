// The browser's database (IndexedDB). A person may have forbidden it, and it may be full: no function here throws.

const NAME = "inkloop";
const VERSION = 1;
const STORES = { waiting: "key", own: "sample" }; // name -> the field that identifies a record

let opening = null; // the promise of the database, or of null

/** Return the database, or null where the browser has none. */
function database() {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath });
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close(); // a newer release, in another tab, must not wait
        resolve(request.result);
      };
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opening;
}

/** The records of one store, "waiting" or "own". Requests are done in their order, also those of other tabs. */
export class BrowserRecords {
  constructor(store) {
    this.store = store;
  }

  /** Return all records; none where they cannot be read. */
  async all() {
    return (await this.#done("readonly", (store) => store.getAll())) ?? [];
  }

  /** Store `record` instead of any of its key. Return whether the browser took it. */
  async put(record) {
    return (await this.#done("readwrite", (store) => store.put(record))) !== null;
  }

  async remove(key) {
    await this.#done("readwrite", (store) => store.delete(key));
  }

  async clear() {
    await this.#done("readwrite", (store) => store.clear());
  }

  /** Return the result of a request when its transaction is complete; null where it fails. */
  async #done(mode, ask) {
    const opened = await database();
    if (!opened) return null;
    return new Promise((resolve) => {
      try {
        const transaction = opened.transaction(this.store, mode);
        const request = ask(transaction.objectStore(this.store));
        transaction.oncomplete = () => resolve(request.result ?? undefined);
        transaction.onabort = () => resolve(null);
        transaction.onerror = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }
}
