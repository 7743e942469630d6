// Paints a drawing on a pad's canvas, in the screen's resolution.

import { path } from "./smooth.js";
import { PAD_SIZE, placeOfPicture } from "./strokes.js";

const PEN_WIDTH = 12; // units; the server draws its pictures with the same pen
const RING = 9; // units: the radius of the keyboard's pen, so that it shows around the ink

export class PadPainter {
  #paths = new WeakMap(); // stroke -> Path2D: finished strokes never change, so each path is made once
  #pictures = new WeakMap(); // drawing -> its picture as an image

  /** `ready` is called when a picture can be painted that could not before. */
  constructor(canvas, ready) {
    Object.assign(this, { canvas, ready, context: canvas.getContext("2d") });
  }

  /** Paint `drawing` on a pad of `width` units, and the keyboard's `pen` {x, y, down}, null where there is none. */
  paint(drawing, width, pen) {
    const { context } = this;
    this.#fit();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(this.canvas.width / width, 0, 0, this.canvas.height / PAD_SIZE, 0, 0);
    if (drawing.picture) this.#paintPicture(drawing, width);
    Object.assign(context, { lineWidth: PEN_WIDTH, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(this.canvas).color });
    for (const stroke of drawing.strokes) context.stroke(this.#path(stroke));
    if (pen) this.#paintPen(pen);
  }

  #fit() {
    const { clientWidth, clientHeight } = this.canvas;
    const scale = devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
  }

  #path(stroke) {
    if (!this.#paths.has(stroke)) this.#paths.set(stroke, new Path2D(path(stroke)));
    return this.#paths.get(stroke);
  }

  /** Paint a ring, which is full while the pen is down. */
  #paintPen({ x, y, down }) {
    const { outlineColor } = getComputedStyle(this.canvas); // the focus ring stands out in every theme
    Object.assign(this.context, { lineWidth: 3, strokeStyle: outlineColor, fillStyle: outlineColor });
    this.context.beginPath();
    this.context.arc(x, y, RING, 0, 2 * Math.PI);
    if (down) this.context.fill();
    else this.context.stroke();
  }

  #paintPicture(drawing, padWidth) {
    if (!this.#pictures.has(drawing)) {
      const made = Object.assign(new Image(), { src: drawing.picture });
      made.addEventListener("load", this.ready);
      this.#pictures.set(drawing, made);
    }
    const picture = this.#pictures.get(drawing);
    const [width, height] = [picture.naturalWidth, picture.naturalHeight];
    if (!width) return; // it is being decoded
    const { left, top, scale } = placeOfPicture([width, height], padWidth);
    this.context.drawImage(picture, left, top, width * scale, height * scale);
  }
}
