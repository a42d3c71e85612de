"""Makes the pictures that README.md shows, from the code as it stands: ``python docs/pictures.py``.

Needs Playwright (``python -m pip install playwright``) with Chromium on the path or its own, and Pillow.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import imbalance_accessor as imb
from imbalance_accessor.rendering.plots import canvas

HERE = Path(__file__).parent
PAGE = (
    "<!doctype html><html><head><meta charset='utf-8'><style>{style}</style></head><body>{card}</body></html>"
)
STYLE = "body { margin: 0; padding: 12px; background: #ffffff; } :root { font-family: sans-serif; }"


def main() -> None:
    evaluated = imb.make_churn().imb.fit_eval("churn", progress=False)
    (HERE / "card.png").write_bytes(few_colours(photograph(evaluated._repr_html_())))
    shown = imb.make_churn().imb.leaks("churn", demonstrate=True, model="forest", progress=False)
    (HERE / "wrong_order.png").write_bytes(canvas.png(shown._pictures()["orders"]))


def photograph(card: str) -> bytes:
    """Return the card as a light page 900 pixels wide shows it, its folded parts closed, as a PNG."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 900, "height": 1200}, device_scale_factor=1.5, color_scheme="light"
        )
        page.set_content(PAGE.format(style=STYLE, card=card), wait_until="load")
        taken = page.locator(".imb-card").screenshot()
        browser.close()
    return taken


def few_colours(png: bytes) -> bytes:
    """Return the picture with 128 colours: a card has few, and a README should load at once."""
    packed = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


if __name__ == "__main__":
    main()
