"""All checks in a row, on one split."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from imbalance_accessor.evaluation.parallel import in_threads
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.columns import GivesAway
from imbalance_accessor.leakage.duplicates import Copied, OnBothSides, OpenLabels
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.ids import PredictingIds
from imbalance_accessor.leakage.interpolated import Interpolated
from imbalance_accessor.leakage.model_scores import OneColumnBetter, TooGood
from imbalance_accessor.leakage.pure_subsets import PureSubsets
from imbalance_accessor.leakage.row_order import LikelyGroups, LikelyTime
from imbalance_accessor.leakage.synthetic_rows import SyntheticRows
from imbalance_accessor.metrics.shared_cores import LONG, in_one_thread
from imbalance_accessor.splitting.split import Parts

#: What is asked of every split, by the code of its finding.
QUESTIONS: dict[str, Check] = {}
#: What is asked of a model that was fitted on it.
OF_MODELS: tuple[Check, ...] = (TooGood(), OneColumnBetter())


def register(check: Check) -> None:
    """Ask one question more; the name of its finding stands in `findings.CATALOG`."""
    QUESTIONS[check.code] = check


for _kind in (
    *(SyntheticRows, Copied, Interpolated, OnBothSides, OpenLabels),
    *(GivesAway, PredictingIds, LikelyGroups, LikelyTime, PureSubsets),
):
    register(_kind())


def run_checks(
    parts: Parts,
    fitted: FittedScores | None = None,
    *,
    frames: tuple[pd.DataFrame, ...] = (),
) -> tuple[tuple[Answer, ...], pd.DataFrame]:
    """Run every check on a split, the cheapest first.

    Parameters
    ----------
    parts : Parts
    fitted : FittedScores, optional
        The scores of a model: then it is asked about too, and columns only as far as it sees them.
    frames : tuple of pandas.DataFrame, default ()
        The frames as they came, where they may hold rows that `smote` made.

    Returns
    -------
    answers : tuple of Answer
        In the order of their codes.
    alone : pandas.DataFrame
        How well each column ranks alone; see `Evidence.alone`.
    """
    evidence = Evidence(parts, fitted, frames)
    questions = [*QUESTIONS.values(), *(() if fitted is None else OF_MODELS)]
    n_rows = len(parts.train) + len(parts.test)

    def run(checks: list[Check]) -> None:
        for check in sorted(checks, key=lambda each: each.cost):
            check.run(evidence)

    by_itself = [[each for each in questions if each.by_itself is alone] for alone in (True, False)]
    # products are of few columns, for which a second thread is only waited for
    with in_one_thread(short=True, loops=n_rows < LONG):
        in_threads(run, by_itself, rows=n_rows)
    return tuple(evidence.answers[code] for code in sorted(evidence.answers)), evidence.alone


def leak_findings(fitted: FittedScores) -> list[Finding]:
    """Return what the checks found, for a result that was made from a model's scores."""
    parts = fitted.scored.parts
    if not parts.features.columns.used:  # the user's own model may read columns that we would leave out
        return []
    answers, _ = run_checks(parts, replace(fitted, scored=fitted.scored.each_row_once))
    return [finding for answer in answers for finding in answer.findings]
