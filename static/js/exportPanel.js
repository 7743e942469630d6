// Starts exports as the owner, follows them, and lists their files. Visitors fetch small exports by the form itself.

import { errorText } from "./format.js";

const POLL = 1000; // ms between two requests for a run
const ENDED = ["done", "failed", "cancelled"];

const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

/** Make the panel work; `csrf` is the owner's token, null for visitors, and `filter` says which drawings the page shows. */
export function wireExports(panel, api, { set, csrf, filter }, t) {
  if (!panel) return;
  const list = panel.querySelector("#export-list");
  const error = panel.querySelector("#export-error");

  function fail(reason) {
    error.hidden = !reason;
    error.textContent = reason ? errorText(reason, t) : "";
  }

  async function follow(item) {
    const { run: id } = item.dataset;
    const [line, bar] = [item.querySelector(".export-state"), document.createElement("progress")];
    Object.assign(bar, { max: 1, value: 0, ariaLabel: t("export.progress") });
    item.append(bar);
    while (!ENDED.includes(item.dataset.state)) {
      try {
        const run = await api.run(id);
        item.dataset.state = run.state;
        bar.value = run.progress;
        const { samples } = run.result ?? {};
        line.textContent = samples === undefined ? t(`export.${run.state}`, { percent: Math.floor(100 * run.progress) }) : t("export.done", { count: t.number(samples) });
      } catch (reason) {
        if (!reason.isRetryable) return fail(reason);
      }
      if (!ENDED.includes(item.dataset.state)) await pause(POLL);
    }
    bar.remove();
    return item.dataset.state === "done" && showFiles(item);
  }

  async function showFiles(item) {
    item.querySelector(".export-files")?.remove();
    try {
      const { files } = await api.exported(item.dataset.run);
      const names = document.createElement("ul");
      names.append(...files.map((file) => {
        const entry = document.createElement("li");
        const link = Object.assign(document.createElement("a"), { href: api.exportedFile(item.dataset.run, file.number), textContent: file.name, title: `SHA-256 ${file.sha256}` });
        link.setAttribute("download", "");
        entry.append(link, ` (${sizeOf(file.bytes, t)})`);
        return entry;
      }));
      item.append(names);
      fail(null);
    } catch (reason) {
      fail(reason);
    }
  }

  panel.addEventListener("click", (event) => {
    const link = event.target.closest(".export-files");
    if (!link) return;
    event.preventDefault();
    showFiles(link.closest("li"));
  });

  panel.querySelector("form")?.addEventListener("submit", async (event) => {
    if (!csrf) return; // a visitor gets the file itself
    event.preventDefault();
    const format = new FormData(event.target).get("format");
    try {
      const run = await api.startExport(set, { ...filter, ...(filter.doubted && { doubted: true }), format }, csrf);
      list.prepend(entryOf(run, format));
      fail(null);
      follow(list.firstElementChild);
    } catch (reason) {
      fail(reason);
    }
  });

  for (const item of list.children) if (!ENDED.includes(item.dataset.state)) follow(item);
}

function entryOf({ id, state, created }, format) {
  const item = document.createElement("li");
  Object.assign(item.dataset, { run: id, state, format });
  const line = document.createElement("p");
  const when = Object.assign(document.createElement("time"), { dateTime: created, textContent: `${created.slice(0, 10)} ${created.slice(11, 16)}` });
  const what = Object.assign(document.createElement("b"), { textContent: format });
  const now = Object.assign(document.createElement("span"), { className: "export-state" });
  line.append(when, " ", what, " ", now);
  item.append(line);
  return item;
}

function sizeOf(bytes, t) {
  const units = ["B", "kB", "MB", "GB"];
  const place = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return `${new Intl.NumberFormat(t.language, { maximumFractionDigits: place ? 1 : 0 }).format(bytes / 1000 ** place)}\u00a0${units[place]}`;
}
