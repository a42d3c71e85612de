"""README and pages: their code runs, their outputs are of today, their sentences are short, their links lead somewhere."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.findings import CATALOG

ROOT = Path(imb.__file__).parents[1]
README = ROOT / "README.md"


def loaded(name: str) -> ModuleType:
    """Return a module of the folder `docs`, which is no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


renew = loaded("renew")
PAGES = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in renew.PAGES}
NOTEBOOKS = {
    path.relative_to(ROOT).as_posix(): json.loads(path.read_text("utf-8")) for path in renew.NOTEBOOKS
}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]*)\)")
LONGEST = 25


# --- code and outputs


def code_of(text: str) -> list[str]:
    return [block["code"] for block in renew.CODE.finditer(text) if not block["skip"]]


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if code_of(text)])
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    """On fewer rows than the page has: what is shown of a run is held against the whole one, below."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    for block in code_of(PAGES[page]):
        renew.run(block.replace("make_churn()", "make_churn(600, 0.1)"), namespace)


def test_a_block_is_left_out_where_the_page_says_so():
    text = "```python\na = 1\n```\n\n<!-- not run: it needs a cluster -->\n```python\nb\n```\n"
    assert code_of(text) == ["a = 1\n"]


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if renew.OUTPUT.search(text)])
def test_a_shown_output_is_what_is_printed_today(page):
    """Where it is not: ``python docs/renew.py outputs``."""
    assert renew.renewed(PAGES[page]) == PAGES[page]


def test_an_output_is_renewed():
    block = "```python\nprint(1 + 1)\n```\n\n<!-- output of: the block above -->\n```text\n{shown}```\nend\n"
    assert renew.renewed(block.format(shown="old\nlines\n")) == block.format(shown="2\n")
    assert renew.renewed("no output") == "no output"


# --- words


def sentences(text: str) -> list[str]:
    """Return the sentences of a page's prose: without code, pictures, cells of tables, and addresses of links."""
    text = re.sub(r"```.*?```|<!--.*?-->|^\|.*?$|^#+ .*?$", "\n\n", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"!\[.*?\]\(.*?\)", "", text)
    text = LINK.sub(r"\2", text)
    text = re.sub(r"`[^`]*`", "code", text)
    text = re.sub(r"\[[\d., −]+\]", "interval", text)
    blocks = re.split(r"\n\s*\n|\n(?=- )", text)
    joined = (" ".join(block.split()) for block in blocks)
    return [each for block in joined for each in re.split(r"(?<=[.!?:;])\s+(?=[A-Z(`*]|code)", block) if each]


def words(sentence: str) -> list[str]:
    return [each for each in sentence.split() if re.search(r"\w", each)]


def too_long(text: str) -> list[str]:
    return [each for each in sentences(text) if len(words(each)) > LONGEST]


@pytest.mark.parametrize("page", PAGES)
def test_no_sentence_of_a_page_is_long(page):
    assert too_long(PAGES[page]) == []


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_no_sentence_of_a_notebook_is_long(path):
    told = ("".join(cell["source"]) for cell in NOTEBOOKS[path]["cells"] if cell["cell_type"] == "markdown")
    assert too_long("\n\n".join(told)) == []


def test_a_long_sentence_is_seen():
    assert too_long("# Title\n\nShort.\n\n" + "word " * 26 + "\n\n| a | " + "word " * 30 + "|\n") != []
    assert too_long("```text\n" + "word " * 30 + "\n```\n\nShort. `one two " + "word " * 30 + "`\n") == []


# --- what is listed


def test_the_readme_is_short_and_has_two_commands():
    text = PAGES["README.md"]
    assert len(text.splitlines()) <= 130
    commands = [
        line for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) for line in block.split("\n")
    ]
    assert len([line for line in commands if line]) == 2


def test_the_readme_has_every_verb():
    assert set(registry.VERBS) <= set(re.findall(r"`df\.imb\.(\w+)\(", PAGES["README.md"]))


def test_codes_that_pages_name_are_there():
    named = {code for text in PAGES.values() for code in re.findall(r"\bIMB\d+\b", text)}
    assert named and named <= set(CATALOG)


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_lead_somewhere(page):
    """What the site makes of the code stands below `generated`: its own build warns of what is missing there."""
    paths = [path.partition("#")[0] for _, _, path in LINK.findall(PAGES[page])]
    local = [path for path in paths if path and "://" not in path and "generated/" not in path]
    assert [path for path in local if not (ROOT / page).parent.joinpath(path).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_in_the_contents(page):
    if page not in ("README.md", "docs/index.md"):
        assert page.removeprefix("docs/").removesuffix(".md") in PAGES["docs/index.md"].splitlines()


def test_what_an_index_shows_of_the_readme_has_nothing_broken():
    """There are neither its pictures nor its pages there."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    hook = settings["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    shown = PAGES["README.md"]
    for each in hook["substitutions"]:
        shown = re.sub(each["pattern"], each["replacement"], shown)
    assert LINK.search(PAGES["README.md"])
    assert [path for _, _, path in LINK.findall(shown) if "://" not in path] == []
    assert "first answer (`docs/first_answer.md`)" in shown
    included = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert {"docs", "README.md", "demo.ipynb"} <= set(included)


# --- the notebooks


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_notebook_is_stored_as_it_was_run(path):
    cells = NOTEBOOKS[path]["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in cells] == [f"cell-{number:02d}" for number in range(len(cells))]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert [output for cell in code for output in cell["outputs"] if output["output_type"] == "error"] == []


def test_the_tour_is_short():
    assert len(NOTEBOOKS["demo.ipynb"]["cells"]) <= 25
