// Prints the answers of the model at an address to squares, float32 in a file, as JSON. TensorFlow.js is @tensorflow/tfjs 4.22.0
// of npm, Apache-2.0: dist/tf.es2017.min.js as published, compressed with Brotli.
const fs = require("fs");
const path = require("path");
const zlib = require("zlib");

console.log = console.warn = () => {}; // it advises another package
const source = zlib.brotliDecompressSync(fs.readFileSync(path.join(__dirname, "tf.es2017.min.js.br")));
const loaded = { exports: {} };
new Function("module", "exports", "require", source.toString())(loaded, loaded.exports, require);
const tf = loaded.exports;

async function main([address, file]) {
  const model = await tf.loadLayersModel(address);
  const bytes = fs.readFileSync(file);
  const squares = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const answers = model.predict(tf.tensor(squares, [squares.length / 784, 28, 28, 1]));
  process.stdout.write(JSON.stringify(await answers.array()));
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(String(error.stack));
  process.exitCode = 1;
});
