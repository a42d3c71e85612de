"""All checks in a row, on one split."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import pandas as pd

from imbalance_accessor.findings import Finding
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.columns import GivesAway
from imbalance_accessor.leakage.duplicates import Copied, OnBothSides, OpenLabels
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.ids import PredictingIds
from imbalance_accessor.leakage.interpolated import Interpolated
from imbalance_accessor.leakage.row_order import LikelyGroups, LikelyTime
from imbalance_accessor.leakage.synthetic_rows import SyntheticRows
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.splitting.split import Parts

#: What is asked of every split, by the code of its finding.
QUESTIONS: dict[str, Check] = {}


def register(check: Check) -> None:
    """Ask one question more; the name of its finding stands in `findings.CATALOG`."""
    QUESTIONS[check.code] = check


for _kind in (
    *(SyntheticRows, Copied, Interpolated, OnBothSides, OpenLabels),
    *(GivesAway, PredictingIds, LikelyGroups, LikelyTime),
):
    register(_kind())


def run_checks(
    parts: Parts,
    labelled_scores: LabelledScores | None = None,
    *,
    frames: tuple[pd.DataFrame, ...] = (),
    sees: Sequence[Hashable] | None = None,
) -> tuple[tuple[Answer, ...], pd.DataFrame]:
    """Run every check on a split, the cheapest first.

    Parameters
    ----------
    parts : Parts
    labelled_scores : LabelledScores, optional
        Scores of a model, so that the effect of test rows seen in train can be said.
    frames : tuple of pandas.DataFrame, default ()
        The frames as they came, where they may hold rows that `smote` made.
    sees : sequence of hashable, optional
        The columns that the model sees; by default the features in use.

    Returns
    -------
    answers : tuple of Answer
        In the order of their codes.
    aucs : pandas.DataFrame, shape (n_features, n_classes)
        Each feature's ROC-AUC alone.
    """
    evidence = Evidence(parts, labelled_scores, frames, sees=None if sees is None else tuple(sees))
    for check in sorted(QUESTIONS.values(), key=lambda each: each.cost):
        check.run(evidence)
    return tuple(evidence.answers[code] for code in sorted(QUESTIONS)), evidence.aucs


def leak_findings(
    parts: Parts, labelled_scores: LabelledScores | None = None, *, sees: Sequence[Hashable] | None = None
) -> list[Finding]:
    """Return what the checks found, for a result that was made from this split by a model that sees some columns."""
    if not parts.features.columns.used:  # the user's own model may read columns that we would leave out
        return []
    answers, _ = run_checks(parts, labelled_scores, sees=sees)
    return [finding for answer in answers for finding in answer.findings]
