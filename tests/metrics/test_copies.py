"""Entries that stand for several rows: every figure and interval is that of the rows themselves, written out."""

import numpy as np
import pytest

from imbalance_accessor.metrics.bins import bins
from imbalance_accessor.metrics.bootstrap import Resamples, cell_draws
from imbalance_accessor.metrics.calibration import calibration_line, decompose, level_interval
from imbalance_accessor.metrics.chance import by_chance
from imbalance_accessor.metrics.closed_forms import calibration_check
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.figures import ClassScores, Scores
from imbalance_accessor.metrics.flag_kinds import by_flags_alone
from imbalance_accessor.metrics.measure import measure
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.signal import ranking_signal
from imbalance_accessor.metrics.threshold_range import threshold_range
from imbalance_accessor.metrics.thresholds import ThresholdGrid, Tuning
from imbalance_accessor.metrics.weights import Weights, effective_by_class, stacked_weights

KINDS = ["plain", "own", "factors", "both"]


def entries(kind="plain", *, n=120, most=9, seed=0):
    """Entries with their weights, and the same rows one by one."""
    rng = np.random.default_rng(seed)
    p = rng.random(n).round(2)
    y, copies = rng.random(n) < p**2, rng.integers(1, most, n)
    own = rng.integers(1, 4, n) / 2 if kind in {"own", "both"} else None
    share = np.average(np.repeat(y, copies))
    factors = np.array([0.9 / (1 - share), 0.1 / share]) if kind in {"factors", "both"} else None
    weights = Weights(own, factors, copies)
    each = Weights(None if own is None else np.repeat(own, copies), factors)
    return (y, p, weights), (np.repeat(y, copies), np.repeat(p, copies), each), copies


def same(ours, theirs):
    ours, theirs = (np.asarray(list(vars(each).values()), float) for each in (ours, theirs))
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_of_entries_are_those_of_their_rows(kind):
    (y, _, weights), (rows, _, each), copies = entries(kind)
    assert np.repeat(weights.of_one_row.each(y), copies) == pytest.approx(each.each(rows), rel=1e-12)
    assert weights.each(y).sum() == pytest.approx(each.each(rows).sum(), rel=1e-12)
    assert weights.rows(y).tolist() == np.bincount(rows).tolist()
    assert weights.worth(y) == pytest.approx(each.worth(rows), rel=1e-12)
    assert effective_by_class(weights, y.astype(int), 2) == pytest.approx(
        effective_by_class(each, rows.astype(int), 2), rel=1e-12
    )
    assert weights.half_a_negative(y, y) == pytest.approx(each.half_a_negative(rows, rows), rel=1e-12)
    assert not weights.are_ones
    assert weights.take(y).copies.tolist() == copies[y].tolist()
    both = stacked_weights([(weights, len(y)), (Weights(None, weights.factors), 2)])
    assert both.copies.sum() == copies.sum() + 2


@pytest.mark.parametrize("kind", KINDS)
def test_calibration_of_entries_is_that_of_their_rows(kind):
    ours, theirs, _ = entries(kind)
    same(decompose(*ours), decompose(*theirs))
    same(calibration_line(*ours), calibration_line(*theirs))
    assert level_interval(*ours) == pytest.approx(level_interval(*theirs), rel=1e-12)
    for rule in ("quantile", "uniform", "isotonic"):
        found, wanted = (bins(y, p, rule, 7, weights) for y, p, weights in (ours, theirs))
        same(found, wanted)
        assert found.rows.sum() == len(theirs[0])
    for part in ("overall", "near"):
        one, other = (
            getattr(calibration_check(y, p, 0.5, weights), part) for y, p, weights in (ours, theirs)
        )
        same(one, other)
    signals = (
        ranking_signal(*ours[:2], ours[0] * 0, None, ours[2].copies),
        ranking_signal(*theirs[:2], theirs[0] * 0),
    )
    same(*signals)


@pytest.mark.parametrize("most_groups", [4096, 20])
@pytest.mark.parametrize("kind", KINDS)
def test_chance_knows_how_many_rows_there_are(kind, most_groups):
    (y, p, weights), (rows, score, each), _ = entries(kind)
    found, wanted = (
        by_chance(s, n_bins=5, y=t, weights=w, most_groups=most_groups, n_draws=400)
        for t, s, w in ((y, p, weights), (rows, score, each))
    )
    assert found.error == pytest.approx(wanted.error, rel=0.12)
    assert found.miscalibration == pytest.approx(wanted.miscalibration, rel=0.12)
    alone = by_chance(p, n_bins=5, y=y, weights=weights.of_one_row, most_groups=most_groups, n_draws=400)
    assert alone.error > 1.5 * found.error  # as of so many entries, each one row


def _both(kind, **how):
    """Return the figures of entries and of their rows."""
    found = []
    for y, p, weights in entries(kind)[:2]:
        scores = Scores(y, p, p, {"": p >= 0.6}, costs=Costs(fp=1, fn=5), weights=weights)
        resamples = Resamples(y, weights=weights, n_draws=1500, **how)
        found.append(measure({"": scores}, resamples)[""])
    return found


@pytest.mark.parametrize("how", [{}, {"stratified": True}, {"stratified": True, "frame_rows": 900}])
@pytest.mark.parametrize("kind", KINDS)
def test_figures_and_intervals_of_entries_are_those_of_their_rows(kind, how):
    ours, theirs = _both(kind, **how)
    assert ours.points == pytest.approx(theirs.points, rel=1e-12, abs=1e-12)
    assert ours.unseen == pytest.approx(theirs.unseen, rel=1e-9)
    for name, low in theirs.low.items():
        wide = theirs.high[name] - low
        assert ours.low[name] == pytest.approx(low, abs=0.12 * wide + 1e-12), name
        assert ours.high[name] == pytest.approx(theirs.high[name], abs=0.12 * wide + 1e-12), name


