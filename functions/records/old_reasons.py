"""Read the sentences that older rows and facts have as reasons."""

from __future__ import annotations

import re

from functions.domain.trust.reason_codes import NOT_A_SYMBOL_WORDS, SENTENCES, Reason, Sentence

_TEXTS = {"answered", "label", "text"}  # every other figure is a whole number


def reason_of_sentence(sentence: str) -> Reason:
    """Return the code and the figures of an old sentence.

    A sentence of no rule, such as the reason of an owner's import, is ``other`` with its ``text``.
    """
    for known, pattern in _PATTERNS:
        if (found := pattern.fullmatch(sentence)) is not None:
            return Reason(known.code, {**known.only, **{name: _value(name, text) for name, text in found.groupdict().items()}})
    return Reason("other", {"text": sentence} if sentence else {})


def _value(name: str, text: str) -> str | int | None:
    if name not in _TEXTS:
        return int(text.replace(",", ""))
    return None if text == NOT_A_SYMBOL_WORDS else text


def _pattern(sentence: Sentence) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence.text)  # text and name in turn
    groups = (f"(?P<{name}>{'.+' if name in _TEXTS else r'[0-9][0-9,]*'})" for name in parts[1::2])
    return re.compile("".join(re.escape(text) + group for text, group in zip(parts[::2], [*groups, ""], strict=True)))


_PATTERNS = [(sentence, _pattern(sentence)) for sentence in SENTENCES if sentence.code != "other"]
