"""The result of `fit_eval`: one row a strategy, intervals, the verdict, and the fitted models."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.accounts import account_of
from imbalance_accessor.errors import ModelError, OptionError, listed, one_of
from imbalance_accessor.feed import Reading
from imbalance_accessor.findings import Finding, Findings, check_ignore
from imbalance_accessor.fits import Fits, Origin
from imbalance_accessor.leakage.look import QUESTIONS
from imbalance_accessor.permuted import Permuted
from imbalance_accessor.present.card import Card
from imbalance_accessor.present.result import Audience, Picture, Result, check_library, check_style, own_copy
from imbalance_accessor.present.snippets import Snippet
from imbalance_accessor.scored import Scored
from imbalance_accessor.stages import stages_of
from imbalance_accessor.stats.decimals import shortest_decimal
from imbalance_accessor.stats.judging import COUNTS, Judged
from imbalance_accessor.stats.metrics import LOWER_IS_BETTER, metric_name
from imbalance_accessor.strategies import NAMES, Plan
from imbalance_accessor.verbs import (
    evaluation_card,
    evaluation_code,
    evaluation_frames,
    evaluation_pictures,
    evaluation_words,
)
from imbalance_accessor.verbs.no_skill import NO_SKILL, no_skill, no_skill_several
from imbalance_accessor.verbs.reliability_result import (
    Reliability,
    read_binning,
    read_repairs,
    reliability_of,
)
from imbalance_accessor.verbs.threshold import Threshold, threshold_of
from imbalance_accessor.verbs.threshold_options import read_asked
from imbalance_accessor.verbs.trace import Trace


@dataclass(frozen=True)
class Settings:
    """What the comparison was asked to do.

    Attributes
    ----------
    metric : str
        What the best strategy is chosen by, out of fold.
    criterion : str
        What a strategy's own cut maximises, out of fold.
    cv : int
    random_state : int or None
    preprocess : str or None
    """

    metric: str
    criterion: str
    cv: int
    random_state: int | None
    preprocess: str | None


@dataclass(frozen=True, repr=False, eq=False)
class Evaluation(Result):
    """Strategies side by side, judged on test rows that were never resampled.

    Attributes
    ----------
    fits : Fits
        The rows, their folds, and each strategy's pipeline, not fitted.
    scored : Scored
        Every row's scores, out of fold and on test, and the fitted models.
    judged : dict of str to Judged
        Each strategy's figures.
    settings : Settings
    permuted : Permuted or None
        The score among scores on shuffled labels, where ``permutations=`` asked for it.
    findings : Findings
        What the reader must know.
    """

    fits: Fits
    scored: Scored
    judged: dict[str, Judged]
    settings: Settings
    permuted: Permuted | None
    findings: Findings

    @property
    def plans(self) -> dict[str, Plan]:
        """Each strategy's pipeline, not fitted."""
        return self.fits.plans

    @property
    def reading(self) -> Reading:
        """How rows reach the model."""
        return self.fits.reading

    @property
    def is_binary(self) -> bool:
        """Whether one class is set against the rest; otherwise figures are averages over classes."""
        return self.scored.positive is not None

    @property
    def prevalence(self) -> float:
        """Share of the positive class in the test part; nan for several classes."""
        return float((self.scored.test_codes == self.scored.positive).mean()) if self.is_binary else np.nan

    @own_copy
    def frame(self) -> pd.DataFrame:
        """One row a strategy, those that failed empty (their finding says why), and ``no_skill`` last.

        Each figure on the test part, its 95 % interval (``_low``, ``_high``) and the same out of fold (``_cv``):
        ranking (``average_precision``, ``roc_auc``), probability (``brier``, ``log_loss``, ``mean_probability``
        beside ``prevalence``), decision at 0.5 (``precision``, ``recall``, ``f1``, ``mcc``, ``balanced_accuracy``,
        ``g_mean``, ``accuracy``, ``tp``, ``fp``, ``fn``, ``tn``) and the same with ``_tuned`` at the strategy's own
        best out-of-fold ``cut``. With several classes the row goes to the likeliest class, there is no cut, and
        ``recall[<label>]`` is each class's recall.
        """
        return evaluation_frames.figures(self)

    @property
    def no_skill_figures(self) -> dict[str, float]:
        """What a model that knows nothing scores, by metric."""
        return self._no_skill[0]

    @property
    def no_skill(self) -> pd.Series:
        """Which answer that knows nothing is the better one, by metric: ``always majority``, ``always positive``, ..."""
        return pd.Series(self._no_skill[1], name="no_skill")

    @own_copy
    def differences(self) -> pd.DataFrame:
        """Differences to ``"none"`` on the test part, indexed by strategy.

        Each metric with ``_low`` and ``_high``: 95 % intervals that hold for all strategies at once (max-t over the
        same bootstrap draws).
        """
        return evaluation_frames.differences_to_none(self)

    @property
    def chosen_on(self) -> str:
        """Where cuts and the winner were chosen; a model fitted elsewhere has no out-of-fold scores."""
        return "on the train part" if self.reading.model.fitted else "out of fold"

    @property
    def best(self) -> str:
        """The strategy with the best out-of-fold `metric`; ties go to the simplest."""
        return self.best_by(self.settings.metric)

    def best_by(self, metric: str) -> str:
        """Return the strategy with the best out-of-fold value of a metric.

        Parameters
        ----------
        metric : str
            A column of `frame`, such as ``"recall"`` or ``"f1_tuned"``; aliases such as ``"auc"`` are understood.

        Raises
        ------
        OptionError
            An unknown metric, or one that no strategy has a value for.
        """
        judged = next(iter(self.judged.values()))
        known = [
            name for name in judged.cv if name.removesuffix("_tuned") not in (*COUNTS, "mean_probability")
        ]
        name = one_of("metric", metric_name(metric), known)
        sign = -1 if name in LOWER_IS_BETTER else 1
        values = {strategy: sign * round(each.cv[name], 12) for strategy, each in self.judged.items()}
        if np.isnan(list(values.values())).all():
            raise OptionError(
                f"metric={metric!r} has no value here: this model's scores are no probabilities."
            )
        order = {strategy: NAMES.index(strategy) if strategy in NAMES else len(NAMES) for strategy in values}
        return min(values, key=lambda strategy: (-values[strategy], order[strategy]))

    @property
    def verdict(self) -> str:
        """One sentence that says whether anything beats doing nothing, each strategy at its own cut."""
        return evaluation_words.verdict(self)

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
        chosen = self._strategy(self.best if name is None else name)
        fitted = self.scored.by_name[chosen].model
        if fitted is None:
            raise ModelError(f"Nothing was fitted for {chosen!r}.")
        return fitted

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
        """Choose the cut of a strategy's scores; nothing is fitted again.

        Parameters
        ----------
        strategy : str, optional
            By default `best`.
        criterion, beta, cost, min_precision, min_recall, max_flag_rate, top_k, confidence, ignore
            As in `imbalance_accessor.best_threshold`.

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
        muted = check_ignore(ignore)
        name = self._strategy(self.best if strategy is None else strategy)
        self._check_two_sides("is then cut against the rest")
        asked = read_asked(
            self.scored.parts.task,
            criterion=criterion,
            beta=beta,
            cost=cost,
            min_precision=min_precision,
            min_recall=min_recall,
            max_flag_rate=max_flag_rate,
            top_k=top_k,
            confidence=confidence,
        )
        asked.check_rows(self.scored.parts.test.X)
        origin = Origin(self.scored, name, self.fits, None, self.settings.random_state)
        return threshold_of(origin, asked, self._about_rows, muted)

    def reliability(
        self,
        strategies: Sequence[str] | None = None,
        *,
        repairs: Sequence[str] = ("prior", "sigmoid", "isotonic"),
        bins: str = "quantile",
        n_bins: int = 10,
        ignore: Collection[str] = (),
    ) -> Reliability:
        """Hold the strategies' probabilities against what happened; no model is fitted again.

        Parameters
        ----------
        strategies : sequence of str, optional
            By default all of them.
        repairs, bins, n_bins, ignore
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
        muted = check_ignore(ignore)
        wanted, binning = read_repairs(repairs), read_binning(bins, n_bins)
        self._check_two_sides("is then held against the rest")
        given = [strategies] if isinstance(strategies, str) else strategies
        names = list(self.scored.once) if given is None else [self._strategy(name) for name in given]
        if not names:
            raise OptionError(f"strategies={strategies!r} names none. Known: {listed(self.judged)}.")
        seed = self.settings.random_state
        origins = {name: Origin(self.scored, name, self.fits, None, seed) for name in dict.fromkeys(names)}
        return reliability_of(origins, wanted, binning, self._about_rows, muted)

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
        origin = Origin(self.scored, name, self.fits, None, self.settings.random_state)
        account = None
        if row is not None:
            self._check_two_sides("is then followed against the rest")
            account = account_of(origin, row)
        resamples = name in self.plans and self.plans[name].strategy.resamples
        about_rows = ("IMB2", "IMB30", "IMB31") if resamples else ("IMB2",)
        findings = Findings(
            each for each in self.findings if each.code.startswith(about_rows) and each.code != "IMB306"
        )
        cut, said = self.judged[name].cut, self.cut_text(name)
        return Trace(origin, stages_of(origin), cut, said, account, findings)

    def cut_text(self, name: str) -> str:
        """Return a strategy's own cut as the shortest decimal that flags the same rows, out of fold and on test."""
        scores, positive = self.scored.by_name[self._strategy(name)], self.scored.positive
        if positive is None:
            return "–"
        oof = scores.oof[:, positive]
        return shortest_decimal(self.judged[name].cut, oof[~np.isnan(oof)], scores.test[:, positive])

    @own_copy
    def scores(self) -> pd.DataFrame:
        """Every row's score by every strategy, on the original index.

        Columns: ``strategy``, ``part`` (train: out of fold), ``fold``, the label, ``probability`` (or ``score``, where
        scores are no probabilities; one column a class for several classes) and, for two sides, ``flagged`` at the
        strategy's own cut. Train rows that no fold scores are nan.
        """
        return evaluation_frames.scores(self)

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the comparison in plain scikit-learn and imbalanced-learn; see `Result.snippet`."""
        check_library(library)
        return evaluation_code.write(self, check_style(style))

    @cached_property
    def _no_skill(self) -> NO_SKILL:
        scored = self.scored
        if scored.positive is None:
            k = len(scored.parts.task.target.classes)
            return no_skill_several(
                scored.train_codes,
                scored.test_codes,
                k,
                scored.parts.task.target.names,
                scored.is_probability,
            )
        return no_skill(
            scored.train_codes == scored.positive, scored.test_codes == scored.positive, scored.is_probability
        )

    @property
    def _about_rows(self) -> list[Finding]:
        leaks = [finding for finding in self.findings if finding.code in QUESTIONS]
        return [*self.scored.parts.findings, *self.scored.folds.findings, *leaks]

    def _check_two_sides(self, what: str) -> None:
        if self.is_binary:
            return
        target = self.scored.parts.task.target
        raise OptionError(
            f"{target.name!r} has {len(target.classes)} classes here. Name one in "
            f"fit_eval(..., pos_label={target.classes[target.rarest]!r}); it {what}."
        )

    def _strategy(self, name: str) -> str:
        return one_of("strategy", name, list(self.judged))

    def _card(self) -> Card:
        return evaluation_card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return evaluation_pictures.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return evaluation_words.explain(self, audience)
