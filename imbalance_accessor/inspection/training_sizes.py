"""The plain model fitted on parts of the training set: what more positives brought.

By rounds of one fit, not by rows, goes `learning_curves`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from imbalance_accessor.errors import OptionError, counted
from imbalance_accessor.evaluation.fit import FitResult, FitTask, fit_and_score
from imbalance_accessor.evaluation.parallel import Job, run_all
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.progress import Progress
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.draw_intervals import max_t
from imbalance_accessor.metrics.figures import Averaged, Scores
from imbalance_accessor.metrics.measure import Figures, measure, points_of
from imbalance_accessor.metrics.sample_size import gain_per_doubling
from imbalance_accessor.splitting.deals import Positions

METRIC = "average_precision"
#: Of the training set's positives, and of its negatives as many in proportion.
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
#: Positives below which no size is tried.
FEWEST = 5
#: How often each size below the whole is drawn: with a test set, and out of fold, where each draw takes a fit a fold.
PARTS_DRAWN, PARTS_DRAWN_OUT_OF_FOLD = 5, 3


@dataclass(frozen=True, eq=False)
class TrainingSizes:
    """Average precision of the plain model by the part of the training set that it learned from.

    Attributes
    ----------
    shares : tuple of float
        Of the training set, rising to 1.
    positives, rows : ndarray of float, shape (k,)
        That were learned from, as means over draws and folds.
    figures : tuple of Figures, length k
        On the rows that are reported, as means over draws of parts; the same resamples of these rows for all sizes.
    drawn : ndarray of float, shape (n_draws, k)
        Average precision by draw of parts.
    gain, low, high : float
        What a doubling of the positives brought, with its 95 % interval; nan where rows are too few to tell.
    left_out : dict of float to str
        Sizes that were not tried, or could not be fitted, and why.
    """

    shares: tuple[float, ...]
    positives: Floats
    rows: Floats
    figures: tuple[Figures, ...]
    drawn: Floats
    gain: float
    low: float
    high: float
    left_out: dict[float, str]

    @property
    def n_draws(self) -> int:
        """How many parts of each size were learned from."""
        return len(self.drawn)


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows of the training set to learn from: of some size, of some draw, for some fold (-1: for the test set)."""

    share: float
    draw: int
    fold: int
    rows: Positions


def training_sizes(
    plan: Plan,
    scored: CrossValScores,
    *,
    n_jobs: int | None = None,
    progress: Progress = None,
) -> TrainingSizes:
    """Fit the plain model on nested parts of the training set, and measure each on the rows that are reported.

    Parameters
    ----------
    plan : Plan
        Of a model that is fitted here, for two sides; in the order of time with a test set.
    scored : CrossValScores
        Holds the scores of the whole training set.
    n_jobs, progress
        As `parallel.run_all` takes them.

    Notes
    -----
    The parts of one draw are nested: the first rows of one random order, of each class by itself. With groups whole groups
    are taken, in random order, until the share of positives is reached. In the order of time the latest rows are taken, since
    they are those that one has: there is one such part of each size.

    What a doubling brought is `gain_per_doubling` of the means over draws. Its variance is that over the resamples of the
    rows that are reported, paired for all sizes, and that of the slope over draws of parts, divided by their number. As
    draws are few, the interval reaches as far as Student's t with Welch's degrees of freedom (Satterthwaite 1946).
    """
    scored = (scored.as_fitted or scored).on_sample
    parts, left_out = _parts(plan, scored)
    done = _fitted(plan, [part for part in parts if part.share < 1], n_jobs=n_jobs, progress=progress)
    left_out |= {part.share: each.failure for part, each in done.items() if each.failure}
    shares = tuple(share for share in SHARES if share not in left_out)
    sizes = {share: [part for part in parts if part.share == share] for share in shares}
    every = [_by_draw(scored, sizes[share], done) for share in shares]
    figures = measure(
        {share: Averaged(tuple(each)) for share, each in zip(shares, every, strict=True)}, scored.resamples
    )
    undrawn = scored.resamples.undrawn
    drawn = np.array([[points_of(each, undrawn)[METRIC] for each in draws] for draws in every]).T
    positive = _positive(plan, scored)
    counts = [[(_count(part, positive), len(part.rows)) for part in sizes[share]] for share in shares]
    positives, rows = np.array([np.mean(each, axis=0) for each in counts]).T
    found = tuple(figures[share] for share in shares)
    ends = _gained(positives, found, drawn, scored.resamples.n_groups)
    return TrainingSizes(shares, positives, rows, found, drawn, *ends, left_out)


