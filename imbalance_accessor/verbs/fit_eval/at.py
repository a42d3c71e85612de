"""`Evaluation.at`: what each strategy comes to at a threshold of the user's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.cross_fitting import can_be_evaluated
from imbalance_accessor.metrics.figures import Averaged, Scores
from imbalance_accessor.metrics.measure import COUNTS, measure, points_of
from imbalance_accessor.metrics.registry import metric_names
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared.own_threshold import ScoreRange, read_thresholds


def strategies_at(e: EvaluationData, given: Any) -> pd.DataFrame:
    """Return a row for each strategy and threshold; see `Evaluation.at`."""
    strategies = {name: e.scored.labelled_scores(name) for name in e.evaluated}
    thresholds = read_thresholds(given, ScoreRange.of(strategies.values()))
    rows = {
        (name, threshold): _row(e, name, scores, threshold)
        for threshold in thresholds
        for name, scores in strategies.items()
    }
    index = pd.Index([name for name, _ in rows], name="strategy")
    return pd.DataFrame(list(rows.values()), index=index)


def _row(e: EvaluationData, name: str, scores: LabelledScores, threshold: float) -> dict[str, float]:
    """Return the figures of the rows that are reported with their intervals, and those out of fold."""
    out_of_fold = _out_of_fold(scores, threshold)
    reported = out_of_fold
    if len(scores.y):
        reported = Scores(scores.y, flags={"": scores.score >= threshold}, weights=scores.weights)
    found = measure({name: reported}, e.scored.resamples_of(name), compared=False)[name]
    cv = points_of(out_of_fold, e.comparison.resamples.undrawn)
    row = {"threshold": threshold}
    for metric in metric_names("decision"):
        row[metric] = found.points[metric]
        row |= {f"{metric}_low": found.low[metric], f"{metric}_high": found.high[metric]}
        row[f"{metric}_cv"] = cv[metric]
    return row | {count: found.points[count] for count in COUNTS}


def _out_of_fold(scores: LabelledScores, threshold: float) -> Scores | Averaged:
    """Return the rows out of fold, over all repeats; in the order of time those that `frame` judges tuned thresholds on."""
    seen = scores.seen
    decided = can_be_evaluated(scores.fold[seen], ordered=True) if scores.ordered else None
    every = tuple(
        Scores(
            each.y_oof[seen],
            flags={"": np.asarray(each.score_oof[seen] >= threshold)},
            weights=each.weights_oof.take(seen),
            decided=decided,
        )
        for each in (scores, *scores.again)
    )
    return Averaged(every) if scores.again else every[0]
