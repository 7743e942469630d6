// Checkboxes that keep their state from one visit to the next.

import { openStorage, readText, writeText } from "./storage.js";

/** Set `checkbox` as it was at the last visit (`byDefault` at the first visit), store each change, and call `changed` after it. */
export function rememberCheckbox(checkbox, key, { byDefault, changed }) {
  const storage = openStorage("localStorage");
  const stored = readText(storage, key);
  checkbox.checked = byDefault ? stored !== "no" : stored === "yes";
  checkbox.addEventListener("change", () => {
    writeText(storage, key, checkbox.checked ? "yes" : "no");
    changed();
  });
}
