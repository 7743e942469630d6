// Sends what a person said of the symbols of a line, and cuts symbols again. The page owns the state.

import { carriedOver, forgotten, glyphDrawing, glyphsOf, isUnsent, linesOf, withIds } from "./glyphs.js";
import { cutOut } from "./pictures.js";
import { toBody } from "./strokes.js";

const GONE = ["conflict", "unknown_prediction"]; // another page may have withdrawn the drawing: the next try stores it again

export class LineCorrections {
  /**
   * `state()` returns the page's {glyphs, read, sending}, and `change(changes)` changes it, also {failure, selected, cutBefore}.
   * `kept` keeps readings, `progress` shows what becomes of a correction, and `own` has the visitor's drawings in this browser.
   */
  constructor({ api, set, kept, progress, own, state, change }) {
    Object.assign(this, { api, set, kept, progress, own, state, change });
  }

  /** Send what was said, symbol by symbol; what is said meanwhile is sent too. What fails stays unsent. */
  send() {
    return this.#try(async () => {
      for (let glyph = this.#unsent(); glyph; glyph = this.#unsent()) {
        if (glyph.prediction.id === null) await this.#keep();
        else await this.#correct(glyph);
      }
    }, () => this.send());
  }

  /**
   * Cut again: `count` glyphs from the place `at` on are one, or the one there is two, with `boxes` if they are known. `key` is the
   * same at each try.
   */
  cut({ at, count, key, boxes = null }) {
    return this.#try(async () => {
      await this.#keep();
      const old = this.state().glyphs.slice(at, at + count);
      const ids = old.map(({ prediction }) => prediction.id);
      const wanted = count > 1 ? { join: ids } : { split: ids[0], ...(boxes && { boxes }) };
      const answer = await this.api.cutAgain(this.set, wanted, key);
      for (const { drawing } of old) if (drawing) this.own.forget(this.progress.remove(drawing)?.sample ?? ""); // its sample is withdrawn
      const fresh = answer.glyphs.map((glyph) => ({ ...glyph, cut: true, lines: linesOf(glyph, this.state().read, old) }));
      const { glyphs } = this.state();
      const place = glyphs.findIndex(({ prediction }) => prediction.id === ids[0]);
      if (place < 0) this.change({ glyphs: carriedOver(fresh, glyphs) }); // the person has written on meanwhile
      else {
        const cutAgain = [...glyphs.slice(0, place), ...fresh, ...glyphs.slice(place + count)];
        const before = old.length > 1 ? { boxes: old.map(({ box }) => box) } : {}; // so that the same cut comes back
        this.change({ glyphs: cutAgain, selected: place, cutBefore: { at: place, count: fresh.length, ...before } });
      }
    }, () => this.cut({ at, count, key, boxes }));
  }

  #unsent() {
    return this.state().glyphs.find(isUnsent);
  }

  async #correct({ prediction, said, drawing: earlier, ...glyph }) {
    try {
      const drawing = earlier ?? (await this.#drawingOf(glyph)); // the same one for a second verdict, whose card replaces the first
      const sent = await this.api.correct(prediction.id, { label: said });
      this.#replace(prediction.id, (one) => ({ ...one, sent: said, drawing }));
      const instead = this.progress.add({ ...sent, drawing, set: this.set, before: prediction, after: null, label: said })?.sample;
      this.own.add({ sample: sent.sample, set: this.set, label: said, body: toBody(drawing), instead });
    } catch (error) {
      if (!error.isRetryable && !GONE.includes(error.code)) this.#replace(prediction.id, (one) => ({ ...one, said: undefined }));
      throw error;
    }
  }

  #drawingOf(glyph) {
    const { read } = this.state();
    return read?.picture ? cutOut(read, glyph.box) : glyphDrawing(glyph);
  }

  #replace(id, changed) {
    this.change({ glyphs: this.state().glyphs.map((one) => (one.prediction.id === id ? changed(one) : one)) });
  }

  /** Give every glyph the id under which the server keeps it. Throws where the server reads the line otherwise by now. */
  async #keep() {
    const { read } = this.state();
    if (this.state().glyphs.every(({ prediction }) => prediction.id !== null)) return;
    const continues = this.state().glyphs.map(({ prediction }) => prediction.id).filter((id) => id !== null);
    const stored = glyphsOf(await this.kept.keep(read, continues), read);
    const glyphs = withIds(this.state().glyphs, stored);
    const known = glyphs.filter(({ prediction }) => prediction.id !== null);
    if (this.state().read !== read || known.length === glyphs.length) {
      this.change({ glyphs });
      return;
    }
    // A label belongs to the symbol that its author saw, so it is not given to another one.
    this.change({ glyphs: carriedOver(known, stored), selected: null });
    throw Object.assign(new Error(), { code: "read_anew" });
  }

  async #try(work, retry) {
    if (this.state().sending) return;
    this.change({ sending: true, failure: null });
    let failure = null;
    try {
      await work();
    } catch (error) {
      const gone = GONE.includes(error.code);
      if (gone) this.#forget();
      failure = { error, retry: error.isRetryable || gone ? retry : null };
    }
    this.change({ sending: false, ...(failure && { failure }) });
  }

  /** Store the line again at the next try. */
  #forget() {
    this.kept.forget(this.state().read);
    this.change({ glyphs: this.state().glyphs.map((glyph) => (glyph.sent === undefined || isUnsent(glyph) ? forgotten(glyph) : glyph)) });
  }
}
