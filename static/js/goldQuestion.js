// Gold questions: between two drawings the page shows a drawing whose label is certain, and asks for its label.
// The answers measure how carefully a contributor labels.

const INTERVAL = 20; // saved drawings from one question to the next, as docs/trust.md says

/**
 * Wire the box `root`. Return {drawingSaved, update}: `drawingSaved()` after each saved drawing asks at every `INTERVAL`th, and
 * `update(free)` tells whether nobody is drawing: the box may move the page, so it comes and goes only then. Skipping costs nothing.
 */
export function goldQuestions(root, api, { set, t }) {
  const find = (selector) => root.querySelector(selector);
  let saved = 0;
  let question = null; // {id, image}: the question on the page
  let next = null; // {question, result} to show as soon as nobody is drawing
  let free = true;

  function show({ question: asked = null, result = "" }) {
    question = asked;
    root.hidden = !question && !result;
    find("form").hidden = !question;
    find("[role=status]").textContent = result;
    if (!question) return;
    find("img").src = `data:image/png;base64,${question.image}`;
    find("select").value = "";
    root.scrollIntoView({ block: "nearest" }); // it may lie below the fold
  }

  function showNext() {
    if (!free || !next) return;
    show(next);
    next = null;
  }

  async function ask() {
    try {
      next = { question: await api.goldQuestion(set) };
    } catch {
      return; // this set has no gold questions, or there is no connection: drawing goes on
    }
    showNext();
  }

  find("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { id } = question;
    question = null;
    try {
      const answer = await api.answerGoldQuestion(set, id, find("select").value);
      show({ result: t(answer.right ? "gold.right" : "gold.wrong", { label: t.nameOf(answer.label) }) });
    } catch {
      show({});
    }
  });
  find("[type=button]").addEventListener("click", () => show({}));

  return {
    drawingSaved() {
      saved += 1;
      if (saved % (Number(root.dataset.interval) || INTERVAL) === 0) ask();
      else if (!question) next ??= {};
      showNext();
    },
    update(isFree) {
      free = isFree;
      showNext();
    },
  };
}
