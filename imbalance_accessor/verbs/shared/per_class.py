"""Several classes one by one: each class's recall and precision, and which other class its rows are taken for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.comparison import Metrics
from imbalance_accessor.metrics.figures import Averaged, ClassScores
from imbalance_accessor.metrics.multiclass import confusion_matrix
from imbalance_accessor.metrics.sensitivity import AnyScores
from imbalance_accessor.rendering.cells import decimal
from imbalance_accessor.rendering.sentences import digits, quoted

#: Confused classes that are named at most, and rows from which on that is no single slip.
_NAMED, _SLIPS = 2, 2


def per_class_frame(
    scored: CrossValScores, evaluated: Mapping[str, Metrics], scores: Mapping[str, AnyScores]
) -> pd.DataFrame:
    """Return one row a strategy and class; see `Evaluation.per_class`."""
    classes = scored.parts.features.target.classes
    index = pd.MultiIndex.from_product([list(evaluated), list(classes)], names=["strategy", "class"])
    rows = [
        row
        for name, each in evaluated.items()
        for row in _rows(scored, each, predicted_by_class(scores[name]))
    ]
    frame = pd.DataFrame(rows, index=index)
    # labels stay what they are, beside None
    frame["confused_with"] = pd.Series([row["confused_with"] for row in rows], index, dtype=object)
    return frame


def _rows(scored: CrossValScores, found: Metrics, counts: Floats) -> list[dict[str, object]]:
    """Return the row of each class, in sort order."""
    target, made = scored.parts.features.target, []
    off = np.where(np.eye(len(counts)), 0.0, counts)
    for code, name in enumerate(target.names):
        row: dict[str, object] = {"rows": int(counts[code].sum()), "predicted": counts[:, code].sum()}
        for metric in ("recall", "precision"):
            ends = {"": found.points, "_low": found.low, "_high": found.high, "_cv": found.cv}
            row |= {f"{metric}{end}": values[f"{metric}[{name}]"] for end, values in ends.items()}
        if not row["predicted"]:  # a share of nothing
            row |= dict.fromkeys(("precision", "precision_low", "precision_high"), np.nan)
        other = int(off[code].argmax())
        row["confused_with"] = target.classes[other] if off[code, other] else None
        made.append({**row, "confused_rows": off[code, other]})
    return made


def predicted_by_class(scores: AnyScores) -> Floats:
    """Count the rows that are reported by class and predicted class, shape (k, k); of repeats the mean."""
    deals = [
        each
        for each in (scores.repeats if isinstance(scores, Averaged) else (scores,))
        if isinstance(each, ClassScores)
    ]
    counts = [confusion_matrix(each.y, each.scores.argmax(axis=1), len(each.labels)) for each in deals]
    return np.asarray(np.mean(counts, axis=0))


def rarest(per_class: pd.DataFrame, strategy: str, most: int) -> pd.DataFrame:
    """Return the rows of a strategy's rarest classes, the rarest first; `per_class` is of `per_class_frame`."""
    return _of(per_class, strategy).sort_values("rows", kind="stable").head(most)


def _of(per_class: pd.DataFrame, strategy: str) -> pd.DataFrame:
    return per_class[per_class.index.get_level_values("strategy") == strategy].droplevel("strategy")


def least_found(per_class: pd.DataFrame, strategy: str, recall: str, where: str) -> str:
    """Name the class of which a strategy finds the smallest share, and the one that finds the most of it."""
    own = _of(per_class, strategy).sort_values("rows", kind="stable")[recall].dropna()
    if own.empty:
        return ""
    label: Any = own.index.tolist()[int(own.to_numpy().argmin())]
    found = per_class[recall].xs(label, level="class").dropna()
    said = f"{_whose(label, 'Class')} is found least, with recall {decimal(own[label])} {where}"
    other: Any = found.idxmax()
    more = decimal(found[other]) != decimal(own[label])
    return f"{said}: {other!r} has {decimal(found[other])}" if more else said


def confused(per_class: pd.DataFrame, strategy: str) -> str:
    """Name the classes whose rows a strategy most often takes for another class; nothing where none is."""
    frame = _of(per_class, strategy)
    wrong = frame[frame["confused_rows"] > 0]
    often = wrong[wrong["confused_rows"] >= _SLIPS]
    chosen = often if len(often) else wrong
    shares = chosen["confused_rows"] / chosen["rows"]
    ordered = chosen.assign(share=shares).sort_values(["share", "rows"], ascending=False, kind="stable")
    named = ordered.head(_NAMED)
    taken = zip(named.index, named["confused_with"], named["confused_rows"], named["rows"], strict=True)
    return "; ".join(_taken(*each) for each in taken)


def _taken(label: object, other: object, wrong: float, rows: int) -> str:
    who = _whose(label, "class")
    how = "mostly" if 2 * wrong > rows else "also"
    return f"{who} is {how} predicted as {quoted(other)} ({digits(wrong)} of {rows:,} rows)"


def _whose(label: object, kind: str) -> str:
    return quoted(label) if isinstance(label, str) else f"{kind} {quoted(label)}"
