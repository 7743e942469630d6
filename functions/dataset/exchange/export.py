"""An export: samples in, files out, part by part, so that a stopped export goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any, Literal, get_args

from functions.dataset.exchange.arrays import Arrays, gzipped, idx_files, npz_members
from functions.dataset.exchange.card import CardFacts, Tally, card_files
from functions.dataset.exchange.exported_sample import ExportedSample, Pictures, SampleSource
from functions.dataset.exchange.image_folder import image_folder
from functions.dataset.exchange.parquet import parquet_files
from functions.dataset.exchange.stroke_lines import Form, stroke_lines
from functions.dataset.exchange.zip_stream import ExportFile, zipped
from functions.domain.symbols import SymbolSet
from functions.records.database import Database
from functions.records.exported_samples import ExportFilter, count_contributors, count_samples
from functions.records.tables import now
from functions.store import Store

Format = Literal["zip", "npz", "idx", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
FORMS: tuple[Form, ...] = get_args(Form)
# Samples of one part, which a worker repeats if it is killed: half a minute of work, and files of some 50 MB.
PART_SIZES = {"zip": 20_000, "jsonl": 50_000, "parquet": 20_000}
CONTENT_TYPES = {"jsonl": "application/x-ndjson", "npz": "application/x-npz"}
ENDINGS = {"npz": "npz", "jsonl": "jsonl"}  # of an export as one file; the others are a zip


@dataclass(frozen=True)
class ExportRequest:
    """What somebody wants: a format, a filter, and the form of stroke lines."""

    format: Format
    wanted: ExportFilter = field(default_factory=ExportFilter)
    form: Form = "facts"


@dataclass
class Export:
    """One export of a set. ``parts`` and ``place`` tell how far it is; with both of an earlier try, it goes on behind them.

    ``on_samples`` is told, after each page, how many samples were read.
    """

    database: Database
    store: Store
    symbols: SymbolSet
    request: ExportRequest
    licence: str = ""
    on_samples: Callable[[int], None] = lambda count: None
    tally: Tally = field(default_factory=Tally)
    created: datetime = field(default_factory=now)
    parts: int = 0
    place: str = ""
    done: bool = False

    @property
    def total(self) -> int:
        """The number of samples to read, for a progress bar."""
        with self.database.reading() as session:
            return count_samples(session, self.symbols.name, self.request.wanted)

    def files(self) -> Iterator[ExportFile]:
        """Yield the files of all parts that are left, and of the card. ``parts`` and ``place`` move on after each part."""
        while not self.done:
            yield from self.part()
        yield from self.card()

    def part(self) -> Iterator[ExportFile]:
        """Yield the files of the next part; the last one sets ``done``."""
        source = self._source()
        samples = self.tally.passing(source.samples(self._pictures))
        first = next(samples, None)
        if first is None and self.parts:
            self.done = True
            return
        size = PART_SIZES.get(self.request.format)
        rest = samples if first is None else chain([first], samples)
        yield from self.tally.recording(self._part_files(islice(rest, size) if size else rest))
        self.parts, self.place = self.parts + 1, source.place
        self.done = size is None or first is None

    def state(self) -> dict[str, Any]:
        """Return what an export needs to go on behind its last complete part, as JSON values."""
        return {
            "request": written_request(self.request),
            "created": self.created.isoformat(),
            "parts": self.parts,
            "place": self.place,
            "done": self.done,
            "tally": self.tally.as_dict(),
        }

    def go_on(self, state: Mapping[str, Any]) -> None:
        """Go on where ``state`` was written."""
        self.created = datetime.fromisoformat(state["created"])
        self.parts, self.place, self.done = state["parts"], state["place"], state["done"]
        self.tally = Tally.of_dict(state["tally"])

    def card(self) -> Iterator[ExportFile]:
        """Yield the files of the card; all parts must have been taken before."""
        return card_files(self._facts(), self.tally)

    def one_file(self) -> Iterator[bytes]:
        """Yield the whole export as one file: lines of strokes as they are, an NPZ, or a zip; the card is inside a zip."""
        samples = self.tally.passing(self._source().samples(self._pictures))
        if self.request.format == "jsonl":
            yield from stroke_lines(samples, self.request.form)
        else:
            yield from zipped(chain(self.tally.recording(self._members(samples)), self._late_card()))

    @property
    def file_name(self) -> str:
        """The name of the export as one file."""
        return f"{self.symbols.name}-{self.created:%Y%m%d}.{ENDINGS.get(self.request.format, 'zip')}"

    @property
    def _pictures(self) -> Pictures:
        if self.request.format == "jsonl":
            return "uploads" if self.request.form == "facts" else "none"
        return "all" if self.request.format in ("zip", "parquet") else "none"

    def _source(self) -> SampleSource:
        wanted = self.request.wanted
        if wanted.until is None:  # what comes later is not waited for
            wanted = replace(wanted, until=self.created)
        return SampleSource(self.database, self.store, self.symbols, wanted, self.place, self.on_samples)

    def _part_files(self, samples: Iterator[ExportedSample]) -> Iterator[ExportFile]:
        name = f"{self.symbols.name}-{self.parts:05}"
        match self.request.format:
            case "zip":
                yield ExportFile(f"{name}.zip", zipped(image_folder(samples)))
            case "jsonl":
                yield ExportFile(f"{name}.jsonl.gz", gzipped(stroke_lines(samples, self.request.form)))
            case "npz":
                yield ExportFile(f"{self.symbols.name}.npz", zipped(self._members(samples)))
            case _:
                yield from self._members(samples)

    def _members(self, samples: Iterator[ExportedSample]) -> Iterator[ExportFile]:
        match self.request.format:
            case "zip":
                yield from image_folder(samples)
            case "parquet":
                part = self.parts
                while first := list(islice(samples, 1)):
                    yield from parquet_files(self.symbols, chain(first, islice(samples, PART_SIZES["parquet"] - 1)), part)
                    part += 1
            case "npz" | "idx":
                arrays = Arrays(self.symbols, samples)
                self.tally.left_out += arrays.left_out
                yield from npz_members(arrays) if self.request.format == "npz" else idx_files(arrays)

    def _late_card(self) -> Iterator[ExportFile]:
        yield from self.card()  # made when the files before it are

    def _facts(self) -> CardFacts:
        with self.database.reading() as session:
            contributors = count_contributors(session, self.symbols.name, self.request.wanted)
        return CardFacts(self.symbols, self.request.format, self.request.wanted, self.licence, contributors, self.created)


def written_request(request: ExportRequest) -> dict[str, Any]:
    """Return a request as JSON values."""
    wanted = request.wanted
    return {
        "format": request.format,
        "form": request.form,
        "labels": list(wanted.labels),
        "statuses": list(wanted.statuses),
        "splits": list(wanted.splits),
        "sources": list(wanted.sources),
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
        "agreement": wanted.agreement,
        "snapshot": wanted.snapshot,
        "doubted": wanted.doubted,
    }


def read_request(kept: dict[str, Any]) -> ExportRequest:
    """Return the request that ``written_request`` wrote."""
    moments: dict[str, Any] = {name: datetime.fromisoformat(kept[name]) if kept[name] else None for name in ("since", "until")}
    tuples: dict[str, Any] = {name: tuple(kept[name]) for name in ("labels", "statuses", "splits", "sources")}
    doubted = bool(kept.get("doubted"))  # requests of earlier releases say nothing about it
    wanted = ExportFilter(**tuples, **moments, agreement=kept["agreement"], snapshot=kept["snapshot"], doubted=doubted)
    return ExportRequest(kept["format"], wanted, kept["form"])
