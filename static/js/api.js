// The one module that fetches.

const PATIENCE = 15000; // ms; a phone's connection that has not answered by then will not

/** What went wrong, with a `code` that the page has words for; `status` is 0 when no answer came at all. */
export class Trouble extends Error {
  constructor({ status = 0, code = "offline", message = "", retryAfter = null } = {}) {
    super(message || code);
    Object.assign(this, { name: "Trouble", status, code, retryAfter });
  }

  /** Whether the same request may succeed later, unchanged. */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The calls of the API. Every one throws Trouble; one whose `signal` was aborted throws an AbortError. */
export class Api {
  adapt = true; // whether the visitor's own drawings have a say in what they are answered

  constructor(root) {
    this.root = root;
  }

  async sets() {
    return (await this.#call("GET", "/sets")).sets;
  }

  ask(set, body, { consent = false, signal } = {}) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/predictions`, {
      body: { ...body, consent, square: true, ...(!this.adapt && { adapt: false }) },
      signal,
    });
  }

  correct(prediction, verdict) {
    return this.#call("POST", `/predictions/${encodeURIComponent(prediction)}/correction`, { body: verdict });
  }

  contribute(set, body, key) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/samples`, { body, headers: { "Idempotency-Key": key } });
  }

  withdraw(sample, receipt) {
    return this.#call("DELETE", `/samples/${encodeURIComponent(sample)}?receipt=${encodeURIComponent(receipt)}`);
  }

  withdrawAll() {
    return this.#call("DELETE", "/contributors/me/samples");
  }

  prompts(set, after) {
    const last = after === null ? "" : `?after=${encodeURIComponent(after)}`;
    return this.#call("GET", `/sets/${encodeURIComponent(set)}/prompts${last}`);
  }

  known(set) {
    return this.#call("GET", `/sets/${encodeURIComponent(set)}/check`);
  }

  tellKnown(set, id, label) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/check`, { body: { id, label } });
  }

  run(id) {
    return this.#call("GET", `/runs/${encodeURIComponent(id)}`);
  }

  async #call(method, path, { body, headers = {}, signal } = {}) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    const stop = () => patience.abort();
    signal?.addEventListener("abort", stop);
    try {
      const response = await fetch(this.root + path, {
        method,
        signal: patience.signal,
        headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json" }), ...headers },
        body: body && JSON.stringify(body),
      });
      const told = await response.text();
      if (!response.ok) throw trouble(response, told);
      return told ? JSON.parse(told) : null;
    } catch (error) {
      if (signal?.aborted) throw new DOMException("asked again", "AbortError");
      throw error instanceof Trouble ? error : new Trouble();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}

function trouble(response, told) {
  const { status } = response;
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  try {
    const { code, message } = JSON.parse(told).error;
    return new Trouble({ status, code, message, retryAfter });
  } catch {
    return new Trouble({ status, code: status >= 500 ? "unavailable" : "malformed", retryAfter }); // a gateway, not the app, has answered
  }
}
