"""What a network makes of a square just before its last layer, read from the very file that answers."""

from __future__ import annotations

import struct

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

FILE = b"TFL3"  # what a LiteRT file is marked with


def with_embedding(tflite: bytes) -> bytes:
    """Return the same network with one output more, after the others: the input of its last dense layer, (1, d).

    Nothing is computed that was not before, so the answers stay the same to the bit. A file that is not like that - no dense
    layer, or its input is the square itself - comes back as it is.
    """
    try:
        model = schema.ModelT.InitFromPackedBuf(tflite, 0)
        graph = model.subgraphs[0]
        dense = [one for one in graph.operators if _kind(model, one) == schema.BuiltinOperator.FULLY_CONNECTED]
        embedding = int(dense[-1].inputs[0])
        shape = [int(length) for length in graph.tensors[embedding].shape]
    except (struct.error, IndexError, TypeError, AttributeError, ValueError):
        return tflite  # whoever runs it finds out what it is
    if len(shape) != 2 or embedding in [*graph.inputs, *graph.outputs]:
        return tflite
    graph.outputs = [*(int(one) for one in graph.outputs), embedding]
    builder = flatbuffers.Builder(len(tflite) + 1024)
    builder.Finish(model.Pack(builder), file_identifier=FILE)
    return bytes(builder.Output())


def _kind(model: schema.ModelT, operator: schema.OperatorT) -> int:
    code = model.operatorCodes[operator.opcodeIndex]
    return int(max(code.builtinCode, code.deprecatedBuiltinCode))  # old files know only the second, which ends at 127
