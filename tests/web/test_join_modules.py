"""Modules are joined into one that does the same."""

from __future__ import annotations

import pytest

from functions.settings import ROOT
from functions.web.join_modules import join


def joined(entry: str, **files: str) -> str:
    return join(f"{entry}.js", {f"{name}.js": text for name, text in files.items()}.__getitem__)


def test_each_module_is_there_once_and_gives_its_exports() -> None:
    text = joined(
        "a",
        a='import { one as two } from "./b.js";\nimport "./c.js";\ntwo();\n',
        b="// said to a reader\nexport function one() {}\nexport const other = 1;\n",
        c='import { other } from "./b.js";\n',
    )
    assert text.count('"b.js": ') == 1
    assert 'const { one: two } = $use("b.js");' in text
    assert "return { one, other };" in text
    assert text.endswith('$use("a.js");\n')
    assert "reader" not in text
    assert "export" not in text


def test_the_joined_module_exports_what_its_entry_does() -> None:
    text = joined(
        "a", a='import { one } from "./b.js";\nexport function two() {}\nexport class Three {}\n', b="export const one = 1;\n"
    )
    assert text.endswith('export const { two, Three } = $use("a.js");\n')


def test_a_lazy_import_stays_lazy_and_may_wait() -> None:
    text = joined("a", a='const go = () => import("./b.js");\n', b="await 1;\n")
    assert '(async () => $use("b.js"))()' in text
    assert '"b.js": async () => {' in text


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": 'import "./b.js";\n', "b": 'import "./a.js";\n'}, "a module that it imports"),
        ({"a": 'import "./b.js";\n', "b": "await 1;\n"}, "which waits"),
        ({"a": 'import * as all from "./b.js";\n'}, "cannot be joined"),
        ({"a": "export default 1;\n"}, "cannot be joined"),
    ],
)
def test_what_cannot_be_joined_is_told(files: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        joined("a", **files)


def test_every_script_of_the_platform_can_be_joined() -> None:
    folder = ROOT / "static"
    for path in (folder / "js").rglob("*.js"):
        text = join(path.relative_to(folder).as_posix(), lambda name: (folder / name).read_text())
        # The joined file lies where its entry lies, so an address relative to another folder would lead elsewhere.
        assert "import.meta" not in text or path.parent == folder / "js", path
