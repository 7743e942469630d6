"""Every sentence of the pages in every language. Pure, but for reading the words once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent

FOLDER = Path(__file__).parent / "words"
DEFAULT_LANGUAGE = "en"


def languages_in(folder: Path) -> tuple[str, ...]:
    """Return the languages that have a file of words in a folder."""
    return tuple(sorted(path.stem for path in folder.glob("*.json")))


LANGUAGES = languages_in(FOLDER)
LOCALES = {"en": "en_GB"}  # for dates: of plain "en" Babel makes the American order, "Nov 29, 2026"
NUMBERS = 5_000  # kept as text: some pages with all their numbers, half a megabyte


@dataclass(frozen=True)
class Words:
    """The sentences of one language by key; ``{name}`` in a sentence stands for a value."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence of ``key`` with its values. An unknown key is a bug and raises KeyError."""
        return self.sentences[key].format_map(values) if values else self.sentences[key]

    def get(self, key: str, otherwise: str) -> str:
        """Return the sentence of ``key``, or ``otherwise`` if there is none."""
        return self.sentences.get(key, otherwise)

    def counted(self, key: str, count: int, **values: object) -> str:
        """Return the sentence of ``key`` in the plural form of ``count``; the sentence says it as ``{count}``."""
        form = Locale.parse(self.language).plural_form(count)
        return self(f"{key}.{form}", count=self.number(count), **values)

    def of_code(self, code: str, otherwise: str) -> str:
        """Return the sentence of an error's code, or ``otherwise`` if there is none."""
        return self.get(f"js.error.{code}", otherwise)

    def share(self, share: float, digits: int = 1) -> str:
        """Return a share (0..1) as a percentage of this language, with the space that SI asks for in every language."""
        return _share(share, digits, self.language)

    def number(self, number: float, digits: int = 0) -> str:
        """Return a number as this language writes it, with a typographic minus sign."""
        return _number(number, digits, self.language)

    def day(self, moment: datetime) -> str:
        """Return the day of a moment (UTC) as this language writes it."""
        return format_date(moment, "medium", locale=LOCALES.get(self.language, self.language))

    def hour(self, moment: datetime) -> str:
        """Return a moment (UTC) without its year, as this language writes it."""
        day = format_skeleton("MMMd", moment, locale=LOCALES.get(self.language, self.language))
        return f"{day}, {moment:%H:%M}"

    def size(self, bytes: int) -> str:
        """Return a number of bytes in the largest unit that leaves at least one of it."""
        for power, unit in ((3, "giga"), (2, "mega")):
            if bytes >= 1000**power:
                return self(f"unit.{unit}", number=self.number(bytes / 1000**power, 1))
        return self("unit.kilo", number=self.number(bytes / 1000))

    def figure(self, value: float | int | str | None) -> str:
        """Return a figure of a reason: a float as a percentage, an integer as a number, None as "not a symbol"."""
        match value:
            case None:
                return self("reason.not_a_symbol")
            case float():
                return self.share(value, 2)
            case int():
                return self.number(value)
        return value

    def for_scripts(self) -> dict[str, str]:
        """Return the sentences of the scripts: those whose key begins with ``js.``, by the rest of the key."""
        return {key.removeprefix("js."): text for key, text in self.sentences.items() if key.startswith("js.")}

    def of_imports(self) -> dict[str, str]:
        """Return the sentences of what is wrong, which the owner's import tells in a script."""
        return {key: text for key, text in self.sentences.items() if key.startswith("problem.")}

    def of_plots(self) -> dict[str, str]:
        """Return the sentences of the charts that people read and zoom; only their page needs them."""
        return {key: text for key, text in self.sentences.items() if key.startswith("plot.")}


# Cached: a page has a thousand numbers, and writing one takes as long as a query.
@lru_cache(maxsize=NUMBERS)
def _share(share: float, digits: int, language: str) -> str:
    return format_percent(share, _pattern(digits) + "\u00a0%", language)


@lru_cache(maxsize=NUMBERS)
def _number(number: float, digits: int, language: str) -> str:
    return format_decimal(number, _pattern(digits), language).replace("-", "\N{MINUS SIGN}")


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


@cache
def words(language: str) -> Words:
    """Return the words of one of ``LANGUAGES``."""
    return Words(language, json.loads((FOLDER / f"{language}.json").read_text("utf-8")))


def choose_language(asked: str | None, remembered: str | None, preferred: Sequence[str]) -> str:
    """Return the language of a page: the requested one, else the remembered one, else the browser's first known one.

    ``preferred`` are language tags, best first, such as ``["de-AT", "ru", "en"]``.
    """
    tags = [asked, remembered, *preferred]
    known = (tag.split("-")[0].lower() for tag in tags if tag)
    return next((language for language in known if language in LANGUAGES), DEFAULT_LANGUAGE)
