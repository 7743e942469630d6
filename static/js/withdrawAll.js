// Withdraws everything that a visitor contributed. The visitor opens the block first, then presses the button.

import { isReady, setReady } from "./buttons.js";
import { errorText } from "./format.js";

/** Make `block` work. `withdraw` withdraws everything, returns `{drawings}` and throws ApiError. */
export function wireWithdrawAll(block, withdraw, t) {
  const button = block.querySelector("button");
  const status = block.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    if (!isReady(button)) return;
    setReady(button, false);
    status.textContent = t("withdraw_all.working");
    try {
      const { drawings } = await withdraw();
      status.textContent = drawings ? t("withdraw_all.done") : t("withdraw_all.nothing");
    } catch (error) {
      status.textContent = errorText(error, t);
    } finally {
      setReady(button, true);
      status.focus(); // on the button, the Enter that saves the next drawing would withdraw that drawing too
    }
  });
}
