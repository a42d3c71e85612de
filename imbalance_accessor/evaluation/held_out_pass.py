"""One pass over a table after the fits: every row that no fit learned from is scored, and the test figures are of all these."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from imbalance_accessor.data.lazy.sample import gave_others
from imbalance_accessor.data.lazy.tables import rows_of_piece
from imbalance_accessor.data.target import Label, plain
from imbalance_accessor.errors import ImbalanceError
from imbalance_accessor.evaluation.outputs import reason, scores_of
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.progress import Progress, Within, bar
from imbalance_accessor.evaluation.scores import CrossValScores, HeldOut, ModelScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.calibration import log_odds
from imbalance_accessor.metrics.entries import Entries, fewer_entries
from imbalance_accessor.metrics.score_grid import ScoreGrid, floats_of
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.modeling.calibrators import Calibrator
from imbalance_accessor.modeling.estimators import columns_read
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import quieted

#: Margins beyond which probabilities are 0 or 1.
_MOST = 1000.0
#: How near probabilities of single precision are to those of double.
_SINGLE = 1e-5


def on_all_held_out(
    plan: Plan,
    scored: CrossValScores,
    threshold: Callable[[CrossValScores, str], float],
    *,
    needs_rows: str = "",
    progress: Progress = None,
) -> CrossValScores:
    """Score every row of the table that no fit learned from, where the rows of the fits are a sample of one.

    Parameters
    ----------
    plan : Plan
    scored : CrossValScores
        At the prevalence.
    threshold : callable
        Returns that of a strategy at which figures are to be exact, as they are at the default; elsewhere a figure is that of a
        threshold within the same cell of the grid.
    needs_rows : str
        Why what is reported takes the rows themselves, which a grid has not.
    progress : bool or Within, optional

    Returns
    -------
    CrossValScores
        With the entries that are reported, or the very same where there is no pass, with a finding that says why.

    Notes
    -----
    A row is held out unless its place in the table is that of a train row. The models are those fitted on the whole training
    set. Counts of each class by cells of the score come back, and are weighted to the shares that the classes have in the
    table, or to the prevalence that was asked for.
    """
    features = plan.parts.features
    if features.sample is None or features.sample.is_whole:
        return scored
    why = needs_rows or _why_not(plan, scored)
    if why:
        return _said(scored, why)
    try:
        grids = _scored(plan, _work(plan, scored, threshold), progress)
    except ImbalanceError as error:
        return _said(scored, str(error).rstrip("."))
    except Exception as error:  # of an engine, of a model, or of a worker
        return _said(scored, reason(error).rstrip("."))
    return _with_entries(plan, scored, grids)


def _why_not(plan: Plan, scored: CrossValScores) -> str:
    """Say why no other rows can be scored than those of the sample; nothing where they can."""
    features, split_by = plan.parts.features, plan.parts.split_by
    if scored.positive is None:
        return "the pass over all held-out rows takes two classes"
    if plan.model.fitted:
        return "which rows a fitted model learned from is not known"
    if not scored.held_out:
        return "nothing is held out"
    if split_by.groups is not None or split_by.time is not None:
        return f"rows of the table may belong to the {'groups' if split_by.time is None else 'time'} of train rows"
    if features.weighting.column is not None:
        return "rows have weights of their own"
    if scored.by_predict:
        return "the model decides by a rule of its own"
    scales = [GridScale.of(scored, name) for name in scored.unique]
    if any(each.calibrator is not None and each.calibrator.inverts for each in scales):
        return "a calibrator turns the order of the scores round"
    return ""


def _said(scored: CrossValScores, why: str) -> CrossValScores:
    """Say that the sample's own test rows are reported, and why."""
    if not scored.held_out:
        return scored
    finding = Finding(
        "IMB316",
        "note",
        f"Test figures are estimated from the sample's own test rows: {why}.",
        "Nothing to do: the intervals are wider for it.",
    )
    return replace(scored, findings=(*scored.findings, finding))


def _scored(plan: Plan, work: _Work, progress: Progress) -> dict[str, ScoreGrid]:
    """Pass over the table once, and put what each piece gives together."""
    sample = plan.parts.features.sample
    assert sample is not None
    rows, found = sample.labels.labelled, dict[str, ScoreGrid]()
    with bar(math.ceil(rows / rows_of_piece(work.columns)), shown=progress) as shown:
        if not isinstance(progress, Within):
            shown.unit = "piece"
        shown.set_description(f"scoring {rows - len(plan.parts.train):,} held-out rows", refresh=False)
        for piece in sample.table.reduced(work, work.columns, _merged):
            found = _merged(found, piece)
            shown.update(_pieces(piece, work.columns))
    _check_same(plan, found)
    return found


def _merged(one: dict[str, ScoreGrid], other: dict[str, ScoreGrid]) -> dict[str, ScoreGrid]:
    """Put the grids of some rows to those of others."""
    both = one.keys() & other.keys()
    return {**one, **other, **{name: one[name].merged(other[name]) for name in both}}


