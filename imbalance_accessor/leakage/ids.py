"""An id or a row counter that predicts."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.errors import listed
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.statistics import drift

#: Chance of a drift along an id, and the AUC or the difference between blocks that predicts.
_NO_CHANCE, _PREDICTS = 1e-6, 0.6


class PredictingIds(Check):
    """IMB107: an id or a row counter, which no model of ours uses, predicts the label."""

    code, title, severity, cost = "IMB107", "an id that predicts?", "warning", 1

    def _answer(self, evidence: Evidence) -> Answer:
        focus, at, ids = evidence.focus, evidence.sample, evidence.ids
        y = evidence.codes[at] == focus
        best = {name: float(evidence.aucs_of(name).max()) for name in ids}
        found = {}
        for name in ids:
            values = evidence.numbers(name, at)
            known = ~np.isnan(values)
            drifted = drift(values[known], y[known])
            apart = float(np.ptp(drifted.shares))
            if drifted.p < _NO_CHANCE and (best[name] >= _PREDICTS or apart >= 2 * (_PREDICTS - 0.5)):
                found[name] = best[name]
        if not found:
            saw = f"{listed(ids)}: tells nothing of the label" if ids else "no id among the columns"
            return self.clear(saw, columns=ids)
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
        return self.found(saw, sentence, cure, share=found[name], columns=tuple(found))
