"""The search of a short program: what its template is written of, and whether it finds the same threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Context

import numpy as np

from imbalance_accessor.evaluation.strategy_scores import ColumnScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.thresholds import CANDIDATES, best_of_draws
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.best_threshold import snippet
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.shared.snippet_threshold import amount_text

_CRITERIA = {
    *("f1", "fbeta", "mcc", "balanced_accuracy", "g_mean", "accuracy"),
    *("precision", "recall", "specificity", "flag_rate", "cost"),
}
#: Criteria of shares within a class, which stay as they are however much a class counts.
_WITHIN_CLASSES = {"recall", "specificity", "balanced_accuracy", "g_mean"}


@dataclass(frozen=True)
class Names:
    """What the program calls its arrays.

    Attributes
    ----------
    oof, score : str
        The scores that choose, and those of the test set.
    y_train, y_test : str
        The outcome.
    positive, negative : str
        Which training rows are of which class, as truth values.
    w : str
        How much the rows that choose count, where they have weights of their own.
    """

    oof: str = "oof"
    score: str = "score"
    y_train: str = "is_train"
    y_test: str = "is_test"
    positive: str = "is_train"
    negative: str = "~is_train"
    w: str = "w_train"

    def of(self, y: str, w: str = "w_train") -> Names:
        """Return the names where another array holds the outcome, and another the weights."""
        return replace(self, y_train=y, positive=y, negative=f"~{y}", w=w)


@dataclass(frozen=True)
class Limit:
    """A limit as the template writes it.

    Attributes
    ----------
    metric : {"precision", "recall", "flag_rate"}
    bound : str
    by_rows : bool
        Whether rows are counted once each, however much their class counts.
    """

    metric: str
    bound: str
    by_rows: bool


@dataclass(frozen=True)
class Rounding:
    """How the program rounds down to the threshold.

    Attributes
    ----------
    power : str
        The power of ten by which it is multiplied, and divided.
    digits : int or "fewest"
        The significant digits, where no power does.
    kept : int
        The significant digits of the mean over several deals of the folds.
    """

    power: str = ""
    digits: int | str = 0
    kept: int = 4


@dataclass(frozen=True, eq=False)
class Search:
    """The search that finds a threshold among the scores that choose."""

    t: ThresholdData

    @property
    def is_exact(self) -> bool:
        """Whether the template's search finds the same threshold."""
        if self.criterion not in _CRITERIA or self.rounding is None:
            return False
        return all(
            each.bound > 0 for each in self.objective.constraints
        )  # of nothing flagged no share is taken

    @property
    def objective(self) -> Objective:
        """What is asked for."""
        return self.t.asked.objective

    @property
    def criterion(self) -> str:
        """Its criterion."""
        return self.objective.criterion

    @property
    def beta(self) -> str:
        """The beta of F-beta."""
        return amount_text(self.objective.beta)

    @property
    def deals(self) -> int:
        """How often folds were dealt, where scores differ by that."""
        return 1 if isinstance(self.t.strategy_scores, ColumnScores) else len(self.t.found.grids)

    @property
    def is_pooled(self) -> bool:
        """Whether the rows of all deals choose together: an average need not keep a limit."""
        return self.deals > 1 and bool(self.objective.constraints)

    @property
    def is_median(self) -> bool:
        """Whether the median over draws is taken."""
        return self.t.found.tuning.is_median

    @property
    def seed(self) -> int:
        """The seed of the draws."""
        return self.t.found.tuning.seed

    @property
    def is_feasible(self) -> bool:
        """Whether a threshold keeps the limits."""
        return self.t.feasible

    @property
    def has_own(self) -> bool:
        """Whether rows have weights of their own."""
        return self.t.strategy_scores.labelled_scores.weights_oof.own is not None

    @property
    def counts_classes(self) -> bool:
        """Whether classes count by a prevalence, and rows by nothing else, where that makes a difference."""
        weights = self.t.strategy_scores.labelled_scores.weights_oof
        if weights.factors is None or weights.own is not None:
            return False
        by_weight = any(not each.by_rows and each.metric != "recall" for each in self.limits)
        return by_weight or not (self.criterion in _WITHIN_CLASSES or self.is_by_row)

    @property
    def reads_classes(self) -> bool:
        """Whether the program reads how much rows of each class count."""
        sure = {each.metric for each in self.limits if self.chance}
        return self.counts_classes or (self.moves_odds and "precision" in sure)

    @property
    def slack(self) -> str:
        """By which factor equal values may differ by their rounding; nothing where they are quotients of whole numbers."""
        square = 16 * self.objective.beta**2
        counted = not (self.has_own or self.counts_classes)
        if counted and self.criterion != "mcc" and (self.criterion != "fbeta" or square == int(square)):
            return ""
        best = 0.0
        if not self.is_median and self.criterion != "cost":
            best = float(self._values[self.t.found.place])
        return f"(1 {'-' if best >= 0 else '+'} {'1e-14' if counted else '1e-12'})"

    @property
    def _values(self) -> Floats:
        table = self.t.found.table
        return self.objective.value(table.confusion, table.cost)

    @property
    def thinned(self) -> str:
        """The subscript that leaves some of many candidates."""
        rows = self.t.found.grids[0].table.rows[0]
        step = -(-np.count_nonzero(np.diff(rows) > 0) // CANDIDATES)
        return f"[::{step}]" if step > 1 else ""

    @property
    def nobody(self) -> bool:
        """Whether some draw is best where nobody is flagged."""
        tables = (grid.table for grid in self.t.found.grids)
        return self.is_median and any(
            0 in best_of_draws(table, self.objective, self.seed) for table in tables
        )

    @cached_property
    def limits(self) -> list[Limit]:
        """The limits; first those of rows that are counted once each."""
        sure, own = self.objective.confidence is not None, self.has_own
        factors = self.t.strategy_scores.labelled_scores.weights_oof.factors
        found = []
        for each in self.objective.constraints:
            by_rows = not own and (
                each.metric == "recall" or (sure and not each.is_ceiling) or factors is None
            )
            found.append(
                Limit(each.metric, snippet.ceiling(self.t) if each.is_ceiling else repr(each.bound), by_rows)
            )
        return sorted(found, key=lambda each: not each.by_rows)

    @property
    def moves_odds(self) -> bool:
        """Whether a sure precision of these rows is another one at the prevalence."""
        return self.t.strategy_scores.labelled_scores.weights_oof.factors is not None

    @property
    def chance(self) -> str:
        """The chance that a limit is not kept; nothing where it must hold for these rows alone."""
        confidence = self.objective.confidence
        return "" if confidence is None else repr(round(1 - confidence, 12))

    @property
    def per(self) -> str:
        """What counts are divided by, where a row stands there once for each deal."""
        return f" / {self.deals}" if self.deals > 1 else ""

    @property
    def cost(self) -> str:
        """The total of what decisions cost."""
        return cost_sum(self.t, {"fn": "(n_pos - tp)", "tn": "(n_neg - fp)"})

    @property
    def is_by_row(self) -> bool:
        """Whether costs that differ from row to row decide."""
        return bool(self.t.asked.cost_columns) and self.criterion == "cost"

    @property
    def cost_rounding(self) -> str:
        """By how much totals may differ and be the same; nothing where they are sums of whole numbers."""
        costs, weights = self.t.asked.costs, self.t.strategy_scores.labelled_scores.weights_oof
        if costs is None or self.criterion != "cost":
            return ""
        amounts = costs.values()
        if (
            weights.are_ones
            and not self.t.asked.cost_columns
            and all(float(each).is_integer() for each in amounts)
        ):
            return ""
        return f"{1e-12 * self.t.found.table.scale:.0e}"

    @property
    def some(self) -> str:
        """The subscript of the rows that folds scored."""
        return snippet.some_of(self.t)

    @cached_property
    def rounding(self) -> Rounding | None:
        """How the template rounds down to the threshold; None where several deals are not averaged so."""
        t = self.t
        if not t.feasible:
            return Rounding()
        if self.deals > 1 and not self.objective.constraints:
            return _averaged(t)
        return _rounded(float(t.found.table.thresholds[t.found.place]), t.found.threshold)


def write_search(writer: Writer, s: Search, names: Names) -> None:
    """Write the lines that find the threshold in ``oof``, or the mean of those of several deals of the folds."""
    if s.some or s.is_pooled:
        write_template(writer, "best_threshold/rows.py.j2", s=s, names=names)
        names = names.of("is_dealt", "w_dealt") if s.is_pooled else names.of("is_scored", "w_scored")
    writer.add("")
    write_template(writer, "best_threshold/search.py.j2", s=s, names=names, r=s.rounding or Rounding())


def cost_sum(t: ThresholdData, counts: dict[str, str]) -> str:
    """Write what decisions cost together, of amounts that are the same for all rows; nothing where there are no such."""
    if t.asked.costs is None or t.asked.cost_columns:
        return ""
    terms = [
        f"{amount_text(amount)} * {counts.get(name, name)}"
        for name, amount in t.asked.costs.items()
        if amount
    ]
    return " + ".join(terms).replace("+ -", "- ") or "0 * tp"


def _rounded(exact: float, wanted: float) -> Rounding | None:
    """Return what rounds a score down to the threshold."""
    if exact == wanted:
        return Rounding()
    for power in range(18):
        if np.floor(exact * 10.0**power) / 10.0**power == wanted:
            return Rounding(power=_power(power))
    for digits in range(1, 18):
        if float(Context(digits, ROUND_FLOOR).create_decimal(repr(exact))) == wanted:
            return Rounding(digits=digits)
    return None


def _averaged(t: ThresholdData) -> Rounding | None:
    """Return how each deal's threshold is rounded down, as far as that shows in their mean, and the digits of that."""
    choices = [t.found.tuning.choose(grid.table) for grid in t.found.grids]
    chosen = [each.threshold for each in choices]
    exact = np.array(
        [grid.table.thresholds[at.place] for grid, at in zip(t.found.grids, choices, strict=True)]
    )
    for kept in range(4, 18):
        if _shortened(chosen, kept) == t.found.threshold:
            break
    else:
        return None
    for power in range(8):
        rounded = np.floor(exact * 10.0**power) / 10.0**power if power else exact
        if _shortened(rounded, kept) == t.found.threshold:
            return Rounding(power=_power(power) if power else "", kept=kept)
    return Rounding(digits="fewest", kept=kept)


def _shortened(thresholds: Sequence[float] | Floats, digits: int) -> float:
    return float(f"{np.mean(thresholds):.{digits}g}")


def _power(power: int) -> str:
    return str(10**power) if power < 4 else f"1e{power}"
