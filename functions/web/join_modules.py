"""Join an ES module with the modules that it imports, so that a browser loads one file. Pure, but for ``read``.

There is no build: the files in ``static/js`` work as they lie there, and a page's script is joined when it is first asked for.
Modules use one form of each statement: ``import "./a.js"``, ``import { b, c as d } from "./a.js"``, ``export function``, ``export
class`` and ``export const``. A test holds them to it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.{1,2}/[^"]+)";$', re.MULTILINE)
LAZY = re.compile(r'\bimport\("(\.{1,2}/[^"]+)"\)')
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
AWAIT = re.compile(r"^(?:(?:const|let) .* = )?await\b", re.MULTILINE)  # at the left edge: of the module itself
COMMENT = re.compile(r"^\s*//.*\n", re.MULTILINE)
HEAD = """\
const $made = {};
const $use = (name) => ($made[name] ??= $modules[name]());
const $modules = {
"""


def join(entry: str, read: Callable[[str], str]) -> str:
    """Return one module that does and exports what ``entry`` does; ``read`` returns the text of a module by its path.

    Each module is evaluated once, when it is first imported. One that is imported lazily waits for that too.

    Raises:
        ValueError: two modules import each other, or a statement has another form.
    """
    texts: dict[str, str] = {}
    _collect(entry, read, texts, ())
    modules = "".join(f'"{name}": {text},\n' for name, text in texts.items())
    exported = ", ".join(found for _, found in EXPORT.findall(read(entry)))
    return f'{HEAD}{modules}}};\n{f"export const {{ {exported} }} = " if exported else ""}$use("{entry}");\n'


def _collect(name: str, read: Callable[[str], str], texts: dict[str, str], importing: tuple[str, ...]) -> None:
    if name in importing:
        raise ValueError(f"{name} is imported by a module that it imports: {' -> '.join([*importing, name])}")
    if name in texts:
        return
    text = read(name)
    texts[name] = ""  # a module that is imported lazily may import its importer
    for _, path in IMPORT.findall(text):
        _collect(_resolve(name, path), read, texts, (*importing, name))
        if AWAIT.search(texts[_resolve(name, path)]):
            raise ValueError(f"{name} imports {path}, which waits; only a lazy import can.")
    for path in LAZY.findall(text):
        _collect(_resolve(name, path), read, texts, ())
    texts[name] = _wrapped(name, text)


def _wrapped(name: str, text: str) -> str:
    """Return the function that evaluates a module and returns its exports."""
    exported = [found for _, found in EXPORT.findall(text)]
    body = COMMENT.sub("", text)
    body = IMPORT.sub(lambda found: _taken(found[1], _resolve(name, found[2])), body)
    body = LAZY.sub(lambda found: f'(async () => $use("{_resolve(name, found[1])}"))()', body)
    body = EXPORT.sub(r"\1 \2", body)
    if left := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{name} has a statement that cannot be joined: {left[0]}")
    return f"{'async ' if AWAIT.search(body) else ''}() => {{\n{body}return {{ {', '.join(exported)} }};\n}}"


def _taken(names: str | None, module: str) -> str:
    if not names:
        return f'$use("{module}");'
    return f'const {{{names.replace(" as ", ": ")}}} = $use("{module}");'


def _resolve(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
