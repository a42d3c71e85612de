"""From scores to figures: strategies are compared out of fold, and reported on rows that chose nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.binary import ranks_within
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.cross_fitting import can_be_evaluated, flags_by_fold, others_tables
from imbalance_accessor.metrics.figures import Averaged, ClassScores, Scores
from imbalance_accessor.metrics.measure import Figures, Measured, measure, paired_differences, points_of
from imbalance_accessor.metrics.multiclass import is_of_one_class
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import METRICS, Kind, metric_names, metric_of
from imbalance_accessor.metrics.rounding import averaged_threshold
from imbalance_accessor.metrics.score_grid import ScoreGrid
from imbalance_accessor.metrics.thresholds import ThresholdGrid, ThresholdTable, Tuning
from imbalance_accessor.metrics.weights import ONES, Weights
from imbalance_accessor.process_state import cached_property

#: A difference, and the ends of its interval.
Difference: TypeAlias = "tuple[float, float, float]"


@dataclass(frozen=True, eq=False)
class LabelledScores:
    """One strategy's scores of the positive class, or of each of several classes.

    Attributes
    ----------
    y : numpy.ndarray, shape (n_test,)
        The test set: is a row positive, or of several classes its code.
    score : numpy.ndarray, shape (n_test,) or (n_test, k)
        What the model says.
    y_oof, score_oof, fold : numpy.ndarray
        The training set, out of fold; fold -1 where no fold scored a row.
    is_probability : bool
        Whether scores are probabilities.
    ordered : bool
        Whether folds follow each other in time, so that later ones may not choose for earlier ones.
    labels : tuple of str, optional
        Several classes' names, for the columns of recalls.
    stratified : bool
        Whether folds have the same share of each class, so that ranks within them can be pooled.
    seed : int
        Of the draws by which a threshold is tuned.
    one_model : bool
        Whether one model scored all rows.
    again : tuple of LabelledScores
        The same, out of folds that were dealt again.
    predicted, predicted_oof : numpy.ndarray of bool, optional
        Rows of the test and the training set that the model's own ``predict`` flags, where that is not the default threshold's
        decision.
    weights, weights_oof : Weights
        How much rows of the test and the training set count.
    cells : ScoreGrid, optional
        The cells of the score, where entries stand for the rows of each, by its lowest score.
    """

    y: NDArray[Any]
    score: Floats
    y_oof: NDArray[Any]
    score_oof: Floats
    fold: NDArray[np.intp]
    is_probability: bool
    ordered: bool = False
    labels: tuple[str, ...] | None = None
    stratified: bool = True
    seed: int = 0
    one_model: bool = False
    again: tuple[LabelledScores, ...] = ()
    predicted: Bools | None = None
    predicted_oof: Bools | None = None
    weights: Weights = ONES
    weights_oof: Weights = ONES
    cells: ScoreGrid | None = None

    @property
    def default_threshold(self) -> float:
        """The threshold that ``predict`` uses, unless it is known what it flags."""
        return 0.5 if self.is_probability else 0.0

    @property
    def flagged(self) -> Bools:
        """Test rows that are flagged before a threshold is tuned."""
        return np.asarray(self.score >= self.default_threshold) if self.predicted is None else self.predicted

    @property
    def flagged_oof(self) -> Bools:
        """The same of the train rows."""
        predicted = self.predicted_oof
        return np.asarray(self.score_oof >= self.default_threshold) if predicted is None else predicted

    @cached_property
    def seen(self) -> Bools:
        """Which train rows some fold scored."""
        return np.asarray(self.fold >= 0)

    @cached_property
    def falling(self) -> NDArray[np.intp]:
        """The order of these rows by their scores, the highest first."""
        return np.argsort(-self.score_oof[self.seen])

    def tuned_threshold(self, criterion: str) -> float:
        """Return the threshold tuned out of fold, averaged over repeats; nan for several classes, which have none."""
        if self.labels is not None:
            return np.nan
        return averaged_threshold([each._tuned_once(Objective(criterion)) for each in (self, *self.again)])

    def _tuned_once(self, objective: Objective) -> float:
        return self.tuning(objective).threshold(self._grid.table)

    @property
    def _grid(self) -> ThresholdGrid:
        y, score, weights = self.y_oof[self.seen], self.score_oof[self.seen], self.weights_oof.take(self.seen)
        return ThresholdGrid(y, score, weights=weights, order=self.falling)

    def tuning(self, objective: Objective) -> Tuning:
        """Return how a threshold of these scores is chosen, out of fold and without each fold."""
        rows = int(self.weights_oof.take(self.seen).rows(self.y_oof[self.seen]).sum())
        return Tuning(objective, rows, self.seed, np.result_type(self.score, np.float32).type)

    def thresholds(self, costs: Costs | None = None) -> ThresholdTable:
        """Return all thresholds out of fold; of several deals of the folds each row stands once for each of them.

        Parameters
        ----------
        costs : Costs, optional
            What decisions on these rows cost.
        """
        deals, n = (self, *self.again), int(self.seen.sum())
        every, score = np.tile(np.arange(n), len(deals)), [each.score_oof[self.seen] for each in deals]
        weights = self.weights_oof.take(self.seen).take(every)
        costs = None if costs is None else costs.take(every)
        return ThresholdGrid(self.y_oof[self.seen][every], np.concatenate(score), costs, weights).table

    def on_test(self, threshold: float) -> Scores | ClassScores:
        """Return the test set, flagged by default and at another threshold."""
        if self.labels is not None:
            return ClassScores(self.y, self.score, self.is_probability, self.labels, weights=self.weights)
        flags = {"": self.flagged, "_tuned": self.score >= threshold}
        p = self.score if self.is_probability else None
        return Scores(self.y, self.score, p, flags, weights=self.weights)

    def out_of_fold(self, criterion: str) -> Scores | ClassScores | Averaged:
        """Return the rows out of fold, over all repeats; see `_dealt_once`."""
        every = tuple(each._dealt_once(criterion) for each in (self, *self.again))
        return Averaged(every) if self.again else every[0]

    def _dealt_once(self, criterion: str) -> Scores | ClassScores:
        """Return the rows out of fold, flagged by default and at the threshold that other folds chose for each.

        Where folds are stratified, rows are ordered by their rank within their fold; else each fold is ranked by itself.
        In the order of time the first fold has no others that may choose for it, and its flags do not count.
        """
        found = self._ranked
        if isinstance(found, ClassScores):
            return found
        return replace(
            found,
            p=self.score_oof[self.seen] if self.is_probability else None,
            flags=_Flags(lambda: self._crossed(criterion), self.flagged_oof[self.seen]),
            decided=can_be_evaluated(self.fold[self.seen], ordered=True) if self.ordered else None,
        )

    def _crossed(self, criterion: str) -> Bools:
        """Flag each fold's rows at the threshold that the other folds chose."""
        score, fold = self.score_oof[self.seen], self.fold[self.seen]
        tables, tuning = (
            others_tables(self._grid, fold, ordered=self.ordered),
            self.tuning(Objective(criterion)),
        )
        return flags_by_fold(score, fold, {each: tuning.threshold(table) for each, table in tables})

    def ranking(self) -> dict[str, float]:
        """Return the figures of the order out of fold."""
        undrawn = self.weights_oof.take(self.seen).each(self.y_oof[self.seen])
        found = points_of(self._ranked, undrawn[None, :])
        return {name: found[name] for name in metric_names("ranking")}

    @property
    def _ranked(self) -> Scores | ClassScores:
        y, score, fold = self.y_oof[self.seen], self.score_oof[self.seen], self.fold[self.seen]
        if self.one_model:
            folds, rank = None, score
        else:
            own = self.weights_oof.take(self.seen).total_own
            folds, rank = (None, ranks_within(score, fold, own)) if self.stratified else (fold, score)
        weights = self.weights_oof.take(self.seen)
        if self.labels is not None:
            return ClassScores(y, score, self.is_probability, self.labels, folds, rank, weights)
        return Scores(y, rank, folds=folds, weights=weights)


