// What became of a correction, for its author and for everybody. Pure: codes and values; `progressCard` makes sentences of them.

import { unadaptedAnswer } from "./answers.js";

export const ENDED = ["done", "failed", "cancelled"]; // states of a run

/**
 * Return the code of a correction {before, after, label, status, apart, keptOut, withdrawn}, whose `run` is {state} or undefined:
 *
 * - "withdrawn": its author deleted it; "confirmed": the answer was right; "judges": new versions are tested on it;
 * - "pending", "quarantined", "rejected": it teaches later, if the owner accepts it, or never; "noted": no run is needed;
 * - "learning": a run is to learn it; "failed": that run failed, and another will come;
 * - "kept_out": the new versions did not pass the gate; "learned", "not_learned": new versions answer, with this label or another.
 */
export function lessonOf({ before, after, label, status, apart, run, keptOut, withdrawn }, of) {
  if (withdrawn) return "withdrawn";
  if (label !== null && unadaptedAnswer(before).label === label) return "confirmed";
  if (label === null && before.answer.status === "not_a_symbol") return "confirmed";
  if (apart) return "judges";
  if (!run) return ["pending", "quarantined", "rejected"].includes(status) ? status : "noted";
  if (after) return reads(after, label) ? "learned" : keptOut ? "kept_out" : "not_learned";
  return of?.state === "failed" ? "failed" : "learning";
}

/** Return whether a bar should show the progress of a correction. */
export function isLearning(correction, of) {
  return lessonOf(correction, of) === "learning";
}

/** Return whether none of a run's versions passed the gate, from the run's result. */
export function wasKeptOut(result) {
  return Boolean(result?.rejected?.length) && !result.activated?.length;
}

function reads(prediction, label) {
  const answer = unadaptedAnswer(prediction);
  return label === null ? answer.status === "not_a_symbol" : answer.label === label;
}
