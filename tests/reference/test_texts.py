"""The cheatsheet and the pitfalls: what is asked for is found, what is cited is listed, what is shown fits."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import subprocess
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest
from spoken import MOST, words

import imbalance_accessor as imb
from imbalance_accessor import reference
from imbalance_accessor.errors import OptionError
from imbalance_accessor.modeling.models import NAMED
from imbalance_accessor.reference import cheatsheet
from imbalance_accessor.reference.page import Reference
from imbalance_accessor.rendering.labels import columns

TABLES = {
    "domains": imb.cheatsheet(),
    "techniques": imb.cheatsheet("techniques"),
    "models": imb.cheatsheet("models"),
    "pitfalls": imb.pitfalls(),
}


@pytest.fixture(params=TABLES)
def table(request) -> Reference:
    return TABLES[request.param]


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- what there is


def test_the_domains_and_techniques_that_were_promised_are_there():
    domains, techniques = TABLES["domains"].frame, TABLES["techniques"].frame
    assert [*domains.index] == ["fraud", "rare disease", "churn", "spam", "defects", "safety vision"]
    assert [*domains.columns] == ["prevalence", "metric", "technique", "threshold", "pitfall"]
    assert {"class weights", "oversampling", "undersampling", "SMOTE"} <= set(techniques.index)
    assert {"ensembles", "threshold", "focal loss"} <= set(techniques.index)
    assert [*techniques.columns] == ["best for", "risk", "probabilities"]
    assert [*TABLES["pitfalls"].frame.columns] == ["do not say", "why", "say instead"]
    assert len(TABLES["pitfalls"].frame) >= 10


def test_every_named_model_has_its_row():
    assert TABLES["models"].frame.index.tolist() == list(NAMED)


def test_every_cell_is_a_sentence(table):
    frame = table.frame
    assert isinstance(frame, pd.DataFrame)
    assert frame.index.is_unique
    for text in frame.to_numpy().ravel():
        assert isinstance(text, str)
        assert text.endswith((".", "…"))
        assert text == " ".join(text.split())


def test_no_sentence_is_too_long_to_be_said(table):
    sources = re.compile(r" \([^()]*\b\d{4}[^()]*\)")
    for text in table.frame.to_numpy().ravel():
        for sentence in re.split(r"(?<=\.) ", sources.sub("", text)):
            assert len(words(sentence)) <= MOST["colleague"], sentence


def test_it_is_frozen_and_its_frame_is_a_copy(table):
    before, handed_out = table.frame, table.frame
    handed_out.iloc[0, 0] = "changed"
    pd.testing.assert_frame_equal(table.frame, before)
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.title = "changed"
    for again in (copy.deepcopy(table), pickle.loads(pickle.dumps(table))):
        assert again == table
        assert repr(again) == repr(table)


# --- what is asked for


@pytest.mark.parametrize(
    ("topic", "row"),
    [
        ("Frauds!", "fraud"),
        ("medical", "rare disease"),
        ("Rare-Disease", "rare disease"),
        ("manufacturing", "defects"),
        ("class_weight", "class weights"),
        ("smote", "SMOTE"),
        ("focal", "focal loss"),
        (" Focal Loss ", "focal loss"),
        ("case-control", "case-control sample"),
        ("naive bayes", "naive_bayes"),
        ("random_forest", "forest"),
    ],
)
def test_a_row_is_found_by_its_usual_names(topic, row):
    found = imb.cheatsheet(topic)
    (whole,) = [table for table in TABLES.values() if row in table.frame.index]
    pd.testing.assert_frame_equal(found.frame, whole.frame.loc[[row]])


@pytest.mark.parametrize(
    ("topic", "name"), [("domain", "domains"), ("methods", "techniques"), ("Calibration", "models")]
)
def test_a_table_is_found_by_its_usual_names(topic, name):
    assert imb.cheatsheet(topic) == TABLES[name]


def test_every_row_of_the_cheatsheet_can_be_asked_for():
    for name in ("domains", "techniques", "models"):
        for row in TABLES[name].frame.index:
            assert imb.cheatsheet(row).frame.index.tolist() == [row]


def test_no_word_means_two_topics():
    words = [
        word
        for name, others in cheatsheet._ALIASES.items()
        for word in {cheatsheet._plain(name), *others.split()}
    ]
    twice = {word for word in words if words.count(word) > 1}
    assert not twice
    assert all(word == cheatsheet._plain(word) for word in words)


@pytest.mark.parametrize("topic", ["frod", "", None, 3, {"x": "fraud"}, "pitfall"])
def test_an_unknown_topic_is_one_sentence(topic):
    with pytest.raises(OptionError) as caught:
        imb.cheatsheet(topic)
    said = str(caught.value)
    assert said.startswith(f"topic={topic!r} is not known.")
    assert "Known: 'domains', 'techniques', 'models', 'fraud'" in said
    assert ("Did you mean 'fraud'?" in said) == (topic == "frod")


# --- how it shows


def test_the_text_fits_a_terminal_and_leaves_nothing_out(table):
    shown = repr(table)
    assert max(map(columns, shown.splitlines())) <= 80
    assert "...\n" not in shown
    for text in [table.title, *table.notes, *(each for row in table.rows for each in row)]:
        assert squeezed(text) in squeezed(shown)


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in {"td", "th"}:
            self.cells[-1] += data


def test_the_card_holds_every_sentence_whole(table):
    html = table._repr_html_()
    page = Page(html)
    assert not page.open
    assert page.cells == [*table.columns, *(text for row in table.rows for text in row)]
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert not re.search(r"https?:|url\(|@import", html)
    assert "prefers-color-scheme: dark" in html
    assert re.search(r"\.imb-reference \.imb-card \.imb-table td \{ white-space: normal", html)


def test_text_is_never_markup():
    hostile = "<script>alert(1)</script> {{ 7 * 7 }} $x$"
    table = Reference(hostile, (hostile, "b"), ((hostile, "two\nlines \x1b[31m"),), (hostile,), (hostile,))
    html = table._repr_html_()
    assert "<script" not in html
    assert "{{ 7 * 7 }}" in html
    assert Page(html).cells == [hostile, "b", hostile, r"two\nlines \x1b[31m"]
    assert "\x1b" not in repr(table)


def test_reading_costs_pandas_and_showing_costs_jinja2():
    code = """
import sys
import imbalance_accessor as imb
repr(imb.cheatsheet("models")), imb.pitfalls().frame
print([name for name in ("sklearn", "imblearn", "scipy", "matplotlib", "IPython", "jinja2") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- sources


def test_every_source_cited_is_listed():
    texts = [text for table in TABLES.values() for row in table.rows for text in row]
    year = r"(?:[A-Z]|van |den )[\w\s&.-]*? (?:19|20)\d\d"
    cited = {
        source.strip()
        for text in texts
        for bracket in re.findall(r"\(([^()]*(?:19|20)\d\d)\)", text)
        for source in bracket.split(";")
        if re.search(year, source)
    }
    assert len(cited) > 30
    listed = " ".join(reference.__doc__.split())
    missing = {source for source in cited if source.split(" for ")[0] not in listed}
    assert not missing
