// A picture from a file, the clipboard or another window, as a PNG that the API takes.

import { PAD_SIZE, ofPicture } from "./strokes.js";

const AS_IT_IS = 200_000; // bytes of a PNG that is sent unchanged: browsers that protect their users read a canvas with noise
const MOST_SIDE = 2048; // pixels; the API refuses more
const MOST_LONG = 1_300_000; // characters of a data: address; the API takes a PNG of 1 MiB, four thirds as long in base64
const SIDE = 560; // pixels of a converted picture: twice the ink that the server makes of it
const LINE_SIDE = 1600; // pixels of a line of writing: thirty symbols are still large enough to be read
const SMALLER = 0.75; // times, for the next try where a picture is too large
const RIM = 0.04; // of its longer side, which a symbol keeps around it when it is cut out

/** Return the drawing of a file; `line` tells that it may be a line of writing. Throws {code} where the browser cannot read it. */
export async function drawingOf(file, { line = false } = {}) {
  const address = URL.createObjectURL(file);
  try {
    const picture = Object.assign(new Image(), { src: address });
    await picture.decode();
    const [width, height] = [picture.naturalWidth || SIDE, picture.naturalHeight || SIDE]; // an SVG may have no size
    const fits = file.type === "image/png" && file.size <= AS_IT_IS && Math.max(width, height) <= MOST_SIDE;
    return fits ? ofPicture(await read(file), [width, height]) : converted(picture, [0, 0, width, height], line ? LINE_SIDE : SIDE);
  } catch {
    throw { code: "no_picture" };
  } finally {
    URL.revokeObjectURL(address);
  }
}

function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", reject);
    reader.readAsDataURL(file);
  });
}

/** Return the part of a picture's drawing in `box` [x, y, w, h], in pixels, as a drawing of its own. */
export async function cutOut(drawing, [x, y, width, height]) {
  const picture = Object.assign(new Image(), { src: drawing.picture });
  await picture.decode();
  const rim = Math.max(1, RIM * Math.max(width, height));
  return converted(picture, [x - rim, y - rim, width + 2 * rim, height + 2 * rim], PAD_SIZE);
}

/** Return a part [x, y, w, h] of a picture as a drawing whose longer side has at most `most` pixels. */
function converted(picture, [x, y, width, height], most) {
  const scale = Math.min(1, most / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what is transparent is paper
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.filter = "grayscale(1)"; // a third of the bytes
  context.drawImage(picture, x, y, width, height, 0, 0, canvas.width, canvas.height);
  const made = canvas.toDataURL("image/png");
  if (made.length > MOST_LONG) return converted(picture, [x, y, width, height], most * SMALLER);
  return ofPicture(made, [canvas.width, canvas.height]);
}
