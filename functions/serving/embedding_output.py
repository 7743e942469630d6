"""Add the embedding, the input of the last layer, to the outputs of an exported network."""

from __future__ import annotations

import struct

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

FILE = b"TFL3"  # the identifier of a LiteRT file


def with_embedding(tflite: bytes) -> bytes:
    """Return the same network with one more output, the last one: the input of its last dense layer, (1, d).

    The embedding is computed anyway, so the answers stay the same to the bit. A file without a dense layer, or whose dense layer
    takes the square itself, is returned unchanged.
    """
    try:
        model = schema.ModelT.InitFromPackedBuf(tflite, 0)
        graph = model.subgraphs[0]
        dense = [one for one in graph.operators if _kind(model, one) == schema.BuiltinOperator.FULLY_CONNECTED]
        embedding = int(dense[-1].inputs[0])
        shape = [int(length) for length in graph.tensors[embedding].shape]
    except (struct.error, IndexError, TypeError, AttributeError, ValueError):
        return tflite  # the interpreter reports what is wrong
    if len(shape) != 2 or embedding in [*graph.inputs, *graph.outputs]:
        return tflite
    graph.outputs = [*(int(one) for one in graph.outputs), embedding]
    builder = flatbuffers.Builder(len(tflite) + 1024)
    builder.Finish(model.Pack(builder), file_identifier=FILE)
    return bytes(builder.Output())


def _kind(model: schema.ModelT, operator: schema.OperatorT) -> int:
    code = model.operatorCodes[operator.opcodeIndex]
    return int(max(code.builtinCode, code.deprecatedBuiltinCode))  # old files have only the second code, at most 127
