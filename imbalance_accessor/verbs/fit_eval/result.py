"""The result of `fit_eval`: one row a strategy, intervals, the verdict, and the fitted models."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from imbalance_accessor.errors import LEFT_OUT, OptionError, change, listed
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.findings import Finding, Findings, check_ignore, collect
from imbalance_accessor.inspection.contributions import contributions_of
from imbalance_accessor.inspection.pipeline_trace import stages_of
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
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData, pos_label_fix
from imbalance_accessor.verbs.learning_curve.plots import draw_sizes
from imbalance_accessor.verbs.learning_curve.result import LearningCurve
from imbalance_accessor.verbs.reliability.result import (
    Reliability,
    read_binning,
    read_calibrators,
    reliability_of,
)
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
        ignore: Collection[str] = (),
    ) -> Threshold:
        """Choose the threshold of a strategy's scores; nothing is fitted again.

        Parameters
        ----------
        strategy : str, optional
            By default `best`.
        criterion, beta, cost, min_precision, min_recall, max_flag_rate, top_k, confidence, ignore
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
            criterion, beta, cost, min_precision, min_recall, max_flag_rate, top_k, confidence
        )
        asked = wanted.read(self.scored.parts.features)
        asked.check_rows(self.scored.parts.test.X)
        scored = self.scored.on_sample if asked.cost_columns else self.scored  # a grid has no rows that cost
        strategy_scores = FittedScores(scored, name, self.plan)
        return threshold_of(strategy_scores, asked, self.about_rows, ignored)

    def reliability(
        self,
        strategies: Sequence[str] | None = None,
        *,
        calibrators: Sequence[str] = ("prior", "sigmoid", "isotonic"),
        bins: str = "quantile",
        n_bins: int = 10,
        ignore: Collection[str] = (),
    ) -> Reliability:
        """Hold the strategies' probabilities against what happened; no model is fitted again.

        Parameters
        ----------
        strategies : sequence of str, optional
            By default `best`.
        calibrators, bins, n_bins, ignore
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
        self._check_two_sides("is then held against the rest")
        given = [strategies] if isinstance(strategies, str) else strategies
        names = [self.best] if given is None else [self._among(name, given) for name in given]
        if not names:
            raise OptionError(
                f"strategies={strategies!r} names none. Leave it out for the best one. Known: {listed(self.evaluated)}.",
                fix=change(strategies=LEFT_OUT),
            )
        scored = self.scored.for_calibrators
        scores_by_strategy = {name: FittedScores(scored, name, self.plan) for name in dict.fromkeys(names)}
        return reliability_of(scores_by_strategy, wanted, binning, self.about_rows, ignored)

    def trace(self, strategy: str | None = None, *, row: Hashable | None = None) -> Trace:
        """Follow the rows through a strategy's pipeline, stage by stage, and account for one row's score.

        Parameters
        ----------
        strategy : str, optional
            By default `best`.
        row : hashable, optional
            A row's label in the frame's index: how its probability and decision came about. For a train row the model
            of its fold is fitted again, which has not learned from it.

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
        strategy_scores = FittedScores(self.scored, name, self.plan)
        contributions = None
        if row is not None:
            self._check_two_sides("is then followed against the rest")
            contributions = contributions_of(strategy_scores, row)
        resamples = name in self.candidates and self.candidates[name].strategy.resamples
        about_rows = ("IMB2", "IMB30", "IMB31") if resamples else ("IMB2",)
        findings = Findings(
            each for each in self.findings if each.code.startswith(about_rows) and each.code != "IMB306"
        )
        threshold, said = self.evaluated[name].threshold, self.threshold_text(name)
        return Trace(strategy_scores, stages_of(strategy_scores), threshold, said, contributions, findings)

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
        check_learnable(self.plan, self.scored)
        sizes = training_sizes(self.plan, self.scored, n_jobs=n_jobs, progress=progress)
        check_two_sizes(sizes)
        return LearningCurve(self.plan, self.scored, sizes, collect(self.about_rows, ()))

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
