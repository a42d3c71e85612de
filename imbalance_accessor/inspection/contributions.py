"""How one row's score came about: terms that add up to what the model says, where a model has such terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse
from scipy.special import expit
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.inspection.learning_curves import by_round, doubling, n_rounds
from imbalance_accessor.inspection.network import Layer, is_network, layers_of
from imbalance_accessor.inspection.rows import TracedRow, dense, seen_by_model, traced_row
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.calibration import log_odds, prior_corrected
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.weights import effective
from imbalance_accessor.modeling.calibrators import Calibrator, ClassCorrection
from imbalance_accessor.modeling.strategies import Estimator

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
        What the terms are: ``"coefficients"``, ``"likelihoods"``, ``"rounds"``, ``"trees"``, ``"neighbours"``, ``"units"`` of a
        network; ``""`` where the model has none that add up, ``"unseeded"`` where the fold's model comes out otherwise when it
        is fitted again.
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
    layers : tuple of Layer
        What each layer of a neural network makes of the row, its input first; empty for other models.
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
    layers: tuple[Layer, ...] = ()

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
    scored = strategy_scores.scored
    traced = traced_row(strategy_scores, row)
    part, place = traced.part, traced.place
    sides = scored.labelled_scores(strategy_scores.name)
    is_positive, score, flagged = (
        (sides.y_oof[place], sides.score_oof[place], sides.flagged_oof[place])
        if part == "train"
        else (sides.y[place], sides.score[place], sides.flagged[place])
    )
    fitted, calibrator = _as_fitted(strategy_scores, part, place)
    kind, unit, terms, layers = _terms_of(strategy_scores, traced, fitted)
    if terms and calibrator is not None:
        terms = (*terms, _step(unit, fitted, float(score)))
    odds_shift, corrected = _corrected(strategy_scores, float(score))
    return ScoreContributions(
        *(traced.row, part, traced.fold, traced.label, bool(is_positive), float(score), bool(flagged)),
        *(traced.scorer, kind, unit, terms, odds_shift, corrected),
        fitted=fitted,
        calibrator=calibrator,
        layers=layers,
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
    strategy_scores: FittedScores, traced: TracedRow, score: float
) -> tuple[str, str, tuple[Term, ...], tuple[Layer, ...]]:
    """Return the terms of a row's score, by the model that gave it, and what the layers of a network made of the row."""
    positive = strategy_scores.scored.positive
    assert positive is not None
    classifier, x, names = seen_by_model(strategy_scores, traced)
    if not np.isclose(_score(classifier, x, positive), score, rtol=1e-5, atol=1e-8):
        return "unseeded", "", (), ()
    label = f"{strategy_scores.scored.parts.features.target.pos_label}"
    layers = layers_of(classifier, x, names, (label,), positive)
    return *_adding_up(_terms(classifier, x, names, positive), score), layers


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


def _terms(classifier: Estimator, x: Any, names: list[str], positive: int) -> tuple[str, str, Iterable[Term]]:
    sign = 1.0 if positive == 1 else -1.0
    if _is_linear(classifier):
        unit = "log odds" if hasattr(classifier, "predict_proba") else "margin"
        return "coefficients", unit, _linear(classifier, x, names, sign)
    for kind, unit, suits, terms in _KINDS:
        if suits(classifier):
            return kind, unit, terms(classifier, x, names, positive)
    if n_rounds(classifier) > 0:
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
    cells = dense(x)
    yield "intercept", np.nan, sign * float(np.ravel(classifier.intercept_)[0])
    for name, cell, coef in zip(names, cells, np.asarray(classifier.coef_)[0], strict=True):
        yield name, float(cell), sign * float(cell * coef)


def _naive_bayes(classifier: Estimator, x: Any, names: list[str], positive: int) -> Iterator[Term]:
    """Yield the log odds of the prior, and each column's log likelihood ratio."""
    cells, prior = dense(x), np.log(classifier.class_prior_)
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


def _units(classifier: Estimator, x: Any, names: list[str], positive: int) -> Iterator[Term]:
    """Yield the intercept of a network's output, and each unit of its last hidden layer times the weight of the output."""
    sign = 1.0 if positive == 1 else -1.0
    *_, last, _ = layers_of(classifier, x, names, ("",), positive)
    yield "intercept", np.nan, sign * float(classifier.intercepts_[-1][0])
    for unit, value, weight in zip(last.units, last.values, classifier.coefs_[-1][:, 0], strict=True):
        name = unit if last.name == "input" else f"{last.name}, unit {unit}"
        yield name, float(value), sign * float(value * weight)


_KINDS: tuple[tuple[str, str, Callable[[Estimator], bool], Callable[..., Iterator[Term]]], ...] = (
    ("likelihoods", "log odds", lambda each: type(each) is GaussianNB, _naive_bayes),
    ("units", "log odds", is_network, _units),
    ("trees", "probability", lambda each: isinstance(each, _FORESTS), _trees),
    (
        "neighbours",
        "probability",
        lambda each: type(each) is KNeighborsClassifier and each.weights == "uniform",
        _neighbours,
    ),
)


@dataclass(frozen=True, eq=False)
class ClassesAnswer:
    """What a network says of one row of several classes.

    Attributes
    ----------
    row, part, fold, label, scorer
        As of `ScoreContributions`.
    kind : str
        ``"units"``.
    layers : tuple of Layer
    fitted, probabilities : ndarray of float, shape (k,)
        Of each class, as the network gives them, and after they were brought to the prevalence.
    """

    row: Any
    part: str
    fold: int
    label: Any
    scorer: str
    kind: str
    layers: tuple[Layer, ...]
    fitted: Floats
    probabilities: Floats

    @property
    def calibrator(self) -> None:
        """Probabilities of several classes have none."""
        return None


def classes_answer_of(strategy_scores: FittedScores, row: Any) -> ClassesAnswer:
    """Return what a network makes of a row of several classes, by the model that has not learned from it.

    Raises
    ------
    OptionError
        A label that no row has, or several, or a row that no fold scores.
    ModelError
        A network without a seed, whose fold's model comes out otherwise when it is fitted again.
    """
    scored, name = strategy_scores.scored, strategy_scores.name
    traced = traced_row(strategy_scores, row)
    raw, given = (
        (each.by_name[name].oof if traced.part == "train" else each.by_name[name].test)[traced.place]
        for each in (scored.as_fitted or scored, scored)
    )
    classifier, x, names = seen_by_model(strategy_scores, traced)
    layers = layers_of(classifier, x, names, scored.parts.features.target.names, None)
    if not np.allclose(layers[-1].values, raw, rtol=1e-5, atol=1e-8):
        raise layers_differ(classifier)
    place = (traced.row, traced.part, traced.fold, traced.label, traced.scorer)
    return ClassesAnswer(*place, "units", layers, raw, given)


def layers_differ(classifier: Estimator) -> ModelError:
    """Return the sentence for a network without a seed."""
    return ModelError(
        f"{type(classifier).__name__} differs on each refit without a seed, so its layers cannot be shown. Give it "
        "random_state=0."
    )