def check_learnable(plan: Plan, scored: CrossValScores) -> None:
    """Refuse what cannot learn from parts of the training set, before any fit."""
    if plan.model.fitted:
        raise OptionError(
            f"learning_curve() fits the model on parts of the training set, and {plan.model.name} came fitted. "
            "Pass it unfitted, without fitted=True."
        )
    if plan.parts.train_time is not None and not scored.held_out:
        raise OptionError(
            "learning_curve() needs a test set where time= orders the rows: each fold learns from more rows than the one "
            "before. Evaluate with test_size=0.2."
        )


def check_two_sizes(sizes: TrainingSizes) -> None:
    """Refuse a curve of one point."""
    if len(sizes.shares) < 2:
        why = "; ".join(f"{share:.0%}: {each}" for share, each in sorted(sizes.left_out.items()))
        raise OptionError(
            f"learning_curve() takes two sizes or more, and no part of this training set can be learned from ({why}). "
            "Collect more positives first."
        )


def _positive(plan: Plan, scored: CrossValScores) -> Bools:
    return np.asarray(plan.parts.train_outcome == scored.positive)


def _learned(plan: Plan, scored: CrossValScores) -> list[tuple[int, Positions]]:
    """Return the rows that are learned from for the test set, or for each fold."""
    if scored.held_out:
        kept = plan.parts.kept
        return [(-1, np.arange(len(plan.parts.train)) if kept is None else kept)]
    return [(fold, seen) for fold, (seen, _) in enumerate(scored.folds.pairs)]


def _parts(plan: Plan, scored: CrossValScores) -> tuple[list[_Part], dict[float, str]]:
    """Return the parts to learn from, and the sizes that have too few positives."""
    positive, learned = _positive(plan, scored), _learned(plan, scored)
    found = [
        _Part(share, draw, fold, some)
        for draw, order in enumerate(_orders(plan, scored))
        for fold, seen in learned
        for share, some in _nested(seen, positive, order, grouped=not plan.parts.is_stratified)
    ]
    least = {share: min(_count(each, positive) for each in found if each.share == share) for share in SHARES}
    few = {
        share: f"{counted(n, 'positive')}, fewer than {FEWEST}"
        for share, n in least.items()
        if n < FEWEST and share < 1
    }
    return [each for each in found if each.share not in few], few


def _count(part: _Part, positive: Bools) -> int:
    return int(positive[part.rows].sum())


def _orders(plan: Plan, scored: CrossValScores) -> Iterator[NDArray[np.intp]]:
    """Yield the order in which rows are taken, or the place of each row's group, or of its time."""
    rng, parts = np.random.default_rng(plan.random_state), plan.parts
    if parts.train_time is not None:
        latest = np.argsort(parts.train_time, kind="stable")[::-1]
        yield np.argsort(latest)
        return
    groups = parts.train_groups
    for _ in range(PARTS_DRAWN if scored.held_out else PARTS_DRAWN_OUT_OF_FOLD):
        yield (
            rng.permutation(len(parts.train))
            if groups is None
            else rng.permutation(int(groups.max()) + 1)[groups]
        )


def _nested(
    seen: Positions, positive: Bools, order: NDArray[np.intp], *, grouped: bool
) -> Iterator[tuple[float, Positions]]:
    """Yield parts of some rows, the smaller in the larger: by class in an order of rows, or by place until positives suffice."""
    if grouped:
        place = order[seen]
        gained = np.bincount(place, positive[seen]).cumsum()
        for share in SHARES[:-1]:
            yield share, seen[place <= np.searchsorted(gained, share * gained[-1])]
    else:
        inside = order[np.isin(order, seen)]
        sides = inside[positive[inside]], inside[~positive[inside]]
        for share in SHARES[:-1]:
            yield share, np.sort(np.concatenate([each[: round(share * len(each))] for each in sides]))
    yield 1.0, seen


