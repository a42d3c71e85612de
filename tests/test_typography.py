"""How labels, counts and values are set in sentences: of all results over labels of many types, and of errors over odd values."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from every_result import predicted
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from imbalance_accessor import registry
from imbalance_accessor.errors import ImbalanceError, one_line, plainly
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.rendering.card import as_text
from imbalance_accessor.rendering.labels import shorten

LABELS: dict[str, tuple[Any, Any]] = {
    "numbers": (0, 1),
    "truth": (False, True),
    "numpy": (np.str_("no"), np.str_("yes")),
    "spans": (pd.Interval(0, 1), pd.Interval(1, 2)),
    "odd": ("line one\nline two", "zero\u200bwidth\u202e"),
    "three": (0, 1, 2),
}
QUICK = {"model": "naive_bayes", "cv": 2, "progress": False, "n_jobs": 1}
OPTIONS: dict[str, dict[str, Any]] = {
    "smote": {"impute": True},
    "fit_eval": {**QUICK, "strategies": ["none", "class_weight"]},
    "reliability": QUICK,
    "best_threshold": QUICK,
    "leaks": QUICK,
}
#: What no sentence may hold; a label and a count run into each other, or more is said than is known.
FAULTS = {
    "a count before a label": r"\b(?:the|of|all|no|one|\d[\d,]*) (?:True|False|[01]|Interval\([^)]*\)) rows?\b",
    "rows that are a number": r"\brows? (?:is|are) (?:True|False|[01]|Interval)\b",
    "numpy's own writing": r"\bnp\.\w+\(",
    "characters that do not print": r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2061-\u206f\ufeff]",
    "digits that nobody knows": r"(?<![\w.,\[])-?(?!0\.99)\d*\.\d{5,}",
}


@cache
def frame(kind: str) -> pd.DataFrame:
    rng, labels = np.random.default_rng(0), LABELS[kind]
    code = np.where(np.arange(160) % 8 == 0, len(labels) - 1, np.arange(160) % 3 == 0)
    code = np.minimum(code, 1) * (np.arange(160) % 8 == 0) if len(labels) == 2 else code
    table = pd.DataFrame({"a": rng.normal(size=160) + code, "kind": rng.choice(list("xyz"), 160)})
    table["b"] = rng.normal(size=160).round(1)
    table.loc[::11, "b"] = np.nan
    target = pd.Series([labels[each] for each in code], dtype=object)
    return table.assign(id=np.arange(160) * 7, y=target.infer_objects())


@pytest.fixture(autouse=True, scope="module")
def _few_draws():
    with draws_at_most(60):
        yield


def sentences(kind: str, verb: str) -> str:
    options = OPTIONS.get(verb, {})
    if kind == "three" and verb in ("best_threshold", "reliability"):
        options = {**options, "pos_label": 2}
    if verb == "score":
        options = {"pred": predicted(frame(kind), "y")}
    result = registry.verb(verb)(frame(kind), "y", **options)
    said = [as_text(result._card()), *map(str, result.findings)]
    return "\n".join([*said, *(str(result.explain(audience=each)) for each in ("colleague", "interview"))])


@pytest.mark.quick(8)
@pytest.mark.parametrize("verb", registry.VERBS)
@pytest.mark.parametrize("kind", LABELS)
def test_labels_and_numbers_are_set_apart_and_rounded(kind, verb):
    said = sentences(kind, verb)
    for fault, pattern in FAULTS.items():
        assert not (found := re.search(pattern, said)), (
            f"{fault}: {said[max(found.start() - 60, 0) :][:140]!r}"
        )


TABLE = pd.DataFrame({"a": np.arange(80) / 7, "b": np.arange(80) / 3})
LONG = make_pipeline(StandardScaler(with_mean=False), LogisticRegression(C=3, solver="saga", max_iter=7))
ODD: dict[str, Any] = {
    "table": TABLE,
    "column": TABLE["a"].rename("y"),
    "array": np.arange(1000.0),
    "model": LONG,
    "long": "x" * 500,
    "number": np.float64(3.25),
    "text": np.str_("forst"),
    "several": [np.str_("a\u200b"), np.int64(2)],
}


@pytest.mark.parametrize("value", ODD)
def test_what_was_got_is_said_in_a_few_words(value):
    for verb, option in (
        ("counts", "pos_label"),
        ("counts", "test_size"),
        ("counts", "cv"),
        ("weights", "method"),
        ("split", "groups"),
        ("split", "random_state"),
        ("fit_eval", "metric"),
        ("fit_eval", "permutations"),
        ("best_threshold", "min_recall"),
        ("best_threshold", "top_k"),
    ):
        with pytest.raises(ImbalanceError) as caught:
            registry.verb(verb)(frame("numbers"), **{"target": "y", option: ODD[value]})
        sentence = str(caught.value)
        got = sentence.partition(" must ")[0].partition(" is not ")[0]
        assert len(got) <= 80, got
        assert sentence.isprintable()
        assert not re.search(r"\bnp\.|dtype|\d\.\d{3}", sentence), sentence


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (TABLE, "DataFrame of 80 × 2"),
        (TABLE["a"], "Series of 80"),
        (np.arange(1000.0), "ndarray of 1,000"),
        (LONG, "Pipeline(…)"),
        (LogisticRegression(C=3), "LogisticRegression(C=3)"),
        (np.float64(3.25), "3.25"),
        ([np.str_("a"), np.int64(2)], "['a', 2]"),
        ("x" * 99, f"'{'x' * 57}…'"),
        ("\ud800", r"'\ud800'"),
        (pd.DataFrame, "<class 'pandas.core.frame.DataFrame'>"),
    ],
)
def test_one_line(value, said):
    assert one_line(value).replace("pandas.DataFrame", "pandas.core.frame.DataFrame") == said


def test_sentences_of_findings_are_written_as_those_of_errors():
    found = Finding("IMB202", "note", "Left out:\n np.str_('a'), np.int64(3).", "Drop np.str_('a').")
    assert (found.message, found.cure) == ("Left out: 'a', 3.", "Drop 'a'.")
    assert plainly("np.array([1.5]) stays, np.float64(1.5) does not") == "np.array([1.5]) stays, 1.5 does not"


def test_words_are_not_cut_where_they_are_short():
    assert (
        shorten("the customer has left us within the first year", 40) == "the customer has … the first year"
    )
    assert shorten("unbreakable-label-without-blanks", 11) == "unbre…lanks"
