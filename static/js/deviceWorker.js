// Runs networks with LiteRT.js, away from the page: the pen stays smooth meanwhile, and a runtime that fails takes nothing with it.
// A classic worker, because the runtime's own loader calls importScripts. Messages: deviceNetworks.js.

const VENDOR = new URL("../vendor/litert/", self.location.href).href;
const LOADER = "litert_wasm_compat_internal.js";

// The runtime tells the console of the machine's GPU, which these small networks do not need. Nobody is asked for one.
for (const level of ["log", "info", "warn", "error"]) console[level] = () => {};
Object.defineProperty(self.navigator, "gpu", { value: undefined });
self.Module = { locateFile: (name) => VENDOR + name };

const networks = new Map(); // version -> compiled network
let runtime = null; // the promise of LiteRT.js

async function loadRuntime() {
  const litert = await import(`${VENDOR}core.js`);
  await litert.loadLiteRt(VENDOR + LOADER);
  return litert;
}

const TASKS = {
  async load() {
    runtime ??= loadRuntime();
    await runtime;
  },

  /** Compile the network `tflite`, a Uint8Array, and let it answer once: a file that cannot be run must never answer. */
  async open({ version, tflite, labels }) {
    const { loadAndCompile } = await runtime;
    const network = await loadAndCompile(tflite, { accelerator: "wasm" });
    const [outputs] = await resultsOf(network, new Float32Array(784));
    if (outputs.length !== labels + 1 || !outputs.every(Number.isFinite)) {
      network.delete();
      throw new Error(`It does not give ${labels + 1} probabilities.`);
    }
    networks.set(version, network);
  },

  /** Forget all networks but these versions. */
  async keep({ versions }) {
    for (const [version, network] of networks) {
      if (!versions.includes(version)) {
        networks.delete(version);
        network.delete();
      }
    }
  },

  /** Return, for each version, its `outputs` for a square (a probability for each label, then the rejection) and its `embedding`. */
  async run({ square, versions }) {
    const found = {};
    for (const version of versions) {
      const [outputs, embedding = null] = await resultsOf(networks.get(version), square);
      found[version] = { outputs, embedding };
    }
    return found;
  },
};

async function resultsOf(network, square) {
  const { Tensor } = await runtime;
  const input = new Tensor(square, [1, 28, 28, 1]);
  const results = await network.run(input);
  const numbers = results.map((tensor) => Array.from(tensor.toTypedArray()));
  for (const tensor of [input, ...results]) tensor.delete();
  return numbers;
}

// One task after the other: an interpreter works on one square at a time.
let last = Promise.resolve();

self.onmessage = ({ data: { id, task, given } }) => {
  last = last.then(async () => {
    try {
      self.postMessage({ id, result: await TASKS[task](given) });
    } catch (error) {
      self.postMessage({ id, error: String(error?.message ?? error) });
    }
  });
};
