"""Fits and scores: out of fold on the training set, to choose; on the test set, to report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np

from imbalance_accessor.errors import ModelError, listed
from imbalance_accessor.evaluation.fit import (
    NOT_CONVERGED,
    FeatureReader,
    FitResult,
    FittedPreprocessing,
    FoldData,
    divided,
    failed,
    fit_and_score,
    with_first_steps,
)
from imbalance_accessor.evaluation.outputs import (
    Matrix,
    Predicted,
    not_fitted,
    predictions_of,
    reason,
    scores_of,
    unpredicted,
)
from imbalance_accessor.evaluation.parallel import Job, run_all
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.calibration import log_odds
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.modeling.models import Model, runs_in_threads
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.read_strategies import without
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import cached_property, quieted
from imbalance_accessor.splitting.folds import Folds
from imbalance_accessor.splitting.split import Parts

#: How near the threshold a score says nothing of which side it is on.
_TIED = 1e-6


@dataclass(frozen=True, eq=False)
class ModelScores:
    """What one strategy's model says of each row.

    Attributes
    ----------
    oof : numpy.ndarray, shape (n_train, n_columns)
        Out-of-fold scores of the training set, nan where no fold scores a row.
    test : numpy.ndarray, shape (n_test, n_columns)
        Scores of the test set by the model fitted on the whole training set.
    model : estimator
        That model.
    margin_oof, margin_test : numpy.ndarray, shape (n_train,) and (n_test,), or None
        Margins of the second class, where they are not the log odds of the scores.
    predicted_oof, predicted_test : numpy.ndarray, shape (n_train,) and (n_test,), or None
        Codes that ``predict`` gives the same rows, -1 where no fold scores a row; None where it was not asked.
    """

    oof: Matrix
    test: Matrix
    model: Estimator
    margin_oof: Matrix | None = None
    margin_test: Matrix | None = None
    predicted_oof: Predicted | None = None
    predicted_test: Predicted | None = None

    def decides_otherwise(self, positive: int, threshold: float) -> bool:
        """Whether ``predict`` decides some row otherwise than the default threshold; scores at it decide neither way."""
        assert self.predicted_oof is not None and self.predicted_test is not None
        score = np.concatenate([self.oof, self.test])[:, positive]
        predicted = np.concatenate([self.predicted_oof, self.predicted_test]) == positive
        sure = np.abs(score - threshold) > _TIED
        return bool(((score >= threshold) != predicted)[sure].any())


@dataclass(frozen=True, eq=False)
class CrossValScores:
    """All strategies' scores on the same rows.

    Attributes
    ----------
    parts : Parts
        The rows.
    folds : Folds
        Which fold scored which train row.
    by_name : dict of str to ModelScores
        In the order given.
    is_probability : bool
        Whether scores are probabilities; otherwise they only rank, and 0 is the default threshold.
    findings : tuple of Finding
        Strategies that failed, and what libraries warned of.
    failed : tuple of str
        Names of strategies that failed: they have no scores.
    again : tuple of CrossValScores
        The same strategies on folds that were dealt again; on test they are the same models.
    one_model : bool
        Whether one model scored all rows, so that scores of several folds can be put in one order.
    by_predict : bool
        Whether rows are decided by the models' own ``predict``, which is not the default threshold's decision.
    """

    parts: Parts
    folds: Folds
    by_name: dict[str, ModelScores]
    is_probability: bool
    findings: tuple[Finding, ...]
    failed: tuple[str, ...] = ()
    again: tuple[CrossValScores, ...] = ()
    one_model: bool = False
    by_predict: bool = False

    @property
    def train_codes(self) -> Codes:
        """What the models learned, for each train row."""
        return self.parts.train_outcome

    @property
    def test_codes(self) -> Codes:
        """The same for each test row."""
        return self.parts.test_outcome

    @property
    def positive(self) -> int | None:
        """The column of the positive class; None for several classes taken together."""
        target = self.parts.features.target
        return 1 if target.is_one_vs_rest else target.positive

    @property
    def unique(self) -> dict[str, ModelScores]:
        """The strategies, without those that are another one under a second name."""
        found: dict[int, tuple[str, ModelScores]] = {}
        for name, scores in self.by_name.items():
            found.setdefault(id(scores), (name, scores))
        return dict(found.values())

    @property
    def default_threshold(self) -> float:
        """The threshold that ``predict`` uses, unless rows are decided `by_predict`."""
        return 0.5 if self.is_probability else 0.0

    @property
    def by_default(self) -> str:
        """What decides a row before any threshold is tuned, for a heading."""
        return "by predict" if self.by_predict else f"at {self.default_threshold:g}"

    @property
    def held_out(self) -> bool:
        """Whether there is a test set to report on."""
        return bool(len(self.parts.test))

    @property
    def reported_codes(self) -> Codes:
        """What the models were to say of the rows that are reported: the test rows, or all that folds scored."""
        return self.test_codes if self.held_out else self.train_codes[self.folds.ids >= 0]

    def reported(self, name: str) -> Matrix:
        """Return one strategy's scores of the rows that are reported."""
        scores = self.by_name[name]
        return scores.test if self.held_out else scores.oof[self.folds.ids >= 0]

    @cached_property
    def resamples(self) -> Resamples:
        """Draws of the rows that are reported, the same for every verb."""
        if not self.held_out:
            return self.oof_resamples
        return self._drawn(
            self.test_codes,
            self.parts.test_groups,
            self.parts.test_weights,
            stratified=not self.parts.split_by.own_test,
        )

    @cached_property
    def oof_resamples(self) -> Resamples:
        """Draws of the train rows that folds scored."""
        seen, groups = self.folds.ids >= 0, self.parts.train_groups
        own = None if groups is None else groups[seen]
        return self._drawn(self.train_codes[seen], own, self.parts.train_weights.take(seen))

    def _drawn(
        self, codes: Codes, groups: Codes | None, weights: Weights, *, stratified: bool = True
    ) -> Resamples:
        """Draw rows as they came here: split from the frame by class, in whole groups, or one by one.

        A prevalence that is given is known, so that the class shares stay.
        """
        positive, seed, k = self.positive, self.parts.split_by.random_state or 0, 1
        if positive is None:
            k = len(self.parts.features.target.classes)
        else:
            codes = codes == positive
        how: dict[str, Any] = {"weights": weights, "seed": seed, "n_scores": k}
        if groups is not None or (weights.factors is None and not (stratified and self._by_class)):
            return Resamples(codes, groups=groups, **how)
        n = len(self.parts.features.codes) if weights.factors is None else None
        return Resamples(codes, stratified=True, frame_rows=n, **how)

    @property
    def _by_class(self) -> bool:
        return self.parts.split_by.time is None

    def labelled_scores(self, name: str) -> LabelledScores:
        """Return one strategy's scores of the positive class, or of each class, train and test."""
        scores, positive = self.by_name[name], self.positive
        codes = [self.test_codes, self.train_codes]
        values = [scores.test, scores.oof]
        predicted = [scores.predicted_test, scores.predicted_oof]
        if positive is not None:
            codes, values = [each == positive for each in codes], [each[:, positive] for each in values]
        own: dict[str, Any] = {"weights": self.parts.test_weights, "weights_oof": self.parts.train_weights}
        if self.by_predict:
            own["predicted"], own["predicted_oof"] = (each == positive for each in predicted)
        return LabelledScores(
            codes[0],
            values[0],
            codes[1],
            values[1],
            self.folds.ids,
            self.is_probability,
            self.parts.split_by.time is not None,
            self.parts.features.target.names if positive is None else None,
            self.parts.is_stratified,
            self.parts.split_by.random_state or 0,
            self.one_model,
            tuple(each.labelled_scores(name) for each in self.again),
            **own,
        )

    def deciding(self) -> CrossValScores:
        """Return the same, decided by ``predict`` where that is known and differs from the default threshold."""
        every = [scores for deal in (self, *self.again) for scores in deal.by_name.values()]
        if self.positive is None or any(each.predicted_oof is None for each in every):
            return self
        if not any(each.decides_otherwise(self.positive, self.default_threshold) for each in every):
            return self
        return replace(
            self, by_predict=True, again=tuple(replace(each, by_predict=True) for each in self.again)
        )


