// <ink-pad>: the one module that draws. Set `drawing` to show a drawing; undo and redo then begin anew. The element dispatches
// "drawing" after each stroke, undo, redo and clear, "pendown" when a stroke begins, "ink" while it goes on, "full" when it no longer fits.
// A pad with `data-wide` is as wide as its canvas; others are square. A canvas that takes the focus can be drawn on with the keyboard.

import { setReady } from "./buttons.js";
import { changeTo, redone, startWith, undone } from "./history.js";
import { PadPainter } from "./padPainter.js";
import { PenKeys } from "./penKeys.js";
import { EMPTY, PAD_SIZE, begin, extend, isDot, isEmpty, isFull, lastTime, without } from "./strokes.js";

const KEYS = "keys"; // the id of the keyboard's pen; the API knows no such type of pointer
const PALM_TIME = 3000; // ms; a touch this soon after the pen is the palm of the hand that holds the pen

class InkPad extends HTMLElement {
  #history = startWith(EMPTY); // of finished strokes
  #drawing = EMPTY; // with the stroke that is being drawn
  #touches = new WeakMap(); // stroke by touch -> when it ended
  #pointer = null; // {id, type}: the one pointer that draws
  #startTime = 0; // of the first point
  #penTime = -Infinity; // when a pen was last near the screen
  #frame = 0;
  #painter = null; // PadPainter
  #keys = null; // PenKeys
  #example = null;