def test_entries_of_groups_are_drawn_with_their_group():
    (y, p, weights), (rows, score, each), copies = entries("own")
    group = np.arange(len(y)) % 30
    found = []
    for t, s, w, g in ((y, p, weights, group), (rows, score, each, np.repeat(group, copies))):
        resamples = Resamples(t, groups=g, weights=w, n_draws=200)
        found.append(measure({"": Scores(t, s, flags={"": s >= 0.6}, weights=w)}, resamples)[""])
    ours, theirs = found
    assert ours.low == pytest.approx(theirs.low, rel=1e-9)  # the same groups in every draw
    assert ours.high == pytest.approx(theirs.high, rel=1e-9)


def test_several_classes_of_entries_are_those_of_their_rows():
    rng = np.random.default_rng(0)
    y, scores, copies = rng.integers(0, 3, 90), rng.dirichlet([1, 1, 1], 90), rng.integers(1, 6, 90)
    scores[np.arange(90), y] += 0.3
    scores /= scores.sum(axis=1, keepdims=True)
    for own in (None, rng.integers(1, 4, 90) / 2):
        for factors in (None, np.array([0.5, 1.0, 2.0])):
            every = []
            for times in (None, copies):
                at = np.arange(90) if times is not None else np.repeat(np.arange(90), copies)
                weights = Weights(None if own is None else own[at], factors, times)
                found = ClassScores(y[at], scores[at], True, ("a", "b", "c"), weights=weights)
                every.append(measure({"": found}, Resamples(y[at], weights=weights, n_draws=600))[""])
            theirs, ours = every
            assert ours.points == pytest.approx(theirs.points, rel=1e-12, abs=1e-12)
            for name, low in theirs.low.items():
                wide = theirs.high[name] - low
                assert ours.low[name] == pytest.approx(low, abs=0.15 * wide + 1e-12), name


OBJECTIVES = [
    Objective("f1"),
    Objective("cost"),
    Objective("recall", constraints=(Constraint("precision", 0.5),)),
    Objective("recall", constraints=(Constraint("precision", 0.4),), confidence=0.9),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("objective", OBJECTIVES, ids=str)
def test_thresholds_of_entries_are_those_of_their_rows(kind, objective):
    found = []
    for y, p, weights in entries(kind)[:2]:
        grid = ThresholdGrid(y, p, Costs(fp=1, fn=4), weights)
        tuning = Tuning(objective, int(weights.rows(y).sum()))
        found.append((grid.table, tuning.choose(grid.table), threshold_range(grid, tuning, n_draws=1000)))
    (ours, chosen, spread), (theirs, wanted, reach) = found
    assert chosen == wanted
    assert (ours.n_rows, ours.thresholds.tolist()) == (theirs.n_rows, theirs.thresholds.tolist())
    for name in ("tp", "fp", "cost"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-12)
    assert spread.low == pytest.approx(reach.low, abs=0.05)
    assert spread.high == pytest.approx(reach.high, abs=0.05)
    assert spread.infeasible == pytest.approx(reach.infeasible, abs=0.06)


def test_rows_of_an_entry_are_drawn_one_by_one():
    # of 10 entries that stand for 100 rows each, the first one's share varies as that of 1,000 rows
    weights = Weights(copies=np.full(10, 100))
    drawn = np.concatenate(list(Resamples(np.arange(10) < 1, weights=weights, n_draws=1000).blocks()))
    assert drawn.sum(axis=1).tolist() == [1000.0] * 1000
    assert drawn[:, 0].std() == pytest.approx(np.sqrt(1000 * 0.1 * 0.9), rel=0.1)  # 30 · √10 as one block


def test_cells_are_drawn_as_often_as_entries_stand_for_rows():
    cell, copies = np.array([0, 1, 0, 3]), np.array([5, 2, 3, 1])
    ours = np.concatenate(list(cell_draws(np.random.default_rng(1), cell, 4, 50, copies=copies)))
    theirs = np.concatenate(list(cell_draws(np.random.default_rng(1), np.repeat(cell, copies), 4, 50)))
    assert (ours == theirs).all()


def test_rows_drawn_by_their_kind_vary_as_rows_drawn_one_by_one():
    rng = np.random.default_rng(0)
    y = rng.random(900) < 0.2
    flags = {name: (y + rng.normal(size=(2, 900)) > 0.7) for name in ("a", "b")}
    rows = Resamples(y, stratified=True, frame_rows=1_500, n_draws=4_000)
    kinds, flagged, drawn = by_flags_alone(y, flags, rows)
    table = {tuple(each) for each in np.vstack([y, *flags.values()]).T.tolist()}
    assert [tuple(each) for each in np.vstack([kinds, *flagged.values()]).T.tolist()] == sorted(table)
    assert drawn.rows.tolist() == [int((~y).sum()), int(y.sum())]
    spread = [
        np.std(measure({"": Scores(of, flags={"": each["b"][0]})}, how)[""].samples["f1"])
        for of, each, how in ((y, flags, rows), (kinds, flagged, drawn))
    ]
    assert spread[1] == pytest.approx(spread[0], rel=0.06)  # of 4,000 draws: sd / sqrt(2 n) is 1.1 %
