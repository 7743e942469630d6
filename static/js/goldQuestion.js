// Now and then, between two drawings: what is this? The label is known; the answer tells how carefully a visitor reads.

const EVERY = 20; // saved drawings from one question to the next, as docs/trust.md says

/** Wire the box `root` to ask one question after every `EVERY` calls of the function this returns. Skipping costs nothing. */
export function knownDrawings(root, api, { set, t }) {
  const find = (selector) => root.querySelector(selector);
  let saved = 0;
  let question = null; // what is asked just now

  function update(said = "") {
    root.hidden = !question && !said;
    find("form").hidden = !question;
    find("[role=status]").textContent = said;
    if (question) find("img").src = `data:image/png;base64,${question.image}`;
  }

  async function ask() {
    try {
      question = await api.known(set);
    } catch {
      return; // a set without known drawings, or no connection: drawing goes on
    }
    find("select").value = "";
    update();
  }

  find("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { id } = question;
    question = null;
    try {
      const { right, label } = await api.tellKnown(set, id, find("select").value);
      update(t(right ? "known.right" : "known.wrong", { label: t.nameOf(label) }));
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
    if (saved % (Number(root.dataset.every) || EVERY) === 0) ask();
    else if (!question) update();
  };
}
