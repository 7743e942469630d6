// Adds the embedding, the input of the last dense layer, to the outputs of a .tflite, as the server does in memory
// (functions/serving/embedding_output.py). The file is a FlatBuffer: a list at its end replaces the list of outputs. Pure.

const FULLY_CONNECTED = 9; // TFLite's number of a dense layer
const FIELDS = { codes: 1, graphs: 2, tensors: 0, inputs: 1, outputs: 2, operators: 3, opcode: 0, operands: 1, shape: 0, old: 0, kind: 3 };

/** Return the same network with one more output, the last one; the same bytes where it has no dense layer, or that takes the square. */
export function withEmbedding(tflite) {
  try {
    const view = new DataView(tflite.buffer, tflite.byteOffset, tflite.byteLength);
    const model = view.getUint32(0, true);
    const graph = tables(view, model, FIELDS.graphs)[0];
    const dense = tables(view, graph, FIELDS.operators).filter((one) => kindOf(view, model, one) === FULLY_CONNECTED).at(-1);
    const embedding = numbers(view, dense, FIELDS.operands)[0];
    const outputs = numbers(view, graph, FIELDS.outputs);
    const shape = numbers(view, tables(view, graph, FIELDS.tensors)[embedding], FIELDS.shape);
    if (shape.length !== 2 || [...numbers(view, graph, FIELDS.inputs), ...outputs].includes(embedding)) return tflite;
    return withList(tflite, field(view, graph, FIELDS.outputs), [...outputs, embedding]);
  } catch {
    return tflite; // the runtime tells what is wrong
  }
}

/** Return the bytes with a list of numbers at their end, to which the reference at `place` leads. */
function withList(bytes, place, list) {
  const start = Math.ceil(bytes.byteLength / 4) * 4;
  const longer = new Uint8Array(start + 4 + 4 * list.length);
  longer.set(bytes);
  const view = new DataView(longer.buffer);
  [list.length, ...list].forEach((number, i) => view.setInt32(start + 4 * i, number, true));
  view.setUint32(place, start - place, true);
  return longer;
}

/** Return the place of a table's field. Throws where the field is missing. */
function field(view, table, number) {
  const places = table - view.getInt32(table, true);
  const offset = 4 + 2 * number < view.getUint16(places, true) ? view.getUint16(places + 4 + 2 * number, true) : 0;
  if (!offset) throw new RangeError("The field is missing.");
  return table + offset;
}

/** Return the places of a list's entries, of four bytes each. */
function entries(view, table, number) {
  const reference = field(view, table, number);
  const list = reference + view.getUint32(reference, true);
  return Array.from({ length: view.getUint32(list, true) }, (_, i) => list + 4 + 4 * i);
}

function numbers(view, table, number) {
  return entries(view, table, number).map((place) => view.getInt32(place, true));
}

function tables(view, table, number) {
  return entries(view, table, number).map((place) => place + view.getUint32(place, true));
}

function kindOf(view, model, operator) {
  const code = tables(view, model, FIELDS.codes)[optional(view, operator, FIELDS.opcode, "getUint32")];
  return Math.max(optional(view, code, FIELDS.old, "getInt8"), optional(view, code, FIELDS.kind, "getInt32")); // old files have the first
}

/** Return a field's number; 0, which a file leaves out, where it is missing. */
function optional(view, table, number, read) {
  try {
    return view[read](field(view, table, number), true);
  } catch {
    return 0;
  }
}
