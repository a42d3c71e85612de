"""The calls that an `Overview` proposes: those that run on its very frame, by the checks that the verbs begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from imbalance_accessor.data.column_kinds import missing_cells
from imbalance_accessor.data.features import Features, check_for_models
from imbalance_accessor.data.target import Target
from imbalance_accessor.errors import ImbalanceError
from imbalance_accessor.modeling.models import read_model
from imbalance_accessor.modeling.pipelines import DEFAULT
from imbalance_accessor.splitting.split import divide
from imbalance_accessor.verbs.fit_eval import plan_all
from imbalance_accessor.verbs.overview.fields import OverviewData
from imbalance_accessor.verbs.shared.snippet_data import name_of
from imbalance_accessor.verbs.smote import usable_columns


def next_calls(overview: OverviewData) -> tuple[str, ...]:
    """Return a line that mends the frame, where one is known, and the calls that run on it as it is."""
    if "IMB101" in overview.counts.findings.codes:  # rows that smote made: no verb judges on them
        return ()
    features, lines = overview.features, dict[str, None]()
    target = name_of(features.target.labels.name) if features.in_frame else "y"
    calls, divides = list[str](), False
    for options, rows in _ways(features):
        try:
            check_for_models(rows)
            plan_all(rows, read_model("logistic"), DEFAULT, cv=5, random_state=0, **_test_size(options))
        except ImbalanceError as error:
            lines[error.line] = None
            continue
        verbs = ("fit_eval", "best_threshold") if rows.target.is_binary else ("fit_eval",)
        calls = [f"df.imb.{verb}({', '.join([target, *_written(options)])})" for verb in verbs]
        divides = "test_size" not in options
        break
    return *filter(None, lines), *calls, *_smote(features, target, divides=divides)


def _ways(features: Features) -> Iterator[tuple[dict[str, Any], Features]]:
    """Yield options to try, the plain ones first, with the features as these have them read."""
    target = features.target
    asked = {} if _is_default(target) else {"pos_label": target.pos_label}
    yield asked, features
    yield {**asked, "test_size": 0}, features
    if not target.is_binary:
        one = replace(features, target=replace(target, positive=target.rarest))
        yield {"pos_label": one.target.pos_label}, one


def _is_default(target: Target) -> bool:
    """Whether the positive class is the one that verbs take unasked."""
    return target.positive is None or (not target.is_one_vs_rest and target.positive == target.rarest)


def _test_size(options: dict[str, Any]) -> dict[str, float]:
    return {"test_size": options.get("test_size", 0.2)}


def _written(options: dict[str, Any]) -> list[str]:
    return [f"{name}={name_of(value)}" for name, value in options.items()]


def _smote(features: Features, target: str, *, divides: bool) -> tuple[str, ...]:
    """Return the call of `smote`; `divides`, whether the rows are known to divide with no option."""
    impute = bool(missing_cells(features.X, features.columns))
    try:
        usable_columns(features, "auto", impute=impute)
        if not divides:
            divide(features)
    except ImbalanceError:
        return ()
    return (f"df.imb.smote({target}{', impute=True' if impute else ''})",)
