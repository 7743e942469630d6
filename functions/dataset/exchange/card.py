"""The data card of an export: ``README.md`` for people and for Hugging Face, ``card.json`` for programs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.dataset.exchange.exported_sample import ExportedSample, written
from functions.dataset.exchange.label_folders import folders_of
from functions.dataset.exchange.zip_stream import ExportFile
from functions.domain.symbols import SymbolSet
from functions.records.exported_samples import ExportFilter

FORMAT = "inkloop-export-1"
CARD, README = "card.json", "README.md"
NOT_A_SYMBOL = "not a symbol"
# The licences that Hugging Face knows by these names and that suit data; others are "other" there.
HUB_LICENCES = {"cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "odbl", "pddl", "odc-by"}
NO_LICENCE = "The owner of the platform has not chosen a licence. Ask the owner before you use these drawings."
COLLECTED = """\
## How it was collected

People drew these symbols with a mouse, a finger or a pen on a web page, or uploaded pictures. Each drew a label that was asked
for (`contribution`), or corrected what two networks had answered (`correction`); the owner may have imported others (`import`).
Where strokes were sent, the server drew the picture from them, so picture and strokes cannot disagree. A contributor is known
by a random pseudonym only. Drawings that their authors took back are not in this export.

## How it was checked

Each label was compared with the networks' answers, with other people's labels of drawings that look alike, and with what the
contributor had answered to drawings of known labels. Doubtful ones wait for the owner and are not `accepted`.

## Splits

