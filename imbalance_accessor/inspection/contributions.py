"""How one row's score came about: terms that add up to what the model says, where a model has such terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import Series, isna
from pandas.api.types import is_scalar
from scipy.sparse import issparse
from scipy.special import expit
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import IN_WORDS, OptionError, change, listed
from imbalance_accessor.evaluation.fit import FoldData
from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.inspection.learning_curves import by_round, doubling, n_rounds
from imbalance_accessor.inspection.pipeline_trace import transformed, transformers_of
from imbalance_accessor.metrics.calibration import log_odds, prior_corrected
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.weights import effective
from imbalance_accessor.modeling.calibrators import Calibrator, ClassCorrection
from imbalance_accessor.modeling.row_weights import fit_clone
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import quieted

#: The term that brings a score to the prevalence.
TO_PREVALENCE = "brought to the prevalence"
#: A term: its name, what the model saw there (nan where there is nothing to see), what it adds.
Term = tuple[str, float, float]
_FORESTS = (RandomForestClassifier, ExtraTreesClassifier)


@dataclass(frozen=True, eq=False)
class ScoreContributions:
    """How one row's score came about.

    Attributes
    ----------
    row : hashable
        The row's index label.
    part : str
        ``"train"`` or ``"test"``.
    fold : int
        The fold whose model scored it, which learned from the other folds; -1 for the model of the whole training set.
    label : object
        What the row is.
    is_positive : bool
    score : float
        Probability of the positive class, or its margin where the model gives no probabilities.
    flagged : bool
        Whether the model's ``predict`` says that it is positive.
    scorer : str
        ``"train"`` for the model of the whole training set, ``"fold"`` for a fold's, ``"yours"`` for one that came fitted.
    kind : str
        What the terms are: ``"coefficients"``, ``"likelihoods"``, ``"rounds"``, ``"trees"``, ``"neighbours"``; ``""`` where
        the model has none that add up, ``"unseeded"`` where the fold's model comes out otherwise when it is fitted again.
    unit : str
        What the terms add up to: ``"log odds"``, ``"margin"`` or ``"probability"``.
    terms : tuple of Term
    odds_shift : float
        What the strategy multiplied the odds of the positive class by.
    corrected : float
        The score with that taken out; nan where there is nothing to take out, and where doing so does not bring the
        out-of-fold scores back to the prevalence.
    fitted : float
        What the model says before its score is brought to the prevalence.
    calibrator : Calibrator, optional
        What brings it there.
    """

    row: Any
    part: str
    fold: int
    label: Any
    is_positive: bool
    score: float
    flagged: bool
    scorer: str
    kind: str
    unit: str
    terms: tuple[Term, ...]
    odds_shift: float
    corrected: float
    fitted: float
    calibrator: Calibrator | None = None

    @property
    def total(self) -> float:
        """The sum of the terms."""
        return float(sum(term[2] for term in self.terms))


def contributions_of(strategy_scores: FittedScores, row: Any) -> ScoreContributions:
    """Account for the score of one row, by the model that has not learned from it.

    Parameters
    ----------
    strategy_scores : FittedScores
        A fitted strategy, one class against the rest.
    row : hashable
        The row's label in the frame's index.

    Raises
    ------
    OptionError
        A label that no row has, or several, or a row that no fold scores.

    Notes
    -----
    A test row is scored by the model of the whole training set. For a train row the model of its fold is fitted again.
    """
    plan, scored = strategy_scores.plan, strategy_scores.scored
    part, place = _found(strategy_scores, row)
    scorer = "yours" if plan.model.fitted else "train" if part == "test" else "fold"
    fold = int(scored.folds.ids[place]) if scorer == "fold" else -1
    if scorer == "fold" and fold < 0:
        raise OptionError(
            f"row={row!r} has no out-of-fold score: it precedes the first validation fold. Take a later row."
        )
    sides = scored.labelled_scores(strategy_scores.name)
    is_positive, score, flagged = (
        (sides.y_oof[place], sides.score_oof[place], sides.flagged_oof[place])
        if part == "train"
        else (sides.y[place], sides.score[place], sides.flagged[place])
    )
    y = (scored.parts.train if part == "train" else scored.parts.test).y
    fitted, calibrator = _as_fitted(strategy_scores, part, place)
    kind, unit, terms = _terms_of(strategy_scores, fold, part, place, fitted)
    if terms and calibrator is not None:
        terms = (*terms, _step(unit, fitted, float(score)))
    odds_shift, corrected = _corrected(strategy_scores, float(score))
    label = plain(y.iloc[place])
    return ScoreContributions(
        *(_plain(row), part, fold, label, bool(is_positive), float(score), bool(flagged)),
        *(scorer, kind, unit, terms, odds_shift, corrected),
        fitted=fitted,
        calibrator=calibrator,
    )


def _as_fitted(strategy_scores: FittedScores, part: str, place: int) -> tuple[float, Calibrator | None]:
    """Return what the model says of a row itself, and what brings that to the prevalence."""
    scored, name = strategy_scores.scored, strategy_scores.name
    calibrator = scored.by_name[name].calibrator
    assert not isinstance(calibrator, ClassCorrection)  # of several classes, where no row is accounted for
    sides = (scored.as_fitted or scored).labelled_scores(name)
    return float((sides.score_oof if part == "train" else sides.score)[place]), calibrator


def _step(unit: str, fitted: float, score: float) -> Term:
    """Return what bringing a score to the prevalence adds to it."""
    before, after = np.array([fitted]), np.array([score])
    adds = log_odds(after) - log_odds(before) if unit == "log odds" else after - before
    return TO_PREVALENCE, np.nan, float(adds[0])


def _terms_of(
    strategy_scores: FittedScores, fold: int, part: str, place: int, score: float
) -> tuple[str, str, tuple[Term, ...]]:
    """Return the terms of a row's score, by the model that gave it."""
    positive = strategy_scores.scored.positive
    assert positive is not None
    model, cells = _model_of(strategy_scores, fold, place, part)
    steps, classifier = transformers_of(model)
    x = transformed(steps, cells)
    if not np.isclose(_score(classifier, x, positive), score, rtol=1e-5, atol=1e-8):
        return "unseeded", "", ()
    return _adding_up(_terms(classifier, x, names_of(steps, cells, x), positive), score)


