"""The result of `fit_eval`: one row a strategy, intervals, the verdict, and the fitted models."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from imbalance_accessor.errors import LEFT_OUT, OptionError, change, listed
from imbalance_accessor.findings import Finding, Findings, check_ignore, collect
from imbalance_accessor.inspection.contributions import classes_answer_of, contributions_of
from imbalance_accessor.inspection.network import is_network
from imbalance_accessor.inspection.pipeline_trace import stages_of, transformers_of
from imbalance_accessor.inspection.training_sizes import check_learnable, check_two_sizes, training_sizes
from imbalance_accessor.leakage.run_checks import OF_MODELS, QUESTIONS
from imbalance_accessor.modeling.calibrators import with_calibrator
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.terminals import Printed
from imbalance_accessor.verbs.best_threshold.options import ThresholdOptions
from imbalance_accessor.verbs.best_threshold.result import Threshold, threshold_of
from imbalance_accessor.verbs.fit_eval import card, plots, snippet, text
from imbalance_accessor.verbs.fit_eval.at import strategies_at
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData, pos_label_fix
from imbalance_accessor.verbs.learning_curve.plots import draw_sizes
from imbalance_accessor.verbs.learning_curve.result import LearningCurve
from imbalance_accessor.verbs.reliability.result import (
    Reliability,
    read_binning,
    read_calibrators,
    reliability_of,
)
from imbalance_accessor.verbs.reliability.worth import check_cost, costs_of
from imbalance_accessor.verbs.shared.held_out import with_rows_said
from imbalance_accessor.verbs.trace.result import Trace


@dataclass(frozen=True, repr=False, eq=False)
class Evaluation(EvaluationData):
    """Strategies side by side, judged on test rows that were never resampled.

    Attributes
    ----------
    plan : Plan
        The rows, their folds, and each strategy's pipeline, not fitted.
    scored : CrossValScores
        Every row's scores, out of fold and on test, and the fitted models.
    evaluated : dict of str to Metrics
        Each strategy's figures.
    comparison : Comparison
        The strategies on the train rows, out of fold.
    settings : Settings
    permuted : PermutationTest or None
        The score among scores on shuffled labels, where ``permutations=`` asked for it.
    findings : Findings
        What the reader must know.
    strategy_scores : mapping of str to FittedScores
        Each strategy's scores, with the plan of its model.

    Notes
    -----
    Of several models, rows are called ``"forest: smote"``, an ensemble in a model's place by its own name alone. Methods take
    these names; a model's name alone stands for its plain row, ``"forest: none"``, and ``"none"`` for the best plain one.
    """

    @property
    def verdict(self) -> str:
        """Whether a correction beats the plain model, by `metric` out of fold, and what to do then."""
        return Printed(text.verdict(self))

    def model(self, name: str | None = None) -> Any:
        """Return a fitted model, which predicts on raw rows of the frame.

        Parameters
        ----------
        name : str, optional
            A strategy; by default `best`.

        Raises
        ------
        OptionError
            A strategy that has no row here.
        """
        chosen = self._strategy(self.best if name is None else name, lambda near: change(name=near))
        scores = self.scored.by_name[chosen]
        return with_calibrator(scores.model, scores.calibrator, self.scored.positive)

    def best_threshold(
        self,
        strategy: str | None = None,
        *,
        criterion: str | None = None,
        beta: float | None = None,
        cost: Mapping[str, float | Hashable] | pd.DataFrame | None = None,
        min_precision: float | None = None,
        min_recall: float | None = None,
        max_flag_rate: float | None = None,
        top_k: int | float | None = None,
        confidence: float | None = None,
        threshold: float | None = None,
        ignore: Collection[str] = (),
    ) -> Threshold:
        """Choose the threshold of a strategy's scores; nothing is fitted again.

        Parameters
        ----------
        strategy : str, optional
            By default `best`.
        criterion, beta, cost, min_precision, min_recall, max_flag_rate, top_k, confidence, threshold, ignore
            As in `imbalance_accessor.best_threshold`; where none of them is given, the criterion of this evaluation.

        Returns
        -------
        Threshold

        Raises
        ------
        OptionError
            As in `imbalance_accessor.best_threshold`, or a strategy that has no row here.

        Examples
        --------
        >>> import imbalance_accessor as imb
        >>> e = imb.make_churn().imb.fit_eval("churn", strategies=["class_weight"])
        >>> e.best_threshold("none", min_precision=0.2).feasible
        True
        """
        ignored = check_ignore(ignore)
        name = self._strategy(self.best if strategy is None else strategy)
        self._check_two_sides("is then held against the rest")
        objectives = (criterion, beta, cost, min_precision, min_recall, max_flag_rate, top_k)
        if all(each is None for each in objectives):
            criterion = self.settings.criterion
        wanted = ThresholdOptions(
            criterion, beta, cost, min_precision, min_recall, max_flag_rate, top_k, confidence, threshold
        )
        asked = wanted.read(self.scored.parts.features)
        asked.check_rows(self.scored.parts.test.X)
        strategy_scores = self.strategy_scores[name]
        if asked.cost_columns:  # a grid has no rows that cost
            strategy_scores = replace(strategy_scores, scored=strategy_scores.scored.on_sample)
        return threshold_of(strategy_scores, asked, self.about_rows, ignored)

    def at(self, threshold: Any) -> pd.DataFrame:
        """Return what each strategy comes to at a threshold of your own; nothing is fitted again.

        Parameters
        ----------
        threshold : float or sequence of float
            On the scale of the scores as ``.model(name)`` gives them: probabilities from 0 to 1 where it has these (with
            ``prevalence=`` brought to it, else neither calibrated nor corrected), else margins.

        Returns
        -------
        pandas.DataFrame
            One row a strategy, or a strategy and threshold: ``threshold``, then the decision figures as in `frame`: on the test
            set, with 95 % intervals (``_low``, ``_high``), the same out of fold (``_cv``), and the counts.

        Raises
        ------
        OptionError
            A threshold that is no number or lies outside the scores, or several classes, which have none.

        Examples
        --------
        >>> import imbalance_accessor as imb
        >>> e = imb.make_churn().imb.fit_eval("churn", strategies=["class_weight"])
        >>> e.at(0.3)["recall"].to_dict()
        {'none': 0.25, 'class_weight': 0.85}
        """
        self._check_two_sides("is then held against the rest")
        return strategies_at(self, threshold)

    def reliability(
        self,
        strategies: Sequence[str] | None = None,
        *,
        calibrators: Sequence[str] = ("prior", "sigmoid", "isotonic"),
        cost: Mapping[str, float] | pd.DataFrame | None = None,
        bins: str = "quantile",
        n_bins: int = 10,
        ignore: Collection[str] = (),
    ) -> Reliability:
        """Hold the strategies' probabilities against what happened; no model is fitted again.

        Parameters
        ----------
        strategies : sequence of str, optional
            By default `best`.
        calibrators, cost, bins, n_bins, ignore
            As in `imbalance_accessor.reliability`.

        Returns
        -------
        Reliability

        Raises
        ------
        OptionError
            As in `imbalance_accessor.reliability`, or a strategy that has no row here.

        Examples
        --------
        >>> import imbalance_accessor as imb
        >>> e = imb.make_churn().imb.fit_eval("churn", strategies=["class_weight"])
        >>> e.reliability(["class_weight"]).best
        {'class_weight': 'prior'}
        """
        ignored = check_ignore(ignore)
        wanted, binning = read_calibrators(calibrators), read_binning(bins, n_bins)
        check_cost(cost)
        self._check_two_sides("is then held against the rest")
        costs = costs_of(cost, self.scored.parts.features)
        given = [strategies] if isinstance(strategies, str) else strategies
        names = [self.best] if given is None else [self._among(name, given) for name in given]
        if not names:
            raise OptionError(
                f"strategies={strategies!r} names none. Leave it out for the best one. Known: {listed(self.evaluated)}.",
                fix=change(strategies=LEFT_OUT),
            )
        found = {name: self.strategy_scores[name] for name in dict.fromkeys(names)}
        raw = {id(each.scored): each.scored.for_calibrators for each in found.values()}
        scores_by_strategy = {
            name: replace(each, scored=raw[id(each.scored)]) for name, each in found.items()
        }
        return reliability_of(scores_by_strategy, wanted, binning, self.about_rows, ignored, costs)

    def trace(self, strategy: str | None = None, *, row: Hashable | None = None) -> Trace:
        """Follow the rows through a strategy's pipeline, stage by stage, and account for one row's score.

        Parameters
        ----------
        strategy : str, optional
            By default `best`.
        row : hashable, optional
            A row's label in the frame's index: how its probability and decision came about. For a train row the model
            of its fold is fitted again, which has not learned from it. Of a neural network (MLPClassifier) ``.layers`` has what
            each layer makes of the row, with several classes too.

        Returns
        -------
        Trace

        Raises
        ------
        OptionError
            A strategy that has no row here, or an index label that no row has, or several.

        Examples
        --------
        >>> import imbalance_accessor as imb
        >>> e = imb.make_churn().imb.fit_eval("churn", strategies=["smote"])
        >>> e.trace("smote").frame.loc[["raw", "split", "resample"], "rows"].tolist()
        [2000, 1600, 3040]
        """
        name = self._strategy(self.best if strategy is None else strategy)
        strategy_scores = self.strategy_scores[name]
        contributions = answer = None
        if row is not None and not self.is_binary and is_network(transformers_of(strategy_scores.model)[1]):
            answer = classes_answer_of(strategy_scores, row)
        elif row is not None:
            self._check_two_sides("is then followed against the rest")
            contributions = contributions_of(strategy_scores, row)
        resamples = name in self.candidates and self.candidates[name].strategy.resamples
        about_rows = ("IMB2", "IMB30", "IMB31") if resamples else ("IMB2",)
        findings = Findings(
            each for each in self.findings if each.code.startswith(about_rows) and each.code != "IMB306"
        )
        threshold, said = self.evaluated[name].threshold, self.threshold_text(name)
        return Trace(
            strategy_scores,
            stages_of(strategy_scores),
            threshold,
            said,
            contributions,
            findings,
            answer,
            name,
        )

    def learning_curve(self, *, n_jobs: int | None = None, progress: bool | None = None) -> LearningCurve:
        """Fit the plain model on 20, 40, ... 100 % of the training set's positives, and tell what more may bring.

        Parameters
        ----------
        n_jobs, progress
            As in `imbalance_accessor.fit_eval`.

        Returns
        -------
        LearningCurve
            ``.plot("learning_curve")`` of this evaluation is its picture.

        Raises
        ------
        OptionError
            Several classes, a model that came fitted, ``time=`` without a test set, or too few positives for two sizes.

        Notes
        -----
        Negatives are taken in proportion. Parts are nested and drawn by `random_state`, several of each size; groups stay
        whole; with ``time=`` the latest rows are taken. All sizes are scored on the same test rows, or out of fold. The gain
        per doubling is the slope of average precision over the binary logarithm of the positives, weighted by them. Its
        interval counts resamples of the scored rows, paired over sizes, and the draws of parts.

        Examples
        --------
        >>> import imbalance_accessor as imb
        >>> e = imb.make_churn(600).imb.fit_eval("churn", strategies=[], progress=False)
        >>> e.learning_curve(progress=False).frame["positives"].tolist()
        [5.0, 10.0, 14.0, 19.0, 24.0]
        """
        self._check_two_sides("is then learned against the rest")
        plain = self.strategy_scores[self.base]
        check_learnable(plain.plan, plain.scored)
        sizes = training_sizes(plain.plan, plain.scored, n_jobs=n_jobs, progress=progress)
        check_two_sizes(sizes)
        return LearningCurve(plain.plan, plain.scored, sizes, collect(self.about_rows, ()))

    @cached_property
    def _learning_curve(self) -> LearningCurve:
        """The curve that is drawn: its fits are made once."""
        return self.learning_curve()

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the comparison in plain scikit-learn and imbalanced-learn; see `Result.snippet`."""
        check_library(library)
        return with_rows_said(snippet.write(self, check_style(style)), self.scored)

    def _among(self, name: str, given: Sequence[str]) -> str:
        return self._strategy(
            name, lambda near: change(strategies=[near if each == name else each for each in given])
        )

    @property
    def about_rows(self) -> list[Finding]:
        """What was found of the rows, their folds and leaks, which every judgement of these scores rests on."""
        asked = {*QUESTIONS, *(check.code for check in OF_MODELS)}
        leaks = [finding for finding in self.findings if finding.code in asked]
        return [*self.scored.parts.findings, *self.scored.folds.findings, *leaks]

    def _check_two_sides(self, what: str) -> None:
        if self.is_binary:
            return
        target = self.scored.parts.features.target
        raise OptionError(
            f"{target.name!r} has {len(target.classes)} classes here. Name one in "
            f"fit_eval(..., pos_label={target.classes[target.rarest]!r}); it {what}.",
            fix=pos_label_fix(target, self.reader.model),
        )

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        found = plots.pictures(self)
        if not self.is_binary or self.reader.model.fitted:
            return found
        return {**found, "learning_curve": lambda ax: draw_sizes(self._learning_curve, ax)}

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
