"""Several classes and a matrix of costs: each row goes to the class that is expected to cost least."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import ModelError, change, one_of
from imbalance_accessor.evaluation.at_prevalence import brought_to_prevalence
from imbalance_accessor.evaluation.findings import score_findings
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.findings import Finding, Findings, collect
from imbalance_accessor.leakage.run_checks import leak_findings
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.bootstrap_statistics import Totals
from imbalance_accessor.metrics.draw_intervals import percentile
from imbalance_accessor.metrics.rounding import signed
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.modeling.calibrators import with_calibrator
from imbalance_accessor.modeling.estimators import CheapestClassifier
from imbalance_accessor.options import STRATEGY_WORDS
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, money, number
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.rendering.result import Audience, Result, cached_frame, check_library, check_style
from imbalance_accessor.rendering.sentences import capital, digits, most_important, named
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.best_threshold import snippet_cost_matrix, snippet_short_costs
from imbalance_accessor.verbs.shared.held_out import split_said
from imbalance_accessor.verbs.shared.population import as_told, badges, said_in_person, shares_said
from imbalance_accessor.verbs.shared.probabilities import with_probabilities
from imbalance_accessor.verbs.shared.too_good import leak_first

_COST = ["cost_per_row", "cost_per_row_low", "cost_per_row_high"]
_SHOWN = {"cheapest": "cheapest class", "likeliest": "likeliest class", "constant": "one class for all"}


@dataclass(frozen=True, repr=False, eq=False)
class CheapestClass(Result):
    """Each row's cheapest class, held against the likeliest one.

    Attributes
    ----------
    plan : Plan
        What was fitted.
    scored : CrossValScores
        Its scores.
    costs : ndarray of float, shape (n_classes, n_classes)
        True class by predicted class.
    findings : Findings
        What the reader must know.
    """

    plan: Plan
    scored: CrossValScores
    costs: Floats
    findings: Findings

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """Ways to answer, indexed by name: ``cheapest``, ``likeliest`` (argmax), ``constant``.

        ``cost_per_row`` on the test set (``test_size=0``: out of fold) with its 95 % bootstrap interval (``_low``,
        ``_high``), and out of fold (``_cv``); ``difference`` to the likeliest class with its interval, on the same draws;
        ``cost``, the total; ``accuracy``. The constant class is the cheapest one on the training set. Where a prevalence or
        row weights are given, rows count by their weights.
        """
        paid = self._paid
        drawn, rows = self._drawn(paid), {}
        weights, codes, said = self.scored.reported_weights, self.scored.reported_codes, self._said_often
        for name, each in paid.items():
            cost = self._cost(name)
            gap = cost - self._cost("likeliest")
            low, high = percentile(drawn[name], cost)
            gap_low, gap_high = percentile(drawn[name] - drawn["likeliest"], gap)
            rows[name] = {
                "cost_per_row": cost,
                "cost_per_row_low": float(low),
                "cost_per_row_high": float(high),
                "cost_per_row_cv": float(np.average(self._paid_train[name], weights=self._train_weights)),
                "difference": gap,
                "difference_low": float(gap_low),
                "difference_high": float(gap_high),
                "cost": each.sum() if weights is None else each @ weights,
                "accuracy": float(
                    np.mean([np.average(each[name] == codes, weights=weights) for each in said])
                ),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("answer")

    def model(self, name: str | None = None) -> Any:
        """Return a fitted classifier that answers with the cheapest class, on raw rows of the frame.

        Parameters
        ----------
        name : str, optional
            The strategy; there is one.

        Raises
        ------
        OptionError
            Another strategy's name.
        """
        if name is not None:
            one_of(
                "strategy",
                name,
                list(self.plan.candidates),
                fix=lambda known: change(name=known),
                words=STRATEGY_WORDS,
            )
        return CheapestClassifier(
            with_calibrator(self._scores.model, self._scores.calibrator, None), self.costs
        )

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the comparison in plain scikit-learn; see `Result.snippet`."""
        check_library(library)
        write = snippet_short_costs.write if check_style(style) == "short" else snippet_cost_matrix.write
        return write(self.plan, self.scored, self.costs)

    @property
    def _name(self) -> str:
        return next(iter(self.plan.candidates))

    @property
    def _scores(self) -> Any:
        return self.scored.by_name[self._name]

    @property
    def _seen(self) -> NDArray[np.bool_]:
        return self.scored.folds.ids >= 0

    @property
    def _paid(self) -> dict[str, Floats]:
        """What each row that is reported costs, by way to answer; the mean where it is answered in several deals of the folds."""
        if not self.scored.held_out:
            return self._paid_train
        return {name: self.costs[self.scored.reported_codes, said] for name, said in self._said.items()}

    @cached_property
    def _said(self) -> dict[str, NDArray[np.intp]]:
        return self._answers(self.scored.reported(self._name))

    @property
    def _said_often(self) -> list[dict[str, NDArray[np.intp]]]:
        """The answers for the rows that are reported, in each deal of the folds where nothing is held out."""
        return [self._said] if self.scored.held_out else self._said_train

    @cached_property
    def _said_train(self) -> list[dict[str, NDArray[np.intp]]]:
        deals = (self.scored, *self.scored.again)
        return [self._answers(each.by_name[self._name].oof[self._seen]) for each in deals]

    @cached_property
    def _paid_train(self) -> dict[str, Floats]:
        """What each row that folds scored costs, the mean over the deals of the folds."""
        codes = self.scored.train_codes[self._seen]
        return {
            name: np.mean([self.costs[codes, said[name]] for said in self._said_train], axis=0)
            for name in self._said_train[0]
        }

    def _answers(self, p: Floats) -> dict[str, NDArray[np.intp]]:
        shares = np.bincount(self.scored.train_codes, self.scored.train_weights, minlength=len(self.costs))
        constant = int((shares @ self.costs).argmin())
        return {
            "cheapest": (p @ self.costs).argmin(axis=1),
            "likeliest": p.argmax(axis=1),
            "constant": np.full(len(p), constant),
        }

    def _drawn(self, paid: dict[str, Floats]) -> dict[str, Floats]:
        n, drawn = len(self.scored.reported_codes), self.scored.resamples
        how: dict[str, Any] = {"groups": drawn.units, "seed": self.plan.random_state or 0}
        if drawn.weights.factors is not None and drawn.units is None:  # shares of classes are known, and stay
            resamples = Resamples(self.scored.reported_codes, weights=drawn.weights, stratified=True, **how)
        else:  # costs are known whichever classes a draw holds
            resamples = Resamples(np.zeros(n, dtype=bool), weights=Weights(drawn.base), **how)
        (sums,) = resamples.measure([Totals(np.column_stack([*paid.values(), np.ones(n)]))])
        return dict(zip(paid, (sums[:, :-1] / sums[:, -1:]).T, strict=True))

    def _cost(self, name: str) -> float:
        """Return what a row that is reported costs, by a way to answer."""
        return float(np.average(self._paid[name], weights=self.scored.reported_weights))

    @property
    def _train_weights(self) -> Floats | None:
        weights = self.scored.train_weights
        return None if weights is None else weights[self._seen]

    @property
    def _title(self) -> str:
        mine, other, gap = self._compared
        if self._is_constant_cheaper:
            constant = number(self._cost("constant"))
            return f"Answer {self._constant!r} for every row: it costs {constant} a row {self._where}, the cheapest class {mine}"
        return f"The cheapest class costs {mine} a row {self._where}, the likeliest {other} ({gap})"

    @property
    def _where(self) -> str:
        return "on test" if self.scored.held_out else "out of fold"

    @property
    def _is_constant_cheaper(self) -> bool:
        """Whether one answer for all rows costs no more."""
        return self._cost("cheapest") >= self._cost("constant")

    @property
    def _compared(self) -> tuple[str, str, str]:
        """What a row costs by the cheapest and by the likeliest class, and the difference with its interval."""
        row, other = (self.frame.loc[each].to_dict() for each in ("cheapest", "likeliest"))
        ends = (
            f" [{signed(row['difference_low'])}, {signed(row['difference_high'])}]" if self._has_ends else ""
        )
        costs = number(row["cost_per_row"]), number(other["cost_per_row"])
        return *costs, f"{signed(row['difference'])}{ends}"

    @property
    def _has_ends(self) -> bool:
        """Whether there are intervals: few groups have none."""
        return not self.scored.resamples.too_few_groups

    @property
    def _constant(self) -> Label:
        """The class that is cheapest for all rows."""
        return self.scored.parts.features.target.classes[int(self._said["constant"][0])]

    def _card(self) -> Card:
        frame, parts = self.frame, self.scored.parts
        table = pd.DataFrame(
            {
                "cost a row": [Interval(*ends) for ends in frame[_COST].to_numpy()],
                "out of fold": frame["cost_per_row_cv"].tolist(),
                **self._bill,
                "accuracy": frame["accuracy"].tolist(),
            },
            index=[_SHOWN[name] for name in frame.index],
        )
        rule, folds = parts.split_by.text, self.scored.folds.text
        return Card(
            title=leak_first(self._title, self.findings),
            figures=(
                (
                    "reported",
                    f"{len(self.scored.reported_codes):,} rows {self._where}, {len(self.costs)} classes",
                ),
                ("one class for all", repr(self._constant)),
            ),
            table=table,
            best=_SHOWN["cheapest"],
            notes=(
                f"{'[..] are 95 % intervals' if self._has_ends else 'Costs are those'} {self._where}."
                f"{'' if self.scored.held_out else ' Nothing was held out.'} Nothing was tuned: the cheapest "
                "class follows from the probabilities and the costs.",
                f"model={self.plan.model.name!r}, strategy={self._name!r}, {rule}, {folds}",
            ),
            findings=self.findings,
            next=(".model()",),
            badges=badges(parts.features),
        )

    @property
    def _bill(self) -> dict[str, list[str]]:
        """What all rows cost; or 1,000 of them, where rows do not count once each."""
        if self.scored.reported_weights is None:
            return {"cost in all": [money(each) for each in self.frame["cost"]]}
        return {"cost per 1,000": [digits(1000 * each) for each in self.frame["cost_per_row"]]}

    def _pictures(self) -> Mapping[str, Picture]:
        return {"costs": self._draw_costs, "confusion": Panels(2, self._draw_confusions)}

    def _draw_costs(self, ax: Any) -> None:
        from imbalance_accessor.rendering.plots.forests import forest

        names = [_SHOWN[name] for name in self.frame.index]
        columns = self.frame[_COST].to_numpy().T
        xlabel, best = f"cost a row ({self._where})", _SHOWN["cheapest"]
        forest(ax, names, *columns, title=self._title, xlabel=xlabel, best=best)

    def _draw_confusions(self, axes: Any) -> None:
        from imbalance_accessor.rendering.plots.matrices import confusions

        labels, k = list(self.scored.parts.features.target.classes), len(self.costs)
        names = ["cheapest", "likeliest"]
        codes, weights = self.scored.reported_codes, self.scored.reported_weights
        matrices: list[Any] = [
            np.bincount(codes * k + self._said[name], weights, minlength=k * k).reshape(k, k)
            for name in names
        ]
        matrices = matrices if weights is None else [as_told(each) for each in matrices]
        shown = [_SHOWN[name] for name in names]
        confusions(np.atleast_1d(axes), shown, matrices, labels, title=self._title)

    def _explain(self, audience: Audience) -> Sequence[str]:
        features = self.scored.parts.features
        if audience == "interview":
            mine, other, _ = self._compared
            if self._is_constant_cheaper:
                other = number(self._cost("constant"))
            rival = (
                f"always saying {named(self._constant)}"
                if self._is_constant_cheaper
                else "the likeliest class"
            )
            why = "Mistakes cost differently, so I give each row the class with the lowest expected cost."
            return [
                said_in_person(features) or why,
                f"{capital(self._where)} that costs {mine} a row, and {rival} {other}.",
                "It trades accuracy for cost and needs good probabilities, so I would check their calibration first.",
            ]
        return most_important(
            [
                f"{self._title}.",
                *split_said(self.scored.parts),
                *shares_said(features),
                "Each row goes to the class with the lowest expected cost, Σ p(true class) · cost (Elkan 2001).",
                "That needs calibrated probabilities.",
                self._accuracies,
                self._dearest,
            ]
        )

    @property
    def _dearest(self) -> str:
        """The answer that costs most, and where it is given."""
        true, said = np.unravel_index(int(self.costs.argmax()), self.costs.shape)
        classes = self.scored.parts.features.target.classes
        return (
            f"The dearest mistake is {named(classes[int(said)])} for {named(classes[int(true)])}: "
            f"{number(float(self.costs.max()))} a row."
        )

    @property
    def _accuracies(self) -> str:
        row, other = self.frame.loc["cheapest"], self.frame.loc["likeliest"]
        return f"Its accuracy is {row['accuracy']:.3f}, that of the likeliest class {other['accuracy']:.3f}."


