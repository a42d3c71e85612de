"""`counts`: how many rows each class has, what that allows a score to say, and what accuracy hides."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from imbalance_accessor.data.synthetic_rows import made_findings
from imbalance_accessor.data.target import Label, Target, read_target
from imbalance_accessor.errors import counted
from imbalance_accessor.findings import Finding, check_ignore, collect
from imbalance_accessor.metrics.intervals import trials_for
from imbalance_accessor.options import check_cv, check_test_size
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, Share, decimal, percent
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs import counts_code, counts_words
from imbalance_accessor.verbs.counts_data import HALF_WIDTH, CountsData
from imbalance_accessor.verbs.counts_words import short_ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Counts(CountsData):
    """Rows of each class, and what they allow.

    Attributes
    ----------
    target : Target
        The labels, counted.
    in_frame : bool
        Whether they are a column of a frame.
    test_size : float
        Share of rows that a test part would hold.
    cv : int
        Folds of the train part.
    findings : Findings
        What the reader must know.
    """

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the same counts in plain pandas; the full style adds the report on always saying the majority."""
        check_library(library)
        return counts_code.write(self, check_style(style))

    def _card(self) -> Card:
        positive = self.target.focus
        share = percent(self.target.shares[self._minority])
        figures = [
            ("ratio", f"1 : {short_ratio(self.ratio)} (minority : majority)"),
            ("always saying " + repr(self.majority), f"accuracy {decimal(self.accuracy_always_majority)}"),
            (
                "no-skill average precision",
                f"{decimal(self.target.shares[positive])} (the share of {self.target.classes[positive]!r})",
            ),
        ]
        if self.missing:
            figures.append(("no label", counted(self.missing, "row")))
        return Card(
            title=f"{share} {self.target.name}={self.minority!r}: {self._words()}. "
            f"Always saying {self.majority!r} scores {decimal(self.accuracy_always_majority)}",
            figures=tuple(figures),
            table=self._table(),
            notes=(
                f"test_size={self.test_size:g}, cv={self.cv}. A recall of 0.8 on that many {self._scored} is known only within "
                f"its 95 % Wilson interval; ± 5 points around 0.5 take {trials_for(0.5, HALF_WIDTH):,} {self._scored} "
                "of a class.",
                *counts_words.severity_rule(self),
            ),
            findings=self.findings,
        )

    def _table(self) -> pd.DataFrame:
        frame = self.frame
        ends = zip(frame["recall_80_low"], frame["recall_80_high"], strict=True)
        table = {
            "rows": frame["rows"].tolist(),
            "share": [Share(value) for value in frame["share"]],
            "train": frame["train_rows"].tolist(),
            "test": frame["test_rows"].tolist(),
            "per fold": frame["fold_rows"].tolist(),
            "recall 0.8 is": [Interval(0.8, low, high, digits=2) for low, high in ends],
        }
        return pd.DataFrame(table, index=frame.index)

    @property
    def _scored(self) -> str:
        return "test rows" if self.test_size else "rows out of fold"

    def _words(self) -> str:
        return self.severity if self.severity == "balanced" else f"{self.severity} imbalance"

    def _pictures(self) -> Mapping[str, Picture]:
        def draw(ax: Axes) -> None:
            from imbalance_accessor.rendering.plots.bars import class_bars

            rows = self.frame["rows"].to_numpy()
            labels = list(self.frame.index)
            title = f"1 : {short_ratio(self.ratio)}, {self._words()}"
            class_bars(ax, labels, rows, title=title, highlight=labels.index(self.minority))

        return {"classes": draw}

    def _explain(self, audience: Audience) -> Sequence[str]:
        return counts_words.explain(self, audience)


def counts(
    data: pd.DataFrame | pd.Series,
    target: Hashable | pd.Series | None = None,
    *,
    pos_label: Label | None = None,
    test_size: float = 0.2,
    cv: int = 5,
    ignore: Collection[str] = (),
) -> Counts:
    """Count the rows of each class, and say what they allow.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series
        A frame, or the labels themselves; not changed.
    target : hashable or pandas.Series, optional
        The target column; not given for a Series.
    pos_label : label, optional
        The positive class; by default the rarest of two.
    test_size : float, default 0.2
        Share of rows that a test part would hold. With 0 every row is scored out of fold.
    cv : int, default 5
        Folds that the train part would be divided into.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Counts

    Raises
    ------
    TargetError, OptionError
        One sentence each.

    Notes
    -----
    Wilson's interval for k of n, z = 1.96: (k + z²/2 ± z √(k(n−k)/n + z²/4)) / (n + z²) (Wilson 1927).

    Examples
    --------
    >>> import pandas as pd
    >>> import imbalance_accessor
    >>> y = pd.Series([0] * 950 + [1] * 50, name="fraud")
    >>> y.imb.counts().accuracy_always_majority
    0.95
    """
    muted = check_ignore(ignore)
    check_test_size(test_size, nothing=True)
    check_cv(cv)
    found = read_target(data, target, pos_label=pos_label)
    in_frame = isinstance(data, pd.DataFrame) and not isinstance(target, pd.Series)
    return Counts(found, in_frame, test_size, cv, collect(label_findings(found, data, target), muted))


def label_findings(found: Target, *data: Any) -> list[Finding]:
    """Return what must be known of labels alone, and of the rows they came with."""
    findings = made_findings(*data)
    if found.missing:
        verbs = ("has", "is") if found.missing == 1 else ("have", "are")
        which = f"{found.missing:,} of {len(found.labels):,} rows"
        sentence = f"{which} {verbs[0]} no label in {found.name!r} and {verbs[1]} not counted."
        findings.append(Finding("IMB201", "note", sentence, "Fill them, or leave them out knowingly."))
    return findings
