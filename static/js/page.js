// What the server told this page: `page` (api, set, labels, kinds, lacking, language), and `t` to speak its language.

import { speech } from "./format.js";

export const page = JSON.parse(document.getElementById("page").textContent);
export const t = speech(page.words, page.language, page.kinds);
