"""Labels, names and row labels that hold markup are text in every card, wherever they came from."""

from __future__ import annotations

import functools
import re
from html.parser import HTMLParser

import pytest
from every_result import COPY, FRAMES, GROUPS, IMAGE, MARKUP, NO_PICTURE, SCRIPT, made, without_slider

import imbalance_accessor as imb

#: The elements of a card, and of a page of several; nothing of the user's becomes one.
ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "div style p span strong code table thead tbody tr th td img svg path text ul li details summary button pre"
        " h2 h3 nav a section",
    )
)


class Seen(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


CASES = [*MARKUP, "counts of a Series", "weights of a Series"]


@functools.cache
def card(case: str) -> str:
    if case.endswith("of a Series"):
        return getattr(imb, case.split()[0])(FRAMES["named"][1])._repr_html_()
    return without_slider(made(case)._repr_html_())


def sections(case: str) -> list[str]:
    """The verbs whose cards are shown: of a report those of its sections."""
    return [*made(case).sections] if case.startswith("report") else [case.split()[0]]


@pytest.fixture(params=CASES)
def case(request) -> str:
    return request.param


@pytest.fixture
def shown(case) -> Seen:
    return Seen(card(case))


@pytest.mark.quick(1)
def test_no_element_comes_from_the_data(case, shown):
    assert {tag for tag, _ in shown.elements} <= ELEMENTS
    images = [attributes for tag, attributes in shown.elements if tag == "img"]
    assert len(images) == len([name for name in sections(case) if name not in NO_PICTURE])
    for image in images:
        assert re.match(r"data:image/(png|svg\+xml);base64,[\w+/=]+$", image["src"])
        assert set(image) == {"class", "alt", "src"}


@pytest.mark.quick(1)
def test_nothing_in_a_picture_has_a_name_or_points_elsewhere(shown):
    # two cards on one page share no id where there is none
    drawn = [attributes for tag, attributes in shown.elements if tag in {"svg", "path", "text"}]
    names = {name for attributes in drawn for name in attributes}
    assert not {name for name in names if re.match(r"id$|class$|on|.*href|src", name)}
    assert not [value for attributes in drawn for value in attributes.values() if "url(" in (value or "")]


def test_the_one_handler_is_the_constant_one(case, shown):
    handlers = [
        (tag, name, value)
        for tag, attributes in shown.elements
        for name, value in attributes.items()
        if name.startswith("on") or "javascript:" in (value or "").lower()
    ]
    assert handlers == [("button", "onclick", COPY)] * len(sections(case))


def test_labels_are_shown_as_text(case, shown):
    assert SCRIPT in shown.text
    # a long label loses its middle; these speak of the positive class alone
    if case not in {f"{verb} hostile" for verb in ("fit_eval", "best_threshold", "reliability", "leaks")}:
        assert "<img src=x" in shown.text


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("trace named", rf"{re.escape(SCRIPT)} \d+|{re.escape(IMAGE)} \d+"),  # the row's label
        ("fit_eval named", re.escape(GROUPS)),
        ("counts named", re.escape(IMAGE)),
    ],
)
def test_row_labels_groups_and_the_target_are_named_as_they_are(case, said):
    assert re.search(said, Seen(card(case)).text)


@pytest.mark.quick(9)
@pytest.mark.parametrize("audience", ["colleague", "interview"])
@pytest.mark.parametrize("case", MARKUP)
def test_no_tag_stands_in_the_markdown_of_an_explanation(case, audience):
    markdown = made(case).explain(audience=audience)._repr_markdown_()
    assert not re.search(r"<[A-Za-z/!?]", markdown)
