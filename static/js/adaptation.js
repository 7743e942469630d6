// Adapts a network's outputs to a visitor's own labelled drawings, as the server does (functions/domain/personalisation.py). Pure.

const REACH = 0.75; // smallest cosine at which a drawing votes
const STRENGTH = 5; // log-odds of a vote by an identical drawing
const LEAST = 1e-3; // smallest probability of a label with a vote

/**
 * Mix the votes of own drawings into `outputs`, a probability for each of `labels`, then the rejection probability. `own` has the
 * embeddings of the drawings, `keys`, and what each is, `labels`; null is not a symbol. `confusable` are groups of labels that look
 * alike: a drawing votes for its whole group, and within the group for its own label.
 * Return {labels, outputs}, with labels that only the visitor's drawings have; null where no drawing is near.
 */
export function adapted({ outputs, labels, embedding }, own, confusable) {
  const all = [...new Set([...labels, ...own.labels.filter((label) => label !== null)])];
  const ownVotes = new Array(all.length + 1).fill(0); // the last one: not a symbol
  own.keys.forEach((key, i) => {
    ownVotes[own.labels[i] === null ? all.length : all.indexOf(own.labels[i])] += nearness(embedding, key);
  });
  const groups = groupsOf(all, confusable);
  const votes = groups.map((group) => sum(group.map((place) => ownVotes[place])));
  const most = Math.max(...votes);
  if (most === 0) return null;
  const reject = outputs[labels.length];
  const given = all.map((_, place) => (place < labels.length ? outputs[place] : 0));
  const mixed = [...given.map((p) => p * (1 - reject)), reject].map((p, place) => {
    const least = votes[place] > 0 ? Math.max(p, LEAST) : p;
    return least * Math.exp(STRENGTH * (votes[place] - most));
  });
  const joint = withinGroups(mixed, ownVotes, groups);
  const symbol = sum(joint.slice(0, -1));
  const known = given.map((p, place) => (symbol > 0 ? joint[place] / symbol : p));
  return { labels: all, outputs: [...known, joint.at(-1) / sum(joint)] };
}

/** Return how similar two embeddings are, 0..1; 0 where their cosine is below REACH. */
function nearness(a, b) {
  let [product, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    product += a[i] * b[i];
    first += a[i] * a[i];
    second += b[i] * b[i];
  }
  return Math.max(0, (product / Math.max(Math.sqrt(first * second), 1e-12) - REACH) / (1 - REACH));
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Return the places of the labels that look like each label, its own included; "not a symbol", the last, looks like nothing. */
function groupsOf(all, confusable) {
  const groups = all.map((label) => {
    const alike = new Set([label, ...confusable.filter((group) => group.includes(label)).flat()]);
    return all.flatMap((other, place) => (alike.has(other) ? [place] : []));
  });
  return [...groups, [all.length]];
}

/** Divide the sum of each group of labels anew, by the votes for each label alone. */
function withinGroups(joint, ownVotes, groups) {
  const weights = joint.map((p, place) => {
    const most = Math.max(...groups[place].map((other) => ownVotes[other]));
    return p * Math.exp(STRENGTH * (ownVotes[place] - most));
  });
  return joint.map((p, place) => {
    if (groups[place].length === 1) return p;
    const [mass, weight] = [joint, weights].map((some) => sum(groups[place].map((other) => some[other])));
    return weight > 0 ? (weights[place] * mass) / weight : p;
  });
}
