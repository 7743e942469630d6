// Tells from the newest answer times whether the server, or the way to it, is slow. Pure.

const SLOW = 800; // ms; a quick connection takes a tenth of it, and beyond it an answer feels late
const COUNTED = 3; // one late answer is chance

export class AnswerTimes {
  #times = []; // ms, newest last

  /** Note how long an answer took. */
  add(time) {
    this.#times = [...this.#times, time].slice(-COUNTED);
  }

  /** Note how long an answer was waited for until a newer drawing needed none: that says something only where it was long. */
  addWaited(time) {
    if (time > SLOW) this.add(time);
  }

  /** Whether all of the newest answers were late. */
  get areSlow() {
    return this.#times.length === COUNTED && this.#times.every((time) => time > SLOW);
  }
}
