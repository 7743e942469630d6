// The one module that fetches.

const TIMEOUT = 15000; // ms; a phone's connection that gave no answer by then will give none
const DOWNLOAD_TIMEOUT = 300000; // ms; a network of two megabytes at the speed of a slow phone

/** A failed call. `code` names the situation, and pages have a sentence for it. `status` is 0 when no answer came. */
export class ApiError extends Error {
  constructor({ status = 0, code = "offline", message = "", retryAfter = null } = {}) {
    super(message || code);
    Object.assign(this, { name: "ApiError", status, code, retryAfter });
  }

  /** Whether the same request may succeed later, unchanged. */
  get isRetryable() {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.code === "in_progress";
  }
}

/** The calls of the API. Every call throws ApiError; a call whose `signal` was aborted throws an AbortError. */
export class Api {
  adapt = true; // whether the visitor's own examples may change the answers that this visitor gets

  constructor(root) {
    this.root = root;
  }

  async sets() {
    return (await this.#call("GET", "/sets")).sets;
  }

  /** Return how many people the networks of a set have learned from. */
  async people(set) {
    return (await this.sets()).find(({ name }) => name === set)?.people ?? 0;
  }

  /** Return the set's live versions and its look-alikes: {set, confusable, networks: [{learner, role, version, labels, sha256}]}. */
  networks(set) {
    return this.#call("GET", `/sets/${encodeURIComponent(set)}/networks`);
  }

  /** Return the .tflite of a version as an ArrayBuffer. A slow connection may take minutes for it. */
  artefact(version) {
    const read = (response) => response.arrayBuffer();
    return this.#call("GET", `/versions/${encodeURIComponent(version)}/artefact`, { read, timeout: DOWNLOAD_TIMEOUT });
  }

  predict(set, body, { consent = false, key = null, signal } = {}) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/predictions`, {
      body: { ...body, consent, square: true, ...(!this.adapt && { adapt: false }) },
      headers: key === null ? {} : { "Idempotency-Key": key },
      signal,
    });
  }

  /** Return what the CNN's answer to a drawing depends on: {label, p, lost}, with 784 shares. */
  explain(set, body) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/explanations`, { body });
  }

  read(set, body, { consent = false, key = null, continues = [], signal } = {}) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/readings`, {
      body: { ...body, consent, ...(continues.length && { continues }), ...(!this.adapt && { adapt: false }) },
      headers: key === null ? {} : { "Idempotency-Key": key },
      signal,
    });
  }

  /** Cut symbols of a kept reading again: `cut` is {join: [prediction ids]} or {split: prediction id}, perhaps with {boxes}. */
  cutAgain(set, cut, key) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/readings/cuts`, { body: cut, headers: { "Idempotency-Key": key } });
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

  /** Tell the owner that a drawing does not belong into the dataset. */
  report(sample) {
    return this.#call("POST", `/samples/${encodeURIComponent(sample)}/report`, { body: {} });
  }

  /** Withdraw a sample as the owner. */
  withdrawAsOwner(sample, csrf) {
    return this.#call("DELETE", `/samples/${encodeURIComponent(sample)}`, { headers: { "X-CSRF-Token": csrf } });
  }

  withdrawAll() {
    return this.#call("DELETE", "/contributors/me/samples");
  }

  prompts(set, after) {
    const query = after === null ? "" : `?after=${encodeURIComponent(after)}`;
    return this.#call("GET", `/sets/${encodeURIComponent(set)}/prompts${query}`);
  }

  goldQuestion(set) {
    return this.#call("GET", `/sets/${encodeURIComponent(set)}/check`);
  }

  answerGoldQuestion(set, id, label) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/check`, { body: { id, label } });
  }

  /** Ask for an export as a run; `csrf` is the token of the owner's session. */
  startExport(set, body, csrf) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/exports`, { body, headers: { "X-CSRF-Token": csrf } });
  }

  /** Declare a file {name, bytes, sha256, licence} to import. Return {run, parts, part_bytes}. */
  startImport(set, body, { dryRun, csrf }) {
    return this.#call("POST", `/sets/${encodeURIComponent(set)}/imports?dry_run=${dryRun}`, { body, headers: { "X-CSRF-Token": csrf } });
  }

  importPart(run, number, part, csrf) {
    return this.#call("POST", `/imports/${encodeURIComponent(run)}/parts/${number}`, { body: part, headers: { "X-CSRF-Token": csrf }, timeout: 60000 });
  }

  imported(run) {
    return this.#call("GET", `/imports/${encodeURIComponent(run)}`);
  }

  exported(run) {
    return this.#call("GET", `/exports/${encodeURIComponent(run)}`);
  }

  exportedFile(run, number) {
    return `${this.root}/exports/${encodeURIComponent(run)}/files/${number}`;
  }

  run(id) {
    return this.#call("GET", `/runs/${encodeURIComponent(id)}`);
  }

  async #call(method, path, { body, headers = {}, signal, read = readJson, timeout = TIMEOUT } = {}) {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, timeout);
    signal?.addEventListener("abort", abort);
    try {
      const response = await fetch(this.root + path, {
        method,
        signal: controller.signal,
        headers: { Accept: "application/json", ...(body && { "Content-Type": body instanceof Blob ? "application/octet-stream" : "application/json" }), ...headers },
        body: body && !(body instanceof Blob) ? JSON.stringify(body) : body,
      });
      if (!response.ok) throw errorOf(response, await response.text());
      return await read(response);
    } catch (error) {
      if (signal?.aborted) throw new DOMException("A newer request replaced this request.", "AbortError");
      throw error instanceof ApiError ? error : new ApiError();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

async function readJson(response) {
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/** Return the page at an address as a document, or throw ApiError; a page that led elsewhere, as to the sign-in, is an error too. */
export async function pageAt(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok || response.redirected) throw new ApiError({ status: response.status });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** Send the fields of a form as its own submission would, and return the JSON of the answer, or throw ApiError. */
export async function postForm(url, fields) {
  const sent = { method: "POST", body: new URLSearchParams(fields), headers: { Accept: "application/json" } };
  const response = await fetch(url, { ...sent, signal: AbortSignal.timeout(TIMEOUT) }).catch(() => { throw new ApiError(); });
  if (!response.ok || response.redirected) throw errorOf(response, await response.text());
  return response.json();
}

function errorOf(response, text) {
  const { status } = response;
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  try {
    const { code, message } = JSON.parse(text).error;
    return new ApiError({ status, code, message, retryAfter });
  } catch {
    return new ApiError({ status, code: status >= 500 ? "unavailable" : "malformed", retryAfter }); // a gateway answered, not the app
  }
}
