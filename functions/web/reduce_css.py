"""Leave out of a style sheet what no page uses. Pure: what is used is given as the words of all templates and scripts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
OTHERS = re.compile(r"\[data-bs-theme=|\[type=(?:time|month|week|color|range)")  # which no page has


def reduce_css(css: str, used: Collection[str]) -> str:
    """Return the rules of ``css`` whose selectors name only classes in ``used``; rules for elements stay."""
    return "".join(_kept(COMMENT.sub("", css), used))


def _kept(css: str, used: Collection[str]) -> Iterator[str]:
    for head, body in _rules(css):
        if head.startswith(("@media", "@supports")):
            inner = "".join(_kept(body, used))
            if inner:
                yield f"{head}{{{inner}}}"
        elif head.startswith("@"):
            if not head.startswith("@keyframes") or head.split()[1] in used:
                yield f"{head}{{{body}}}"
        elif selectors := [one for one in head.split(",") if _is_used(one, used)]:
            yield f"{','.join(selectors)}{{{body}}}"


def _is_used(selector: str, used: Collection[str]) -> bool:
    return not OTHERS.search(selector) and all(name.replace("\\", "") in used for name in CLASS.findall(selector))


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Yield the selectors and the body of each rule, and of each at-rule with a block."""
    start = 0
    while (opening := css.find("{", start)) >= 0:
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        # A statement without a block, such as @charset, may stand before the selectors.
        yield css[start:opening].rpartition(";")[2].strip(), css[opening + 1 : end - 1]
        start = end
