// What a chart shows: where its points lie, the range in view, and the point that is read. Pure.

import { clampedRange, leastRange, nearestPlace, rangeAround, scaledRange, wholeRange } from "./plotRange.js";

export class PlotState {
  byTime = false;
  read = null; // the number of a point

  /** `plot` is what the server tells of a chart: {kind, at, low, high, lines}. */
  constructor(plot) {
    this.plot = plot;
    this.#place();
  }

  /** Set where the points lie: evenly or by time, or by the root of the drawings learned, as the server's picture has them. */
  #place() {
    const { kind, at } = this.plot;
    this.at = kind === "learned" ? at.map(Math.sqrt) : this.byTime ? at : at.map((_, number) => number);
    this.whole = wholeRange(this.at);
    this.least = leastRange(this.at);
    this.range = this.whole;
  }

  get last() {
    return this.at.length - 1;
  }

  get zoomed() {
    return this.range[1] - this.range[0] < (this.whole[1] - this.whole[0]) * 0.999;
  }

  get smallest() {
    return this.range[1] - this.range[0] <= this.least * 1.001;
  }

  switchTime() {
    this.byTime = !this.byTime;
    this.#place();
  }

  show(range) {
    this.range = clampedRange(range, this.whole, this.least);
  }

  showWhole() {
    this.range = this.whole;
  }

  /** Show `factor` times as much; the place `around` stays, or else that of the point that is read. */
  scale(factor, around) {
    const [begin, end] = this.range;
    const read = this.read === null ? (begin + end) / 2 : this.at[this.read];
    this.show(scaledRange(this.range, factor, around ?? read));
  }

  /** Move the range by a part of itself. */
  move(part) {
    const by = (this.range[1] - this.range[0]) * part;
    this.show([this.range[0] + by, this.range[1] + by]);
  }

  /** Bring a point into view, and return its place. */
  reach(number) {
    const place = this.at[Math.min(Math.max(number, 0), this.last)];
    this.show(rangeAround(this.range, place));
    return place;
  }

  nearest(place) {
    return nearestPlace(this.at, place);
  }

  /** Return the ends of the vertical axis: those of the server's picture, or around what is shown where that is a part. */
  heights(least, most) {
    const { low, high } = this.plot;
    if (!this.zoomed || least === null || most === null) return [low, high];
    const edge = Math.max((most - least) * 0.15, 0.002);
    return [Math.max(least - edge, 0), Math.min(most + edge, 1)];
  }

  /** Return what the two ends of the range are: moments in seconds, or drawings learned; nothing where no point is in view. */
  ends() {
    const { kind, at } = this.plot;
    const [begin, end] = this.range;
    if (kind === "learned") return [begin, end].map((root) => Math.max(root, 0) ** 2);
    if (this.byTime) return [Math.max(begin, at[0]), Math.min(end, at[this.last])];
    const inside = at.filter((_, number) => this.at[number] >= begin && this.at[number] <= end);
    return inside.length ? [inside[0], inside[inside.length - 1]] : [];
  }
}