def _pieces(grids: Mapping[str, ScoreGrid], columns: Sequence[Hashable]) -> int:
    """Return how many pieces' rows were counted."""
    rows = max((int(grid.counts.sum()) for grid in grids.values()), default=0)
    return max(round(rows / rows_of_piece(columns)), 1)


def _check_same(plan: Plan, found: Mapping[str, ScoreGrid]) -> None:
    """Refuse grids of other rows than those that no fit learned from, as of a table whose rows come in another order now."""
    parts, sample = plan.parts, plan.parts.features.sample
    assert sample is not None
    labels, train, positive = sample.labels, parts.train.y, parts.features.target.pos_label
    positives = int(labels.rows[labels.classes.index(positive)] - (train == positive).sum())
    expected = [labels.labelled - len(train) - positives, positives]
    for grid in found.values():
        if (counted := grid.counts.sum(axis=0).tolist()) != expected:
            said = "{0:,} negatives and {1:,} positives".format
            raise gave_others(sample.table, f"{said(*counted)} for {said(*expected)}", sample.id)


@dataclass(frozen=True, eq=False)
class _Work:
    """What is done with a piece of the table; it travels to workers.

    Attributes
    ----------
    models : mapping of str to list of (str, estimator)
        Each strategy's fitted steps, each with a key that equal steps have alike; the last one scores.
    by_margin : frozenset of str
        Strategies whose grid is of margins.
    edges : mapping of str to tuple of float
        Scores of each strategy at which the grid is exact.
    column, positive : hashable, label
        The target, and the class that is positive.
    place : int
        Of the positive class among the columns of scores.
    learned : ndarray of int64, or of ids
        The places of train rows, ascending, or their ids.
    features : tuple of hashable
        What the models read.
    id : hashable or None
        The column that identifies a row.
    """

    models: Mapping[str, Sequence[tuple[str, Estimator]]]
    by_margin: frozenset[str]
    edges: Mapping[str, Sequence[float]]
    column: Hashable
    positive: Label
    place: int
    learned: NDArray[Any]
    features: tuple[Hashable, ...]
    id: Hashable | None

    @property
    def columns(self) -> list[Hashable]:
        """What is read of the table."""
        return [self.column, *self.features] + ([] if self.id is None else [self.id])

    def __call__(self, piece: pd.DataFrame, first: int) -> dict[str, ScoreGrid]:
        """Return the grid of each strategy's scores of a piece's held-out rows, which begins at a place."""
        held_out = self._held_out(piece, first)
        y, X = self._are_positive(piece[self.column])[held_out], piece.loc[held_out, list(self.features)]
        if not len(X):
            return {}
        with quieted():
            return {name: ScoreGrid.of(y, score, edges=self.edges[name]) for name, score in self._scores(X)}

    def _held_out(self, piece: pd.DataFrame, first: int) -> Bools:
        """Return which rows are labelled, and none that a fit learned from."""
        found = np.array(piece[self.column].notna())
        if self.id is not None:
            return found & ~piece[self.id].isin(self.learned).to_numpy(bool)
        inside = slice(*np.searchsorted(self.learned, [first, first + len(piece)]))
        found[self.learned[inside] - first] = False
        return found

    def _are_positive(self, labels: pd.Series) -> Bools:
        codes, known = pd.factorize(labels)
        positive = np.array([plain(label) == self.positive for label in known] + [False])
        return np.asarray(positive[codes])

    def _scores(self, X: pd.DataFrame) -> Iterator[tuple[str, Floats]]:
        """Yield the scores of each strategy; what several of them begin with is done once."""
        done: dict[tuple[str, ...], Any] = {(): X}
        for name, steps in self.models.items():
            keys: tuple[str, ...] = ()
            for key, step in steps[:-1]:
                before, keys = keys, (*keys, key)
                if keys not in done:
                    done[keys] = step.transform(done[before])
            _, last = steps[-1]
            yield (
                name,
                self._margins(last, done[keys]) if name in self.by_margin else self._p(last, done[keys]),
            )

    def _p(self, model: Estimator, X: Any) -> Floats:
        return np.asarray(scores_of(model, X, 2)[:, self.place])

    def _margins(self, model: Estimator, X: Any) -> Floats:
        toward = np.asarray(model.decision_function(X), np.float64)
        return toward if self.place else -toward


def _work(
    plan: Plan,
    scored: CrossValScores,
    threshold: Callable[[CrossValScores, str], float],
) -> _Work:
    parts, sample = plan.parts, plan.parts.features.sample
    assert sample is not None and scored.positive is not None
    raw = scored.as_fitted or scored
    models = {name: raw.by_name[name].model for name in scored.unique}
    scales = {name: GridScale.of(scored, name) for name in models}
    return _Work(
        {name: _steps(model) for name, model in models.items()},
        frozenset(name for name, scale in scales.items() if scale.is_margin),
        {
            name: [scale.least(each) for each in (scored.default_threshold, threshold(scored, name))]
            for name, scale in scales.items()
        },
        parts.features.target.labels.name,
        parts.features.target.pos_label,
        scored.positive,
        np.sort(sample.places[parts.train.y.index.to_numpy()]),
        tuple(dict.fromkeys(column for model in models.values() for column in columns_read(model))),
        sample.id,
    )


