"""The card of a `Resampled`: what became of the training set, and that the test set was left alone."""

from __future__ import annotations

from imbalance_accessor.errors import counted
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.verbs.shared.population import badges
from imbalance_accessor.verbs.smote import text
from imbalance_accessor.verbs.smote.fields import ResampledData


def card(made: ResampledData) -> Card:
    """Return what is shown."""
    before, new = len(made.parts.train), int(made.is_synthetic.sum())
    filled = int(made.parts.test.X[list(made.units.fills)].isna().to_numpy().sum())
    fills = f", {counted(filled, 'cell')} filled as in train" if filled else ""
    return Card(
        title=text.title(made),
        figures=(
            ("train", f"{before:,} → {counted(len(made.X_train), 'row')}, {new:,} of them synthetic"),
            ("test", f"{counted(len(made.X_test), 'row')}, not resampled{fills}"),
        ),
        table=made.frame,
        notes=(made.parts.split_by.text,),
        findings=made.findings,
        next=("X_train, X_test, y_train, y_test = df.imb.smote(...)",),
        badges=badges(made.parts.features),
    )