@dataclass(frozen=True, eq=False)
class _Flags(Mapping[str, Bools]):
    """Rows flagged by default, and at thresholds that are chosen when they are first asked for."""

    cross: Callable[[], Bools]
    default: Bools

    def __getitem__(self, suffix: str) -> Bools:
        return {"": lambda: self.default, "_tuned": lambda: self.tuned}[suffix]()

    def __iter__(self) -> Iterator[str]:
        return iter(("", "_tuned"))

    def __len__(self) -> int:
        return 2

    @cached_property
    def tuned(self) -> Bools:
        """The rows flagged at the thresholds that other folds chose."""
        return self.cross()

    def __reduce__(self) -> tuple[type[dict[str, Bools]], tuple[dict[str, Bools]]]:
        return dict, (dict(self),)


@dataclass(frozen=True, eq=False)
class Metrics(Figures):
    """One strategy's figures on the rows that are reported; decision figures at its tuned threshold end in ``_tuned``.

    Attributes
    ----------
    threshold : float
        Its tuned threshold, chosen out of fold; nan for several classes.
    comparison : Comparison
    name : str
        The strategy's.
    """

    threshold: float
    comparison: Comparison
    name: str

    @cached_property
    def cv(self) -> dict[str, float]:
        """The same out of fold, where tuned ones are cross-fitted; see `Comparison`."""
        return self.comparison.points_of(self.name)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Strategies on the train rows, each scored by a model that has not seen it.

    Attributes
    ----------
    scores : mapping of str to (Scores, ClassScores or Averaged)
        Each strategy's, in one order of rows.
    resamples : Resamples
        Of these rows, the same draws for all strategies.
    plain : tuple of str
        The plain models, against which the others are held.

    Notes
    -----
    Of several models, the best plain one is chosen by the same scores that it is then compared by. The intervals therefore
    hold for all pairs of a strategy and a plain model at once (max-t), whichever of these pairs is looked at.

    Figures of the order are those of all rows, ordered by their rank within their fold; where folds are not stratified
    (groups, time), the mean over folds, weighted by their positives. Other figures are those of all rows.
    """

    scores: Mapping[str, Scores | ClassScores | Averaged]
    resamples: Resamples
    plain: tuple[str, ...] = ("none",)
    _measured: dict[Kind, dict[str, Figures]] = field(default_factory=dict, repr=False)
    _compared: dict[str, dict[tuple[str, str], Difference]] = field(default_factory=dict, repr=False)

    def points_of(self, name: str) -> dict[str, float]:
        """Return one strategy's figures; those of probabilities are nan where there are none."""
        found = points_of(self.scores[name], self.resamples.undrawn)
        several = any(map(is_of_one_class, found))
        return dict.fromkeys(metric_names("probability", several=several), np.nan) | found

    @cached_property
    def dummy(self) -> dict[str, float]:
        """What the best constant answer scores on these rows, by metric."""
        some = next(iter(self.scores.values())).constants()
        found = [points_of(each, self.resamples.undrawn) for each in some]
        signs = {name: METRICS[name.removesuffix("_tuned")].better for name in found[0] if metric_of(name)}
        return {name: sign * max(sign * each[name] for each in found) for name, sign in signs.items() if sign}

    def figures(self, kind: Kind) -> dict[str, Figures]:
        """Return each strategy's figures of one kind, with their intervals; drawn when they are first asked for."""
        if kind not in self._measured:
            unique = {id(each): each.only(kind) for each in self.scores.values()}
            some = {name: unique[id(each)] for name, each in self.scores.items()}
            self._measured[kind] = measure(some, self.resamples)
        return self._measured[kind]

    def levels(self, column: str) -> list[float]:
        """Return each strategy's figure."""
        return [each.points[column] for each in self._of(column).values()]

    def _of(self, column: str) -> dict[str, Figures]:
        metric = METRICS.get(column.removesuffix("_tuned"))
        return self.figures("decision" if metric is None else metric.kind)

    def differences(self, column: str, reference: str | None = None) -> dict[str, Difference]:
        """Return what each other strategy has more of a figure than a plain model, by default the first, and its interval."""
        base = self.plain[0] if reference is None else reference
        return {name: found for (name, other), found in self.pairs(column).items() if other == base}

    def pairs(self, column: str) -> dict[tuple[str, str], Difference]:
        """Return what each strategy has more of a figure than each plain model; the intervals hold for all pairs at once."""
        if column not in self._compared:
            pairs = [(name, base) for base in self.plain for name in self.scores if name != base]
            n_groups = self.resamples.n_groups
            self._compared[column] = paired_differences(self._of(column), column, pairs, n_groups=n_groups)
        return self._compared[column]


