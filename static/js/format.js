// From values to sentences. Pure: the words themselves come from the page.

/**
 * Return `t(key, values)`: the sentence of `key` with `{name}` replaced by `values.name`.
 * A key with a plural has the forms `key.one`, `key.few`, `key.many`, `key.other`, chosen by `values.count`.
 * `t.nameOf(label)` says a label so that it cannot be taken for another one, by its kind in `kinds`: "the digit 0".
 */
export function speech(words, language, kinds = {}) {
  const plural = new Intl.PluralRules(language);
  const find = (key, values) => {
    if (key in words) return words[key];
    if (values && "count" in values) return words[`${key}.${plural.select(values.count)}`] ?? words[`${key}.other`];
    return undefined;
  };
  const t = (key, values = {}) => {
    const text = find(key, values);
    if (text === undefined) throw new Error(`There are no words for ${key}.`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  };
  t.has = (key) => find(key) !== undefined;
  t.nameOf = (label) => (kinds[label] ? t(`label.${kinds[label]}`, { label }) : label);
  t.askFor = (label) => (t.has(`ask.${kinds[label]}`) ? t(`ask.${kinds[label]}`, { label }) : t.nameOf(label));
  return t;
}

/** Return a probability in words that never claim certainty: "98 %", "99.7 %", "> 99.9 %". */
export function percent(p, language) {
  const show = (value, digits) => new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
  const space = "\u00a0%"; // SI writes a space before the sign, and so does this platform in both languages
  if (p > 0.999) return `>\u00a0${show(99.9, 1)}${space}`;
  if (p >= 0.985) return show(Math.floor(p * 1000) / 10, 1) + space;
  if (p > 0 && p < 0.005) return `<\u00a0${show(1, 0)}${space}`;
  return show(Math.round(p * 100), 0) + space;
}

/** Return an answer of the API as parts to show: `{before, label, after}`, of which `label` is shown big. */
export function answerParts(answer, t, language) {
  const { status, label, p, alternatives = [] } = answer;
  if (status === "empty") return { before: t("answer.empty"), label: "", after: "" };
  if (status === "not_a_symbol" || label === null) return { before: t("answer.not_a_symbol"), label: "", after: "" };
  const others = alternatives.map((one) => t("answer.or", { name: t.nameOf(one.label) })).join("");
  const together = alternatives.reduce((sum, one) => sum + one.p, p);
  if (others && together > 0.5) return { before: "", label, after: others }; // it is one of these, whichever was meant
  if (status === "unsure") return { before: `${t("answer.unsure")}\u00a0`, label, after: `${others}?` };
  return { before: "", label, after: `, ${percent(p, language)}` };
}

/** Return the sentences below an answer: what else is to know about it. */
export function answerNote(prediction, t, language) {
  const { answer, adapted, unadapted } = prediction;
  if (!adapted) return networksNote(prediction, t, language);
  const turned = unadapted.label !== answer.label;
  return `${t("answer.adapted")} ${turned ? t("answer.alone", { answer: answerLine(unadapted, t, language) }) : networksNote(prediction, t, language)}`;
}

function networksNote({ answer, models }, t, language) {
  const { status, label, p, alternatives } = answer;
  const guesses = (role) => models.filter((model) => model.role === role && model.top.length).map(({ learner, top }) => ({ learner, ...top[0] }));
  const [first, second] = guesses("learned");
  if (!first) return "";
  if (status === "not_a_symbol") {
    const surest = guesses("learned").reduce((best, guess) => (guess.p > best.p ? guess : best));
    return t("answer.if_one", { label: t.nameOf(surest.label) });
  }
  if (alternatives.length) {
    return t("answer.alike", { guesses: [{ label, p }, ...alternatives].map((one) => `${one.label} ${percent(one.p, language)}`).join(", ") });
  }
  if (!second || first.label === second.label) return second ? t("answer.agree") : "";
  const says = Object.fromEntries(guesses("learned").map((guess) => [guess.learner, guess.label]));
  return t("answer.differ", says);
}

/** Return an answer as one line of text. */
export function answerLine(answer, t, language) {
  const { before, label, after } = answerParts(answer, t, language);
  return before + label + after;
}

/** Return a trouble (see api.js) in words: what the page knows about it, else what the server said. */
export function troubleLine(trouble, t) {
  const seconds = Math.ceil(trouble.retryAfter ?? 0);
  if (trouble.status === 429 && seconds) return t("trouble.429", { count: seconds });
  if (t.has(`error.${trouble.code}`)) return t(`error.${trouble.code}`);
  return t("trouble.other", { message: trouble.message });
}

/** Return the state of a run {state, result, trouble} in words. */
export function runLine({ state, result, trouble }, t) {
  if (trouble) return t("run.lost", { trouble: troubleLine(trouble, t) });
  if (state === "done" && result?.activated?.length) return t("run.activated");
  if (state === "done" && result?.rejected?.length) return t("run.rejected");
  return t(`run.${state}`);
}

// The worker tells its steps in English; the page says them in its own words.
const STEPS = [
  [/^[\w-]+ the (?<learner>\w+): learning, step (?<step>\d+) of (?<steps>\d+)$/, "step.learning"],
  [/^[\w-]+ the (?<learner>\w+): choosing/, "step.choosing"],
  [/^[\w-]+ the (?<learner>\w+): judging/, "step.judging"],
  [/^[\w-]+ the (?<learner>\w+)/, "step.beginning"],
  [/^publishing/, "step.publishing"],
];

/** Return a running run's step in words. */
export function stepLine(step, t) {
  for (const [pattern, key] of STEPS) {
    const found = pattern.exec(step);
    if (found) return t(key, found.groups);
  }
  return t("run.running");
}
