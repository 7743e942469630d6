// Which symbol to ask for next, and why. The server knows best; without it the counts must do.

const LEFT = 2; // prompts that are left when more are asked for: drawing one takes longer than the answer

/** Prompts of the server, {label, reason, other}, a few in advance, so that nobody waits for the next. */
export class Prompts {
  #ahead = [];
  #asking = null; // the promise of an answer that is under way

  constructor(api, set, labels) {
    Object.assign(this, { api, set, labels });
  }

  /**
   * Return the next prompt, never the label `last`, unless there is no other; asks for more where few are left.
   *
   * @param {Object<string, number>} counts  accepted samples by label, for when the server cannot be asked
   * @param {string|null} last  the label asked for before
   */
  next(counts, last) {
    while (this.#ahead[0]?.label === last && this.labels.length > 1) this.#ahead.shift();
    const prompt = this.#ahead.shift() ?? { label: nextLabel(this.labels, counts, last), reason: null, other: null };
    if (this.#ahead.length <= LEFT) this.fetch(this.#ahead.at(-1)?.label ?? prompt.label);
    return prompt;
  }

  /** Ask for more, after the label `after`. Never fails: without an answer `next` does without. */
  fetch(after = null) {
    this.#asking ??= this.#fetch(after).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #fetch(after) {
    try {
      const { prompts } = await this.api.prompts(this.set, after);
      this.#ahead.push(...prompts.filter(({ label }) => this.labels.includes(label))); // the page may be older than the set
    } catch {
      // No connection just now: drawing goes on.
    }
  }
}

/** Return a prompt's reason in words, "" where it has none. */
export function reasonLine({ reason, other }, t) {
  if (!reason) return "";
  if (reason === "doubt" && other) return t("why.taken_for", { other: t.nameOf(other) });
  return t(`why.${reason}`, { other: other ? t.nameOf(other) : "" });
}

/**
 * Return the label of which there are fewest, ties at random, never the same twice in a row (unless there is only one).
 *
 * @param {string[]} labels
 * @param {Object<string, number>} counts  accepted samples by label; a missing label has none
 * @param {string|null} last  the label asked for before
 * @param {() => number} random  0 <= random() < 1
 */
export function nextLabel(labels, counts, last, random = Math.random) {
  const others = labels.filter((label) => label !== last);
  const open = others.length ? others : labels;
  const fewest = Math.min(...open.map((label) => counts[label] ?? 0));
  const rarest = open.filter((label) => (counts[label] ?? 0) === fewest);
  return rarest[Math.floor(random() * rarest.length)];
}
