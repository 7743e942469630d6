// A picture from a file, the clipboard or another window, as a PNG that the API takes.

import { ofPicture } from "./strokes.js";

const AS_IT_IS = 200_000; // bytes of a PNG that is sent unchanged: browsers that protect their users read a canvas with noise
const MOST_SIDE = 2048; // pixels; the API refuses more
const SIDE = 560; // pixels of a converted picture: twice the ink that the server makes of it

/** Return the drawing of a file. Throws {code} where the browser cannot read it. */
export async function drawingOf(file) {
  const address = URL.createObjectURL(file);
  try {
    const picture = Object.assign(new Image(), { src: address });
    await picture.decode();
    const [width, height] = [picture.naturalWidth || SIDE, picture.naturalHeight || SIDE]; // an SVG may have no size
    const fits = file.type === "image/png" && file.size <= AS_IT_IS && Math.max(width, height) <= MOST_SIDE;
    return ofPicture(fits ? await read(file) : converted(picture, width, height));
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

function converted(picture, width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what is transparent is paper
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.filter = "grayscale(1)"; // a third of the bytes
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}