def score(
    reader: FeatureReader,
    folds: Folds,
    candidates: Mapping[str, Candidate],
    *,
    n_jobs: int | None = None,
    progress: bool | None = None,
    note: str = "",
) -> CrossValScores:
    """Fit each strategy on each fold and on the whole training set, and score the rows it has not seen.

    Parameters
    ----------
    reader : FeatureReader
        How the rows reach the classifier.
    folds : Folds
        Of the train rows.
    candidates : mapping of str to Candidate
        The strategies and their pipelines, not fitted.
    n_jobs : int, optional
        As joblib takes it; by default a surrounding `joblib.parallel_config`, else chosen from the work at hand.
    progress : bool, optional
        A bar; by default when the work is long.
    note : str
        What the bar says beside it.

    Raises
    ------
    ModelError
        When the plain model cannot be fitted either.
    """
    if reader.model.fitted:
        return _score_fitted(folds, reader)
    fold_data = FoldData(reader, folds)
    twins = {
        name: candidate.strategy.same_as
        for name, candidate in candidates.items()
        if candidate.strategy.same_as in candidates
    }
    # fold by fold, so that steps which strategies share are fitted once and not kept for long
    jobs = [
        Job(name, fold) for fold in [*range(len(folds.every)), -1] for name in candidates if name not in twins
    ]
    fronts: dict[Job, FittedPreprocessing | None] = {}

    def call(job: Job) -> Any:
        try:
            first_steps, rest, rows = fold_data.shared(candidates[job.name], job.fold)
        except Exception as error:  # a step of the user's may raise anything
            return joblib.delayed(failed)(job, reason(error))
        fronts[job] = first_steps and first_steps.kept(job.fold)
        return joblib.delayed(fit_and_score)(job, rest, rows)

    # the first steps that strategies share are fitted here
    threads = all(runs_in_threads(divided(candidate.estimator)[1]) for candidate in candidates.values())
    done = run_all(jobs, call, n_jobs=n_jobs, progress=progress, threads=threads, note=note)
    outcomes = [with_first_steps(each, fronts.get(each.job)) for each in done]
    first, *again = (
        _with_twins(_gathered(deal, reader, own, candidates), list(candidates), twins)
        for deal, own in _by_deal(folds, outcomes)
    )
    findings = dict.fromkeys(finding for each in (first, *again) for finding in each.findings)
    return replace(first, findings=tuple(findings), again=tuple(again)).deciding()


