// Uploads saved drawings in order until the server acknowledges them, and remembers the receipts to withdraw them.

import { newKey } from "./offlineQueue.js";
import { readJson, writeJson } from "./storage.js";

const RECEIPTS = "inkloop.receipts";
const KEPT = 20; // drawings that undo can bring back to the pad
const FIRST_RETRY = 2000; // ms, doubled up to LONGEST_RETRY
const LONGEST_RETRY = 30000;

/**
 * Dispatches "change" when `count`, `pending` or `error` may have changed, "saved" with {label, status},
 * "withdrawn" with {label, set, body}, where `body` is missing if it was saved long ago, and "refused" with {item, error} when the server will never take a drawing.
 */
export class UploadQueue extends EventTarget {
  #sending = null; // the promise of the loop that sends
  #timer = 0;
  #retry = FIRST_RETRY;
  error = null; // why the last request failed, null when it succeeded

  /** `offline` is an OfflineQueue; `session` is a browser storage, or null. */
  constructor(api, offline, session) {
    super();
    Object.assign(this, { api, offline, session });
    this.receipts = readJson(session, RECEIPTS) ?? []; // oldest first: {id, set, label, receipt, body}
  }

  /** How many drawings of this session the server has. */
  get count() {
    return this.receipts.length;
  }

  /** Items that wait for their upload, without those that their author withdrew meanwhile. */
  get pending() {
    return this.offline.all().filter((item) => !item.unwanted);
  }

  get canUndo() {
    return this.pending.length + this.receipts.length > 0;
  }

  save(set, label, body) {
    const at = Date.now() + performance.now() % 1; // the fraction orders drawings of the same millisecond
    this.offline.put({ key: newKey(), at, set, label, body, tried: false, unwanted: false });
    this.send();
  }

  /** Upload all items. Safe at any time: only one loop sends, and an item's key makes a repeated request harmless. */
  send() {
    clearTimeout(this.#timer);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      this.#dispatch("change");
    });
    this.#dispatch("change");
    return this.#sending;
  }

  /** Withdraw the drawing that was saved last. Throws ApiError when the server cannot be reached. */
  async undo() {
    const last = this.pending.at(-1);
    if (last) this.#undoPending(last);
    else if (this.receipts.length) await this.#undoSaved(this.receipts.at(-1));
    this.#dispatch("change");
  }

  /** Withdraw everything that this visitor ever contributed, and what still waits. Return {drawings}. Throws ApiError. */
  async undoAll() {
    const answer = await this.api.withdrawAll().catch((error) => {
      if (error.status !== 401) throw error;
      return { drawings: 0 }; // the server does not know this visitor, so it has nothing of them
    });
    for (const item of this.offline.all()) this.#unqueue(item);
    this.#setReceipts([]);
    this.send();
    return answer;
  }

  #undoPending(item) {
    this.#unqueue(item);
    this.#dispatch("withdrawn", item);
    if (item.tried) this.send();
  }

  async #undoSaved({ id, receipt, ...sample }) {
    await this.#withdraw(id, receipt);
    this.#setReceipts(this.receipts.filter((other) => other.id !== id));
    this.#dispatch("withdrawn", sample);
  }

  /** A tried item may have arrived although no answer came: it is sent once more, and withdrawn when its id is known. */
  #unqueue(item) {
    if (item.tried) this.offline.put({ ...item, unwanted: true });
    else this.offline.remove(item.key);
  }

  async #sendAll() {
    for (let [item] = this.offline.all(); item; [item] = this.offline.all()) {
      this.offline.put({ ...item, tried: true });
      try {
        await this.#upload(item);
      } catch (error) {
        if (error.isRetryable) return this.#retryLater(error);
        this.offline.remove(item.key);
        if (!item.unwanted) this.#dispatch("refused", { item, error });
      }
      this.error = null;
      this.#retry = FIRST_RETRY;
      this.#dispatch("change");
    }
    return undefined;
  }

  async #upload({ key, set, label, body }) {
    const { id, status, receipt } = await this.api.contribute(set, { ...body, label }, key);
    if (this.offline.get(key)?.unwanted) { // its author withdrew it during the upload
      await this.#withdraw(id, receipt);
    } else {
      this.#setReceipts([...this.receipts.filter((other) => other.id !== id), { id, set, label, receipt, body }]);
      this.#dispatch("saved", { label, status });
    }
    this.offline.remove(key);
  }

  async #withdraw(id, receipt) {
    try {
      await this.api.withdraw(id, receipt);
    } catch (error) {
      if (error.status !== 404) throw error; // a sample that is gone is withdrawn already
    }
  }

  #retryLater(error) {
    this.error = error;
    this.#timer = setTimeout(() => this.send(), Math.max(this.#retry, 1000 * (error.retryAfter ?? 0)));
    this.#retry = Math.min(2 * this.#retry, LONGEST_RETRY);
  }

  #setReceipts(receipts) {
    this.receipts = receipts.map((receipt, i) => (i < receipts.length - KEPT ? { ...receipt, body: undefined } : receipt));
    writeJson(this.session, RECEIPTS, this.receipts); // without a storage, undo works until the page closes
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
