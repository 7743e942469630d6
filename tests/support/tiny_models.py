"""Tiny LiteRT networks with a known answer, and a ``models/`` folder that ships them: no training, no TensorFlow."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from functions.learners.squares import Squares, save_squares
from functions.learners.weights_file import ModelHeader, pack

DIGITS = tuple("0123456789")


def tiny_network(
    answer: int,
    classes: int = 10,
    sureness: float = 5.0,
    reject: float = 0.0,
    or_else: int | None = None,
    embeds: bool = False,
) -> bytes:
    """Return a network (1, 28, 28, 1) -> (1, classes + 1) that always answers ``answer``, the surer the more ink it sees.

    Its last output is ``reject``, or 0.9 where ``answer`` is ``classes``, which stands for "not a symbol". ``or_else`` is a label
    that is a third as probable, whatever is drawn. One that ``embeds`` has a layer in between: the ink of 49 blocks of 4 x 4.
    """
    if answer == classes:
        answer, reject = 0, 0.9
    weights = np.zeros((classes, 49 if embeds else 784), np.float32)
    weights[answer] = 0.001
    bias = np.zeros(classes, np.float32)
    bias[answer] = sureness
    if or_else is not None:
        weights[or_else], bias[or_else] = weights[answer], sureness - np.log(3)
    model = schema.ModelT()
    model.version = 3
    model.buffers = [_buffer(one) for one in (None, weights, bias, np.array([[reject]], np.float32), _blocks())]
    operators = schema.BuiltinOperator
    model.operatorCodes = [_code(one) for one in (operators.FULLY_CONNECTED, operators.SOFTMAX, operators.CONCATENATION)]
    graph = schema.SubGraphT()
    graph.tensors = [
        _tensor("square", (1, 28, 28, 1), 0),
        _tensor("weights", weights.shape, 1),
        _tensor("bias", (classes,), 2),
        _tensor("logits", (1, classes), 0),
        _tensor("probabilities", (1, classes), 0),
        _tensor("reject", (1, 1), 3),
        _tensor("answers", (1, classes + 1), 0),
        _tensor("places", (49, 784), 4),
        _tensor("blocks", (1, 49), 0),
    ]
    graph.inputs, graph.outputs = [0], [6]
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    beside = schema.ConcatenationOptionsT()
    beside.axis = 1
    graph.operators = [
        _operator(0, [0, 1, 2], [3], schema.BuiltinOptions.FullyConnectedOptions, schema.FullyConnectedOptionsT()),
        _operator(1, [3], [4], schema.BuiltinOptions.SoftmaxOptions, softmax),
        _operator(2, [4, 5], [6], schema.BuiltinOptions.ConcatenationOptions, beside),
    ]
    if embeds:
        look = _operator(0, [0, 7, -1], [8], schema.BuiltinOptions.FullyConnectedOptions, schema.FullyConnectedOptionsT())
        graph.operators = [look, *graph.operators]
        graph.operators[1].inputs = [8, 1, 2]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


@cache
def tiny_weights(answer: int) -> bytes:
    """Return weights of an FNN that stand for the tiny network that answers ``answer``."""
    labels = tuple(str(number) for number in range(max(len(DIGITS), answer)))
    shapes = [(784, 512), *[(512,)] * 4, (512, 256), *[(256,)] * 4, (256, len(labels) + 1)]
    bias = np.zeros(len(labels) + 1, np.float32)
    bias[answer] = 5.0
    return pack([*(np.zeros(shape, np.float32) for shape in shapes), bias], ModelHeader("fnn", labels, 1.0))


def ship(
    models: Path,
    release: str = "1",
    answers: dict[str, int] | None = None,
    labels: tuple[str, ...] = DIGITS,
    confusable: tuple[tuple[str, ...], ...] = (),
    name: str = "digits",
    or_else: int | None = None,
    embeds: bool = False,
    sureness: float = 5.0,
) -> None:
    """Write the set ``name``, whose originals always give ``answers``, into a ``models/`` folder, beside those that are there."""
    folder = models / name
    folder.mkdir(parents=True, exist_ok=True)
    versions = {}
    for learner, answer in (answers or {"fnn": 1, "cnn": 2}).items():
        files = {
            "tflite": tiny_network(answer, len(labels), sureness=sureness, or_else=or_else, embeds=embeds),
            "npz": tiny_weights(answer),
        }
        for kind, body in files.items():
            (folder / f"{learner}.{kind}").write_bytes(body)
        entry = {
            kind: {"file": f"{name}/{learner}.{kind}", "sha256": hashlib.sha256(body).hexdigest()} for kind, body in files.items()
        }
        versions[learner] = {
            "id": f"{name}-{learner}-{release}",
            "tflite": entry["tflite"],
            "weights": entry["npz"],
            "metrics": {"holdout": 0.99},
        }
    path = models / "manifest.json"
    manifest = json.loads(path.read_text()) if path.exists() else {"sets": {}}
    manifest["sets"][name] = {"labels": labels, "confusable": confusable, "versions": versions}
    path.write_text(json.dumps(manifest))


def ship_holdout(models: Path, y: np.ndarray, name: str = "digits") -> None:
    """Add test drawings of the classes ``y`` (n,) to a set in a ``models/`` folder."""
    file, path = models / name / "holdout.npz", models / "manifest.json"
    save_squares(file, Squares(np.full((len(y), 28, 28), 128, np.uint8), y.astype(np.int64)), "nobody")
    manifest = json.loads(path.read_text())
    entry = {"file": f"{name}/holdout.npz", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    manifest["sets"][name]["holdout"] = entry
    path.write_text(json.dumps(manifest))


def _blocks() -> np.ndarray:
    rows = np.kron(np.eye(7), np.ones((1, 4)))  # (7, 28)
    return np.kron(rows, rows).astype(np.float32)  # (49, 784)


def _buffer(array: np.ndarray | None) -> schema.BufferT:
    buffer = schema.BufferT()
    if array is not None:
        buffer.data = np.frombuffer(array.tobytes(), np.uint8)
    return buffer


def _code(operator: int) -> schema.OperatorCodeT:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = operator
    code.version = 1
    return code


def _tensor(name: str, shape: tuple[int, ...], buffer: int) -> schema.TensorT:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer, tensor.type = name.encode(), list(shape), buffer, schema.TensorType.FLOAT32
    return tensor


def _operator(code: int, inputs: list[int], outputs: list[int], kind: int, options: object) -> schema.OperatorT:
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = code, inputs, outputs
    operator.builtinOptionsType, operator.builtinOptions = kind, options
    return operator
