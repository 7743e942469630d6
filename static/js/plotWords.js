// What a chart tells of one of its points, in words. Pure.

const NO_BREAK = "\u00a0";

/** Return the writers of a chart's figures: `share`, `day`, `hour`, `moment`. `language` is that of the page. */
export function writers(language, digits) {
  const locale = language === "en" ? "en-GB" : language; // the order of day and month that the server uses
  const number = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const form = (options) => {
    const { format } = new Intl.DateTimeFormat(locale, options);
    return (seconds) => format(new Date(1000 * seconds));
  };
  return {
    share: (share) => `${number.format(100 * share)}${NO_BREAK}%`, // SI writes a space before the sign
    day: form({ dateStyle: "medium" }),
    hour: form({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
    moment: form({ dateStyle: "medium", timeStyle: "short" }),
  };
}

/** Return how many decimals tell steps between shares exactly, as percentages: 2 for a quarter of a percent. */
export function decimals(step) {
  const exact = (digits) => Math.abs(step * 100 * 10 ** digits - Math.round(step * 100 * 10 ** digits)) < 1e-6;
  return [0, 1, 2].find(exact) ?? 3;
}

/** Return the sentence of point `number` of `plot` {kind, at, lines}, whose lines are called `names`. */
export function pointText({ kind, at, lines }, number, names, t, { share, moment }) {
  const figures = lines
    .map((line, which) => [line, lines.length > 1 ? `${names[which]}${NO_BREAK}` : ""])
    .filter(([{ shares }]) => shares[number] !== null)
    .map(([{ shares, lows, highs }, name]) => {
      const known = lows[number] !== null && highs[number] !== null;
      return `${name}${share(shares[number])}${known ? ` (${share(lows[number])} – ${share(highs[number])})` : ""}`;
    });
  const state = lines[0].hollow.includes(number) ? t("plot.failed") : lines[0].strong.includes(number) ? t("plot.live") : "";
  const place = kind === "learned" ? t("plot.learned", { number: t.number(Math.round(at[number])) }) : t(`plot.${kind}`, { date: moment(at[number]) });
  return `${place}: ${[figures.join("; "), state].filter(Boolean).join(", ")}`;
}
