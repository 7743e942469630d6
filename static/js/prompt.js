// Which label to ask a person to draw next, and why. The server decides. Without the server, the counts decide.

const REFILL_AT = 2; // prompts that are left when more are requested: a person draws longer than the request takes

/** The server's prompts {label, reason, other}, some in advance, so that nobody waits for the next prompt. */
export class Prompts {
  #queue = [];
  #request = null; // the promise of the request that is under way

  constructor(api, set, labels) {
    Object.assign(this, { api, set, labels });
  }

  /**
   * Return the next prompt, and request more when few are left. The label `last` is never repeated, unless it is the only label.
   *
   * @param {Object<string, number>} counts  accepted samples by label, for when the server cannot be reached
   * @param {string|null} last  the label of the previous prompt
   */
  next(counts, last) {
    while (this.#queue[0]?.label === last && this.labels.length > 1) this.#queue.shift();
    const prompt = this.#queue.shift() ?? { label: nextLabel(this.labels, counts, last), reason: null, other: null };
    if (this.#queue.length <= REFILL_AT) this.fetch(this.#queue.at(-1)?.label ?? prompt.label);
    return prompt;
  }

  /** Request more prompts, to follow the label `after`. Never fails: `next` also works without the server. */
  fetch(after = null) {
    this.#request ??= this.#fetch(after).finally(() => {
      this.#request = null;
    });
    return this.#request;
  }

  async #fetch(after) {
    try {
      const { prompts } = await this.api.prompts(this.set, after);
      this.#queue.push(...prompts.filter(({ label }) => this.labels.includes(label))); // the set may have got labels since the page was opened
    } catch {
      // No connection: drawing goes on without the server's prompts.
    }
  }
}

/** Return the reason of a prompt as text, "" where it has none. */
export function reasonText({ reason, other }, t) {
  if (!reason) return "";
  if (reason === "doubt" && other) return t("prompt.confused", { other: t.nameOf(other) });
  return t(`prompt.${reason}`, { other: other ? t.nameOf(other) : "" });
}

/**
 * Return the label with the fewest samples, ties at random. The label `last` is never repeated, unless it is the only label.
 *
 * @param {string[]} labels
 * @param {Object<string, number>} counts  accepted samples by label; a label that is not in it has none
 * @param {string|null} last  the label of the previous prompt
 * @param {() => number} random  0 <= random() < 1
 */
export function nextLabel(labels, counts, last, random = Math.random) {
  const others = labels.filter((label) => label !== last);
  const candidates = others.length ? others : labels;
  const fewest = Math.min(...candidates.map((label) => counts[label] ?? 0));
  const rarest = candidates.filter((label) => (counts[label] ?? 0) === fewest);
  return rarest[Math.floor(random() * rarest.length)];
}
