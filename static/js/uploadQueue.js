// Uploads saved drawings in order until the server acknowledges them, and remembers the receipts to withdraw them.

import { newKey } from "./offlineQueue.js";
import { readJson, writeJson } from "./storage.js";

const RECEIPTS = "inkloop.receipts";
const KEPT = 20; // drawings that undo can bring back to the pad
const FIRST_RETRY = 2000; // ms, doubled up to LONGEST_RETRY
const LONGEST_RETRY = 30000;

/**
 * Dispatches "change" when `count`, `pending` or `error` may have changed, "saved" with {id, set, label, body, status},
 * "withdrawn" with {id, label, set, body}, and "refused" with {item, error} when the server will never take a drawing. What is
 * withdrawn has no `id` if it waited, and no `body` if it was saved long ago.
 */
export class UploadQueue extends EventTarget {
  #sending = null; // the promise of the loop that sends
  #timer = 0;
  #retry = FIRST_RETRY;
  #uploading = null; // the key of the item that is on its way
  #undoing = Promise.resolve(); // the last undo
  error = null; // why the last request failed, null when it succeeded
  pending = []; // items that wait for their upload, without those that their author withdrew meanwhile

  /** `offline` is an OfflineQueue; `session` is a browser storage, or null. */
  constructor(api, offline, session) {
    super();
    Object.assign(this, { api, offline, session });
    this.receipts = readJson(session, RECEIPTS) ?? []; // oldest first: {id, key, set, label, receipt, body}
  }

  /** How many drawings of this session the server has. */
  get count() {
    return this.receipts.length;
  }

  get canUndo() {
    return this.pending.length + this.receipts.length > 0;
  }

  /** Return at most `most` drawings of this session in a set, the newest first: {key or id, label, body}. */
  newest(set, most) {
    const saved = new Set(this.receipts.map(({ key }) => key)); // one that was saved just now still waits to be forgotten
    const all = [...this.receipts, ...this.pending.filter(({ key }) => !saved.has(key))];
    return all.filter((one) => one.set === set).slice(-most).reverse();
  }

  save(set, label, body) {
    const at = Date.now() + performance.now() % 1; // the fraction orders drawings of the same millisecond
    const item = { key: newKey(), at, set, label, body, tried: false, unwanted: false };
    this.pending = [...this.pending, item];
    this.offline.put(item);
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

  /** Withdraw the drawing that was saved last; one after the other. Throws ApiError when the server cannot be reached. */
  undo() {
    const undone = this.#undoing.then(() => this.#undoLast());
    this.#undoing = undone.catch(() => {});
    return undone;
  }

  /** Withdraw one drawing of this session, by the key with which it waits or by its id. Throws ApiError. */
  undoOne({ key, id }) {
    const undone = this.#undoing.then(() => this.#undoIt(key, id));
    this.#undoing = undone.catch(() => {});
    return undone;
  }

  /** Withdraw everything that this visitor ever contributed, and what still waits. Return {drawings}. Throws ApiError. */
  async undoAll() {
    const answer = await this.api.withdrawAll().catch((error) => {
      if (error.status !== 401) throw error;
      return { drawings: 0 }; // the server does not know this visitor, so it has nothing of them
    });
    for (const item of await this.offline.all()) await this.#unqueue(item);
    this.#setReceipts([]);
    this.send();
    return answer;
  }

  async #undoLast() {
    await this.#refresh();
    const last = this.pending.at(-1);
    if (last) await this.#undoPending(last);
    else if (this.receipts.length) await this.#undoSaved(this.receipts.at(-1));
    this.#dispatch("change");
  }

  async #undoIt(key, id) {
    await this.#refresh();
    const waiting = this.pending.find((item) => item.key === key);
    const saved = this.receipts.find((receipt) => receipt.id === id || (key && receipt.key === key));
    if (saved) await this.#undoSaved(saved);
    else if (waiting) await this.#undoPending(waiting);
    this.#dispatch("change");
  }

  async #undoPending({ key, ...sample }) {
    const mayHaveArrived = await this.#unqueue({ key, ...sample });
    await this.#refresh();
    this.#dispatch("withdrawn", sample);
    if (mayHaveArrived) this.send();
  }

  async #undoSaved({ receipt, ...sample }) {
    await this.#withdraw(sample.id, receipt);
    this.#setReceipts(this.receipts.filter(({ id }) => id !== sample.id));
    this.#dispatch("withdrawn", sample);
  }

  /** A tried item may have arrived although no answer came: it is sent once more, and withdrawn when its id is known. Return that. */
  async #unqueue(item) {
    const mayHaveArrived = item.tried || item.key === this.#uploading;
    if (mayHaveArrived) await this.offline.put({ ...item, tried: true, unwanted: true });
    else await this.offline.remove(item.key);
    return mayHaveArrived;
  }

  async #sendAll() {
    await this.#refresh();
    for (let [item] = await this.offline.all(); item; [item] = await this.offline.all()) {
      this.#uploading = item.key; // at once: its author may withdraw it from now on
      await this.offline.put({ ...item, tried: true });
      try {
        await this.#upload(item);
      } catch (error) {
        if (error.isRetryable) return this.#retryLater(error);
        await this.offline.remove(item.key);
        if (!item.unwanted) this.#dispatch("refused", { item, error });
      }
      this.error = null;
      this.#retry = FIRST_RETRY;
      await this.#refresh();
    }
    return this.#refresh();
  }

  async #refresh() {
    this.pending = (await this.offline.all()).filter((item) => !item.unwanted);
    this.#dispatch("change");
  }

  async #upload({ key, set, label, body }) {
    const { id, status, receipt } = await this.api.contribute(set, { ...body, label }, key);
    if ((await this.offline.get(key))?.unwanted) { // its author withdrew it during the upload
      await this.#withdraw(id, receipt);
    } else {
      this.#setReceipts([...this.receipts.filter((other) => other.id !== id), { id, key, set, label, receipt, body }]);
      this.#dispatch("saved", { id, set, label, body, status });
    }
    await this.offline.remove(key);
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