All drawings of one contributor are in one of train, validation and test, so that no handwriting is in two of them. `unused` are
corrections by contributors of validation and test: they tell where the networks were wrong, and would favour one of them.
"""


@dataclass
class Tally:
    """What an export holds, counted while its samples pass; it can be kept between two parts of an export."""

    by_split: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    first: str | None = None
    last: str | None = None
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def samples(self) -> int:
        """The number of samples."""
        return sum(self.by_split.values())

    def passing(self, samples: Iterable[ExportedSample]) -> Iterator[ExportedSample]:
        """Yield samples, and count each."""
        for sample in samples:
            self.by_split[sample.split, sample.label] += 1
            self.sources[sample.source] += 1
            self.statuses[sample.status] += 1
            moment = written(sample.created)
            self.first, self.last = min(self.first or moment, moment), max(self.last or moment, moment)
            yield sample

    def recording(self, files: Iterable[ExportFile]) -> Iterator[ExportFile]:
        """Yield files, and note the length and the SHA-256 of each; those of pictures are in their metadata."""
        for file in files:
            yield file if file.name.endswith(".png") else ExportFile(file.name, self._recorded(file))

    def _recorded(self, file: ExportFile) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        for piece in file.pieces():
            digest.update(piece)
            size += len(piece)
            yield piece
        self.files[file.name] = {"bytes": size, "sha256": digest.hexdigest()}

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        by_split = [[split, label, count] for (split, label), count in self.by_split.items()]
        rest = {name: getattr(self, name) for name in ("sources", "statuses", "left_out", "first", "last", "files")}
        return {"by_split": by_split, **rest}

    @classmethod
    def of_dict(cls, kept: Mapping[str, Any]) -> Tally:
        """Return the counts that ``as_dict`` wrote."""
        by_split = Counter({(split, label): count for split, label, count in kept["by_split"]})
        counted = {name: Counter(kept[name]) for name in ("sources", "statuses", "left_out")}
        return cls(by_split, **counted, first=kept["first"], last=kept["last"], files=dict(kept["files"]))


@dataclass(frozen=True)
class CardFacts:
    """What a card says beside the counts."""

    symbols: SymbolSet
    format: str
    wanted: ExportFilter
    licence: str
    contributors: int
    created: datetime


def card_files(facts: CardFacts, tally: Tally) -> Iterator[ExportFile]:
    """Yield ``README.md`` and ``card.json``, which has the SHA-256 of the README too."""
    readme = _readme(facts, tally).encode()
    files = {**tally.files, README: {"bytes": len(readme), "sha256": hashlib.sha256(readme).hexdigest()}}
    yield ExportFile(README, readme)
    yield ExportFile(CARD, json.dumps(card(facts, tally, files), ensure_ascii=False, indent=1).encode() + b"\n")


def card(facts: CardFacts, tally: Tally, files: Mapping[str, Any]) -> dict[str, Any]:
    """Return the card as JSON values."""
    symbols, wanted = facts.symbols, facts.wanted
    per_label = _per_label(tally)
    return {
        "format": FORMAT,
        "kind": facts.format,
        "set": symbols.name,
        "labels": list(symbols.labels),
        "confusable": [list(group) for group in symbols.confusable],
        "folders": folders_of(symbols.labels),
        "licence": facts.licence or None,
        "created": written(facts.created),
        "filter": {
            "labels": list(wanted.labels) or None,
            "statuses": list(wanted.statuses),
            "splits": list(wanted.splits) or None,
            "sources": list(wanted.sources) or None,
            "since": written(wanted.since) if wanted.since else None,
            "until": written(wanted.until) if wanted.until else None,
            "agreement": wanted.agreement,
            "snapshot": wanted.snapshot,
            "doubted": wanted.doubted,
        },
        "samples": tally.samples,
        "contributors": facts.contributors,
        "drawn": {"first": tally.first, "last": tally.last},
        "splits": _totals(tally, 0),
        "balance": [
            {"label": label, "samples": count, "share": round(count / tally.samples, 4) if tally.samples else 0.0}
            for label, count in ((label, per_label[label]) for label in (*symbols.labels, None))
        ],
        "sources": dict(tally.sources),
        "statuses": dict(tally.statuses),
        "left_out": dict(tally.left_out),
        "withdrawn": "left out",
        "files": dict(files),
    }


def _per_label(tally: Tally) -> Counter[str | None]:
    found: Counter[str | None] = Counter()
    for (_, label), count in tally.by_split.items():
        found[label] += count
    return found


def _totals(tally: Tally, place: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, count in tally.by_split.items():
        found[str(key[place])] += count
    return dict(found)


def _readme(facts: CardFacts, tally: Tally) -> str:
    name, per_label = facts.symbols.name, _per_label(tally)
    licence = facts.licence or NO_LICENCE
    splits = _totals(tally, 0)
    lines = [
        *_front_matter(facts, tally),
        f"# Hand-drawn symbols: {name}",
        "",
        f"{tally.samples:,} drawings by {facts.contributors:,} contributors, exported {written(facts.created)}.",
        f"Licence: {licence}",
        "",
        "| split | drawings |",
        "| --- | --- |",
        *(f"| {split} | {count:,} |" for split, count in sorted(splits.items())),
        "",
        "| label | drawings |",
        "| --- | --- |",
        *(f"| {_cell(label)} | {per_label[label]:,} |" for label in (*facts.symbols.labels, None)),
        "",
        *(f"Left out, because this format has no place for them: {count:,} {what}." for what, count in tally.left_out.items()),
        "",
        COLLECTED,
        "`card.json` has the folders of labels, the filter of this export, and the SHA-256 of every file.",
    ]
    return "\n".join(lines) + "\n"


def _front_matter(facts: CardFacts, tally: Tally) -> list[str]:
    known = facts.licence.lower() in HUB_LICENCES
    lines = ["---", f"license: {facts.licence.lower() if known else 'other'}"]
    if facts.licence and not known:
        lines.append(f"license_name: {json.dumps(facts.licence)}")
    lines += ["task_categories:", "- image-classification", f"pretty_name: {json.dumps(f'Inkloop {facts.symbols.name}')}"]
    if facts.format == "parquet" and tally.samples:
        lines += ["configs:", "- config_name: default", "  data_files:"]
        for split in sorted(_totals(tally, 0)):
            lines += [f"  - split: {split}", f"    path: data/{split}-*.parquet"]
    return [*lines, "---", ""]


def _cell(label: str | None) -> str:
    """Return a label for a table of Markdown, where it can neither end the cell nor become a link or a tag."""
    if label is None:
        return NOT_A_SYMBOL
    return "".join(character if character.isalnum() else f"&#{ord(character)};" for character in label)
