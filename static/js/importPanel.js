// The owner's import: a file is sent in parts, a worker reads it, and the page tells what happened or would happen.

import { errorText, problemText } from "./format.js";

const POLL = 1000; // ms between two requests for the run
const TRIES = 4; // of each part, over a connection that breaks
const ENDED = ["done", "failed", "cancelled"];
const NAMED = 50; // refused files on the page; the API names up to a thousand

const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

/** Make `form` work; `csrf` is the owner's token. */
export function wireImport(form, api, { set, csrf }, t) {
  if (!form) return;
  const [bar, status, list] = ["progress", "status", "refused"].map((name) => document.querySelector(`#import-${name}`));
  let busy = false;

  function show(text, share = null) {
    status.textContent = text;
    bar.hidden = share === null;
    bar.value = share ?? 0;
  }

  async function bring(dryRun) {
    const fields = new FormData(form);
    const file = fields.get("file");
    if (!globalThis.crypto?.subtle) return show(t("import.insecure"));
    show(t("import.reading"), 0);
    const sha256 = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const facts = { name: file.name, bytes: file.size, sha256, licence: fields.get("licence").trim(), origin: fields.get("origin").trim() };
    const { run, parts, part_bytes: size } = await api.startImport(set, facts, { dryRun, csrf });
    for (let number = 0; number < parts; number += 1) {
      await send(run.id, number, file.slice(number * size, (number + 1) * size));
      show(t("import.sending", { percent: Math.floor((100 * (number + 1)) / parts) }), (number + 1) / parts);
    }
    return tell(await follow(run));
  }

  async function send(run, number, part) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await api.importPart(run, number, part, csrf); // the same part again is harmless
      } catch (error) {
        if (!error.isRetryable || tries === TRIES) throw error;
        await pause(POLL * 2 ** tries);
      }
    }
  }

  async function follow(run) {
    let now = run;
    while (!ENDED.includes(now.state)) {
      show(t(`import.${now.state}`), now.progress);
      await pause(POLL);
      now = await api.run(run.id).catch((error) => {
        if (!error.isRetryable) throw error;
        return now;
      });
    }
    return now;
  }

  async function tell({ id, state, result, step }) {
    if (state !== "done") return show(t("import.failed", { reason: problemText(result, t) ?? step }));
    show(t(result.dry_run ? "import.tried" : "import.done", result));
    const { refused } = result.refused ? await api.imported(id) : { refused: [] };
    return list.replaceChildren(...refused.slice(0, NAMED).map((one) => Object.assign(document.createElement("li"), { textContent: `${one.name}: ${problemText(one, t)}` })));
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    list.replaceChildren();
    try {
      await bring(event.submitter?.value !== "do");
    } catch (error) {
      show(errorText(error, t));
    } finally {
      busy = false;
    }
  });
}

function hex(digest) {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
