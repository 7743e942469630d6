// The page of one's own drawings: some or all are withdrawn, the consent is changed, and this browser is forgotten.

import { Api } from "./api.js";
import { BrowserRecords } from "./browserDatabase.js";
import { isReady, setReady } from "./buttons.js";
import { Consent } from "./consent.js";
import { errorText } from "./format.js";
import { OfflineQueue } from "./offlineQueue.js";
import { OwnDrawings } from "./ownDrawings.js";
import { page, t } from "./page.js";
import { forget } from "./rememberedCorrections.js";
import { openStorage } from "./storage.js";
import { UploadQueue } from "./uploadQueue.js";
import { wireWithdrawAll } from "./withdrawAll.js";

const find = (selector) => document.querySelector(selector);
const [local, session] = [openStorage("localStorage"), openStorage("sessionStorage")];
const api = new Api(page.api);
const uploads = new UploadQueue(api, new OfflineQueue(local), session);
const own = new OwnDrawings();

new Consent(find("#consent"), find("#consent-state"), local, t);
wireWithdrawAll(find("#withdraw-all"), withdrawAll, t);
find("#by-receipts input").addEventListener("change", ({ target }) => target.files[0] && withdrawByFile(target.files[0]));
find("#forget form").addEventListener("submit", async (event) => {
  event.preventDefault(); // what the database is asked to forget would be left undone when the page goes
  await Promise.all([own.forgetAll(), new BrowserRecords("waiting").clear()]);
  for (const storage of [local, session]) {
    const names = Array.from({ length: storage?.length ?? 0 }, (_, place) => storage.key(place));
    for (const name of names.filter((one) => one?.startsWith("inkloop."))) storage.removeItem(name);
  }
  event.target.submit();
});
if (find("#chosen")) wireChoice(find("#chosen"), document.querySelectorAll("[data-receipt]"));

async function withdrawAll() {
  const answer = await uploads.undoAll();
  forget(local);
  await own.forgetAll();
  for (const drawing of document.querySelectorAll("[data-receipt]")) drawing.remove();
  return answer;
}

/** Withdraw {id, receipt} one after the other. Return how many were withdrawn, and the first error. */
async function withdrawEach(wanted, done = () => {}) {
  let count = 0;
  let failure = null;
  for (const { id, receipt } of wanted) {
    try {
      await api.withdraw(id, receipt);
      count += 1;
    } catch (error) {
      if (error.status !== 404) failure ??= error;
      if (error.status !== 404) continue; // else it is gone already
    }
    await own.forget(id);
    done(id);
  }
  if (count) forget(local);
  return { count, failure };
}

function report(element, { count, failure }) {
  element.textContent = [t("withdrawn.count", { count }), failure ? errorText(failure, t) : ""].join(" ").trim();
  element.focus();
}

function wireChoice(form, drawings) {
  const button = form.querySelector("button");
  const chosen = () => [...drawings].filter((one) => one.isConnected && one.querySelector("input").checked);
  const update = () => setReady(button, chosen().length > 0);
  for (const drawing of drawings) {
    drawing.addEventListener("change", update);
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isReady(button)) return;
    setReady(button, false);
    const wanted = chosen().map(({ dataset }) => ({ id: dataset.sample, receipt: dataset.receipt }));
    report(form.querySelector("[role=status]"), await withdrawEach(wanted, (id) => find(`[data-sample="${CSS.escape(id)}"]`)?.remove()));
    update();
  });
}

async function withdrawByFile(file) {
  const status = find("#by-receipts [role=status]");
  try {
    const { receipts } = JSON.parse(await file.text());
    const wanted = receipts.filter(({ id, receipt }) => typeof id === "string" && typeof receipt === "string");
    report(status, await withdrawEach(wanted, (id) => find(`[data-sample="${CSS.escape(id)}"]`)?.remove()));
  } catch {
    status.textContent = t("withdrawn.no_file");
  }
}
