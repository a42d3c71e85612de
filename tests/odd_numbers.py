"""Holds what the code of an odd frame's result left behind against the result, whatever its labels are called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from snippet_checks import by_strategy, check_rows, plain

from imbalance_accessor.evaluation.scores import CrossValScores


def check_numbers(verb: str, found: Any, space: dict[str, Any], style: str) -> None:
    """Compare the numbers of a snippet with those of the result that it was written by."""
    if verb in SCORED and not told_apart(SCORED[verb](found)):
        return
    CHECKS.get(verb, lambda *_: None)(found, space, style)


def told_apart(scored: CrossValScores) -> bool:
    """Whether scores differ by more than the rounding that a fit in other company may change, twins' scores above all."""
    for scores in scored.by_name.values():
        for values in (scores.oof, scores.test):
            gaps = np.diff(np.unique(values))
            if (gaps < 1e-9).any():
                return False
    return True


def counts(found: Any, space: dict[str, Any], _: str) -> None:
    told = found.frame["rows"]
    assert sorted(space["rows"][space["rows"] > 0]) == sorted(told)
    assert list(space["rows"].reindex(told.index)) == list(told)


def weights(found: Any, space: dict[str, Any], _: str) -> None:
    assert np.array_equal(sorted(space["class_weight"].values()), sorted(found.values()))
    assert dict(space["class_weight"]) == dict(found)


def overview(found: Any, space: dict[str, Any], style: str) -> None:
    counts(found.counts, space, style)


def split(found: Any, space: dict[str, Any], _: str) -> None:
    for name in ("X_train", "X_test"):
        pd.testing.assert_frame_equal(space[name], getattr(found, name))
    for name in ("y_train", "y_test"):
        pd.testing.assert_series_equal(space[name], getattr(found, name), check_dtype=False)


def smote(found: Any, space: dict[str, Any], _: str) -> None:
    for name in ("train", "test"):
        ours, theirs = getattr(found, f"X_{name}"), space[f"X_{name}"]
        theirs = theirs if isinstance(theirs, pd.DataFrame) else pd.DataFrame(theirs, columns=ours.columns)
        pd.testing.assert_frame_equal(plain(theirs), plain(ours), check_dtype=False, rtol=1e-9)
        assert len(space[f"y_{name}"]) == len(getattr(found, f"y_{name}"))


def fit_eval(found: Any, space: dict[str, Any], style: str) -> None:
    told = found.frame.drop(index="dummy")
    told = told[told["average_precision"].notna()]  # a strategy that failed has no code
    if style == "full":
        assert {"none"} <= set(space["rows"]) <= set(told.index)  # what is the same as another has no code
    check_rows(space["rows"], told, rel=1e-7, absolute=1e-7)


def best_threshold(found: Any, space: dict[str, Any], style: str) -> None:
    assert np.isclose(space["threshold"], found.value, rtol=1e-9) or space["threshold"] == found.value
    if style == "full":
        own = [name for name in space["rows"] if name in found.report.index]
        check_rows({name: space["rows"][name] for name in own}, found.report, rel=1e-7, absolute=1e-7)


def reliability(found: Any, space: dict[str, Any], style: str) -> None:
    told = found.frame[found.frame["brier"].notna()]
    every = by_strategy(found, space["rows"]) if style == "short" else space["rows"]
    assert style == "short" or set(every) == set(told.index)
    flat = {key for key, row in found.report.rows.items() if np.ptp(row.p) < 1e-9}  # by a calibrator
    rows = {key: row for key, row in every.items() if key not in flat}
    # a calibrator of a few rows makes much of the last digit of scores in single precision
    types = SCORED["reliability"](found).parts.features.X.dtypes
    single = any(str(dtype) in {"float32", "float16"} for dtype in types)
    for key, row in rows.items():
        # so does a calibration line of hardly different probabilities of what an optimiser leaves open (about 1e-8)
        close = 0.05 if single else max(1e-6, 1e-7 / float(np.ptp(found.report.rows[key].p)))
        check_rows({key: row}, told, rel=close, absolute=close)


SCORED = {
    "fit_eval": lambda found: found.scored,
    "best_threshold": lambda found: found.strategy_scores.scored,
    "reliability": lambda found: next(iter(found.scores_by_strategy.values())).scored,
}
CHECKS = {
    each.__name__: each
    for each in (counts, weights, overview, split, smote, fit_eval, best_threshold, reliability)
}
