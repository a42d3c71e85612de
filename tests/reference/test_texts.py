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
from imbalance_accessor.errors import OptionError, bare
from imbalance_accessor.modeling.models import NAMED
from imbalance_accessor.reference import lookup
from imbalance_accessor.reference.cheatsheet import TABLES
from imbalance_accessor.reference.page import Reference
from imbalance_accessor.reference.words import row_words
from imbalance_accessor.rendering.labels import columns

#: What is to be pasted or computed, and is no sentence.
CODE = ["formula", "call"]


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
    for text in frame.drop(columns=CODE, errors="ignore").to_numpy().ravel():
        assert text.endswith((".", "…", "?"))
    for text in frame.to_numpy().ravel():
        assert text == " ".join(text.split()) != ""


def test_no_sentence_is_too_long_to_be_said(table):
    sources = re.compile(r" \([^()]*\b\d{4}[^()]*\)")
    for text in table.frame.drop(columns=CODE, errors="ignore").to_numpy().ravel():
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
    found = imb.cheatsheet(topic).frame
    (whole,) = [table.frame for table in TABLES.values() if row in table.frame.index]
    assert found.loc[row, whole.columns].equals(whole.loc[row])


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("domain", "domains"),
        ("methods", "techniques"),
        ("Calibration", "models"),
        ("Measures", "metrics"),
        ("pitfall", "pitfalls"),
    ],
)
def test_a_table_is_found_by_its_usual_names(topic, name):
    assert imb.cheatsheet(topic) == TABLES[name]


def test_every_row_of_the_cheatsheet_can_be_asked_for():
    for table in TABLES.values():
        for row in table.frame.index:
            assert row in imb.cheatsheet(row).frame.index


@pytest.mark.parametrize(
    ("word", "rows"),
    [
        ("platt", {"techniques": ["calibrators"]}),
        ("PR-AUC", {"metrics": ["average precision"], "pitfalls": ["trapezoid PR area"]}),
        ("auprc", {"metrics": ["average precision"], "pitfalls": ["trapezoid PR area"]}),
        ("harmonic mean", {"metrics": ["F1 and F-beta"], "pitfalls": ["F1 as a mean"]}),
        ("easy ensemble", {"techniques": ["ensembles"]}),
        ("Youden's J", {"metrics": ["balanced accuracy"]}),
        ("macro", {"metrics": ["F1 and F-beta"]}),
        ("scale_pos_weight", {"techniques": ["class weights"]}),
        ("ROS", {"techniques": ["oversampling"]}),
        ("TPR", {"metrics": ["recall"]}),
        ("ap", {"metrics": ["average precision"]}),
        ("accuracy", {"metrics": ["accuracy", "balanced accuracy"], "pitfalls": ["accuracy"]}),
        # called so by nobody, but said
        (
            "Elkan",
            {
                "domains": ["fraud", "defects"],
                "techniques": ["threshold"],
                "pitfalls": ["threshold of 0.5"],
            },
        ),
        ("net benefit", {"domains": ["rare disease"]}),
        ("naive Bayes", {"models": ["naive_bayes"]}),
    ],
)
def test_a_word_shows_the_rows_of_all_tables_that_it_belongs_to(word, rows):
    found = imb.cheatsheet(word)
    shown = dict(zip(found.names, found.tables, strict=True)) if len(rows) > 1 else {next(iter(rows)): found}
    assert {name: [*table.frame.index] for name, table in shown.items()} == rows
    for name, table in shown.items():
        pd.testing.assert_frame_equal(table.frame, TABLES[name].frame.loc[rows[name]])


def test_rows_that_only_name_the_word_stand_below():
    assert "The word is also in the row 'svm'." in repr(imb.cheatsheet("platt"))
    assert "also in the rows 'fraud'" in " ".join(repr(imb.cheatsheet("threshold")).split())
    assert "also in" not in repr(imb.cheatsheet("youden"))


def test_rows_of_several_tables_are_one_frame_and_one_page():
    found = imb.cheatsheet("smote")
    frame = found.frame
    assert [*frame["table"]] == ["techniques", "pitfalls", "pitfalls"]
    assert frame.loc["SMOTE", "risk"] == TABLES["techniques"].frame.loc["SMOTE", "risk"]
    assert frame.loc["SMOTE", "why"] == ""
    assert repr(found).count("Next:") == 1
    assert "Page" not in repr(found)
    assert Page(found._repr_html_()).cells.count("SMOTE plus weights") == 1


def test_a_note_on_one_row_goes_with_that_row():
    assert "make_classification" in repr(imb.pitfalls("threshold on test"))
    assert "make_classification" not in repr(imb.pitfalls("accuracy"))


@pytest.mark.parametrize(
    ("word", "rows"),
    [("accuracy", ["accuracy"]), ("folds", ["more folds"]), ("Wilson", ["more folds"]), (None, None)],
)
def test_pitfalls_takes_a_word_too(word, rows):
    assert [*imb.pitfalls(word).frame.index] == (rows or [*TABLES["pitfalls"].frame.index])


def test_the_words_are_of_rows_that_there_are():
    rows = {row for table in TABLES.values() for row in table.frame.index}
    assert set(row_words()) <= rows
    assert all(word == bare(word) for words in row_words().values() for word in words.split())
    for table in TABLES.values():
        assert lookup.names_in({"one": table}) == [*table.frame.index]


@pytest.mark.parametrize("topic", ["frod", "elkn", "", "-", "zzzz", None, 3, {"x": "fraud"}])
def test_an_unknown_topic_is_one_sentence(topic):
    with pytest.raises(OptionError) as caught:
        imb.cheatsheet(topic)
    said = str(caught.value)
    assert said.startswith(f"topic={topic!r} is not known.")
    assert "Known: 'domains', 'techniques', 'models', 'metrics', 'pitfalls', and every word in them." in said
    near = {"frod": "'fraud'", "elkn": "'Elkan'"}.get(topic, "") if isinstance(topic, str) else ""
    assert (near in said) if near else ("Did you mean" not in said)
    assert bool(caught.value.fix) == bool(near)
    with pytest.raises(OptionError, match="Known: 'accuracy', 'SMOTE before the split'"):
        imb.pitfalls(topic or "zzzz")


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