def compare(
    strategies: Mapping[str, LabelledScores],
    resamples: Resamples | Mapping[str, Resamples],
    out_of_fold: Resamples,
    *,
    criterion: str = "f1",
    plain: tuple[str, ...] = ("none",),
) -> tuple[dict[str, Metrics], Comparison]:
    """Judge several strategies on the same test rows, in the same draws, and compare them out of fold.

    Where nothing is held out, the rows out of fold are reported too.

    Parameters
    ----------
    strategies : mapping of str to LabelledScores
        All with the same rows. Of several classes a row goes to the one with the highest score, and ranking figures are
        plain means over the classes, each against the rest.
    resamples, out_of_fold : Resamples
        Of the rows that are reported, or by strategy of the entries that stand for them; and of the train rows that folds
        scored.
    criterion : str
        What a strategy's tuned threshold maximises, out of fold.
    plain : tuple of str
        The plain models, against which the others are held.

    Returns
    -------
    dict of str to Metrics, and Comparison
    """
    thresholds = {name: each.tuned_threshold(criterion) for name, each in strategies.items()}
    unique = {id(each): each.out_of_fold(criterion) for each in strategies.values()}
    scores = {name: unique[id(each)] for name, each in strategies.items()}
    compared = Comparison(scores, out_of_fold, plain)
    held_out = {name: each.on_test(thresholds[name]) for name, each in strategies.items() if len(each.y)}
    reported = _reported(held_out or compared.scores, resamples)
    evaluated = {
        name: Metrics(**vars(each), threshold=thresholds[name], comparison=compared, name=name)
        for name, each in reported.items()
    }
    return evaluated, compared


def _reported(
    scores: Mapping[str, Measured], resamples: Resamples | Mapping[str, Resamples]
) -> dict[str, Figures]:
    """Measure the rows that are reported: all in the same draws, or each strategy's entries in their own."""
    if isinstance(resamples, Resamples):
        return measure(scores, resamples, compared=False)
    found = (measure({name: each}, resamples[name], compared=False) for name, each in scores.items())
    return {name: each for one in found for name, each in one.items()}
