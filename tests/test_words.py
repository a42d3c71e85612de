"""The field's terms: what a user reads, and what names say, holds none of the words that were retired for them."""

from __future__ import annotations

import ast
import html
import inspect
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from every_explained import CASES as EXPLAINED
from every_explained import made as explained
from every_result import CASES, FRAMES, made
from sources import by_path
from test_bad_input import EACH, arguments

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.errors import ImbalanceError
from imbalance_accessor.findings import CATALOG
from imbalance_accessor.ipython import magic
from imbalance_accessor.reference.cheatsheet import TABLES
from imbalance_accessor.rendering.help import ANSWERS
from imbalance_accessor.rendering.result import Result

PACKAGE = Path(imb.__file__).parent
README = PACKAGE.parent / "README.md"
DOCS = README.with_name("docs")
#: The pages that are written by hand.
PAGES = (README, *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("howto/*.md")))

#: The field's term, and what must no longer stand for it.
RETIRED = {
    "threshold": r"(?<!\bpd\.)\bcut(?:s|ting)?\b",
    "a threshold without confidence=": r"\bplain threshold",
    "synthetic rows": r"\bmade[ _]rows?\b",
    "calibrate, calibrator; fix": r"\brepair(?:s|ed|ing)?\b",
    "training set, test set": r"\b(?:train|training|test)[ _]parts?\b",
    "the plain model": r"\b(?:do|does|doing) nothing about\b|\bdoing nothing\b|\bnothing done\b",
    "dummy": r"\bknows nothing\b|\bno_skill\b(?! : )",
    "distinguished": r"\b(?:told|tells?|telling) (?:\w+ ){0,2}apart\b",
    "use a better model": r"\branks? better\b",
    "choose another objective": r"\basks? for something else\b",
}
_RETIRED = re.compile("|".join(RETIRED.values()), re.IGNORECASE)
#: Words that are understood where they are typed, and never shown.
_TYPED = {"thresholds cut cuts cutoff operatingpoint"}

#: Names of ours that were retired, as a whole part of a name.
NAMES = frozenset(
    (
        *("cut", "cuts", "repair", "repairs", "repaired", "ladder", "ladders", "aim", "aims"),
        *("judged", "judging", "origin", "muted", "holes", "stand_ins"),
    )
)
#: Names that hold one all the same: typing's own.
ALLOWED = {"get_origin", "origin"}


def retired(text: str) -> list[str]:
    """Return the retired words of a text, whatever lines it is broken into, each with what stands around it."""
    flat = re.sub(r"\s+", " ", text)
    return [flat[max(0, hit.start() - 40) : hit.end() + 40] for hit in _RETIRED.finditer(flat)]


def visible(page: str) -> str:
    """Return what is read of a card: neither styles nor tags."""
    return html.unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


def spoken(result: Result) -> Iterator[str]:
    """Yield all that a result says, but its pictures."""
    yield repr(result)
    yield visible(result._repr_html_())
    yield from (result.explain(audience=audience) for audience in ("colleague", "interview"))
    yield from (str(result.snippet(style=style)) for style in ("short", "full"))
    yield from map(str, result.findings)
    yield from (" ".join(map(str, axis)) for axis in (result.frame.columns, result.frame.index[:20]))


def drawn(result: Result) -> Iterator[str]:
    """Yield all that is written in a result's pictures."""
    from matplotlib import pyplot
    from matplotlib.text import Text

    for kind in result._pictures():
        result.plot(kind)
        yield from (text.get_text() for text in pyplot.gcf().findobj(Text))
        pyplot.close("all")


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ("the cut was chosen; it cuts here", 2),
        ("pd.cut(df['age'], bins, labels=names)", 0),
        ("its own\n    cut", 1),
        ("the test\npart is scored once", 1),
        ("a shortcut, a cutoff, a row that was made", 0),
        ("which repairs it; a repaired model", 2),
        ("beside doing nothing, and the no_skill row", 2),
        ("whose no-skill level is the prevalence", 0),
        ("Rank better first, or ask for something else.", 2),
    ],
)
def test_a_retired_word_is_seen(said, counted):
    assert len(retired(said)) == counted


@pytest.mark.parametrize("case", [case for case in CASES if not case.endswith("hostile")])
def test_a_result_says_the_fields_terms(case):
    result = made(case)
    assert retired("\n".join((*spoken(result), *drawn(result)))) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", EXPLAINED)