def _score(classifier: Estimator, x: Any, positive: int) -> float:
    if hasattr(classifier, "predict_proba"):
        return float(classifier.predict_proba(x)[0, positive])
    return float(classifier.decision_function(x)[0]) * (1 if positive == 1 else -1)


def _corrected(strategy_scores: FittedScores, score: float) -> tuple[float, float]:
    """Return what the odds were multiplied by, and the score without that, where the out-of-fold scores bear it out."""
    if strategy_scores.scored.parts.train_weights.factors is not None:
        return 1.0, np.nan  # undone on the way to the prevalence
    scored, odds_shift = strategy_scores.scored, odds_ratio_shift(strategy_scores)
    if not scored.is_probability or not np.isfinite(odds_shift) or abs(odds_shift - 1) < 1e-9:
        return odds_shift, np.nan
    labelled_scores = scored.labelled_scores(strategy_scores.name)
    seen = labelled_scores.fold >= 0
    y, own = labelled_scores.y_oof[seen], labelled_scores.weights_oof.take(seen).own
    n = int(seen.sum()) if own is None else effective(own)
    low, high = wilson(n * np.average(y, weights=own), n)
    without = prior_corrected(labelled_scores.score_oof[seen], odds_shift)
    holds = low <= np.average(without, weights=own) <= high
    return odds_shift, float(prior_corrected(np.array([score]), odds_shift)[0]) if holds else np.nan


def _plain(row: Any) -> Any:
    return tuple(map(plain, row)) if isinstance(row, tuple) else plain(row)


