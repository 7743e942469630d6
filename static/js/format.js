// From values to text. Pure: the sentences themselves come from the page.

/**
 * Return `t(key, values)`: the sentence of `key`, with `{name}` replaced by `values.name`.
 * A key with a plural has the forms `key.one`, `key.few`, `key.many`, `key.other`, chosen by `values.count`.
 * `t.has(key)` tells whether there is a sentence, `t.number(n)` writes a whole number, `t.language` is the language.
 * `t.nameOf(label)` names a label so that nobody takes it for another label, by its kind in `kinds`: "the digit 0".
 * `t.promptFor(label)` names a label for a person who draws it: "the letter O, capital or small".
 */
export function translator(sentences, language, kinds = {}) {
  const plural = new Intl.PluralRules(language);
  const find = (key, values) => {
    if (key in sentences) return sentences[key];
    if (values && "count" in values) return sentences[`${key}.${plural.select(values.count)}`] ?? sentences[`${key}.other`];
    return undefined;
  };
  const t = (key, values = {}) => {
    const text = find(key, values);
    if (text === undefined) throw new Error(`There is no sentence for ${key}.`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  };
  t.language = language;
  t.number = new Intl.NumberFormat(language).format;
  t.has = (key) => find(key) !== undefined;
  t.nameOf = (label) => (kinds[label] ? t(`label.${kinds[label]}`, { label }) : label);
  t.promptFor = (label) => (t.has(`ask.${kinds[label]}`) ? t(`ask.${kinds[label]}`, { label }) : t.nameOf(label));
  return t;
}

/** Return a probability as text that never claims certainty: "98 %", "99.7 %", "> 99.9 %". */
export function formatPercent(p, { language }) {
  const show = (value, digits) => new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
  const sign = "\u00a0%"; // SI writes a space before the sign, and so does this platform in both languages
  if (p > 0.999) return `>\u00a0${show(99.9, 1)}${sign}`;
  if (p >= 0.985) return show(Math.floor(p * 1000) / 10, 1) + sign;
  if (p > 0 && p < 0.005) return `<\u00a0${show(1, 0)}${sign}`;
  return show(Math.round(p * 100), 0) + sign;
}

/** Return an answer of the API as parts to show: `{before, label, after}`. Pages show `label` big. */
export function answerParts(answer, t) {
  const { status, label, p, alternatives = [] } = answer;
  if (status === "empty") return { before: t("answer.empty"), label: "", after: "" };
  if (status === "not_a_symbol" || label === null) return { before: t("answer.not_a_symbol"), label: "", after: "" };
  const others = alternatives.map((other) => t("answer.or", { name: t.nameOf(other.label) })).join("");
  const together = alternatives.reduce((sum, other) => sum + other.p, p);
  if (others && together > 0.5) return { before: "", label, after: others }; // probably one of these labels: only the author knows which
  if (status === "unsure") return { before: `${t("answer.unsure")}\u00a0`, label, after: `${others}?` };
  return { before: "", label, after: `\u00a0(${formatPercent(p, t)})` };
}

/** Return an answer as one line of text. */
export function answerText(answer, t) {
  const { before, label, after } = answerParts(answer, t);
  return before + label + after;
}

/** Return the sentences below an answer: whether the networks agree, and what they answer to everybody. */
export function answerNote(prediction, t) {
  const { answer, adapted, unadapted } = prediction;
  if (!adapted) return networksNote(prediction, t);
  const changed = unadapted.label !== answer.label;
  return `${t("answer.adapted")} ${changed ? t("answer.unadapted", { answer: answerText(unadapted, t) }) : networksNote(prediction, t)}`;
}

function networksNote({ answer, models }, t) {
  const { status, label, p, alternatives } = answer;
  const guesses = models.filter(({ role, top }) => role === "learned" && top.length).map(({ learner, top }) => ({ learner, ...top[0] }));
  const [first, second] = guesses;
  if (!first) return "";
  if (status === "not_a_symbol") {
    const surest = guesses.reduce((best, guess) => (guess.p > best.p ? guess : best));
    return t("answer.if_symbol", { label: t.nameOf(surest.label) });
  }
  if (alternatives.length) {
    return t("answer.alike", { guesses: [{ label, p }, ...alternatives].map((guess) => `${guess.label}\u00a0(${formatPercent(guess.p, t)})`).join(", ") });
  }
  if (!second) return "";
  if (first.label === second.label) return t("answer.agree");
  return t("answer.differ", Object.fromEntries(guesses.map((guess) => [guess.learner, guess.label])));
}

/** Return an error (see api.js) as text: the page's own sentence, or else the server's message. */
export function errorText(error, t) {
  const seconds = Math.ceil(error.retryAfter ?? 0);
  if (error.status === 429 && seconds) return t("retry_after", { count: seconds });
  if (t.has(`error.${error.code}`)) return t(`error.${error.code}`);
  return t("failed", { message: error.message });
}

/** Return the state of a run {state, result, error} as text. */
export function runText({ state, result, error }, t) {
  if (error) return t("run.unknown", { error: errorText(error, t) });
  if (state === "done" && result?.activated?.length) return t("run.activated");
  if (state === "done" && result?.rejected?.length) return t("run.rejected");
  return t(`run.${state}`);
}

/** Return the step {code, learner, ...figures} of a running run as text. A code without a sentence is told as "learning". */
export function stepText({ code, learner, ...figures }, t) {
  return t.has(`step.${code}`) ? t(`step.${code}`, { ...figures, learner: learner?.toUpperCase() }) : t("run.running");
}

/** Return what is wrong, {reason, code, figures} of the API, in the page's words; reasons of earlier releases stay as they are. */
export function problemText({ reason, code, figures = {} }, t) {
  if (!t.has(`problem.${code}`)) return reason;
  const shown = Object.entries(figures).map(([name, figure]) => [name, typeof figure === "number" ? t.number(figure) : figure]);
  return t(`problem.${code}`, Object.fromEntries(shown));
}
