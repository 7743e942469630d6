// The page of one drawing: it is replayed, and its author, the holder of its receipt or the owner withdraws it.

import { Api } from "./api.js";
import { isReady, setReady } from "./buttons.js";
import { errorText } from "./format.js";
import { OwnDrawings } from "./ownDrawings.js";
import { page, t } from "./page.js";
import { wireReplay } from "./replay.js";

const form = document.querySelector("#withdraw");
const status = document.querySelector("#withdraw-status");
const button = form.querySelector("button");
const api = new Api(page.api);

wireReplay(document.querySelector("#replay"), page.strokes, t);

function withdraw() {
  const receipt = page.receipt ?? new FormData(form).get("receipt")?.trim();
  return receipt ? api.withdraw(page.sample, receipt) : api.withdrawAsOwner(page.sample, page.csrf);
}

const reporting = document.querySelector("#report"); // not there for the author and the owner
if (reporting !== null) {
  const reported = document.querySelector("#report-status");
  const report = reporting.querySelector("button");
  reporting.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isReady(report)) return;
    setReady(report, false);
    try {
      await api.report(page.sample);
      reporting.hidden = true;
      reported.textContent = t("reported.done");
    } catch (error) {
      reported.textContent = errorText(error, t);
      setReady(report, true);
    }
    reported.focus();
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!isReady(button)) return;
  setReady(button, false);
  try {
    await withdraw();
    await new OwnDrawings().forget(page.sample);
    form.hidden = true;
    document.querySelector("#replay").hidden = true;
    status.textContent = t("withdrawn.done");
  } catch (error) {
    status.textContent = error.status === 403 ? t("withdrawn.wrong_receipt") : errorText(error, t);
    setReady(button, true);
  }
  status.focus();
});
