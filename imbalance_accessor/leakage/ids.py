"""An id or a row counter that predicts."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.cells import as_float, holds_numbers
from imbalance_accessor.errors import listed
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.column_views import ranking
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.fixes import without_columns
from imbalance_accessor.leakage.statistics import drift

#: Chance of a drift along an id, and the AUC or the difference between blocks that predicts.
_NO_CHANCE, _PREDICTS = 1e-6, 0.6
#: Share of text ids that must hold a number, and its digits.
_NUMBERED, _NUMBER = 0.9, r"(\d{1,15})\D*$"


class PredictingIds(Check):
    """IMB107: an id or a row counter, which no model of ours uses, predicts the label."""

    code, title, severity, cost = "IMB107", "an id that predicts?", "warning", 1

    def _answer(self, evidence: Evidence) -> Answer:
        ids = tuple(evidence.parts.features.columns.of_kind("id", "repeated id"))
        told = {name: _auc(evidence, name) for name in ids}
        found = {name: auc for name, auc in told.items() if auc is not None}
        if not found:
            saw = f"{listed(ids)}: tells nothing of the label" if ids else "no id among the columns"
            return self.clear(saw, columns=ids)
        name = max(found, key=lambda each: found[each])
        saw = f"{name!r} names or counts rows, and ranks with ROC-AUC {found[name]:.3f}"
        also = f" So does {listed(each for each in found if each != name)}." if len(found) > 1 else ""
        sentence = (
            f"{name!r} looks like an id or a row counter and still predicts {evidence.classes[evidence.focus]!r}: ROC-AUC "
            f"{found[name]:.3f} alone.{also}"
        )
        cure = "Leave it out. If it counts rows, their order holds the label: look at how the frame was put together."
        fix = without_columns(evidence, list(found))
        return self.found(saw, sentence, cure, share=found[name], columns=tuple(found), fix=fix)


def _auc(evidence: Evidence, name: Hashable) -> float | None:
    """Return how well an id ranks the class, if the class drifts along it; else None."""
    aucs = [_auc_along(evidence, order) for order in _orders(evidence.column(name, evidence.sample))]
    return max((auc for auc in aucs if auc is not None), default=None)


def _auc_along(evidence: Evidence, order: NDArray[np.float64]) -> float | None:
    known = ~np.isnan(order)
    order, at = order[known], evidence.sample[known]
    y = evidence.codes[at] == evidence.focus
    plain = drift(order, y)
    if plain.p >= _NO_CHANCE:  # most ids end here
        return None
    # neither copies of a row nor rows of one id are independent
    rows, values = evidence.kinds[at], pd.factorize(order)[0].astype(np.intp)
    if max(drift(order, y, kinds=alike).p for alike in (rows, values)) >= _NO_CHANCE:
        return None
    upwards, _ = ranking(order, y, ~y)
    auc = max(upwards, 1 - upwards)
    return auc if auc >= _PREDICTS or np.ptp(plain.shares) >= 2 * (_PREDICTS - 0.5) else None


def _orders(ids: pd.Series) -> Iterator[NDArray[np.float64]]:
    """Yield the orders that ids may tell, nan where one is missing: their numbers, and that of a dictionary."""
    if holds_numbers(ids):
        yield np.asarray(as_float(ids).to_numpy(dtype=np.float64))
        return
    text = ids.astype(object).map(str, na_action="ignore")
    numbers = np.asarray(text.str.extract(_NUMBER, expand=False), dtype=np.float64)
    if np.isfinite(numbers).sum() >= _NUMBERED * text.notna().sum():
        yield numbers
    places = pd.factorize(text, sort=True)[0]
    yield np.where(places >= 0, places, np.nan)
