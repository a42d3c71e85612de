"""What must be known of predictions: that they are the target, inverted, missing, constant, or no scores."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.lines import code, kept_of
from imbalance_accessor.data.target import Target, plain
from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, change, counted
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.binary import Ranking
from imbalance_accessor.metrics.bootstrap import FEWEST_GROUPS
from imbalance_accessor.metrics.multiclass import ClassCounts, confusion_matrix
from imbalance_accessor.metrics.rounding import rounded_down, written
from imbalance_accessor.verbs.counts.findings import label_findings
from imbalance_accessor.verbs.score.predictions import Predictions
from imbalance_accessor.verbs.score.rows import Marks, ScoredRows

#: Rows below which predictions that are all right are no surprise.
_FEW = 10
#: Standard errors by which predictions must lie on the wrong side of chance to be called inverted.
_BEYOND = 3.0


def prediction_findings(
    test: ScoredRows,
    told: Predictions,
    marks: Marks | None,
    labels: Target,
    rows: tuple[str, ...],
    groups: Hashable | None,
) -> list[Finding]:
    """Return what must be known of the rows, and of what was predicted for them."""
    return [
        *label_findings(labels),
        *_missing(test, told, marks, rows),
        *_equal(test, told),
        *(_backwards(test, told) if told.scores is not None else _inverted(test, told)),
        *_decisions(told),
        *_all_or_none(test, told),
        *_few_groups(test, groups),
    ]


def _missing(
    test: ScoredRows, told: Predictions, marks: Marks | None, rows: tuple[str, ...]
) -> Iterator[Finding]:
    labelled = test.sides.target.codes >= 0
    asked = labelled if marks is None else labelled & marks.test
    missing = int((asked & (told.codes < 0)).sum())
    if not missing:
        return
    what, cure = "prediction", "Give them the class that such a row is treated as."
    if told.kind == "scores":
        what, cure = "score", "Score them, or leave them out."
    have, are = ("has", "is") if missing == 1 else ("have", "are")
    sentence = f"{missing:,} of {int(asked.sum()):,} rows {have} no {what} in {told.column!r} and {are} left out of every figure."
    yield Finding("IMB217", "warning", sentence, cure, _filled_or_dropped(test, told, rows))


def _filled_or_dropped(test: ScoredRows, told: Predictions, rows: tuple[str, ...]) -> Fix:
    """Return what gives rows without a prediction the most frequent class, or leaves rows without a score out."""
    if not told.in_frame:
        return IN_WORDS
    cells = f"df[{code(told.column)}]"
    if told.kind == "scores":
        return Fix(kept_of(rows, f"{cells}.notna()"))
    label = _filled(test, told)
    return IN_WORDS if label is None else Fix(f"{cells} = {cells}.fillna({code(label)})")


def _filled(test: ScoredRows, told: Predictions) -> Any:
    """Return what stands for the most frequent class in the column; None where it never does."""
    largest = int(test.rows.argmax())
    met = told.cells[told.codes == largest]
    return None if met.empty or test.sides.target.is_one_vs_rest else plain(met.iloc[0])


def _equal(test: ScoredRows, told: Predictions) -> Iterator[Finding]:
    if len(test.y) < _FEW or not (test.y == test.predicted).all():
        return
    sentence = f"{told.said} is right in all {len(test.y):,} rows: it equals the target."
    cure = "Look whether it is a copy of the label, or whether the model was fitted on these rows."
    yield Finding("IMB420", "warning", sentence, cure)


def _inverted(test: ScoredRows, told: Predictions) -> Iterator[Finding]:
    """Say that two classes are predicted the wrong way round, beyond chance."""
    if test.sides.positive is None:
        return
    y, weights = test.y, test.weights.of(test.y)
    counts = ClassCounts(confusion_matrix(y, test.predicted, 2, weights))
    accuracy = float(counts.accuracy)
    majority = float(counts.true.max() / counts.true.sum())
    beyond = float(counts.mcc) * math.sqrt(test.weights.worth(y)) < -_BEYOND
    if not beyond or accuracy >= min(majority, 0.5):
        return
    sentence = (
        f"{told.said} looks inverted: accuracy {accuracy:.3f} is below {majority:.3f} of the majority, and flipped it is "
        f"{1 - accuracy:.3f}."
    )
    yield Finding("IMB421", "error", sentence, "Swap the two predicted classes.", _swapped(test, told))


def _swapped(test: ScoredRows, told: Predictions) -> Fix:
    """Return what swaps the two values of the column."""
    met = [plain(each) for each in pd.unique(told.cells.dropna())]
    if not told.in_frame or len(met) != 2 or test.sides.target.is_one_vs_rest:
        return IN_WORDS
    cells = f"df[{code(told.column)}]"
    swapped = ", ".join(f"{code(one)}: {code(other)}" for one, other in zip(met, met[::-1], strict=True))
    return Fix(f"{cells} = {cells}.map({{{swapped}}})")


def _backwards(test: ScoredRows, told: Predictions) -> Iterator[Finding]:
    """Say that positives have the lower scores, beyond chance."""
    assert test.scores is not None and told.threshold is not None
    y, _ = test.binary
    positives, rows = int(y.sum()), len(y)
    auc = Ranking(y, test.scores).roc_auc()
    spread = math.sqrt((rows + 1) / (12 * positives * (rows - positives)))  # Mann and Whitney's, under chance
    if not (0.5 - auc) > _BEYOND * spread:
        return
    sentence = f"{told.said} ranks backwards: positives have the lower scores (ROC-AUC {auc:.3f})."
    cells = f"df[{code(told.column)}]"
    turned = f"{cells} = 1 - {cells}" if told.is_probability else f"{cells} = -{cells}"
    options = {} if told.is_probability or not told.threshold else {"threshold": -told.threshold}
    yield Finding(
        "IMB413", "error", sentence, "Turn them round.", Fix(turned, options) if told.in_frame else IN_WORDS
    )


def _decisions(told: Predictions) -> Iterator[Finding]:
    """Say that scores are the two answers of ``predict``, or the same for all rows."""
    if told.scores is None:
        return
    found = np.unique(told.scores[~np.isnan(told.scores)])
    if len(found) == 1:
        sentence = f"{told.said} is {found[0]:.4g} in every row: nothing ranks them."
        yield Finding("IMB414", "warning", sentence, "Look at how these rows were scored.")
    elif len(found) == 2 and tuple(found) in {(0, 1), (-1, 1)}:
        sentence = f"{told.said} holds {found[0]:g} and 1 alone: these are decisions, not scores."
        as_pred = change(pred=told.column, scores=LEFT_OUT, threshold=LEFT_OUT)
        fix = as_pred if told.in_frame and found[0] == 0 else IN_WORDS
        cure = "Give them as pred=." if fix else "Give probabilities, or 0/1 as pred=."
        yield Finding("IMB412", "warning", sentence, cure, fix)


def _all_or_none(test: ScoredRows, told: Predictions) -> Iterator[Finding]:
    """Say that a threshold flags every row or none."""
    if test.scores is None or told.threshold is None:
        return
    low, high = float(test.scores.min()), float(test.scores.max())
    if low < told.threshold <= high or low == high:
        return
    which, end = ("every row", f"the lowest score is {low:.4g}") if told.threshold <= low else ("no row", "")
    end = end or f"the highest score is {high:.4g}"
    y, _ = test.binary
    ordered = np.sort(test.scores)
    exact = float(ordered[-int(y.sum())])
    at = rounded_down(exact, float(ordered[ordered < exact].max(initial=low)))
    sentence = f"threshold={written(told.threshold)} flags {which}: {end}."
    cure = f"Flag as many rows as are positive with threshold={written(at)}, or let best_threshold choose."
    fix = change(threshold=at) if low < at else IN_WORDS
    yield Finding("IMB403", "warning", sentence, cure if fix else "Let best_threshold choose one.", fix)


def _few_groups(test: ScoredRows, groups: Hashable | None) -> Iterator[Finding]:
    resamples = test.resamples
    if not resamples.too_few_groups:
        return
    sentence = (
        f"These rows have {counted(resamples.n_groups or 0, 'group')} of {plain(groups)!r}, too few for intervals, which take "
        f"{FEWEST_GROUPS}."
    )
    yield Finding("IMB410", "warning", sentence, "Collect more groups.")
