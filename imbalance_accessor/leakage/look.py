"""All checks in a row, on one split."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from imbalance_accessor.findings import Finding
from imbalance_accessor.leakage import columns, copies, order
from imbalance_accessor.leakage.evidence import Check, Evidence
from imbalance_accessor.leakage.interpolated import interpolated
from imbalance_accessor.parts import Parts
from imbalance_accessor.stats.judging import Sides

#: What each check asks, by the code of its finding.
QUESTIONS = {
    "IMB101": "rows that .smote() made?",
    "IMB102": "oversampled by copying?",
    "IMB103": "oversampled by interpolation?",
    "IMB104": "same rows in train and test?",
    "IMB105": "same features, other labels?",
    "IMB106": "a column that is the answer?",
    "IMB107": "an id that predicts?",
    "IMB108": "rows that belong together?",
    "IMB109": "classes that drift in time?",
}


def look(parts: Parts, sides: Sides | None = None) -> tuple[tuple[Check, ...], pd.DataFrame]:
    """Run every check on a split.

    Parameters
    ----------
    parts : Parts
    sides : Sides, optional
        Scores of a model, so that the effect of test rows seen in train can be said.

    Returns
    -------
    checks : tuple of Check
        In the order of `QUESTIONS`, without the first, which looks at the frame as it came.
    aucs : pandas.DataFrame, shape (n_features, n_classes)
        Each feature's ROC-AUC alone.
    """
    evidence = Evidence(parts, sides)
    aucs = columns.column_aucs(evidence)
    return tuple(_checks(evidence, aucs)), aucs


def _checks(evidence: Evidence, aucs: pd.DataFrame) -> Iterator[Check]:
    copied = copies.copied(evidence)
    yield copied
    yield interpolated(evidence)
    yield copies.on_both_sides(evidence)
    yield copies.open_labels(evidence)
    predicting = columns.predicting_ids(evidence, aucs)
    yield columns.gives_away(evidence, aucs, predicting.columns if predicting.findings else ())
    yield predicting
    # copies of one row share every id
    yield (
        Check("IMB108", "clear", "not asked of copies") if copied.findings else order.likely_groups(evidence)
    )
    yield order.likely_time(evidence)


def leak_findings(parts: Parts, sides: Sides | None = None) -> list[Finding]:
    """Return what the checks found, for a result that was made from this split."""
    if not parts.task.columns.used:  # a fitted model may read columns that we would leave out
        return []
    checks, _ = look(parts, sides)
    return [finding for check in checks for finding in check.findings]
