"""A column that gives the answer away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.statistics import chance_of_perfection

#: A column that ranks so well alone gives the answer away.
PERFECT = 0.999
#: Chance, over all columns, below which a separation is no accident.
_NO_ACCIDENT = 1e-4


class GivesAway(Check):
    """IMB106: one column alone ranks a class almost perfectly."""

    code, title, severity, cost = "IMB106", "a column that is the answer?", "warning", 2

    def _answer(self, evidence: Evidence) -> Answer:
        aucs = evidence.aucs
        names, values = list(aucs.index), aucs.to_numpy()
        ids = evidence.answers["IMB107"]
        named = ids.columns if ids.findings else ()
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
            return self.clear(saw, share=figure)
        of_best = told[order[0]]
        code = evidence.focus if of_best[evidence.focus] >= PERFECT else int(np.argmax(of_best))
        label = evidence.classes[code]
        figures = ", ".join(f"{names[place]!r} ({best[place]:.4f})" for place in order[:4])
        more = f" and {len(order) - 4} more" if len(order) > 4 else ""
        one = len(order) == 1
        ranks = "ranks" if one else "each rank"
        sentence = f"{figures}{more} alone {ranks} {label!r} almost perfectly (ROC-AUC in brackets)."
        cure = f"Known before the outcome? If not, drop {'it' if one else 'them'}; an easy problem looks the same."
        given = tuple(names[place] for place in order)
        return self.found(saw, sentence, cure, share=figure, columns=given)


def _no_accident(evidence: Evidence) -> NDArray[np.bool_]:
    """Whether each class has rows enough that noise hardly separates it."""
    rows = np.bincount(evidence.codes[evidence.sample], minlength=len(evidence.classes))
    n_columns = len(evidence.parts.features.columns.used)
    chance = [chance_of_perfection(int(each), int(rows.sum() - each), n_columns) for each in rows]
    return np.array(chance) < _NO_ACCIDENT
