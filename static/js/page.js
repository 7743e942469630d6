// What the server tells the scripts of a page: `page` {api, set, labels, kinds, readiness, goal, counts, language, words}, and `t`, the translator.

import { translator } from "./format.js";

export const page = JSON.parse(document.getElementById("page").textContent);
export const t = translator(page.words, page.language, page.kinds);
