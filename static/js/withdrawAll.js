// Taking back everything that one ever gave: a button that is reached in two steps, and says what became of it.

import { troubleLine } from "./format.js";

/** Make the block work; `takeBack` does it and returns `{drawings}`, and throws Trouble. */
export function takingBack(block, takeBack, t) {
  const button = block.querySelector("button");
  const said = block.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    said.textContent = t("mine.working");
    try {
      const { drawings } = await takeBack();
      said.textContent = drawings ? t("mine.gone") : t("mine.none");
    } catch (trouble) {
      said.textContent = troubleLine(trouble, t);
    } finally {
      button.setAttribute("aria-disabled", "false");
      said.focus(); // or Enter, which saves the next drawing, would delete that one too
    }
  });
}
