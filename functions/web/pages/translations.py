"""Every sentence a page shows, in every language it can be shown in. Pure, but for reading the words once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ru")
DEFAULT = "en"
FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Words:
    """The sentences of one language by key; ``{name}`` in a sentence is a place for a value."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence of ``key`` with its values put in. An unknown key is a mistake of ours, and raises KeyError."""
        return self.sentences[key].format_map(values) if values else self.sentences[key]

    def get(self, key: str, otherwise: str) -> str:
        """Return the sentence of ``key``, or ``otherwise`` where there is none of ours, as for the name of an owner's set."""
        return self.sentences.get(key, otherwise)

    def of_code(self, code: str, otherwise: str) -> str:
        """Return the sentence for an error's code, or ``otherwise`` where there is none of ours."""
        return self.get(f"js.error.{code}", otherwise)

    def share(self, share: float, digits: int = 1) -> str:
        """Return a share (0..1) as a percentage, written as this language writes it."""
        number = f"{100 * share:.{digits}f}"
        return f"{number.replace('.', ',') if self.language == 'ru' else number}\u00a0%"

    def number(self, number: int) -> str:
        """Return a whole number with its thousands apart."""
        return f"{number:,}".replace(",", "\u00a0" if self.language == "ru" else ",")

    def for_scripts(self) -> dict[str, str]:
        """Return the sentences that scripts say: those whose key begins with ``js.``, without it."""
        return {key.removeprefix("js."): text for key, text in self.sentences.items() if key.startswith("js.")}


@cache
def words(language: str) -> Words:
    """Return the words of one of ``LANGUAGES``."""
    return Words(language, json.loads((FOLDER / f"{language}.json").read_text("utf-8")))


def choose_language(asked: str | None, remembered: str | None, preferred: Sequence[str]) -> str:
    """Return the language to speak: the one asked for, else the remembered one, else the browser's first that is known.

    ``preferred`` are language tags, best first, such as ``["de-AT", "ru", "en"]``.
    """
    tags = [asked, remembered, *preferred]
    known = (tag.split("-")[0].lower() for tag in tags if tag)
    return next((language for language in known if language in LANGUAGES), DEFAULT)
