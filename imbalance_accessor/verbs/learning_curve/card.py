"""The card of a `LearningCurve`: a row a size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from imbalance_accessor.inspection.training_sizes import METRIC
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, percent
from imbalance_accessor.verbs.learning_curve import text
from imbalance_accessor.verbs.learning_curve.fields import LearningCurveData
from imbalance_accessor.verbs.shared.population import badges


def card(c: LearningCurveData) -> Card:
    """Return what is shown."""
    parts = c.scored.parts
    return Card(
        title=text.verdict(c),
        figures=(("gain per doubling", f"{text.gained(c)} average precision"),),
        table=_table(c),
        notes=(
            text.how(c),
            *text.left_out(c),
            f"model={c.plan.model.name!r}, {parts.split_by.text}, positive class {parts.features.target.pos_label!r}",
        ),
        findings=c.findings,
        badges=badges(parts.features),
    )


def _table(c: LearningCurveData) -> pd.DataFrame:
    frame = c.frame
    ends = frame[[METRIC, f"{METRIC}_low", f"{METRIC}_high"]].itertuples(index=False)
    table = {
        "positives": np.round(frame["positives"]).astype(int).tolist(),
        "rows": np.round(frame["rows"]).astype(int).tolist(),
        "draws": frame["draws"].tolist(),
        "average precision": [Interval(*each) for each in ends],
        "sd over draws": frame[f"{METRIC}_sd"].tolist(),
    }
    return pd.DataFrame(table, index=pd.Index(map(percent, frame.index), name="learned from"))
