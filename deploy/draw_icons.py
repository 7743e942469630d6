"""Draw the icons, and the card for links, from ``inkloop.svg``: python deploy/draw_icons.py (needs Chromium)."""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

CSS = Path(__file__).resolve().parents[1] / "static" / "css"
CARD = """
<style>
  body {{ margin: 0; width: 1200px; height: 630px; background: #faf6ee; color: #1f2430; font-family: Georgia, serif; }}
  main {{ display: flex; align-items: center; gap: 90px; height: 100%; padding: 0 110px; }}
  svg.pad {{ flex: none; width: 360px; height: 360px; border: 2px solid #e0d8ca; border-radius: 30px; background: #fffdf9; }}
  h1 {{ display: flex; align-items: center; gap: 24px; margin: 0 0 28px; font-size: 68px; font-weight: 500; }}
  p {{ margin: 0; font-size: 33px; line-height: 1.35; color: #5f6370; }}
  b {{ color: #b5432a; font-weight: 500; }}
</style>
<main>
  <svg class="pad" viewBox="0 0 100 100" fill="none" stroke="#1f2430" stroke-width="6"
    stroke-linecap="round" stroke-linejoin="round">
    <path d="M29 30 C40 27 55 27 70 28 C61 44 52 58 46 76 M36 53 C45 51 54 51 62 50"/></svg>
  <div><h1><img src="data:image/svg+xml;base64,{icon}" width="84" height="84">Inkloop</h1>
  <p>Draw a symbol.<br>Two networks say what it is.<br><b>Teach them.</b></p></div>
</main>
"""


WHOLE = {"apple-touch-icon": 180, "inkloop-maskable-512": 512}  # a system cuts the corners of these itself


def main() -> None:
    """Draw all files."""
    svg = (CSS / "inkloop.svg").read_bytes()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1200, "height": 630})
        draw_card(page, svg)
        draw_favicon(page, svg)
        for name, size in WHOLE.items():
            draw_whole(page, svg, name, size)
        browser.close()


def draw_card(page: Page, svg: bytes) -> None:
    """Draw the card: 1200 x 630 pixels in few colours, as social networks show it."""
    page.set_content(CARD.format(icon=base64.b64encode(svg).decode()))
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(48, dither=Image.Dither.NONE).save(CSS / "card.png", optimize=True)


def draw_favicon(page: Page, svg: bytes) -> None:
    """Draw the icon in two sizes for browsers that ask for /favicon.ico."""
    page.set_viewport_size({"width": 48, "height": 48})
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ width: 48px; height: 48px }}</style>{svg.decode()}")
    icon = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
    icon.save(CSS / "favicon.ico", sizes=[(16, 16), (32, 32), (48, 48)])


def draw_whole(page: Page, svg: bytes, name: str, size: int) -> None:
    """Draw an icon without round corners, whose line lies in the middle circle that every system keeps."""
    page.set_viewport_size({"width": size, "height": size})
    square = svg.decode().replace(' rx="8"', "")
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; width: {size}px; height: {size}px }}</style>{square}")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(32, dither=Image.Dither.NONE).save(CSS / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
