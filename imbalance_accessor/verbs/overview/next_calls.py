"""The calls that an `Overview` proposes: those that run on its very frame, by the checks that the verbs begin with."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np

from imbalance_accessor.data.checks import missing_cells
from imbalance_accessor.data.features import Features, check_for_models
from imbalance_accessor.data.lazy.sample import MOST_ROWS
from imbalance_accessor.errors import Code, ImbalanceError
from imbalance_accessor.verbs.shared.snippet_data import name_of

#: So many rows of every class can be split and folded; and judged, where a draw of the test rows holds all with this chance.
_PLENTY, _LIKELY = 10, 0.1


def calls_to_run(features: Features, id: Hashable | None) -> tuple[str, ...]:
    """Return a line that mends the frame, where one is known, and the calls that run on it as it is."""
    named = {} if id is None else {"id": id}
    target = name_of(features.target.labels.name) if features.in_frame else "y"
    try:
        check_for_models(features)
    except ImbalanceError as error:
        vectorized = not features.columns.used and features.columns.described and find_spec("skrub")
        return (
            (_call("fit_eval", target, {"preprocess": "skrub", **named}),)
            if vectorized
            else _mended(features, error.fix.lines)
        )
    rows = features.target.rows
    if rows.min() >= _PLENTY and np.prod(1 - np.exp(-0.2 * rows)) > _LIKELY:  # nothing need be tried
        options: dict[str, Any] | None = _asked(features)
        line, divides = "", True
    else:
        options, line, divides = _tried(features)
    return (
        *_mended(features, line),
        *([] if options is None else _fits(features, target, {**options, **named})),
        *(_smote(features, target, named) if divides else []),
    )


def _mended(features: Features, line: str) -> tuple[str, ...]:
    """Return the line that mends a frame; none for a table, which takes no lines of pandas."""
    return (line,) if line and features.sample is None else ()


def _asked(features: Features) -> dict[str, Any]:
    """Return the positive class, where it is not the one that verbs take unasked."""
    target = features.target
    is_default = target.positive is None or (not target.is_one_vs_rest and target.positive == target.rarest)
    return {} if is_default else {"pos_label": target.pos_label}


def _tried(features: Features) -> tuple[dict[str, Any] | None, str, bool]:
    """Plan fits by few rows as `fit_eval` does, fitting nothing.

    Returns
    -------
    options : dict or None
        With which they can be planned; None where nothing helps.
    line : str
        The line of code that mends what stands in the way of plain ones.
    divides : bool
        Whether a training set and a test set can be had.
    """
    from imbalance_accessor.modeling.models import read_model  # libraries are loaded where they are needed
    from imbalance_accessor.modeling.read_strategies import DEFAULT
    from imbalance_accessor.splitting.split import divide
    from imbalance_accessor.verbs.fit_eval import plan_all

    line, divides = "", True
    try:
        divide(features)
    except ImbalanceError as error:
        line, divides = error.fix.lines, False
    for options, rows in _ways(features):
        share = {"test_size": options.get("test_size", 0.2)}
        try:
            plan_all(rows, read_model("logistic"), DEFAULT, cv=5, random_state=0, **share)
        except ImbalanceError:
            continue
        return options, line, divides
    return None, line, divides


def _ways(features: Features) -> Iterator[tuple[dict[str, Any], Features]]:
    """Yield options to try, the plain ones first, with the features as these have them read."""
    asked = _asked(features)
    yield asked, features
    yield {**asked, "test_size": 0}, features
    if not features.target.is_binary:
        one = replace(features.target, positive=features.target.rarest)
        yield {"pos_label": one.pos_label}, replace(features, target=one)


def _fits(features: Features, target: str, options: dict[str, Any]) -> list[str]:
    options = options | _counted(features, options)
    is_large = features.sample is not None and features.sample.labels.labelled > MOST_ROWS
    if is_large and "sample_weight" in options:  # rows are drawn by class, whatever they weigh
        return []
    is_binary = features.target.is_binary or "pos_label" in options
    verbs = ("fit_eval", *(["best_threshold"] if is_binary else []))
    return [_call(verb, target, options) for verb in verbs]


def _call(verb: str, target: str, options: Mapping[str, Any]) -> str:
    return f"df.imb.{verb}({', '.join([target, *(f'{name}={_written(value)}' for name, value in options.items())])})"


def _counted(features: Features, options: dict[str, Any]) -> dict[str, Any]:
    """Return how rows count, as options of a call; a class that is set against the rest has a share of its own."""
    weighting, found = features.weighting, dict[str, Any]()
    if isinstance(weighting.prevalence, Mapping) and "pos_label" in options and not features.target.is_binary:
        found["prevalence"] = weighting.prevalence[options["pos_label"]]
    elif weighting.prevalence is not None:
        found["prevalence"] = weighting.prevalence
    if weighting.column is not None:
        found["sample_weight"] = weighting.column if weighting.in_frame else Code("sample_weight")
    return found


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name_of(label)}: {name_of(share)}' for label, share in value.items())}}}"
    return str(value) if isinstance(value, Code) else name_of(value)


def _smote(features: Features, target: str, named: dict[str, Any]) -> list[str]:
    """Return the call that resamples; none where the training set has no cell to learn a column's fill from."""
    missing = missing_cells(features.X, features.columns)
    if not missing:
        return [_call("smote", target, named)]
    rows = len(features.codes)
    scarce = [name for name in features.columns.numeric if rows - missing.get(name, 0) <= 0.2 * rows + 1]
    if scarce:  # else a test set cannot hold all of the filled cells
        from imbalance_accessor.splitting.split import divide

        if not divide(features).train.X[scarce].notna().any().all():
            return []
    return [_call("smote", target, {"impute": True, **named})]
