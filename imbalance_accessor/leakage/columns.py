"""A column that gives the answer away."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.data.target import Label
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.fixes import without_columns
from imbalance_accessor.leakage.statistics import chance_of_perfection

#: A column that ranks so well alone gives the answer away.
PERFECT = 0.999
#: Chance, over all columns, below which a separation is no accident.
_NO_ACCIDENT = 1e-4
#: Columns that are named, of each class.
_NAMED = 4


class GivesAway(Check):
    """IMB106: one column alone ranks a class almost perfectly."""

    code, title, severity, cost = "IMB106", "a column that is the answer?", "warning", 2

    def _answer(self, evidence: Evidence) -> Answer:
        alone = evidence.alone.loc[evidence.suspects].dropna(subset="roc_auc")
        alone = alone[[not evidence.names_things(name) for name in alone.index]]
        if not len(alone):
            return self.cannot_tell("no column could be measured")
        alone = alone.sort_values("roc_auc", ascending=False, kind="stable")
        figure, no_accident = float(alone["roc_auc"].iloc[0]), _no_accident(evidence)
        saw = f"{alone.index[0]!r} ranks best alone: ROC-AUC {figure:.{4 if figure > 0.99 else 3}f}"
        given = alone[(alone["roc_auc"] >= PERFECT) & alone["label"].isin(no_accident)]
        if not len(given):
            return self.clear(saw, share=figure)
        names = list(given.index)
        said = [
            f"{', '.join(f'{name!r} ({auc:.4f})' for name, auc in own['roc_auc'].head(_NAMED).items())} for {label!r}"
            for label, own in given.groupby("label", sort=False)
        ]
        more = len(names) - sum(min(rows, _NAMED) for rows in given["label"].value_counts())
        also = f", and {more} more" if more else ""
        ranks = "One column ranks a class" if len(names) == 1 else f"{len(names)} columns each rank a class"
        sentence = f"{ranks} almost perfectly alone (ROC-AUC in brackets): {'; '.join(said)}{also}."
        they = "it" if len(names) == 1 else "them"
        cure = f"Known before the outcome? If not, leave {they} out. An easy problem looks the same."
        fix = without_columns(evidence, names)
        return self.found(saw, sentence, cure, share=figure, columns=tuple(names), fix=fix)


def _no_accident(evidence: Evidence) -> list[Label]:
    """Return the classes with rows enough that noise hardly separates them."""
    rows = np.bincount(evidence.codes[evidence.sample], minlength=len(evidence.classes))
    n_columns = len(evidence.measured)
    return [
        label
        for label, each in zip(evidence.classes, rows, strict=True)
        if chance_of_perfection(int(each), int(rows.sum() - each), n_columns) < _NO_ACCIDENT
    ]
