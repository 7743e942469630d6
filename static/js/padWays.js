// Ways to the pad without a pointer: a chosen file, a pasted picture, a dropped file; and what the pen of the keyboard does, in words.

import { formatPercent } from "./format.js";
import { drawingOf } from "./pictures.js";
import { FIELD } from "./shortcuts.js";

/** Let pictures come onto `pad`. `failed` is called with an error {code} where one cannot. */
export function wirePadWays(pad, t, failed) {
  const input = pad.querySelector("input[type=file]");
  const take = async (file) => {
    try {
      pad.replace(await drawingOf(file, { line: "wide" in pad.dataset }));
    } catch (error) {
      failed(error);
    }
  };
  input.addEventListener("change", () => {
    if (input.files.length) take(input.files[0]);
    input.value = ""; // the same file may be chosen again
  });
  document.addEventListener("paste", (event) => {
    const file = [...event.clipboardData?.files ?? []].find(({ type }) => type.startsWith("image/"));
    if (!file || event.target.closest?.(FIELD)) return;
    event.preventDefault();
    take(file);
  });
  listenForDrops(pad, take);
  const status = pad.querySelector("[data-pen]");
  pad.addEventListener("pen", ({ detail: { code, x, y } }) => {
    status.textContent = t(`pen.${code}`, { x: formatPercent(x, t), y: formatPercent(y, t) });
  });
}

/** A file may be dropped anywhere on the page: beside the pad, the browser would leave the page for it. */
function listenForDrops(pad, take) {
  const brings = ({ dataTransfer, target }) => dataTransfer?.types.includes("Files") && !target.closest?.("input[type=file]");
  const show = (over) => pad.toggleAttribute("data-over", over);
  document.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    show(true);
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => !relatedTarget && show(false));
  document.addEventListener("drop", (event) => {
    show(false);
    if (!brings(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}
