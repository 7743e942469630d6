// One sitting of contributions: sends what was saved, in order, until it is acknowledged; remembers receipts to take it back.

import { newKey } from "./offlineQueue.js";

const RECEIPTS = "inkloop.receipts";
const FIRST_RETRY = 2000; // ms, doubled up to the longest
const LONGEST_RETRY = 30000;

/**
 * Says "change" whenever `count`, `pending` or `trouble` may have, "saved" with {label, status},
 * "withdrawn" with {label, set}, and "refused" with {item, trouble} when the server will never take a drawing.
 */
export class Sitting extends EventTarget {
  #sending = null; // the promise of the loop that sends
  #timer = 0;
  #retry = FIRST_RETRY;
  trouble = null;

  constructor(api, waiting, session) {
    super();
    Object.assign(this, { api, waiting, session });
    this.receipts = readReceipts(session); // oldest first: {id, set, label, receipt}
  }

  /** How many drawings of this sitting the server has acknowledged and still has. */
  get count() {
    return this.receipts.length;
  }

  /** Drawings that wait to be sent (and are still wanted). */
  get pending() {
    return this.waiting.all().filter((item) => !item.unwanted);
  }

  get canUndo() {
    return this.pending.length + this.receipts.length > 0;
  }

  save(set, label, body) {
    this.waiting.put({ key: newKey(), at: Date.now() + performance.now() % 1, set, label, body, tried: false, unwanted: false });
    this.send();
  }

  /** Send all that waits. Safe to call at any time: one loop sends, and a key makes every repetition harmless. */
  send() {
    clearTimeout(this.#timer);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      this.#say("change");
    });
    this.#say("change");
    return this.#sending;
  }

  /** Take back the drawing saved last. Throws Trouble when the server cannot be asked just now. */
  async undo() {
    const last = this.pending.at(-1);
    if (last && !last.tried) {
      this.waiting.remove(last.key);
      this.#say("withdrawn", last);
    } else if (last) {
      // It may have arrived although no answer came: it is sent again, and taken back as soon as it is known.
      this.waiting.put({ ...last, unwanted: true });
      this.#say("withdrawn", last);
      this.send();
    } else if (this.receipts.length) {
      const { id, receipt, ...what } = this.receipts.at(-1);
      await this.#takeBack(id, receipt);
      this.#keep(this.receipts.filter((one) => one.id !== id));
      this.#say("withdrawn", what);
    }
    this.#say("change");
  }

  /** Take back everything this visitor ever gave, what still waits to be sent too; returns how much it was. Throws Trouble. */
  async undoAll() {
    const answer = await this.api.withdrawAll().catch((trouble) => {
      if (trouble.status !== 401) throw trouble; // whom the server does not know, of them it has nothing
      return { drawings: 0 };
    });
    for (const item of this.waiting.all()) {
      if (item.tried) this.waiting.put({ ...item, unwanted: true });
      else this.waiting.remove(item.key);
    }
    this.#keep([]);
    this.send();
    return answer;
  }

  async #sendAll() {
    for (let item = this.#next(); item; item = this.#next()) {
      this.waiting.put({ ...item, tried: true });
      try {
        await this.#deliver(item);
      } catch (trouble) {
        if (trouble.passes) return this.#later(trouble);
        this.waiting.remove(item.key);
        if (!item.unwanted) this.#say("refused", { item, trouble });
      }
      this.trouble = null;
      this.#retry = FIRST_RETRY;
      this.#say("change");
    }
    return undefined;
  }

  async #deliver({ key, set, label, body }) {
    const { id, status, receipt } = await this.api.contribute(set, { ...body, label }, key);
    if (this.waiting.get(key)?.unwanted) { // its author may have changed their mind while it was on its way
      await this.#takeBack(id, receipt);
    } else {
      this.#keep([...this.receipts.filter((one) => one.id !== id), { id, set, label, receipt }]);
      this.#say("saved", { label, status });
    }
    this.waiting.remove(key);
  }

  async #takeBack(id, receipt) {
    try {
      await this.api.withdraw(id, receipt);
    } catch (trouble) {
      if (trouble.status !== 404) throw trouble; // what is not there any more is taken back
    }
  }

  #next() {
    return this.waiting.all()[0];
  }

  #later(trouble) {
    this.trouble = trouble;
    this.#timer = setTimeout(() => this.send(), Math.max(this.#retry, 1000 * (trouble.retryAfter ?? 0)));
    this.#retry = Math.min(2 * this.#retry, LONGEST_RETRY);
  }

  #keep(receipts) {
    this.receipts = receipts;
    try {
      this.session?.setItem(RECEIPTS, JSON.stringify(receipts));
    } catch {
      // Without the store, what was saved can be taken back as long as the page lives.
    }
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function readReceipts(session) {
  try {
    return JSON.parse(session?.getItem(RECEIPTS) ?? "[]");
  } catch {
    return [];
  }
}
