"""Reads drawings from Parquet: an image with its bytes, a label, and the facts of an export if they are there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from tempfile import NamedTemporaryFile
from typing import Any

from functions.dataset.exchange.file_tree import INFLATES, UNREADABLE, FileTree, room_for_files
from functions.dataset.exchange.incoming import MOST_PNG, Incoming, Labels, Refused, split_of
from functions.dataset.exchange.parquet import ROWS, load_arrow
from functions.domain.problem import Problem
from functions.errors import Malformed

IN_MEMORY = 64 * 2**20  # bytes of pictures
FEWEST = 16  # rows
READ = ("image", "label", "split", "status", "contributor", "created", "strokes")
PATIENCE = 120  # seconds; importing pyarrow takes one
SIZES = """
import json, sys
from pyarrow.parquet import read_metadata
found = read_metadata(sys.argv[1])
chunks = [found.row_group(group).column(number) for group in range(found.num_row_groups) for number in range(found.num_columns)]
print(json.dumps([[one.total_uncompressed_size, one.total_compressed_size] for one in chunks]))
"""


def read_parquet(tree: FileTree, labels: Labels) -> Iterator[Incoming | Refused]:
    """Yield the drawings of each Parquet file; raise Malformed for a file with other columns."""
    arrow = load_arrow()
    for name in tree.names():
        if name.lower().endswith(".parquet"):
            yield from _of_file(arrow, tree, name, labels)


def _of_file(arrow: Any, tree: FileTree, name: str, labels: Labels) -> Iterator[Incoming | Refused]:
    with room_for_files(), NamedTemporaryFile(suffix=".parquet") as file:  # Parquet is read from its end
        try:
            with tree.open(name) as body, room_for_files():
                shutil.copyfileobj(body, file)
                file.flush()
        except UNREADABLE as error:
            raise Malformed(Problem("import_cut_off", name=name[:100], answer=str(error))) from None
        try:
            table = arrow.parquet.ParquetFile(file)
        except (arrow.ArrowException, *UNREADABLE) as error:
            raise Malformed(Problem("import_no_parquet", name=name, answer=str(error)[:100])) from None
        schema = table.schema_arrow
        _check(arrow, name, schema)
        at_once = _rows_at_once(name, file.name)
        words = _words(schema)
        split = split_of(name.rpartition("/")[2].partition("-")[0].removesuffix(".parquet"))
        number = 0
        try:
            for batch in table.iter_batches(batch_size=at_once, columns=[one for one in READ if one in schema.names]):
                for row in batch.to_pylist():
                    yield _of_row(f"{name}, row {number}", row, split, words, labels)
                    number += 1
        except (arrow.ArrowException, *UNREADABLE) as error:
            raise Malformed(Problem("import_cut_off", name=name, answer=str(error)[:100])) from None


def _check(arrow: Any, name: str, schema: Any) -> None:
    fields = {one.name: one.type for one in schema}
    image, label = fields.get("image"), fields.get("label")
    pictured = image is not None and arrow.types.is_struct(image) and image.get_field_index("bytes") >= 0
    if not pictured or label is None or not (arrow.types.is_integer(label) or arrow.types.is_string(label)):
        raise Malformed(Problem("import_columns", name=name, columns=", ".join(fields)[:200]))


def _rows_at_once(name: str, path: str) -> int:
    """Return how many rows are read at once; raise Malformed for a bomb. A dictionary may repeat a large picture in every row."""
    largest = 1
    for inflated, packed in _chunk_sizes(name, path):
        if inflated > max(IN_MEMORY, INFLATES * packed):
            raise Malformed(Problem("import_bomb", name=name[:100], times=INFLATES))
        largest = max(largest, inflated)
    return min(max(IN_MEMORY // largest, FEWEST), ROWS)


def _chunk_sizes(name: str, path: str) -> list[tuple[int, int]]:
    """Return the inflated and the packed bytes of each part of a file. pyarrow ends its process at some damaged ones."""
    try:
        asked = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", SIZES, path], capture_output=True, timeout=PATIENCE, check=True
        )
    except subprocess.SubprocessError:
        raise Malformed(Problem("import_figures", name=name[:100])) from None
    return [(inflated, packed) for inflated, packed in json.loads(asked.stdout)]


def _words(schema: Any) -> list[str] | None:
    """Return the names of the label's classes as ``datasets`` keeps them, None if there are none."""
    try:
        return list(json.loads(schema.metadata[b"huggingface"])["info"]["features"]["label"]["names"])
    except (KeyError, TypeError, ValueError):
        return None


def _of_row(where: str, row: dict[str, Any], split: str | None, words: list[str] | None, labels: Labels) -> Incoming | Refused:
    try:
        label = _label(row["label"], words or labels.symbols.labels, labels)
        strokes = row.get("strokes")
        facts = {key: value for key, value in row.items() if key != "image"}
        chosen = split_of(row.get("split")) or split
        if isinstance(strokes, str):
            return Incoming(where, label, chosen, json.loads(strokes), facts=facts)
        png = (row["image"] or {}).get("bytes")
    except LookupError as error:
        return Refused(where, error.args[0])
    except ValueError:
        return Refused(where, Problem("refused_strokes_json"))
    if not png:
        return Refused(where, Problem("refused_empty"))
    return (
        Refused(where, Problem("refused_large")) if len(png) > MOST_PNG else Incoming(where, label, chosen, png=png, facts=facts)
    )


def _label(value: Any, words: Any, labels: Labels) -> str | None:
    if isinstance(value, str):
        return labels.known(value)
    if value is None or value == -1:
        return None
    if not 0 <= value < len(words):
        raise LookupError(Problem("refused_label_number", label=value, count=len(words)))
    return labels.known(words[value])
