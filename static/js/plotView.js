// A chart that people read point by point and zoom: uPlot over the server's picture, which stays for printing.
// It is a slider, whose value is the point that is read: so the keyboard and a screen reader know what to do with it.

import { cursorPoints, plotData, plotOptions } from "./plotDrawing.js";
import { plotFingers } from "./plotFingers.js";
import { PlotState } from "./plotState.js";
import { pointText, writers } from "./plotWords.js";

const STEP = 2; // a press of + shows half as much

export class PlotView {
  #frame;
  #figure;
  #state;
  #chart;
  #words;
  #write;
  #names;
  #slider;
  #reading;
  #hint;

  /** Show the chart of `frame`, an element with the figures in `data-plot`, by `uPlot`; `t` has the words. */
  constructor(frame, uPlot, t) {
    this.#frame = frame;
    this.#figure = frame.closest("figure");
    this.#state = new PlotState(JSON.parse(frame.dataset.plot));
    this.#words = t;
    this.#write = writers(t.language, Number(frame.dataset.digits));
    this.#names = JSON.parse(frame.dataset.names);
    this.#reading = this.#figure.querySelector(".plot-reading");
    this.#hint = t(matchMedia("(hover: none)").matches ? "plot.touch" : "plot.point");
    this.#slider = this.#makeSlider();
    this.#chart = new uPlot(this.#options(), plotData(this.#state), this.#slider);
    this.#tell(null);
    this.#update();
    plotFingers(this.#chart.over, this);
    this.#listen();
    frame.dataset.ready = "";
  }

  get zoomed() {
    return this.#state.zoomed;
  }

  /** Show `factor` times as much; what is `x` pixels from the left stays there, or else what is read. */
  scale(factor, x) {
    this.#change((state) => state.scale(factor, x === undefined ? undefined : this.#chart.posToVal(x, "x")));
  }

  /** Move what is shown by pixels. */
  move(pixels) {
    this.#change((state) => state.move(-pixels / this.#chart.over.clientWidth));
  }

  /** Read the point that is nearest to `x` pixels from the left. */
  readAt(x) {
    this.#read(this.#state.nearest(this.#chart.posToVal(x, "x")));
  }

  #read(number) {
    let place;
    this.#change((state) => { place = state.reach(number); });
    this.#chart.setCursor({ left: this.#chart.valToPos(place, "x"), top: 0 });
  }

  #change(change) {
    change(this.#state);
    const [min, max] = this.#state.range;
    this.#chart.batch(() => this.#chart.setScale("x", { min, max })); // at once, for the cursor is placed by it
    this.#update();
  }

  #makeSlider() {
    const slider = document.createElement("div");
    slider.className = "plot-live";
    slider.tabIndex = 0;
    slider.setAttribute("role", "slider");
    slider.setAttribute("aria-label", this.#frame.querySelector("svg").getAttribute("aria-label"));
    slider.setAttribute("aria-valuemin", "1");
    slider.setAttribute("aria-valuemax", String(this.#state.last + 1));
    this.#frame.append(slider);
    return slider;
  }

  #size() {
    return { width: this.#frame.clientWidth, height: this.#frame.clientHeight };
  }

  #options() {
    const options = plotOptions(this.#state, this.#words);
    const cursor = {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 6 },
      bind: { dblclick: () => () => this.#change((state) => state.showWhole()) },
      points: cursorPoints(),
    };
    const hooks = { ...options.hooks, setCursor: [({ cursor: { idx } }) => this.#tell(idx ?? null)], setSelect: [(chart) => this.#select(chart)] };
    return { ...options, ...this.#size(), cursor, hooks };
  }

  #select({ select: { left, width }, posToVal, setSelect }) {
    if (!width) return;
    const range = [posToVal(left, "x"), posToVal(left + width, "x")];
    setSelect({ left: 0, width: 0 }, false);
    this.#change((state) => state.show(range));
  }

  #tell(number) {
    this.#state.read = number;
    const text = number === null ? this.#hint : pointText(this.#state.plot, number, this.#names, this.#words, this.#write);
    this.#reading.textContent = text;
    this.#slider.setAttribute("aria-valuenow", String((number ?? 0) + 1));
    this.#slider.setAttribute("aria-valuetext", text);
  }

  #listen() {
    this.#slider.addEventListener("keydown", (event) => this.#press(event));
    this.#figure.addEventListener("keydown", ({ key }) => { if (key === "Escape") this.#change((state) => state.showWhole()); });
    for (const button of this.#figure.querySelectorAll("[data-plot-act]")) button.addEventListener("click", () => this.#act(button));
    new ResizeObserver(() => this.#chart.setSize(this.#size())).observe(this.#frame);
    // theme.js changes the colours at the same event, before or after.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(() => this.#chart.redraw()));
  }

  #press(event) {
    const { key, ctrlKey, metaKey, altKey } = event;
    const { last, read } = this.#state;
    const before = () => this.#read((read ?? last + 1) - 1);
    const after = () => this.#read((read ?? -1) + 1);
    const acts = {
      ArrowLeft: before, ArrowDown: before, ArrowRight: after, ArrowUp: after, Home: () => this.#read(0), End: () => this.#read(last),
      "+": () => this.scale(1 / STEP), "=": () => this.scale(1 / STEP), "-": () => this.scale(STEP),
    };
    if (ctrlKey || metaKey || altKey || !acts[key]) return;
    event.preventDefault();
    acts[key]();
  }

  #act(button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    const acts = {
      in: () => this.scale(1 / STEP),
      out: () => this.scale(STEP),
      whole: () => this.#change((state) => state.showWhole()),
      time: () => this.#switchTime(),
    };
    acts[button.dataset.plotAct]();
  }

  #switchTime() {
    this.#state.switchTime();
    this.#chart.setData(plotData(this.#state));
    this.#update();
  }

  #update() {
    const { smallest, zoomed, byTime } = this.#state;
    const off = { in: smallest, out: !zoomed, whole: !zoomed };
    for (const button of this.#figure.querySelectorAll("[data-plot-act]")) {
      const { plotAct } = button.dataset;
      if (plotAct === "time") button.setAttribute("aria-pressed", String(byTime));
      else button.setAttribute("aria-disabled", String(off[plotAct]));
    }
  }
}