def cheapest(
    plan: Plan,
    costs: Floats,
    given: Any,
    ignored: Collection[str],
    *,
    n_jobs: int | None,
    progress: bool | None,
) -> CheapestClass:
    """Fit one strategy and answer with the cheapest class."""
    if not plan.model.has_probabilities:
        raise ModelError(
            f"{plan.model.name!r} gives no probabilities, which costs are weighted by. Use a model with predict_proba, such "
            "as a calibrated one.",
            fix=with_probabilities(given, fitted=plan.model.fitted),
        )
    scored = brought_to_prevalence(plan, plan.score(n_jobs=n_jobs, progress=progress))
    findings = [
        *plan.findings,
        *leak_findings(FittedScores(scored, next(iter(scored.by_name)), plan)),
        *score_findings(scored),
        *scored.findings,
    ]
    found = CheapestClass(plan, scored, costs, Findings())
    return replace(found, findings=collect([*findings, *_useless(found)], ignored))


def _useless(found: CheapestClass) -> list[Finding]:
    """Say that one answer for all rows costs no more."""
    if not found._is_constant_cheaper:
        return []
    mine, other = found._cost("cheapest"), found._cost("constant")
    sentence = (
        f"Answering {found._constant!r} for every row costs {number(other)} a row {found._where}, the cheapest class "
        f"{number(mine)}: the probabilities add nothing."
    )
    return [Finding("IMB403", "warning", sentence, "Use a better model first, or choose another objective.")]
