// From the outputs of the networks to a prediction like the server's (functions/domain/answer.py). Pure.

const SURE = 0.5; // above it, no other label can be more probable
const REJECTION_THRESHOLD = 0.5; // calibration, which is in each network, moves its own threshold to 0.5
const SMALLEST_ALTERNATIVE = 0.02; // of the answer's p
const TOP = 3; // labels of each network that are shown

/**
 * Return the prediction of a set's networks {set, confusable, networks: [{learner, role, version, labels}]} for a `square`.
 * `outputs` has for each version the probability of each label, then the rejection probability; null stands for nothing drawn.
 */
export function predictionOf({ set, confusable, networks }, outputs, square) {
  const models = networks.map(({ learner, role, version, labels }) => {
    if (!outputs) return { learner, role, version, top: [], reject: 0, probabilities: {} };
    const known = outputs[version].slice(0, labels.length);
    const probabilities = Object.fromEntries(labels.map((label, i) => [label, known[i]]));
    return { learner, role, version, top: topOf(labels, known), reject: rounded(outputs[version].at(-1)), probabilities };
  });
  return { id: null, set, answer: combined(models, confusable), adapted: false, unadapted: null, models, square: Array.from(square) };
}

function topOf(labels, known) {
  const guesses = labels.map((label, i) => ({ label, p: known[i] })).sort((a, b) => b.p - a.p); // the sort is stable
  return guesses.slice(0, TOP).map(({ label, p }) => ({ label, p: rounded(p) }));
}

/** Combine the predictions of the learned networks into one answer; the server's `combine` has the rules and their reasons. */
function combined(models, confusable) {
  const learned = models.filter(({ role, top }) => role === "learned" && top.length);
  if (!learned.length) return { status: "empty", label: null, p: null, alternatives: [] };
  const reject = mean(learned.map((model) => model.reject));
  if (reject >= REJECTION_THRESHOLD) return { status: "not_a_symbol", label: null, p: rounded(reject), alternatives: [] };
  const best = learned.map(({ top }) => top[0]);
  const surest = best.reduce((found, guess) => (guess.p > found.p ? guess : found));
  const agreed = best.every(({ label }) => label === surest.label);
  const p = agreed ? mean(best.map((guess) => guess.p)) : surest.p;
  const alternatives = alternativesOf(learned, surest.label, p, confusable);
  const status = surest.p > SURE && !alternatives.length ? "sure" : "unsure";
  return { status, label: surest.label, p: rounded(p), alternatives };
}

function alternativesOf(learned, label, p, confusable) {
  const alike = new Set(confusable.filter((group) => group.includes(label)).flat());
  alike.delete(label);
  return [...alike]
    .map((other) => ({ label: other, p: mean(learned.map(({ probabilities }) => probabilities[other] ?? 0)) }))
    .filter((guess) => guess.p >= SMALLEST_ALTERNATIVE * p)
    .map((guess) => ({ ...guess, p: rounded(guess.p) }))
    .sort((a, b) => b.p - a.p || (a.label < b.label ? -1 : 1));
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function rounded(p) {
  return Math.round(p * 1e6) / 1e6;
}