def _steps(model: Estimator) -> list[tuple[str, Estimator]]:
    """Return the steps that a prediction goes through, with what tells them from others."""
    passed = [
        step
        for _, step in model.steps
        if not hasattr(step, "fit_resample") and step not in (None, "passthrough")
    ]
    return [(str(joblib.hash(step)), step) for step in passed]


def _are_log_odds(scores: ModelScores) -> bool:
    """Whether margins are the log odds of the probabilities, as nearly as single precision has them."""
    if scores.margin_oof is None:
        return True
    seen = ~np.isnan(scores.margin_oof)
    p = expit(scores.margin_oof[seen])
    return bool(np.allclose(p, scores.oof[seen, 1], rtol=_SINGLE, atol=_SINGLE))


@dataclass(frozen=True, eq=False)
class GridScale:
    """What a strategy's grid is of: scores as its model gives them, or margins, of which single precision holds more than of p.

    Attributes
    ----------
    is_probability : bool
        Whether the model gives probabilities.
    is_margin : bool
        Whether it is of margins: they are the log odds of probabilities, or what the calibrator reads.
    calibrator : Calibrator, optional
        What brings these to the prevalence.
    reads_margin : bool
        Whether the calibrator was fitted on margins.
    tells_margin : bool
        Whether probabilities and margins, where there are any, follow from each other.
    """

    is_probability: bool
    is_margin: bool
    calibrator: Calibrator | None
    reads_margin: bool
    tells_margin: bool

    @classmethod
    def of(cls, scored: CrossValScores, name: str) -> GridScale:
        """Return what the grid of a strategy is of."""
        scores, raw = scored.by_name[name], (scored.as_fitted or scored).by_name[name]
        calibrator = scores.calibrator if isinstance(scores.calibrator, Calibrator) else None
        has_margin, tells = raw.margin_oof is not None, _are_log_odds(raw)
        by_prior = calibrator is None or calibrator.calibrator is None
        reads = hasattr(raw.model, "decision_function")
        return cls(scored.is_probability, has_margin and (tells or not by_prior), calibrator, reads, tells)

    def entries(self, grid: ScoreGrid) -> Entries:
        """Return what stands for the rows of a grid."""
        y, score, copies = grid.entries()
        near = log_odds(score) if self.is_probability and not self.is_margin else score
        return fewer_entries(y, score, copies, near, floats_of(grid.edges))

    def as_fitted(self, score: Floats) -> Floats:
        """Return what the model itself gives."""
        return expit(score) if self.is_margin else score

    def brought(self, score: Floats) -> Floats:
        """Return the same at the prevalence."""
        p = self.as_fitted(score)
        if self.calibrator is None:
            return p
        margin = score if self.is_margin else log_odds(p) if self.reads_margin else None
        return self.calibrator.apply(p, margin)

    def least(self, threshold: float) -> float:
        """Return the least score that is brought to at least a threshold.

        Notes
        -----
        Bringing scores to a prevalence keeps their order, so that halving finds it, to the last bit.
        """
        if (self.calibrator is None and not self.is_margin) or not np.isfinite(threshold):
            return threshold
        below, above = (-_MOST, _MOST) if self.is_margin else (0.0, 1.0)
        if self._reaches(below, threshold):
            return -np.inf
        if not self._reaches(above, threshold):
            return np.inf
        while below < (middle := (below + above) / 2) < above:
            below, above = (below, middle) if self._reaches(middle, threshold) else (middle, above)
        return above

    def _reaches(self, score: float, threshold: float) -> bool:
        return bool(self.brought(np.array([score]))[0] >= threshold)


def _with_entries(plan: Plan, scored: CrossValScores, grids: Mapping[str, ScoreGrid]) -> CrossValScores:
    """Give each strategy what its grid holds, weighted to the classes' shares where the model is used."""
    target, weighting = plan.parts.features.target, plan.parts.features.weighting
    assert target.positive is not None
    wanted = float((weighting.shares if weighting.wanted is None else weighting.wanted)[target.positive])
    table_rows = plan.parts.test_weights.table_rows
    raw, brought = dict[str, HeldOut](), dict[str, HeldOut]()
    for name, grid in grids.items():
        scale = GridScale.of(scored, name)
        y, score, copies = scale.entries(grid)
        entries = HeldOut(y, score, Weights(copies=copies), scale.tells_margin).at(wanted, table_rows)
        brought[name] = replace(entries, score=scale.brought(score))
        if scale.tells_margin:
            raw[name] = replace(entries, score=scale.as_fitted(score))
    found = scored.with_held_out(brought)
    return found if found.as_fitted is None else replace(found, as_fitted=found.as_fitted.with_held_out(raw))
