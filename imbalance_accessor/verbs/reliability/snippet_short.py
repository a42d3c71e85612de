"""The short code of a `Reliability`: the calibrators that scikit-learn has, side by side on the test set."""

from __future__ import annotations

from imbalance_accessor.evaluation.strategy_scores import FittedScores, TopLabelScores
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, on_one_line
from imbalance_accessor.verbs.reliability import snippet
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.snippet_calibrators import calibrators_of
from imbalance_accessor.verbs.reliability.verdict import prior_is_rough
from imbalance_accessor.verbs.shared.short.program import short_program
from imbalance_accessor.verbs.shared.snippet_weights import is_weighted


def write(r: ReliabilityData) -> Snippet:
    """Write the comparison as a short program: level, Brier score, ranking and calibration error."""
    if not _is_short(r):
        return snippet.write(r, short=True)
    first, names, writer = r._first, list(r.scores_by_strategy), Writer()
    assert isinstance(first, FittedScores)
    short = short_program(writer, first.plan, first.scored, names)
    if short is None:
        return snippet.write(r, short=True)
    odds, calibrators = _odds(r), [each for each in calibrators_of(r) if each != "prior"]
    write_template(
        writer,
        "reliability/short.py.j2",
        short=short,
        calibrators=on_one_line(writer.expression(calibrators)) if calibrators else "",
        given="" if not short.weights else "given" if len(names) > 1 else "weights",
        positive=first.scored.positive,
        odds="" if not odds else "odds[name]" if len(names) > 1 else f"{odds[names[0]]:.12g}",
        odds_by_name=on_one_line(writer.expression(odds)),
        is_rough=any(prior_is_rough(r, name) for name in names),
        edges=_edges(r),
        n_bins=r.binning.n_bins,
        equal="width" if r.binning.error_rule == "uniform" else "mass",
    )
    return writer.text()


def _is_short(r: ReliabilityData) -> bool:
    """Whether `CalibratedClassifierCV` calibrates as we did, and all strategies are of one plan."""
    scored, every = r._first.scored, list(r.scores_by_strategy.values())
    if not isinstance(r._first, FittedScores) or isinstance(r._first, TopLabelScores) or not scored.held_out:
        return False
    if is_weighted(scored.parts):
        return False
    if not all(isinstance(each, FittedScores) and each.plan is r._first.plan for each in every):
        return False
    return snippet.has_whole_pipelines(r, r._first.plan, scored) or set(calibrators_of(r)) <= {"prior"}


def _odds(r: ReliabilityData) -> dict[str, float]:
    """Return what strategies multiplied the odds of the positive class by; nothing where none did, or not all are known."""
    names = list(r.scores_by_strategy)
    if not all((name, "prior") in r.report.rows for name in names):
        return {}
    found = {name: round(r.report.odds_shift[name], 12) for name in names}
    return found if any(shift != 1 for shift in found.values()) else {}


def _edges(r: ReliabilityData) -> str:
    """Write the inner edges of the bins of the calibration error."""
    n = r.binning.n_bins
    if r.binning.error_rule == "uniform":
        return f"np.linspace(0, 1, {n + 1})[1:-1]"
    shares = f"np.linspace(0, 100, {n + 1})[1:-1]" if 100 % n else f"range({100 // n}, 100, {100 // n})"
    return f"np.percentile(prob, {shares})"
