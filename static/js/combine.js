// From the outputs of the networks to a prediction like the server's (functions/domain/answer.py). Pure.

import { adapted } from "./adaptation.js";

const SURE = 0.5; // above it, no other label can be more probable
const REJECTION_THRESHOLD = 0.5; // calibration, which is in each network, moves its own threshold to 0.5
const SMALLEST_ALTERNATIVE = 0.02; // of the answer's p
const TOP = 3; // labels of each network that are shown

/**
 * Return the prediction of a set's networks {set, confusable, networks: [{learner, role, version, labels}]} for a `square`.
 * `found` has for each version its `outputs`, a probability for each label, then the rejection probability, and its `embedding`;
 * null stands for nothing drawn. `own` has the visitor's own drawings for learned versions (see adaptation.js).
 */
export function predictionOf({ set, confusable, networks }, found, square, own = {}) {
  const models = networks.map((network) => (found ? modelOf(network, network.labels, found[network.version].outputs) : blank(network)));
  const everybodys = combined(models, confusable);
  const answer = combined(models.map((model, i) => adaptedModel(model, networks[i], found, own, confusable)), confusable);
  const isAdapted = JSON.stringify(answer) !== JSON.stringify(everybodys);
  return { id: null, set, answer, adapted: isAdapted, unadapted: isAdapted ? everybodys : null, models, square: Array.from(square) };
}

function modelOf({ learner, role, version }, labels, outputs) {
  const known = outputs.slice(0, labels.length);
  const probabilities = Object.fromEntries(labels.map((label, i) => [label, known[i]]));
  return { learner, role, version, top: topOf(labels, known), reject: rounded(outputs[labels.length]), probabilities };
}

function blank({ learner, role, version }) {
  return { learner, role, version, top: [], reject: 0, probabilities: {} };
}

/** Return a learned network's opinion as the visitor's own drawings change it; the same opinion where none is near. */
function adaptedModel(model, network, found, own, confusable) {
  const mine = own[network.version];
  if (network.role !== "learned" || !mine || !found?.[network.version].embedding) return model;
  const mixed = adapted({ ...found[network.version], labels: network.labels }, mine, confusable);
  return mixed ? modelOf(network, mixed.labels, mixed.outputs) : model;
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
  let p = agreed ? mean(best.map((guess) => guess.p)) : surest.p;
  const alternatives = alternativesOf(learned, surest.label, p, confusable);
  if (alternatives.length && !agreed) p = meanOf(learned, surest.label);
  const status = surest.p > SURE && !alternatives.length ? "sure" : "unsure";
  return { status, label: surest.label, p: rounded(p), alternatives };
}

function alternativesOf(learned, label, p, confusable) {
  const alike = new Set(confusable.filter((group) => group.includes(label)).flat());
  alike.delete(label);
  return [...alike]
    .map((other) => ({ label: other, p: meanOf(learned, other) }))
    .filter((guess) => guess.p >= SMALLEST_ALTERNATIVE * p)
    .map((guess) => ({ ...guess, p: rounded(guess.p) }))
    .sort((a, b) => b.p - a.p || (a.label < b.label ? -1 : 1));
}

function meanOf(learned, label) {
  return mean(learned.map(({ probabilities }) => probabilities[label] ?? 0));
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function rounded(p) {
  return Math.round(p * 1e6) / 1e6;
}
