"""Draw every page in every state, in both themes and both languages, on a phone and on a desktop: ``make shots``.

It starts the whole platform in a folder of its own, lets people and the owner use it, and writes one PNG for each row of
``tests/browser/states.py``. Somebody then looks at them. ``python -m tests.shots FOLDER --only phone-dark-ru --state contribute``
draws a part.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from functions.settings import ROOT
from tests import servers
from tests.browser.acts import settle
from tests.browser.stage import furnish, platform
from tests.browser.states import walk

SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2},
}
THEMES = ("light", "dark")
LANGUAGES = {"en": "en-GB", "ru": "ru-RU"}
SETTLED = 500  # ms until an answer or a chart is there


def main() -> None:
    """Write the pictures of all sizes, themes and languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "var" / "shots")
    parser.add_argument("--only", default="", help="parts of the names of what to draw, such as phone-dark-ru,desktop")
    parser.add_argument("--state", default="", help="parts of the names of states, such as contribute,owner")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as home, platform(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.chromium(), args=["--disable-gpu", *flags])
        furnish(browser, url)
        for size, theme, language in product(SIZES, THEMES, LANGUAGES):
            name = f"{size}-{theme}-{language}"
            if not any(part in name for part in chosen.only.split(",")):
                continue
            context = browser.new_context(**SIZES[size], color_scheme=theme, locale=LANGUAGES[language], service_workers="block")
            page = context.new_page()
            for state in walk(page, url, chosen.state.split(",")):
                settle(page, SETTLED)
                page.screenshot(path=chosen.folder / f"{state.name}-{name}.png", full_page=not state.short)
            context.close()
        browser.close()
    print(json.dumps({"folder": str(chosen.folder), "pictures": len(list(chosen.folder.glob("*.png")))}))


if __name__ == "__main__":
    main()
