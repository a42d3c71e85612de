"""The tables of an `Evaluation`: its figures, its differences to doing nothing, every row's score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from imbalance_accessor.stats.judging import COUNTS, Judged, differences
from imbalance_accessor.stats.metrics import DECISION, PROBABILITY, RANKING

if TYPE_CHECKING:
    from imbalance_accessor.verbs.evaluation import Evaluation


def figures(evaluation: Evaluation) -> pd.DataFrame:
    """Return one row a strategy, and ``no_skill`` last; see `Evaluation.frame`."""
    rows = {name: _row(evaluation, judged) for name, judged in evaluation.judged.items()}
    names = list(next(iter(rows.values())))
    empty: dict[str, dict[str, float]] = {
        name: dict.fromkeys(names, np.nan) for name in evaluation.scored.failed
    }
    frame = pd.DataFrame.from_dict({**rows, **empty, "no_skill": evaluation.no_skill_figures}, orient="index")
    frame.index.name = "strategy"
    return frame[names]


def differences_to_none(evaluation: Evaluation) -> pd.DataFrame:
    """Return differences to ``"none"``; see `Evaluation.differences`."""
    judged = evaluation.judged
    metrics = [metric for metric in next(iter(judged.values())).samples if not metric.startswith("recall[")]
    recalls = [f"recall{suffix}" for suffix in _suffixes(evaluation) if f"recall{suffix}" not in metrics]
    table: dict[str, dict[str, float]] = {name: {} for name in judged if name != "none"}
    for metric in [*metrics, *recalls]:
        for name, (point, low, high) in differences(judged, metric).items():
            table[name] |= {metric: point, f"{metric}_low": low, f"{metric}_high": high}
    frame = pd.DataFrame.from_dict(table, orient="index")
    frame.index.name = "strategy"
    return frame


def scores(evaluation: Evaluation) -> pd.DataFrame:
    """Return every row's score by every strategy; see `Evaluation.scores`."""
    return pd.concat([_scores_of(evaluation, name) for name in evaluation.scored.by_name])


def _suffixes(evaluation: Evaluation) -> tuple[str, ...]:
    return ("", "_tuned") if evaluation.is_binary else ("",)


def _metrics(evaluation: Evaluation) -> list[str]:
    if evaluation.is_binary:
        return [*RANKING, *PROBABILITY, *DECISION, *(f"{name}_tuned" for name in DECISION)]
    names = evaluation.scored.parts.task.target.names
    return [*RANKING, *PROBABILITY[:2], *DECISION, *(f"recall[{name}]" for name in names)]


def _row(evaluation: Evaluation, judged: Judged) -> dict[str, float]:
    row: dict[str, float] = {}
    for metric in _metrics(evaluation):
        row |= {metric: judged.points[metric], f"{metric}_low": judged.low[metric]}
        row |= {f"{metric}_high": judged.high[metric], f"{metric}_cv": judged.cv[metric]}
        if metric == "mean_probability":
            row["prevalence"] = evaluation.prevalence
    if not evaluation.is_binary:
        return row
    names = [f"{count}{suffix}" for suffix in _suffixes(evaluation) for count in COUNTS]
    return {**row, **{name: judged.points[name] for name in names}, "cut": judged.cut}


def _scores_of(evaluation: Evaluation, name: str) -> pd.DataFrame:
    scored = evaluation.scored
    each, parts = scored.by_name[name], scored.parts
    labels = [part.y.to_numpy(dtype=object) for part in (parts.train, parts.test)]
    index = parts.train.y.index.append(parts.test.y.index)
    values = np.concatenate([each.oof, each.test])
    folds = np.concatenate([scored.folds.ids, np.full(len(parts.test), -1)])
    where = np.repeat(["train", "test"], [len(parts.train), len(parts.test)])
    frame = pd.DataFrame({"strategy": name, "part": where, "fold": folds}, index=index)
    frame["fold"] = frame["fold"].astype("Int64").mask((folds < 0) | evaluation.reading.model.fitted)
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
    frame["flagged"] = frame[kind] >= evaluation.judged[name].cut
    return frame