def _by_deal(folds: Folds, outcomes: list[FitResult]) -> Iterator[tuple[Folds, list[FitResult]]]:
    """Yield each deal with its own outcomes, those of the whole training set, and all failures: they concern every deal."""
    start = 0
    for deal in folds.deals:
        own = []
        for each in outcomes:
            fold = each.job.fold - start
            if each.failure or each.job.fold < 0:
                own.append(each)
            elif 0 <= fold < len(deal):
                own.append(replace(each, job=replace(each.job, fold=fold)))
        yield deal, own
        start += len(deal)


def _with_twins(scored: CrossValScores, names: list[str], twins: Mapping[str, str | None]) -> CrossValScores:
    """Give strategies that are another one under a second name its scores."""
    found = {name: scored.by_name.get(twins.get(name) or name) for name in names}
    return replace(scored, by_name={name: scores for name, scores in found.items() if scores is not None})


def _gathered(
    folds: Folds,
    reader: FeatureReader,
    outcomes: Iterable[FitResult],
    candidates: Mapping[str, Candidate],
) -> CrossValScores:
    by_strategy: dict[str, list[FitResult]] = {}
    for outcome in outcomes:
        by_strategy.setdefault(outcome.job.name, []).append(outcome)
    failures = {name: _first(each.failure for each in results) for name, results in by_strategy.items()}
    failed = tuple(name for name, failure in failures.items() if failure)
    found: dict[str, ModelScores] = {}
    findings: list[Finding] = []
    for name, results in by_strategy.items():
        failure = failures[name]
        if failure and (name == "none" or len(by_strategy) == 1):
            raise not_fitted(reader.model.name, name, failure, reader.parts.features)
        if failure:  # the same model was fitted without the strategy
            sentence = f"{name!r} failed, so its row is empty: {failure.rstrip('.')}."
            fix = without((each.strategy for each in candidates.values()), *failed)
            findings.append(Finding("IMB305", "warning", sentence, "Leave it out.", fix))
            continue
        findings.extend(_warnings(name, results, reader.model))
        findings.extend(unpredicted(repr(name), _first(each.unpredicted for each in results)))
        found[name] = _scores(folds, reader, results)
    probabilities = reader.model.has_probabilities
    return CrossValScores(reader.parts, folds, found, probabilities, tuple(findings), failed)


