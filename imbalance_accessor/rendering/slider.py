"""The slider of a card: thresholds to move through, and what each of them flags."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.rounding import minus, written
from imbalance_accessor.rendering.cells import MISSING
from imbalance_accessor.rendering.labels import names
from imbalance_accessor.rendering.sentences import quoted

if TYPE_CHECKING:
    from imbalance_accessor.metrics.thresholds import ThresholdTable

#: Thresholds that a slider has at most, and how many fewer for each figure beside the counts: it stays below 10 kB.
MOST, FEWER = 200, 50
#: Digits of sums of weights and of costs, and from where on none is whole.
_DIGITS, _LARGE = 5, 1e9
_LABEL = 24
#: What stands for the threshold above all scores, as `slider.js` has it.
_NOBODY = "above all scores (none flagged)"


@dataclass(frozen=True, eq=False)
class ThresholdSlider:
    """Some thresholds of the rows that chose one, the strictest last, and what each flags.

    Attributes
    ----------
    thresholds : tuple of float
        Rising, the last one may be inf; as they are written.
    tp, fp, cost, other : ndarray of float, shape (m,)
        Flagged positives and negatives; the cost, and the criterion where it is none of the figures that are shown anyway.
    positives, negatives : float
        Of all rows, or of so many.
    chosen : int
        The place of the threshold that the result chose.
    default : int or None
        The place of the model's own threshold.
    called : str
        What the chosen one is: ``"chosen"``, ``"tuned"``, ``"nearest"``.
    rows : str
        Which rows these are, for a sentence: ``"out of fold on 1,600 training rows"``.
    note : str
        What to know of the figures: whether they are optimistic, of how many rows they are, whether they are means.
    strategy : str
        Whose scores these are; nothing where there are no others.
    labels : tuple of (object, object)
        The negative and the positive class.
    cost_label, other_label : str
    """

    thresholds: tuple[float, ...]
    tp: Floats
    fp: Floats
    positives: float
    negatives: float
    chosen: int
    default: int | None
    called: str
    rows: str
    note: str
    strategy: str
    labels: tuple[object, object]
    cost: Floats | None = None
    cost_label: str = "cost"
    other: Floats | None = None
    other_label: str = ""

    @property
    def shown_labels(self) -> list[str]:
        """The two classes as they are shown: the negative one, then the positive one."""
        return names(self.labels, _LABEL)

    @property
    def head(self) -> str:
        """What stands before the threshold."""
        return f"{quoted(self.strategy)} at threshold" if self.strategy else "At threshold"

    @property
    def text(self) -> str:
        """The chosen threshold as it is written, or in words where nobody is flagged."""
        threshold = self.thresholds[self.chosen]
        return _NOBODY if math.isinf(threshold) else written(threshold)

    @property
    def figures(self) -> list[tuple[str, str, str]]:
        """The name, the label and the value of each figure at the chosen threshold, as `slider.js` writes them."""
        tp, fp = float(self.tp[self.chosen]), float(self.fp[self.chosen])
        found = [
            ("precision", "precision", _share(tp, tp + fp)),
            ("recall", "recall", _share(tp, self.positives)),
            ("f1", "F1", _share(2 * tp, tp + fp + self.positives)),
            ("flagged", "flagged", _percent(tp + fp, self.positives + self.negatives)),
        ]
        for name, label, values in (
            ("other", self.other_label, self.other),
            ("cost", self.cost_label, self.cost),
        ):
            if values is not None:
                found.append((name, label, said(float(values[self.chosen]))))
        return found

    @property
    def counts(self) -> dict[str, str]:
        """The four counts at the chosen threshold."""
        tp, fp = float(self.tp[self.chosen]), float(self.fp[self.chosen])
        return {
            "tp": said(tp),
            "fn": said(self.positives - tp),
            "fp": said(fp),
            "tn": said(self.negatives - fp),
        }

    @property
    def data(self) -> str:
        """What the script reads: JSON, of numbers and nothing else; `null` is a threshold above all scores."""
        found: dict[str, Any] = {
            "t": [None if math.isinf(each) else each for each in self.thresholds],
            "tp": _numbers(self.tp),
            "fp": _numbers(self.fp),
            "rows": [_number(self.positives), _number(self.negatives)],
            "at": [self.chosen, self.default],
        }
        found |= {
            name: _numbers(values)
            for name, values in (("cost", self.cost), ("other", self.other))
            if values is not None
        }
        return json.dumps(found, separators=(",", ":"))


def places_on_slider(table: ThresholdTable, keep: list[int], most: int = MOST) -> NDArray[np.intp]:
    """Choose thresholds that stand evenly along the ROC curve, and those to keep, the strictest first.

    Steps are even in the share of positives flagged plus that of negatives, so that few positives have a step each,
    and the many negatives below them are passed quickly.

    Examples
    --------
    >>> from imbalance_accessor.metrics.thresholds import ThresholdGrid
    >>> table = ThresholdGrid(np.arange(1000) >= 990, np.arange(1000.0)).table
    >>> places_on_slider(table, [500], most=15).tolist()
    [0, 2, 4, 6, 8, 10, 100, 280, 460, 500, 641, 820, 1000]
    """
    last = len(table.thresholds) - 1
    kept = {0, last, *keep}
    if last < most:
        return np.arange(last + 1)
    tp, fp = np.asarray(table.tp, np.float64), np.asarray(table.fp, np.float64)
    along = tp / max(tp[-1], 1e-300) + fp / max(fp[-1], 1e-300)
    steps = np.linspace(0, along[-1], most - len(kept))
    return np.array(sorted(kept | set(np.searchsorted(along, steps).clip(0, last).tolist())), np.intp)


def said(value: float) -> str:
    """Write a count or an amount: whole where it is large, else with three significant digits.

    Examples
    --------
    >>> said(1520.0), said(80), said(5.3333), said(-0.0), said(-0.25)
    ('1,520', '80', '5.33', '0', '−0.25')
    """
    return minus(f"{value:,.0f}" if abs(value) >= 100 else f"{value + 0.0:.3g}")


def _share(part: float, whole: float) -> str:
    return f"{part / whole:#.3g}".rstrip(".") if whole > 0 else MISSING


def _percent(part: float, whole: float) -> str:
    return f"{_share(100 * part, whole)} %" if whole > 0 else MISSING


def _numbers(values: Floats) -> list[float]:
    return [_number(each) for each in values.tolist()]


def _number(value: float) -> float:
    """Return a number as short as it can be sent: whole ones as they are."""
    return int(value) if value == int(value) and abs(value) < _LARGE else float(f"{value:.{_DIGITS}g}")
