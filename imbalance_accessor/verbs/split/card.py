"""The card of a `Split`: how many rows each side has, of which class."""

from __future__ import annotations

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Share, percent
from imbalance_accessor.verbs.shared.population import badges
from imbalance_accessor.verbs.split import text
from imbalance_accessor.verbs.split.fields import SplitData


def card(split: SplitData) -> Card:
    """Return what is shown."""
    parts, table = split.parts, split.frame
    table[["train_share", "test_share"]] = table[["train_share", "test_share"]].map(Share).astype(object)
    return Card(
        title=text.title(split),
        figures=(
            ("train", f"{len(parts.train):,} rows"),
            ("test", f"{len(parts.test):,} rows ({percent(parts.test_share)})"),
        ),
        table=table.rename(columns=lambda name: name.replace("_", " ")),
        notes=(parts.split_by.text,),
        findings=split.findings,
        badges=badges(parts.features),
        next=("X_train, X_test, y_train, y_test = df.imb.split(...)",),
    )