def _found(strategy_scores: FittedScores, row: Any) -> tuple[str, int]:
    """Return the part and the position of the row with an index label."""
    parts = strategy_scores.scored.parts
    found = [
        (part, int(place))
        for part, rows in (("train", parts.train), ("test", parts.test))
        for place in np.flatnonzero(_same(rows.y.index, row))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise OptionError(
            f"row={plain(row)!r} is the index label of {len(found):,} rows. Number the rows anew: df.reset_index(drop=True)."
        )
    some = listed([*parts.train.y.index[:2], *parts.test.y.index[:1]])
    alike = [label for label in (*parts.train.y.index, *parts.test.y.index) if str(label) == str(row)]
    raise OptionError(
        f"row={plain(row)!r} is not the index label of a labelled row. Such labels are {some}.",
        fix=change(row=plain(alike[0])) if len(alike) == 1 else IN_WORDS,
    )


def _same(index: Any, row: Any) -> NDArray[np.bool_]:
    if isinstance(row, tuple):
        return np.fromiter((isinstance(each, tuple) and each == row for each in index), bool, len(index))
    is_no_row = isinstance(row, bool) and index.dtype != bool and index.dtype != object  # True is no row 1
    if is_no_row or not is_scalar(row):
        return np.zeros(len(index), bool)
    if isinstance(row, str) and index.dtype.kind in "mM":  # a day's name is all of its moments
        try:
            there = Series(np.arange(len(index)), index=index).loc[row]
        except (KeyError, ValueError):
            there = []
        return np.isin(np.arange(len(index)), there)
    if isna(row):
        return np.asarray(index.isna() if index.nlevels == 1 else np.zeros(len(index), bool), bool)
    return np.asarray(index == row, bool)


@quieted()
def _model_of(strategy_scores: FittedScores, fold: int, place: int, part: str) -> tuple[Estimator, Any]:
    """Return the fitted model that scores a row, and the row as it reaches the pipeline."""
    plan, scored = strategy_scores.plan, strategy_scores.scored
    fold_data = FoldData(plan.reader, scored.folds)
    cells = (fold_data.X_train if part == "train" else fold_data.X_test).iloc[[place]]
    if fold < 0:
        return scored.by_name[strategy_scores.name].model, cells
    candidate = plan.candidates[strategy_scores.name]
    rows = fold_data.rows(candidate, fold)
    return fit_clone(candidate.estimator, rows.X, rows.y, rows.fit_params), cells


def names_of(steps: list[tuple[str, Estimator]], cells: Any, x: Any) -> list[str]:
    """Return the names of the columns that a classifier sees, as far as the steps before it tell them."""
    names = list(map(str, cells.columns))
    for _, step in steps:
        if hasattr(step, "get_feature_names_out"):
            try:
                names = list(map(str, step.get_feature_names_out(names)))
            except ValueError:
                names = list(map(str, step.get_feature_names_out()))
        elif not hasattr(step, "fit_resample"):
            names = []
    width = np.shape(x)[1]
    if len(names) != width:
        return [f"column {place}" for place in range(width)]
    short = [each.split("__", 1)[-1] for each in names]  # without the name of the transformer
    return short if len(set(short)) == width else names


def _terms(classifier: Estimator, x: Any, names: list[str], positive: int) -> tuple[str, str, Iterable[Term]]:
    sign = 1.0 if positive == 1 else -1.0
    if _is_linear(classifier):
        unit = "log odds" if hasattr(classifier, "predict_proba") else "margin"
        return "coefficients", unit, _linear(classifier, x, names, sign)
    for kind, unit, suits, terms in _KINDS:
        if suits(classifier):
            return kind, unit, terms(classifier, x, names, positive)
    is_network = hasattr(classifier, "coefs_")  # what it said in earlier rounds takes other fits
    if n_rounds(classifier) > 0 and not is_network:
        return "rounds", "log odds", _by_rounds(classifier, x, positive)
    return "", "", ()


def _adding_up(told: tuple[str, str, Iterable[Term]], score: float) -> tuple[str, str, tuple[Term, ...]]:
    """Return the terms where they do add up to the score, and none otherwise: a model of another make may differ."""
    kind, unit, given = told
    terms = tuple(given)
    total = sum(term[2] for term in terms)
    reached = float(expit(total)) if unit == "log odds" else total
    return (kind, unit, terms) if terms and np.isclose(reached, score, rtol=1e-5, atol=1e-8) else ("", "", ())


def _is_linear(classifier: Estimator) -> bool:
    """Whether the log odds (or the margin, of a model without probabilities) are a sum over columns."""
    coef = getattr(classifier, "coef_", None) if not hasattr(classifier, "support_") else None
    if coef is None or issparse(coef) or np.shape(coef)[0] != 1:
        return False
    # its probabilities are a clipped line, not the logistic curve
    return bool(getattr(classifier, "loss", None) != "modified_huber")


def _linear(classifier: Estimator, x: Any, names: list[str], sign: float) -> Iterator[Term]:
    cells = _dense(x)
    yield "intercept", np.nan, sign * float(np.ravel(classifier.intercept_)[0])
    for name, cell, coef in zip(names, cells, np.asarray(classifier.coef_)[0], strict=True):
        yield name, float(cell), sign * float(cell * coef)


def _dense(x: Any) -> NDArray[np.float64]:
    cells: Any = x.toarray() if issparse(x) else x  # type: ignore[attr-defined]
    return np.ravel(np.asarray(cells, np.float64))


def _naive_bayes(classifier: Estimator, x: Any, names: list[str], positive: int) -> Iterator[Term]:
    """Yield the log odds of the prior, and each column's log likelihood ratio."""
    cells, prior = _dense(x), np.log(classifier.class_prior_)
    other = 1 - positive
    yield "prior", np.nan, float(prior[positive] - prior[other])
    mean, variance = classifier.theta_, classifier.var_
    log_density = -0.5 * np.log(2 * np.pi * variance) - (cells - mean) ** 2 / (2 * variance)
    for name, cell, ratio in zip(names, cells, log_density[positive] - log_density[other], strict=True):
        yield name, float(cell), float(ratio)


def _trees(classifier: Estimator, x: Any, names: list[str], positive: int) -> Iterator[Term]:  # noqa: ARG001
    """Yield what the trees that lean to the positive class give, and what the others give."""
    inner = np.asarray(x, np.float32) if not issparse(x) else x
    said = np.array([tree.predict_proba(inner)[0, positive] for tree in classifier.estimators_])
    for_it = said >= 0.5
    yield "trees that say at least 0.5", float(for_it.sum()), float(said[for_it].sum() / len(said))
    yield "trees that say less", float((~for_it).sum()), float(said[~for_it].sum() / len(said))


def _neighbours(classifier: Estimator, x: Any, names: list[str], positive: int) -> Iterator[Term]:  # noqa: ARG001
    distances, positions = classifier.kneighbors(x)
    positives = classifier._y[positions[0]] == positive
    for place, (distance, hit) in enumerate(zip(distances[0], positives, strict=True), start=1):
        what = "positive" if hit else "not positive"
        yield f"neighbour {place}: {what}", float(distance), float(hit) / len(positives)


def _by_rounds(classifier: Estimator, x: Any, positive: int) -> Iterator[Term]:
    at, before = doubling(n_rounds(classifier)), 0.0
    for start, (each, said) in zip([0, *at], zip(at, by_round(classifier, x, at), strict=True), strict=False):
        now = float(log_odds(said[:, positive])[0])
        what = f"round {each}" if each == start + 1 else f"rounds {start + 1} to {each}"
        yield what, np.nan, now - before
        before = now


_KINDS: tuple[tuple[str, str, Callable[[Estimator], bool], Callable[..., Iterator[Term]]], ...] = (
    ("likelihoods", "log odds", lambda each: type(each) is GaussianNB, _naive_bayes),
    ("trees", "probability", lambda each: isinstance(each, _FORESTS), _trees),
    (
        "neighbours",
        "probability",
        lambda each: type(each) is KNeighborsClassifier and each.weights == "uniform",
        _neighbours,
    ),
)
