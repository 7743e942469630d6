// Fingers on a chart: one reads, or moves what is shown where that is a part; two show more or less. Up and down scrolls the page.

/** Let the fingers on `over` move `view` {zoomed, readAt, move, scale}. */
export function plotFingers(over, view) {
  const fingers = new Map(); // pixels from the left, by the finger's id
  const left = ({ clientX }) => clientX - over.getBoundingClientRect().left;
  const spread = () => {
    const [one, other] = fingers.values();
    return [Math.max(Math.abs(one - other), 1), (one + other) / 2];
  };

  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse") return;
    fingers.set(event.pointerId, left(event));
    if (fingers.size === 1) view.readAt(left(event));
  });
  over.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = fingers.get(event.pointerId);
    if (fingers.size === 2) {
      const [earlier] = spread();
      fingers.set(event.pointerId, left(event));
      const [now, centre] = spread();
      view.scale(earlier / now, centre);
    } else {
      fingers.set(event.pointerId, left(event));
      if (view.zoomed) view.move(left(event) - before);
      else view.readAt(left(event));
    }
  });
  for (const end of ["pointerup", "pointercancel"]) over.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
}