def test_a_result_says_the_fields_terms_whatever_its_options(case):
    result, _ = explained(case)
    assert retired("\n".join(spoken(result))) == []


@pytest.mark.parametrize("case", dict.fromkeys(case for case, _ in EACH))
def test_an_error_says_the_fields_terms(case):
    for verb in (verb for named, verb in EACH if named == case):
        data, target, options = arguments(case)
        with pytest.raises(ImbalanceError) as caught:
            registry.verb(verb)(data, target, **options)
        assert retired(str(caught.value)) == []


class Shell:
    user_ns: dict[str, object] = {}  # noqa: RUF012
    history_manager = None


@pytest.mark.parametrize("verb", ["", *registry.VERBS])
def test_help_says_the_fields_terms(verb, capsys):
    magic.run_line(Shell(), f"{verb} --help".lstrip())
    frame, target = FRAMES["churn"]
    said = [capsys.readouterr().out, ANSWERS.get(verb, ""), repr(frame.imb), repr(frame[target].imb)]
    assert retired("\n".join(said)) == []


@pytest.mark.parametrize("name", imb.__all__)
def test_a_docstring_says_the_fields_terms(name):
    public = getattr(imb, name)
    members: dict[str, Any] = vars(public) if isinstance(public, type) else {}
    shown = {each: member for each, member in members.items() if not each.startswith("_")}
    said = [inspect.getdoc(each) or "" for each in (public, *shown.values())]
    assert retired("\n".join(said)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_the_fields_terms(page):
    assert retired(page.read_text("utf-8")) == []


def test_the_catalog_and_the_reference_say_the_fields_terms():
    pages = [*TABLES.values(), imb.cheatsheet("threshold")]
    said = [*CATALOG.values(), *map(repr, pages), *(visible(page._repr_html_()) for page in pages)]
    assert retired("\n".join(said)) == []


@pytest.mark.parametrize(
    "path", [README.with_name("demo.ipynb"), *DOCS.glob("*.ipynb")], ids=lambda path: path.name
)
def test_a_notebook_says_the_fields_terms(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    shown = [
        each for output in outputs for each in (output.get("text"), output.get("data", {}).get("text/plain"))
    ]
    said = ["".join(each) for each in (*(cell["source"] for cell in cells), *filter(None, shown))]
    assert retired("\n".join(said)) == []


# --- the source


TREES = by_path()


def literals(tree: ast.AST) -> Iterator[str]:
    """Yield each text of a module, what is formatted into it left out; the parts of a long one stand together."""
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in formatted for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value
    for node in formatted:
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Yield every name that is defined, taken or used."""
    for node in ast.walk(tree):
        for field in ("name", "id", "attr", "arg", "asname"):
            if isinstance(named := getattr(node, field, None), str):
                yield named


def retired_names(tree: ast.AST) -> set[str]:
    """Return the names that have a retired word for a part: ``own_cut``, ``OwnCut``."""
    found = set()
    for name in identifiers(tree):
        parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")
        if NAMES & {*parts, *map("_".join, pairwise(parts))}:
            found.add(name)
    return found


def test_no_text_of_the_source_says_a_retired_word():
    said = {
        path: [hit for text in literals(tree) if text not in _TYPED for hit in retired(text)]
        for path, tree in TREES.items()
    }
    assert {path: hits for path, hits in said.items() if hits} == {}


def test_no_name_of_the_source_is_a_retired_one_and_every_one_that_is_allowed_is_there():
    found = {path: retired_names(tree) for path, tree in TREES.items()}
    assert {path: names - ALLOWED for path, names in found.items() if names - ALLOWED} == {}
    assert set().union(*found.values()) == ALLOWED


@pytest.mark.parametrize("page", sorted(PACKAGE.rglob("*.j2")), ids=lambda page: page.name)
def test_a_template_says_the_fields_terms(page):
    assert retired(page.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "texts", "names"),
    [
        ('said = f"the own {kind} cut"', ["the own {} cut"], set()),
        ('raise E("Learned on the test "\n    "part.")', ["Learned on the test part."], set()),
        ("def f(own_cut, *, cutoff): return x.Judged", [], {"own_cut", "Judged"}),
        ("from m import stand_ins as other\nOwnCut = f(aim=1)", [], {"stand_ins", "OwnCut", "aim"}),
    ],
)
def test_a_retired_word_of_the_source_is_seen(source, texts, names):
    tree = ast.parse(source)
    assert [text for text in literals(tree) if retired(text)] == texts
    assert retired_names(tree) == names