  connectedCallback() {
    this.canvas = this.querySelector("canvas");
    this.#painter = new PadPainter(this.canvas, () => this.update());
    const listen = (type, handler, options) => this.canvas.addEventListener(type, handler, options);
    listen("pointerdown", (event) => this.#down(event));
    listen("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) listen(type, (event) => this.#up(event));
    // Scrolling, a magnifier, Scribble or a menu would end the stroke.
    for (const type of ["touchstart", "touchmove", "contextmenu"]) listen(type, (event) => event.preventDefault(), { passive: false });
    this.addEventListener("click", (event) => this[event.target.closest("[data-action]")?.dataset.action]?.());
    // A wheel that turns, or a screen, would move the pad away below the pen.
    document.addEventListener("wheel", (event) => this.busy && !this.isKeyDown && event.preventDefault(), { passive: false });
    new ResizeObserver(() => this.#resized()).observe(this.canvas);
    new MutationObserver(() => this.update()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    if (this.canvas.tabIndex >= 0) this.#keys = new PenKeys(this.canvas, this);
    this.update();
  }

  /** A drawing that is shown while nothing is drawn; null as soon as somebody draws. */
  get example() {
    return this.#example;
  }

  set example(drawing) {
    this.#example = isEmpty(this.#drawing) ? drawing : null;
    this.update();
  }

  get drawing() {
    return this.#drawing;
  }

  set drawing(drawing) {
    this.#show(startWith(drawing));
  }

  /** Whether a stroke is being drawn at this moment. */
  get busy() {
    return this.#pointer !== null;
  }

  /** Whether the keyboard draws a stroke at this moment. */
  get isKeyDown() {
    return this.#pointer?.id === KEYS;
  }

  /** The pad's width in units. */
  get width() {
    const { clientWidth, clientHeight } = this.canvas;
    return "wide" in this.dataset && clientHeight ? Math.round((PAD_SIZE * clientWidth) / clientHeight) : PAD_SIZE;
  }

  /** Take the keys when a pointer draws. A browser would show a ring wherever a key was pressed before; the pointer needs none. */
  takeKeys() {
    if (!this.isKeyDown) this.#keys?.focusQuietly();
  }

  undo() {
    if (this.busy) this.#stop();
    else this.#change(undone(this.#history));
  }

  redo() {
    this.#change(redone(this.#history));
  }

  clear() {
    this.#change(changeTo(this.#history, EMPTY));
  }

  /** Show another drawing. Undo brings the present one back. */
  replace(drawing) {
    if (this.busy) this.#stop();
    this.#change(changeTo(this.#history, drawing));
  }

  /** Begin a stroke of the keyboard's pen. */
  keyDown(point, time) {
    this.#begin(this.#history.drawing, time, () => point, { id: KEYS, type: null });
  }

  keyMove(point, time) {
    this.#extend([[...point, time - this.#startTime]]);
  }

  keyUp(point, time) {
    this.#finish(extend(this.#drawing, [[...point, time - this.#startTime]]));
  }

  /** Show the drawing at the next frame, in the screen's resolution. Idempotent. */
  update() {
    if (!isEmpty(this.#drawing)) this.#example = null;
    this.toggleAttribute("data-drawn", !isEmpty(this.#drawing));
    this.toggleAttribute("data-example", Boolean(this.#example));
    const { past, future } = this.#history;
    const ready = { undo: past.length > 0 || this.busy, redo: future.length > 0, clear: !isEmpty(this.#drawing) };
    for (const button of this.querySelectorAll("[data-action]")) setReady(button, ready[button.dataset.action]);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const pen = this.#keys?.isShown ? { x: this.#keys.x, y: this.#keys.y, down: this.isKeyDown } : null;
      this.#painter.paint(this.#example ?? this.#drawing, this.width, pen);
    });
  }

  /** Show the drawing of a history, without the stroke that is being drawn. */
  #show(history) {
    this.#history = history;
    this.#drawing = history.drawing;
    this.#pointer = null;
    this.update();
  }

  #change(history) {
    if (history === this.#history || history.drawing === this.#drawing) return;
    this.#show(history);
    this.#dispatch("drawing");
  }

  #dispatch(type) {
    this.dispatchEvent(new CustomEvent(type, { detail: this.#drawing }));
  }

  #down(event) {
    event.preventDefault();
    const pen = event.pointerType === "pen";
    const palm = event.pointerType === "touch" && event.timeStamp - this.#penTime < PALM_TIME;
    if (event.button !== 0 || palm) return;
    if (this.isKeyDown) this.keyUp(this.#point(event), event.timeStamp);
    if (this.#pointer && !(pen && this.#pointer.type === "touch")) return;
    if (pen) this.#penTime = event.timeStamp;
    let { drawing } = this.#history; // without the palm that is on the screen now, if it came before the pen
    if (pen) drawing = without(drawing, (stroke) => isDot(stroke) && event.timeStamp - this.#touches.get(stroke) < PALM_TIME);
    const pointer = { id: event.pointerId, type: event.pointerType || "mouse" };
    if (this.#begin(drawing, event.timeStamp, () => this.#point(event), pointer)) this.#capture(event.pointerId);
  }

  /** Begin a stroke on `drawing` at the point that `point()` returns. Return whether there was room for it. */
  #begin(drawing, time, point, pointer) {
    this.#history = { ...this.#history, drawing };
    this.#startTime = isEmpty(drawing) ? time : Math.min(this.#startTime, time - lastTime(drawing));
    const [x, y, t = time - this.#startTime, ...pressure] = point();
    const begun = begin(drawing, [x, y, t, ...pressure], pointer.type, this.width);
    if (begun === drawing) {
      this.#dispatch("full");
      return false;
    }
    this.#drawing = begun;
    this.#pointer = pointer;
    this.update();
    this.#dispatch("pendown");
    return true;
  }

  #move(event) {
    if (event.pointerType === "pen") this.#penTime = event.timeStamp;
    if (event.pointerId !== this.#pointer?.id) return;
    // A screen shows 60 events a second, a pen makes 240. The coalesced events make the line round.
    const events = event.getCoalescedEvents?.() ?? [];
    this.#extend((events.length ? events : [event]).map((each) => this.#point(each)));
  }

  #extend(points) {
    this.#drawing = extend(this.#drawing, points);
    this.update();
    this.#dispatch("ink");
  }

  #up(event) {
    if (event.pointerId !== this.#pointer?.id) return;
    // What the system takes away (a call, a gesture) was no stroke.
    if (event.type !== "pointerup") {
      this.#stop();
      return;
    }
    const drawing = extend(this.#drawing, [this.#point(event)]);
    if (event.pointerType === "touch") this.#touches.set(drawing.strokes.at(-1), event.timeStamp);
    this.#finish(drawing);
  }

  #finish(drawing) {
    this.#show(changeTo(this.#history, drawing));
    this.#dispatch("drawing");
    if (isFull(drawing)) this.#dispatch("full");
  }

  /** Give up the stroke that is being drawn. */
  #stop() {
    this.#show(this.#history);
    this.#dispatch("drawing");
  }

  /** A turned screen moves the pad below the pen: what comes then belongs to no stroke. */
  #resized() {
    if (this.busy) this.#stop();
    else this.update();
  }

  #capture(pointerId) {
    try {
      this.canvas.setPointerCapture(pointerId);
    } catch {
      // The pointer is gone already. Its end comes as a separate event.
    }
  }

  #point(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const point = [((event.clientX - left) / width) * this.width, ((event.clientY - top) / height) * PAD_SIZE, event.timeStamp - this.#startTime];
    // A mouse has no pressure: browsers invent 0.5.
    return event.pointerType === "mouse" || !event.pressure ? point : [...point, event.pressure];
  }
}

customElements.define("ink-pad", InkPad);
