"""Makes what pages and README show anew, from the code as it stands: ``python docs/renew.py [outputs pictures notebooks]``.

``pictures`` needs Playwright (``python -m pip install playwright``) with Chromium on the path or its own, and Pillow;
``notebooks`` needs nbconvert and ipykernel.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGES = (HERE.parent / "README.md", *sorted(HERE.glob("*.md")), *sorted(HERE.glob("howto/*.md")))
NOTEBOOKS = (HERE.parent / "demo.ipynb", HERE / "gallery.ipynb", HERE / "interview.ipynb")

#: A block of Python, whether it is run, and what is shown of a run.
CODE = re.compile(r"(?P<skip><!-- not run:.*?-->\n)?```python\n(?P<code>.*?)```", re.DOTALL)
OUTPUT = re.compile(
    r"(?P<head><!-- output of: (?P<of>.*?) -->\n```text\n)(?P<shown>.*?)(?P<end>```)", re.DOTALL
)
#: What a shown output is of, where it is no line of the magic.
ABOVE = "the block above"

PAGE = (
    "<!doctype html><html><head><meta charset='utf-8'><style>{style}</style></head><body>{card}</body></html>"
)
STYLE = "body { margin: 0; padding: 12px; background: #ffffff; } :root { font-family: sans-serif; }"


def main(*wanted: str) -> None:
    """Renew what is named, else everything."""
    for name in wanted or ("outputs", "pictures", "notebooks"):
        {"outputs": outputs, "pictures": pictures, "notebooks": notebooks}[name]()


def outputs() -> None:
    """Write what calls print into the pages that show it."""
    for page in PAGES:
        page.write_text(renewed(page.read_text("utf-8")), encoding="utf-8")


def renewed(text: str) -> str:
    """Return a page with its outputs as the code as it stands prints them."""
    done, printed, place = "", "", 0
    namespace: dict[str, object] = {}
    blocks = [*(CODE.finditer(text) if ABOVE in text else ()), *OUTPUT.finditer(text)]
    for block in sorted(blocks, key=re.Match.start):
        done += text[place : block.start()]
        if block.re is CODE:
            printed = "" if block["skip"] else run(block["code"], namespace)
            done += block[0]
        else:
            shown = printed if block["of"] == ABOVE else said(block["of"])
            done += f"{block['head']}{shown}{block['end']}"
        place = block.end()
    return done + text[place:]


def run(code: str, namespace: dict[str, object]) -> str:
    """Run a block of a page and return what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "<page>", "exec"), namespace)
    return printed.getvalue()


def said(line: str) -> str:
    """Return what a line of the magic prints in a terminal."""
    from imbalance_accessor.ipython import magic

    class Shell:
        user_ns: dict[str, object] = {}  # noqa: RUF012 - one for all lines, as in a session
        history_manager = None

    result = magic.run_line(Shell(), line.removeprefix("%imbalance "))
    return "\n".join(each.rstrip() for each in f"{result!r}".splitlines()) + "\n"


def pictures() -> None:
    """Draw the card of the README and the picture of the wrong order."""
    import imbalance_accessor as imb
    from imbalance_accessor.rendering.plots import canvas

    evaluated = imb.make_churn().imb.fit_eval("churn")
    (HERE / "card.png").write_bytes(few_colours(photograph(evaluated._repr_html_())))
    shown = imb.make_churn().imb.leaks("churn", demonstrate=True, model="forest")
    (HERE / "wrong_order.png").write_bytes(canvas.png(shown._pictures()["orders"]))


def photograph(card: str) -> bytes:
    """Return the card as a light page 900 pixels wide shows it, its folded parts closed, as a PNG."""
    from playwright.sync_api import sync_playwright

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
    from PIL import Image

    packed = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def notebooks() -> None:
    """Execute the notebooks in place; what changes with each run (times, bars of progress) is not kept."""
    import nbformat
    from nbconvert.preprocessors import ExecutePreprocessor

    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        ExecutePreprocessor(timeout=600).preprocess(notebook, {"metadata": {"path": str(HERE.parent)}})
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell-{number:02d}"
            cell.metadata.pop("execution", None)
            cell.update({"outputs": list(filter(stays, cell.outputs))} if "outputs" in cell else {})
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def stays(output: dict[str, Any]) -> bool:
    """Return whether an output is not what a bar of progress leaves behind, which comes on a slow machine alone."""
    return output.get("name") != "stderr" and output.get("data", {}).get("text/plain", "some").strip() != ""


if __name__ == "__main__":
    main(*sys.argv[1:])
