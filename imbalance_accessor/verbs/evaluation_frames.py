"""The tables of an `Evaluation`: its figures, its differences to doing nothing, every row's score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.scores import Scored
from imbalance_accessor.metrics.comparison import Comparison, Judged
from imbalance_accessor.metrics.measure import COUNTS
from imbalance_accessor.metrics.registry import names


def figures(
    scored: Scored, judged: Mapping[str, Judged], no_skill: Mapping[str, float], prevalence: float
) -> pd.DataFrame:
    """Return one row a strategy, and ``no_skill`` last; see `Evaluation.frame`."""
    rows = {name: _row(scored, each, prevalence) for name, each in judged.items()}
    columns = list(next(iter(rows.values())))
    empty: dict[str, dict[str, float]] = {name: dict.fromkeys(columns, np.nan) for name in scored.failed}
    frame = pd.DataFrame.from_dict({**rows, **empty, "no_skill": no_skill}, orient="index")
    frame.index.name = "strategy"
    return frame[columns]


def differences_to_none(scored: Scored, comparison: Comparison) -> pd.DataFrame:
    """Return differences to ``"none"``; see `Evaluation.differences`."""
    table: dict[str, dict[str, float]] = {name: {} for name in comparison.scores if name != "none"}
    known = {name for name, value in comparison.points_of("none").items() if not np.isnan(value)}
    for metric in _metrics(scored):
        if metric not in known or metric.startswith("recall["):
            continue
        for name, (point, low, high) in comparison.differences(metric).items():
            table[name] |= {metric: point, f"{metric}_low": low, f"{metric}_high": high}
    frame = pd.DataFrame.from_dict(table, orient="index")
    frame.index.name = "strategy"
    return frame


def scores(scored: Scored, judged: Mapping[str, Judged], *, fitted: bool) -> pd.DataFrame:
    """Return every row's score by every strategy; see `Evaluation.scores`."""
    return pd.concat([_scores_of(scored, name, judged[name].cut, fitted=fitted) for name in scored.by_name])


def _metrics(scored: Scored) -> list[str]:
    several = scored.positive is None
    ranking, probability, decision = (
        names(kind, several=several) for kind in ("ranking", "probability", "decision")
    )
    if several:
        decision += [f"recall[{name}]" for name in scored.parts.task.target.names]
    else:
        decision += [f"{name}_tuned" for name in decision]
    return [*ranking, *probability, *decision]


def _row(scored: Scored, judged: Judged, prevalence: float) -> dict[str, float]:
    row: dict[str, float] = {}
    for metric in _metrics(scored):
        found = {"": judged.points, "_low": judged.low, "_high": judged.high, "_cv": judged.cv}
        row |= {f"{metric}{end}": values.get(metric, np.nan) for end, values in found.items()}
        if metric == "mean_probability":
            row["prevalence"] = prevalence
    if scored.positive is None:
        return row
    counts = [f"{count}{suffix}" for suffix in ("", "_tuned") for count in COUNTS]
    return {**row, **{name: judged.points[name] for name in counts}, "cut": judged.cut}


def _scores_of(scored: Scored, name: str, cut: float, *, fitted: bool) -> pd.DataFrame:
    each, parts = scored.by_name[name], scored.parts
    labels = [part.y.to_numpy(dtype=object) for part in (parts.train, parts.test)]
    index = parts.train.y.index.append(parts.test.y.index)
    values = np.concatenate([each.oof, each.test])
    folds = np.concatenate([scored.folds.ids, np.full(len(parts.test), -1)])
    where = np.repeat(["train", "test"], [len(parts.train), len(parts.test)])
    frame = pd.DataFrame({"strategy": name, "part": where, "fold": folds}, index=index)
    frame["fold"] = frame["fold"].astype("Int64").mask((folds < 0) | fitted)
    taken = {"strategy", "part", "fold", "probability", "score", "flagged"}
    target = parts.task.target
    column = f"{target.name} (label)" if target.name in taken else target.name
    frame[column] = pd.Series(np.concatenate(labels), index=index).infer_objects()
    kind = "probability" if scored.is_probability else "score"
    if scored.positive is None:
        for code, label in enumerate(target.names):
            frame[f"{kind}_{label}"] = values[:, code]
        return frame
    frame[kind] = values[:, scored.positive]
    frame["flagged"] = frame[kind] >= cut
    return frame
