"""Reads drawings from Parquet: an image with its bytes, a label, and the facts of an export if they are there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

from functions.dataset.exchange.file_tree import INFLATES, FileTree
from functions.dataset.exchange.incoming import MOST_PNG, Incoming, Labels, Refused, split_of
from functions.dataset.exchange.parquet import ROWS, load_arrow
from functions.errors import Malformed

IN_MEMORY = 64 * 2**20  # bytes of pictures
FEWEST = 16  # rows
READ = ("image", "label", "split", "status", "contributor", "created", "strokes")
WANTED = "It must have a column 'image' with 'bytes', and a column 'label' of whole numbers or words"


def read_parquet(tree: FileTree, labels: Labels) -> Iterator[Incoming | Refused]:
    """Yield the drawings of each Parquet file; raise Malformed for a file with other columns."""
    arrow = load_arrow()
    for name in tree.names():
        if name.lower().endswith(".parquet"):
            yield from _of_file(arrow, tree, name, labels)


def _of_file(arrow: Any, tree: FileTree, name: str, labels: Labels) -> Iterator[Incoming | Refused]:
    with TemporaryFile() as file:  # Parquet is read from its end
        with tree.open(name) as body:
            shutil.copyfileobj(body, file)
        try:
            table = arrow.parquet.ParquetFile(file)
        except (arrow.ArrowException, OSError) as error:
            raise Malformed(f"{name!r} is not Parquet ({str(error)[:100]}).") from None
        schema = table.schema_arrow
        _check(arrow, name, schema)
        at_once = _rows_at_once(name, table.metadata)
        words = _words(schema)
        split = split_of(name.rpartition("/")[2].partition("-")[0].removesuffix(".parquet"))
        number = 0
        try:
            for batch in table.iter_batches(batch_size=at_once, columns=[one for one in READ if one in schema.names]):
                for row in batch.to_pylist():
                    yield _of_row(f"{name}, row {number}", row, split, words, labels)
                    number += 1
        except (arrow.ArrowException, OSError) as error:
            raise Malformed(f"{name!r} cannot be read to its end ({str(error)[:100]}).") from None


def _check(arrow: Any, name: str, schema: Any) -> None:
    fields = {one.name: one.type for one in schema}
    image, label = fields.get("image"), fields.get("label")
    pictured = image is not None and arrow.types.is_struct(image) and image.get_field_index("bytes") >= 0
    if not pictured or label is None or not (arrow.types.is_integer(label) or arrow.types.is_string(label)):
        raise Malformed(f"{name!r} has the columns {', '.join(fields)[:200]}. {WANTED}.")


def _rows_at_once(name: str, metadata: Any) -> int:
    """Return how many rows are read at once; raise Malformed for a bomb. A dictionary may repeat a large picture in every row."""
    largest = 1
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(number)
            if chunk.total_uncompressed_size > max(IN_MEMORY, INFLATES * chunk.total_compressed_size):
                raise Malformed(f"{name[:100]!r} inflates more than {INFLATES}-fold: it is a bomb.")
            largest = max(largest, chunk.total_uncompressed_size)
    return min(max(IN_MEMORY // largest, FEWEST), ROWS)


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
        return Refused(where, "its strokes are not JSON")
    if not png:
        return Refused(where, "it has neither strokes nor an image")
    return (
        Refused(where, "it is larger than 1 MiB") if len(png) > MOST_PNG else Incoming(where, label, chosen, png=png, facts=facts)
    )


def _label(value: Any, words: Any, labels: Labels) -> str | None:
    if isinstance(value, str):
        return labels.known(value)
    if value is None or value == -1:
        return None
    if not 0 <= value < len(words):
        raise LookupError(f"its label {value} is not among the {len(words)} labels")
    return labels.known(words[value])
