"""The pictures of a `Leaks`: each column alone, and what both orders claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imbalance_accessor.leakage.columns import PERFECT
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.verbs.leaks import text
from imbalance_accessor.verbs.leaks.demonstration import CLAIM, ORDERS, WRONG
from imbalance_accessor.verbs.leaks.fields import LeaksData

#: Columns that are drawn at most.
_DRAWN = 15


def pictures(leaks: LeaksData) -> Mapping[str, Picture]:
    """Return what can be drawn; both orders first, where they were shown."""
    found: dict[str, Picture] = {}
    if leaks.demonstration is not None:
        found["orders"] = lambda ax: _orders(leaks, ax)
    found["columns"] = lambda ax: _columns(leaks, ax)
    return found


def _orders(leaks: LeaksData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.leaks import order_dots

    shown = leaks.demonstration
    assert shown is not None
    wrong = [WRONG in each for each in ORDERS]
    order_dots(ax, ORDERS, shown.frame[CLAIM].to_numpy(), wrong=wrong, title=text.claim(shown))


def _columns(leaks: LeaksData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.leaks import column_aucs

    best = leaks.best_alone["roc_auc"].head(_DRAWN)
    title = "No column could be measured alone"
    if len(best):
        title = f"{best.index[0]!r} ranks best alone: ROC-AUC {best.iloc[0]:.3f}"
    column_aucs(ax, list(best.index), best.to_numpy(), limit=PERFECT, title=title)
