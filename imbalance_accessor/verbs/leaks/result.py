"""The result of `leaks`: one row a check, its card and its plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from imbalance_accessor.leakage.columns import PERFECT
from imbalance_accessor.leakage.run_checks import QUESTIONS
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.leaks import snippet, text
from imbalance_accessor.verbs.leaks.demonstration import ORDERS, WRONG
from imbalance_accessor.verbs.leaks.fields import LeaksData

if TYPE_CHECKING:
    from matplotlib.axes import Axes


#: What an order claims: mean, lowest and highest fold.
_CLAIM = ["roc_auc", "roc_auc_low", "roc_auc_high"]


#: Columns drawn at most.
_DRAWN = 15


@dataclass(frozen=True, repr=False, eq=False)
class Leaks(LeaksData):
    """What was looked for in a frame, and what was found; see `LeaksData` for its attributes."""

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the checks in plain pandas and scikit-learn; see `Result.snippet`."""
        check_library(library)
        return snippet.write(self, check_style(style))

    def _card(self) -> Card:
        shown = self.demonstration
        best = ("best column alone", f"{self.columns.index[0]!r}: ROC-AUC {self.columns.iloc[0]:.3f}")
        claims = [] if shown is None else shown.frame.loc[list(ORDERS), _CLAIM].itertuples(name=None)
        orders = [
            (f"SMOTE {order}", f"ROC-AUC {mean:.3f} [{low:.3f}, {high:.3f}]")
            for order, mean, low, high in claims
        ]
        words = {"found": "yes", "clear": "no", "cannot tell": "cannot tell"}
        table = pd.DataFrame(
            {
                "question": [QUESTIONS[check.code].title for check in self.checks],
                "answer": [words[check.status] for check in self.checks],
                "seen": [check.saw for check in self.checks],
            },
            index=pd.Index([check.code for check in self.checks], name="code"),
        )
        return Card(
            title=shown.said if shown is not None else self.verdict,
            figures=(*orders, best),
            table=table,
            notes=self._notes(),
            findings=self.findings,
            next=("df.imb.fit_eval(...)", ".columns", *(() if shown is None else (".demonstration.frame",))),
        )

    def _notes(self) -> tuple[str, ...]:
        rule, shown = self.parts.split_by.text, self.demonstration
        if shown is None:
            return (rule,)
        rows = f", on {shown.rows[ORDERS[1]]:,} sampled rows" if shown.sampled else ""
        return (
            f"{shown.said_of_noise}. {self.verdict}.",
            f"model={shown.model!r}, {type(shown.steps[1]).__name__}, means of {len(shown.folds)} folds with the lowest and "
            f"the highest{rows}. The resampled frame was thrown away.",
            rule,
        )

    def _pictures(self) -> Mapping[str, Picture]:
        def draw_columns(ax: Axes) -> None:
            from imbalance_accessor.rendering.plots.leaks import column_aucs

            best = self.columns.head(_DRAWN)
            title = f"{best.index[0]!r} ranks best alone: ROC-AUC {best.iloc[0]:.3f}"
            column_aucs(ax, list(best.index), best.to_numpy(), limit=PERFECT, title=title)

        def draw_orders(ax: Axes) -> None:
            from imbalance_accessor.rendering.plots.leaks import order_dots

            assert shown is not None
            values = shown.frame[_CLAIM].to_numpy()
            order_dots(ax, ORDERS, values, wrong=[WRONG in each for each in ORDERS], title=shown.said)

        shown = self.demonstration
        orders = {} if shown is None else {"orders": draw_orders}
        return {**orders, "columns": draw_columns}

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