def _fitted(
    plan: Plan, parts: list[_Part], *, n_jobs: int | None, progress: Progress
) -> dict[_Part, FitResult]:
    """Fit the plain model on each part, and score the test set or the part's fold."""
    reader, own = plan.reader, plan.parts.train_weights.own
    X_train, X_test = reader.features(plan.parts.train), reader.features(plan.parts.test)
    y, k = reader.labels(plan.parts.train_outcome), len(reader.classes)
    jobs = [Job("a part of the training set", at) for at in range(len(parts))]

    def call(job: Job) -> Any:
        part = parts[job.fold]
        given = {} if own is None else {"sample_weight": own[part.rows]}
        unseen = X_test if part.fold < 0 else X_train.iloc[plan.folds.pairs[part.fold][1]]
        rows = FitTask(X_train.iloc[part.rows], y[part.rows], given, unseen, k)
        return joblib.delayed(fit_and_score)(job, plan.candidates["none"].estimator, rows)

    return dict(zip(parts, run_all(jobs, call, n_jobs=n_jobs, progress=progress), strict=True))


def _by_draw(scored: CrossValScores, parts: list[_Part], done: Mapping[_Part, FitResult]) -> list[Scores]:
    """Return what rows that are reported are ordered by, of each draw of parts of one size."""
    whole = replace(scored.labelled_scores("none"), again=())
    found = []
    for draw in sorted({part.draw for part in parts}):
        score = {
            part.fold: _score(scored, done[part]) for part in parts if part.draw == draw and part in done
        }
        if not score:  # the whole training set, which is fitted already
            each = whole
        elif scored.held_out:
            each = replace(whole, score=score[-1])
        else:
            oof = np.full(whole.score_oof.shape, np.nan)
            for fold, (_, held) in enumerate(scored.folds.pairs):
                oof[held] = score[fold]
            each = replace(whole, score_oof=oof)
        ranked = each.on_test(np.inf) if scored.held_out else each.out_of_fold("f1")
        assert isinstance(ranked, Scores)  # of two sides
        found.append(ranked.only("ranking"))
    return found


def _score(scored: CrossValScores, result: FitResult) -> Floats:
    assert result.scores is not None
    return np.asarray(result.scores[:, scored.positive], np.float64)


def _gained(
    positives: Floats, figures: tuple[Figures, ...], drawn: Floats, n_groups: int | None
) -> tuple[float, float, float]:
    """Return what a doubling of the positives brought, and its interval."""
    if len(positives) < 2:
        return np.nan, np.nan, np.nan
    slopes = gain_per_doubling(positives, drawn)
    gain = float(slopes.mean())
    samples = np.array([each.samples[METRIC] for each in figures]).T
    if not len(samples):
        return gain, np.nan, np.nan
    without = gain_per_doubling(positives, np.array([each.without[METRIC] for each in figures]).T)
    resampled = gain_per_doubling(positives, samples)[:, None]
    _, high, critical = max_t(resampled, [gain], without=without[:, None], n_groups=n_groups)
    spread = float(slopes.std(ddof=1) / np.sqrt(len(slopes))) if len(slopes) > 1 else 0.0
    half = _half(float(high[0]) - gain, critical, spread, len(slopes))
    # what is as good at every size gains nothing, whatever sums leave
    return round(gain, 12) + 0.0, round(gain - half, 12) + 0.0, round(gain + half, 12) + 0.0


def _half(resampled: float, critical: float, spread: float, n_draws: int) -> float:
    """Return half the interval's length, from that over resamples and the standard error over draws of parts."""
    if not spread:
        return resampled
    se = 0.0 if math.isnan(critical) else resampled / critical
    known = (n_draws - 1) * (1 + (se / spread) ** 2) ** 2
    reach = float(stdtrit(known, 0.975))
    return (reach if math.isnan(critical) else max(critical, reach)) * math.hypot(se, spread)
