"""The functions of a snippet that measure calibration, with intervals and without: what their templates are filled with."""

from __future__ import annotations

from dataclasses import dataclass

from imbalance_accessor.metrics.calibration import EDGE
from imbalance_accessor.metrics.chance import Chance
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_weights

_LOSSES = ("brier", "log_loss", "mean_probability")


def write_figures(writer: Writer, r: ReliabilityData, *, short: bool) -> None:
    """Write the function of the figures, after those that it calls."""
    figures, scored = CalibrationFigures(r, short), r._first.scored
    if figures.is_weighted:
        writer.add("# intervals are not written out here: see .frame")
        if figures.takes_half:
            snippet_weights.write_precision(writer, scored)
    if not short:
        write_template(writer, "reliability/line.py.j2", f=figures)
        if figures.has_ends:
            _write_draws(writer, r, figures)
        if not figures.is_weighted:
            snippet_intervals.write_losses(writer, _LOSSES)
    write_template(writer, "reliability/figures.py.j2", f=figures)


def _write_draws(writer: Writer, r: ReliabilityData, figures: CalibrationFigures) -> None:
    """Write the functions that intervals take."""
    parts, first = r._first.scored.parts, r._first
    resamples = first.resamples if len(parts.test) else first.oof_resamples
    snippet_intervals.write_helpers(writer, parts, figures.seed, resamples, counted=False)
    snippet_intervals.write_ranking(writer)


def weighs_rows(r: ReliabilityData) -> bool:
    """Whether rows do not count once each."""
    return snippet_weights.is_weighted(r._first.scored.parts)


def subset_of(r: ReliabilityData) -> str:
    """Write the subscript of the rows that are cross-fitted."""
    if r._first.scored.parts.split_by.time is not None:
        return "[later]"
    return "" if (r._first.scored.folds.ids >= 0).all() else "[known]"


def amounts_of(r: ReliabilityData) -> str:
    """Write the amounts of false alarms, misses, hits and rests; nothing without costs."""
    costs = r.report.costs
    if costs is None:
        return ""
    amounts = [float(each) for each in (costs.fp, costs.fn, costs.tp, costs.tn)]
    return ", ".join(repr(int(each) if each.is_integer() else each) for each in amounts)


@dataclass(frozen=True)
class CalibrationFigures:
    """What the templates of the figures read.

    Attributes
    ----------
    r : ReliabilityData
    is_short : bool
        Whether level, Brier score and ranking alone are wanted.
    """

    r: ReliabilityData
    is_short: bool
    edge: str = f"{EDGE:g}"

    @property
    def is_weighted(self) -> bool:
        """Whether rows do not count once each; intervals are not written then."""
        return weighs_rows(self.r)

    @property
    def is_averaged(self) -> bool:
        """Whether reported figures are means over several deals of the folds."""
        return bool(self.r._first.scored.again) and not self.r._first.scored.held_out

    @property
    def has_ends(self) -> bool:
        """Whether figures have intervals: few groups have none."""
        return not self.is_weighted and bool(self._n_draws)

    @property
    def _n_draws(self) -> int:
        return len(next(iter(self.r.report.rows.values())).figures.samples["brier"])

    @property
    def draws(self) -> str:
        """The call of the draws."""
        groups = snippet_intervals.groups_of(self.r._first.scored.parts)
        some = subset_of(self.r)
        if groups == "groups_train" and some:
            groups = f"np.asarray(groups_train){some}"
        return snippet_intervals.draws_of("first" if self.is_averaged else "y", self._n_draws, groups)

    @property
    def is_by_quantile(self) -> bool:
        """Whether the bins of the calibration error hold the same number of rows each."""
        return self.r.binning.error_rule == "quantile"

    @property
    def n_edges(self) -> int:
        """How many edges these bins have."""
        return self.r.binning.n_bins + 1

    @property
    def _chances(self) -> list[Chance]:
        """What chance alone would show, of the rows that have probabilities."""
        return [row.chance for row in self.r.report.rows.values() if row.chance is not None]

    @property
    def is_simulated(self) -> bool:
        """Whether every distinct probability has outcomes of its own in the simulations."""
        return not any(chance.grouped for chance in self._chances)

    @property
    def n_simulations(self) -> int:
        """How often outcomes are simulated; 0 where that is not written."""
        if self.is_weighted or not self.is_simulated:
            return 0
        return max((chance.n_draws for chance in self._chances), default=0)

    @property
    def seed(self) -> int:
        """What the draws are seeded by."""
        return self.r._first.random_state or 0

    @property
    def amounts(self) -> str:
        """The amounts by outcome; nothing without costs."""
        return amounts_of(self.r)

    @property
    def takes_half(self) -> bool:
        """Whether average precision counts half a negative more above each positive."""
        scored = self.r._first.scored
        return scored.positive is not None and snippet_weights.takes_half(scored)

    @property
    def some_count_nothing(self) -> bool:
        """Whether the weight of some row is 0."""
        parts = self.r._first.scored.parts
        every = (parts.train_weights.own, parts.test_weights.own)
        return any(own is not None and not own.all() for own in every)
