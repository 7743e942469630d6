"""Rules that no page uses are left out of a style sheet."""

from __future__ import annotations

from functions.web.reduce_css import reduce_css

CSS = """@charset "UTF-8";/* head */body{margin:0}.btn,.none{color:red}.btn .none{top:0}.w-25{width:25%}
@media (min-width:1px){.btn:hover{top:1px}.none{top:2px}}@media print{.none{top:3px}}@keyframes spin{to{top:4px}}"""


def test_only_rules_for_elements_and_used_classes_stay() -> None:
    kept = reduce_css(CSS, {"btn"})
    assert kept == "body{margin:0}.btn{color:red}@media (min-width:1px){.btn:hover{top:1px}}"


def test_an_animation_stays_where_its_name_is_used() -> None:
    assert "@keyframes spin" in reduce_css(CSS, {"spin"})
