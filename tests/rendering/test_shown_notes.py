"""A note is said by the cards of one verb; other verbs' cards of the same frame name it by its code."""

from __future__ import annotations

import copy
import gc
import pickle
import re

import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.rendering import shown_notes
from imbalance_accessor.rendering.card import Card, as_text
from imbalance_accessor.rendering.html import as_html

BEFORE = "2 notes shown before: IMB202, IMB209; see .findings"


def frame() -> pd.DataFrame:
    return make_churn(400, 0.1)


def folded(html: str) -> list[tuple[str, list[str]]]:
    """The folds of notes: what is seen of each, and the codes that it holds."""
    folds = re.findall(
        r'<details class="imb-folded"><summary>(.*?)</summary>(.*?)</details>', html, re.DOTALL
    )
    return [(summary, re.findall(r"<code>(IMB\d+)</code>", inside)) for summary, inside in folds]


def test_the_first_verb_says_a_note_and_others_name_it():
    df = frame()
    first = df.imb.overview("churn")
    assert "- IMB202 note: Not used" in repr(first) and "shown before" not in repr(first)
    later = df.imb.leaks("churn")
    assert BEFORE in repr(later) and "IMB202 note" not in repr(later)
    assert later.findings.codes == ("IMB202", "IMB209")  # nothing is lost
    assert folded(first._repr_html_()) == [("2 notes", ["IMB202", "IMB209"])]
    assert folded(later._repr_html_()) == [("2 notes shown before: IMB202, IMB209", ["IMB202", "IMB209"])]


def test_the_page_counts_as_the_text_does():
    df = frame()
    df.imb.overview("churn")._repr_html_()
    assert BEFORE in repr(df.imb.leaks("churn"))


def test_a_result_that_nobody_looked_at_has_said_nothing():
    df = frame()
    df.imb.overview("churn")
    assert "IMB202 note" in repr(df.imb.leaks("churn"))


def test_what_a_result_shows_does_not_change_after_it_was_made():
    df = frame()
    overview, leaks = df.imb.overview("churn"), df.imb.leaks("churn")
    shown = repr(leaks)
    assert "IMB202 note" in repr(overview) and "IMB202 note" in shown
    assert repr(leaks) == shown


def test_a_cell_that_is_run_again_shows_the_same():
    df = frame()
    cells = [lambda: repr(df.imb.overview("churn")), lambda: repr(df.imb.leaks("churn"))]
    once = [cell() for cell in cells]
    assert [cell() for cell in cells] == once
    assert cells[1]() == once[1] and cells[0]() == once[0]


@pytest.mark.slow
def test_results_of_a_result_know_its_frame():
    df = frame()
    e = df.imb.fit_eval("churn", strategies=["smote"], cv=2, progress=False)
    assert "IMB202 note" in repr(e)
    trace = e.trace("smote")
    assert re.search(r"\d notes shown before: IMB202, IMB209", repr(trace))


def test_a_new_note_is_said_and_a_warning_always():
    df = frame()
    repr(df.imb.overview("churn"))
    made = df.imb.smote("churn", impute=True)
    assert "- IMB310 note: smote means SMOTENC" in repr(made) and BEFORE in repr(made)
    warned = {each.code for each in made.findings if each.severity != "note"}
    repr(made)
    again = repr(df.imb.leaks("churn")) + repr(df.imb.smote("churn", impute=True))
    assert warned and all(f"! {code} " in again for code in warned)
    new, before = folded(made._repr_html_())
    assert new == ("2 notes", ["IMB310", "IMB308"]) and before[1] == ["IMB202", "IMB209"]


def test_another_frame_and_a_changed_one_are_told_anew():
    df = frame()
    repr(df.imb.overview("churn"))
    assert "IMB202 note" in repr(frame().imb.leaks("churn"))  # the same cells, but not the same frame
    df["account"] = [f"A{i:05d}" for i in range(len(df))]
    assert "IMB202 note" in repr(df.imb.leaks("churn"))  # other columns, so another note


@pytest.mark.parametrize("again", [lambda r: pickle.loads(pickle.dumps(r)), copy.deepcopy, copy.copy])
def test_a_copy_shows_the_same_and_keeps_no_memory(again):
    df = frame()
    repr(df.imb.overview("churn"))
    later = df.imb.leaks("churn")
    other = again(later)
    assert BEFORE in repr(other) and repr(other) == repr(later)
    assert shown_notes.NOTES not in vars(other)


def test_no_frame_is_kept_alive():
    gc.collect()
    known = len(shown_notes._FRAMES._known)
    df = frame()
    kept = df.imb.overview("churn")
    repr(kept)
    assert len(shown_notes._FRAMES._known) == known + 1
    del df
    gc.collect()
    assert len(shown_notes._FRAMES._known) == known
    assert "IMB202 note" in repr(kept)


def test_data_that_cannot_be_known_again_is_told_each_time():
    labels = ["a"] * 30 + ["b"] * 3  # a list has no weak reference
    assert shown_notes._FRAMES.notes(labels) is None
    assert "shown before" not in repr(imb.counts(pd.Series(labels)))


def test_warnings_stay_open_and_notes_are_folded_behind_them():
    findings = Findings(
        [
            Finding("IMB401", "warning", "Few rows.", "Collect more."),
            Finding("IMB202", "note", "Left out.", "Leave it."),
        ]
    )
    html = as_html(Card("title", findings=findings))
    opened, _, behind = html.partition("<details")
    assert "Few rows." in opened and "Left out." not in opened
    assert "<summary>1 note</summary>" in behind and "Left out." in behind
    assert folded(as_html(Card("title", findings=Findings(findings[:1])))) == []
    assert as_text(Card("title", findings=findings), before=findings).splitlines()[2:] == [
        "! IMB401 warning: Few rows. Collect more.",
        "",
        "1 note shown before: IMB202; see .findings",
    ]
