"""Parquet with the features of Hugging Face's ``datasets``: one file for each split, with the pictures' bytes inside.

pyarrow is not among the requirements of a platform; ``requirements-parquet.txt`` has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from functions.dataset.exchange.exported_sample import ExportedSample
from functions.dataset.exchange.zip_stream import ExportFile, copied
from functions.domain.problem import Problem
from functions.domain.symbols import SymbolSet
from functions.errors import Unavailable

ROWS = 500  # of a row group: a megabyte or two of pictures
NOT_A_SYMBOL = -1  # as ``datasets`` writes a missing class


def parquet_files(symbols: SymbolSet, samples: Iterable[ExportedSample], part: int) -> Iterator[ExportFile]:
    """Yield ``data/<split>-<part>.parquet`` for each split that has samples.

    Raises:
        Unavailable: pyarrow is not installed.
    """
    arrow = load_arrow()
    schema = _schema(arrow, symbols)
    numbers = {label: number for number, label in enumerate(symbols.labels)}
    writers: dict[str, _Writer] = {}
    for sample in samples:
        if sample.split not in writers:
            writers[sample.split] = _Writer(arrow, schema)
        writers[sample.split].add(_row(sample, numbers))
    for split, writer in writers.items():
        yield ExportFile(f"data/{split}-{part:05}.parquet", writer.pieces())


def load_arrow() -> Any:
    """Return pyarrow with its Parquet module, or raise Unavailable with what to do."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise Unavailable(Problem("no_pyarrow")) from None
    return pyarrow


class _Writer:
    """One file of one split, written to a temporary file group by group."""

    def __init__(self, arrow: Any, schema: Any) -> None:
        self._arrow, self._schema = arrow, schema
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - it lives as long as this writer
        # Pictures are compressed already; statistics about them would repeat them.
        self._writer = arrow.parquet.ParquetWriter(
            self._file, schema, compression={"strokes": "zstd"}, write_statistics=["label", "id", "created"]
        )
        self._rows: list[dict[str, Any]] = []

    def add(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) >= ROWS:
            self._write()

    def pieces(self) -> Iterator[bytes]:
        """End the file, and yield its bytes."""
        self._write()
        self._writer.close()
        yield from copied(self._file)

    def _write(self) -> None:
        if self._rows:
            self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
            self._rows.clear()


def _schema(arrow: Any, symbols: SymbolSet) -> Any:
    features = {
        "image": {"_type": "Image"},
        "label": {"names": list(symbols.labels), "_type": "ClassLabel"},
        **{name: {"dtype": "string", "_type": "Value"} for name in TEXTS},
        "created": {"dtype": "timestamp[ms, tz=UTC]", "_type": "Value"},
        "strokes": {"dtype": "string", "_type": "Value"},
    }
    image = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    fields = [("image", image), ("label", arrow.int64()), *((name, arrow.string()) for name in TEXTS)]
    fields += [("created", arrow.timestamp("ms", tz="UTC")), ("strokes", arrow.string())]
    return arrow.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})


TEXTS = ("id", "split", "status", "reason", "source", "contributor", "sha256")


def _row(sample: ExportedSample, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "image": {"bytes": sample.png, "path": f"{sample.id}.png"},
        "label": NOT_A_SYMBOL if sample.label is None else numbers[sample.label],
        "id": sample.id,
        "split": sample.split,
        "status": sample.status,
        "reason": sample.reason,
        "source": sample.source,
        "contributor": sample.contributor,
        "sha256": sample.png_sha256,
        "created": sample.created,
        # Text, because points may have times and pressure or not, and readers differ in what they infer from lists.
        "strokes": None if sample.strokes is None else json.dumps(sample.strokes, separators=(",", ":")),
    }
