"""Columns that know too much: one that gives the answer away, an id or a row counter that predicts."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.errors import listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.leakage.evidence import Check, Evidence
from imbalance_accessor.stats.leakage import (
    chance_of_perfection,
    class_aucs,
    cross_fitted_rates,
    drift,
)

#: A column that ranks so well alone gives the answer away.
PERFECT = 0.999
#: Different values up to which numbers are taken as categories too; rows a level must have on average.
_FEW_VALUES, _ROWS_A_LEVEL = 50, 10
#: Rows that show whether a column has few values.
_PEEK = 1_000
#: Chance, over all columns, below which a separation is no accident.
_NO_ACCIDENT = 1e-4
#: Chance of a drift along an id, and the AUC or the difference between blocks that predicts.
_NO_CHANCE, _PREDICTS = 1e-6, 0.6


def column_aucs(evidence: Evidence) -> pd.DataFrame:
    """Return each feature's ROC-AUC alone, by class; rows are features, columns are class codes.

    Numbers rank as they are, missing ones as the lowest or the highest; categories, and numbers of few values, by the
    share of the class among the other half's rows; missing cells by being missing.
    """
    at, n_classes = evidence.sample, len(evidence.classes)
    codes = evidence.codes[at]
    found = {name: _aucs(evidence, name, at, codes) for name in evidence.parts.task.columns.used}
    index = pd.Index(list(found), tupleize_cols=False)
    return pd.DataFrame(np.array(list(found.values())).reshape(-1, n_classes), index=index)


def _aucs(
    evidence: Evidence, name: Hashable, at: NDArray[np.intp], codes: NDArray[np.intp]
) -> NDArray[np.float64]:
    n_classes = len(evidence.classes)
    cells = evidence.column(name, at)
    missing = cells.isna().to_numpy()
    best = np.full(n_classes, 0.5)
    if missing.any():
        best = np.maximum(best, _either_way(missing.astype(np.float64), codes, n_classes))
    if name in evidence.parts.task.columns.numeric:
        values = evidence.numbers(name, at)
        for filler in (-np.inf, np.inf) if missing.any() else (None,):
            filled = values if filler is None else np.where(missing, filler, values)
            best = np.maximum(best, _either_way(filled, codes, n_classes))
    most = _FEW_VALUES if name in evidence.parts.task.columns.numeric else len(at) // _ROWS_A_LEVEL
    if cells.head(_PEEK).nunique() > most:  # most columns of numbers are done here
        return best
    levels, seen = pd.factorize(cells, use_na_sentinel=False)
    if len(seen) <= most and len(at) >= _ROWS_A_LEVEL * len(seen):
        rates = cross_fitted_rates(levels, codes, n_classes)
        by_class = [class_aucs(rates[:, code], codes, n_classes)[code] for code in range(n_classes)]
        best = np.maximum(best, np.array(by_class))
    return best


def _either_way(values: NDArray[np.float64], codes: NDArray[np.intp], n_classes: int) -> NDArray[np.float64]:
    aucs = class_aucs(values, codes, n_classes)
    return np.maximum(aucs, 1 - aucs)


def gives_away(evidence: Evidence, aucs: pd.DataFrame, named: tuple[Hashable, ...]) -> Check:
    """IMB106: one column alone ranks a class almost perfectly; ids that are named already are left out."""
    names, values = list(aucs.index), aucs.to_numpy()
    top = int(np.argmax(values.max(axis=1)))
    figure = float(values[top].max())
    saw = f"{names[top]!r} ranks best alone: ROC-AUC {figure:.3f}"
    told = np.where(_no_accident(evidence), values, 0.0)
    best = told.max(axis=1)
    order = [
        place
        for place in np.argsort(-best, kind="stable")
        if best[place] >= PERFECT and names[place] not in named
    ]
    if not order:
        return Check("IMB106", "clear", saw, share=figure)
    of_best = told[order[0]]
    code = evidence.focus if of_best[evidence.focus] >= PERFECT else int(np.argmax(of_best))
    label = evidence.classes[code]
    figures = ", ".join(f"{names[place]!r} ({best[place]:.4f})" for place in order[:4])
    more = f" and {len(order) - 4} more" if len(order) > 4 else ""
    one = len(order) == 1
    ranks = "ranks" if one else "each rank"
    sentence = f"{figures}{more} alone {ranks} {label!r} almost perfectly (ROC-AUC in brackets)."
    cure = (
        f"Known before the outcome? If not, drop {'it' if one else 'them'}; an easy problem looks the same."
    )
    finding = Finding("IMB106", "warning", sentence, cure)
    given = tuple(names[place] for place in order)
    return Check("IMB106", "found", saw, share=figure, columns=given, findings=(finding,))


def _no_accident(evidence: Evidence) -> NDArray[np.bool_]:
    """Whether each class has rows enough that noise hardly separates it."""
    rows = np.bincount(evidence.codes[evidence.sample], minlength=len(evidence.classes))
    n_columns = len(evidence.parts.task.columns.used)
    chance = [chance_of_perfection(int(each), int(rows.sum() - each), n_columns) for each in rows]
    return np.array(chance) < _NO_ACCIDENT


def predicting_ids(evidence: Evidence, aucs: pd.DataFrame) -> Check:
    """IMB107: an id or a row counter among the features predicts the label."""
    focus, at, ids = evidence.focus, evidence.sample, evidence.ids
    y = evidence.codes[at] == focus
    best = dict(zip(aucs.index, aucs.to_numpy().max(axis=1).tolist(), strict=True))
    found = {}
    for name in ids:
        drifted = drift(evidence.numbers(name, at), y)
        apart = float(np.ptp(drifted.shares))
        if drifted.p < _NO_CHANCE and (best[name] >= _PREDICTS or apart >= 2 * (_PREDICTS - 0.5)):
            found[name] = best[name]
    if not found:
        saw = f"{listed(ids)}: tells nothing of the label" if ids else "no id among the features"
        return Check("IMB107", "clear", saw, columns=ids)
    name = max(found, key=lambda each: found[each])
    saw = f"{name!r} names or counts rows, and ranks with ROC-AUC {found[name]:.3f}"
    also = f" So does {listed(each for each in found if each != name)}." if len(found) > 1 else ""
    sentence = (
        f"{name!r} looks like an id or a row counter and still predicts {evidence.classes[focus]!r}: ROC-AUC "
        f"{found[name]:.3f} alone.{also}"
    )
    cure = (
        f"Drop it: df.drop(columns={list(found)!r}). If it counts rows, their order holds the label: look at how the frame "
        "was put together."
    )
    finding = Finding("IMB107", "warning", sentence, cure)
    return Check("IMB107", "found", saw, share=found[name], columns=tuple(found), findings=(finding,))
