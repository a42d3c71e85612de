"""Scores that come with the rows, in a column of the frame: any model's, none of which is fitted here."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

import pandas as pd

from imbalance_accessor.data.features import ABOUT_FEATURES, Task
from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import OptionError, near
from imbalance_accessor.findings import Finding
from imbalance_accessor.fits import ColumnScores
from imbalance_accessor.scored import score_column
from imbalance_accessor.splitting.folds import make_folds
from imbalance_accessor.splitting.split import divide


def check_alone(model: Any, more: bool) -> None:
    """Refuse a model, a strategy or ``fitted=`` beside a column of scores."""
    if more or not (isinstance(model, str) and model == "logistic"):
        raise OptionError(
            "scores= names a column that holds every row's score, so that nothing is fitted. Leave model=, strategy= and "
            "fitted= out, or leave scores= out."
        )


def needed_columns(data: Any, target: Any, scores: Hashable, others: Collection[Any]) -> Any:
    """Return the columns that a choice from given scores reads: the rest is no feature of anything."""
    if not isinstance(data, pd.DataFrame):
        return data
    if not isinstance(scores, Hashable) or scores not in data.columns:
        got = f"{' '.join(repr(scores).split()):.60}"
        raise OptionError(
            f"scores={got} is not a column of this frame.{near(scores, data.columns)} Scores go into the frame: df.assign(p=...)."
        )
    named = target.name if isinstance(target, pd.Series) else target
    if _same(scores, named):
        raise OptionError(
            f"scores={plain(scores)!r} is the target itself. Name the column with the model's scores."
        )
    wanted = [scores, *others, *([] if isinstance(target, pd.Series) else [target])]
    if target is None or any(isinstance(each, str) and each not in data.columns for each in wanted):
        return data  # what is refused next names the columns that are near
    return data.loc[:, [any(_same(name, each) for each in wanted) for name in data.columns]]


def _same(name: Hashable, wanted: Any) -> bool:
    name, wanted = plain(name), plain(wanted)
    return isinstance(wanted, Hashable) and type(name) is type(wanted) and name == wanted


def given_origin(
    task: Task,
    scores: Hashable,
    *,
    cv: int,
    repeats: int,
    test_size: float,
    random_state: int | None,
    test: pd.DataFrame | None,
) -> tuple[ColumnScores, list[Finding]]:
    """Divide and fold rows that come with their scores."""
    parts = divide(task, test_size=test_size, random_state=random_state, test=test, nothing=True)
    folds = make_folds(parts, cv=cv, random_state=random_state, repeats=repeats)
    scores = plain(scores)
    scored = score_column(parts, folds, scores)
    # no column is a feature here
    findings = [each for each in (*parts.findings, *folds.findings) if each.code not in ABOUT_FEATURES]
    return ColumnScores(scored, "scores", scores), findings
