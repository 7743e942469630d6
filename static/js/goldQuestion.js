// Gold questions: between two drawings the page shows a drawing whose label is certain, and asks for its label.
// The answers measure how carefully a contributor labels.

const INTERVAL = 20; // saved drawings from one question to the next, as docs/trust.md says

/** Wire the box `root`. Return a function to call after each saved drawing; it asks at every `INTERVAL`th. Skipping costs nothing. */
export function goldQuestions(root, api, { set, t }) {
  const find = (selector) => root.querySelector(selector);
  let saved = 0;
  let question = null; // {id, image}: the question on the page

  function update(result = "") {
    root.hidden = !question && !result;
    find("form").hidden = !question;
    find("[role=status]").textContent = result;
    if (question) find("img").src = `data:image/png;base64,${question.image}`;
  }

  async function ask() {
    try {
      question = await api.goldQuestion(set);
    } catch {
      return; // this set has no gold questions, or there is no connection: drawing goes on
    }
    find("select").value = "";
    update();
    root.scrollIntoView({ block: "nearest" }); // it may lie below the fold
  }

  find("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { id } = question;
    question = null;
    try {
      const { right, label } = await api.answerGoldQuestion(set, id, find("select").value);
      update(t(right ? "gold.right" : "gold.wrong", { label: t.nameOf(label) }));
    } catch {
      update();
    }
  });
  find("[type=button]").addEventListener("click", () => {
    question = null;
    update();
  });

  return () => {
    saved += 1;
    if (saved % (Number(root.dataset.interval) || INTERVAL) === 0) ask();
    else if (!question) update();
  };
}
