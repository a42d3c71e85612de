"""The tables of an `Evaluation`: figures, differences, every row's score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.comparison import Comparison, Metrics
from imbalance_accessor.metrics.measure import COUNTS
from imbalance_accessor.metrics.multiclass import is_of_one_class
from imbalance_accessor.metrics.registry import metric_names


def figures_frame(
    scored: CrossValScores, evaluated: Mapping[str, Metrics], dummy: Mapping[str, float], prevalence: float
) -> pd.DataFrame:
    """Return one row a strategy, and ``dummy`` last; see `Evaluation.frame`."""
    rows = {name: _row(scored, each, prevalence) for name, each in evaluated.items()}
    columns = list(next(iter(rows.values())))
    empty: dict[str, dict[str, float]] = {name: dict.fromkeys(columns, np.nan) for name in scored.failed}
    frame = pd.DataFrame.from_dict({**rows, **empty, "dummy": dummy}, orient="index")
    frame.index.name = "strategy"
    return frame[columns]


def differences_frame(scored: CrossValScores, comparison: Comparison) -> pd.DataFrame:
    """Return differences to each plain model; see `Evaluation.differences`."""
    first = comparison.plain[0]
    pairs = [(name, plain) for plain in comparison.plain for name in comparison.scores if name != plain]
    table: dict[tuple[str, str], dict[str, float]] = {pair: {} for pair in pairs}
    known = {name for name, value in comparison.points_of(first).items() if not np.isnan(value)}
    for metric in _metrics(scored):
        if metric not in known or is_of_one_class(metric):
            continue
        for pair, (point, low, high) in comparison.pairs(metric).items():
            table[pair] |= {metric: point, f"{metric}_low": low, f"{metric}_high": high}
    index = pd.MultiIndex.from_tuples(pairs, names=["strategy", "against"])
    frame = pd.DataFrame(list(table.values()), index=index)
    return frame if len(comparison.plain) > 1 else frame.droplevel("against")


def scores_frame(scored: CrossValScores, evaluated: Mapping[str, Metrics], *, fitted: bool) -> pd.DataFrame:
    """Return every row's score by every strategy; see `Evaluation.scores`."""
    return pd.concat(
        [_scores_of(scored, name, evaluated[name].threshold, fitted=fitted) for name in scored.by_name]
    )


def _metrics(scored: CrossValScores) -> list[str]:
    several = scored.positive is None
    ranking, probability, decision = (
        metric_names(kind, several=several) for kind in ("ranking", "probability", "decision")
    )
    if several:
        decision += [f"recall[{name}]" for name in scored.parts.features.target.names]
    else:
        decision += [f"{name}_tuned" for name in decision]
    return [*ranking, *probability, *decision]


def _row(scored: CrossValScores, evaluated: Metrics, prevalence: float) -> dict[str, float]:
    row: dict[str, float] = {}
    for metric in _metrics(scored):
        found = {"": evaluated.points, "_low": evaluated.low, "_high": evaluated.high, "_cv": evaluated.cv}
        row |= {f"{metric}{end}": values.get(metric, np.nan) for end, values in found.items()}
        if metric == "mean_probability":
            row["prevalence"] = prevalence
    if scored.positive is None:
        return row
    counts = [f"{count}{suffix}" for suffix in ("", "_tuned") for count in COUNTS]
    return {**row, **{name: evaluated.points[name] for name in counts}, "threshold": evaluated.threshold}


def _scores_of(scored: CrossValScores, name: str, threshold: float, *, fitted: bool) -> pd.DataFrame:
    each, parts = scored.by_name[name], scored.parts
    labels = [part.y.to_numpy(dtype=object) for part in (parts.train, parts.test)]
    index = parts.train.y.index.append(parts.test.y.index)
    values = np.concatenate([each.oof, each.test])
    folds = np.concatenate([scored.folds.ids, np.full(len(parts.test), -1)])
    where = np.repeat(["train", "test"], [len(parts.train), len(parts.test)])
    frame = pd.DataFrame({"strategy": name, "part": where, "fold": folds}, index=index)
    frame["fold"] = frame["fold"].astype("Int64").mask((folds < 0) | fitted)
    taken = {"strategy", "part", "fold", "probability", "score", "flagged"}
    target = parts.features.target
    column = f"{target.name} (label)" if target.name in taken else target.name
    frame[column] = pd.Series(np.concatenate(labels), index=index).infer_objects()
    kind = "probability" if scored.is_probability else "score"
    if scored.positive is None:
        for code, label in enumerate(target.names):
            frame[f"{kind}_{label}"] = values[:, code]
        return frame
    frame[kind] = values[:, scored.positive]
    frame["flagged"] = frame[kind] >= threshold
    return frame
