// The charts of Models. What shows them point by point is loaded when the first comes near, so that no other page has its weight.

const { modules, script, styles, words } = JSON.parse(document.querySelector("[data-plots]").dataset.plots);
const NEAR = "300px"; // so that a chart is there before a person reaches it

const watcher = new IntersectionObserver(async (seen) => {
  const near = seen.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target);
  near.forEach((frame) => watcher.unobserve(frame));
  if (!near.length) return;
  const { showPlots } = await import(modules);
  await showPlots(near, { script, styles, words });
}, { rootMargin: NEAR });

document.querySelectorAll("[data-plot]").forEach((frame) => watcher.observe(frame));