def _first(reasons: Iterable[str]) -> str:
    return next(filter(None, reasons), "")


def _scores(folds: Folds, reader: FeatureReader, results: list[FitResult]) -> ModelScores:
    n, n_columns = len(reader.parts.train), len(reader.classes)
    oof = np.full((n, n_columns), np.nan)
    test = np.empty((0, n_columns))
    model: Estimator = None
    margin_oof, margin_test = np.full(n, np.nan), None
    predicted_oof, predicted_test = np.full(n, -1, np.int8), None
    for result in results:
        assert result.scores is not None
        if result.job.fold >= 0:
            scored = folds.pairs[result.job.fold][1]
            oof[scored] = result.scores
            margin_oof[scored] = _margins(result)
            predicted_oof[scored] = -1 if result.predicted is None else result.predicted
        else:
            test, model, margin_test = result.scores, reader.handed_out(result.model), result.margins
            predicted_test = result.predicted
    found = ModelScores(oof, test, model)
    if all(result.predicted is not None for result in results):
        found = replace(found, predicted_oof=predicted_oof, predicted_test=predicted_test)
    if all(result.margins is None for result in results):
        return found
    margin_test = log_odds(test[:, 1]) if margin_test is None else margin_test
    return replace(found, margin_oof=margin_oof, margin_test=margin_test)


def _margins(result: FitResult) -> Matrix | float:
    """Return a fold's margins; where another fold has them and this one has not, they are its log odds."""
    if result.margins is not None or result.scores is None or result.scores.shape[1] != 2:
        return np.nan if result.margins is None else result.margins
    return log_odds(result.scores[:, 1])


def _warnings(name: str, results: list[FitResult], model: Model) -> list[Finding]:
    words_said = sorted({warned for result in results for warned in result.warned})
    return [
        Finding("IMB315", "note", f"{name!r}: a fit {words}.", _after(words, model)) for words in words_said
    ]


def _after(words: str, model: Model) -> str:
    """Return what to do about a fit that warned."""
    if words != NOT_CONVERGED:
        return "Look at its grid and its scoring=; scoring='roc_auc' takes any two labels."
    if model.scales and not model.own:  # the features are scaled already
        return "Pass a model with a larger max_iter."
    return "Raise max_iter, or scale the features."


def _check_classes(model: Estimator, reader: FeatureReader) -> None:
    """Refuse a fitted model whose labels are not this frame's: its columns would be taken for the wrong classes."""
    known = getattr(model, "classes_", None)
    if known is None or np.array_equal(np.asarray(known).astype(str), reader.classes.astype(str)):
        return
    raise ModelError(
        f"The fitted {reader.model.name} answers in {listed(np.asarray(known).tolist())}; this frame's labels are "
        f"{listed(reader.classes.tolist())}. Map the target to the model's labels first."
    )


@quieted()
def _score_fitted(folds: Folds, reader: FeatureReader) -> CrossValScores:
    """Score a model that was fitted elsewhere, as it is; its train scores are no out-of-fold scores."""
    parts = reader.parts
    X_train, X_test = reader.features(parts.train), reader.features(parts.test)
    model, n_columns = reader.model.classifier, len(reader.classes)
    _check_classes(model, reader)
    try:
        scores = ModelScores(scores_of(model, X_train, n_columns), scores_of(model, X_test, n_columns), model)
        (oof, why), (test, _) = (predictions_of(model, X, reader.predicted_labels) for X in (X_train, X_test))
    except Exception as error:  # a model of the user's may raise anything
        raise ModelError(
            f"The fitted {reader.model.name} cannot score these rows. {reason(error)}"
        ) from error
    seen = Finding(
        "IMB312",
        "warning",
        f"{reader.model.name} was fitted elsewhere and is only scored here; it may have seen these rows.",
        "Pass rows that it has not seen, or the model unfitted.",
    )
    found = CrossValScores(
        parts,
        folds,
        {"none": replace(scores, predicted_oof=oof, predicted_test=test)},
        hasattr(model, "predict_proba"),
        (seen, *unpredicted(f"the fitted {reader.model.name}", why)),
        one_model=True,
    )
    return replace(found, again=tuple(replace(found, folds=deal) for deal in folds.again)).deciding()
