"""What a `Trace` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.findings import Findings
from imbalance_accessor.inspection.contributions import ClassesAnswer, ScoreContributions, layers_differ
from imbalance_accessor.inspection.learning_curves import n_rounds, rounds_frame
from imbalance_accessor.inspection.network import Layer, is_network
from imbalance_accessor.inspection.pipeline_trace import Stage, transformers_of
from imbalance_accessor.rendering.result import Result, cached_frame


@dataclass(frozen=True, repr=False, eq=False)
class TraceData(Result):
    """The fields of a `Trace`, which documents them, and what follows from them."""

    strategy_scores: FittedScores
    stages: tuple[Stage, ...]
    threshold: float
    threshold_text: str
    contributions: ScoreContributions | None
    findings: Findings
    answer: ClassesAnswer | None = None
    name: str = ""

    @property
    def called(self) -> str:
        """The strategy as the evaluation calls it: of several models with its model."""
        return self.name or self.strategy_scores.name

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """One row a stage, in the pipeline's order: ``raw``, ``split``, its own steps by name, ``fit``, ``test``.

        With a cap ``max_rows`` stands behind ``split``: the rows to learn from.

        ``rows`` and ``columns`` that the model learns from, ``test_rows`` and ``test_columns`` held out, and each class's
        rows in ``rows[<label>]`` and ``test_rows[<label>]``.
        """
        table = {stage.name: self._row(stage) for stage in self.stages}
        frame = pd.DataFrame.from_dict(table, orient="index")
        frame.index.name = "stage"
        return frame

    @cached_frame
    def rounds(self) -> pd.DataFrame:
        """Loss, accuracy and out-of-fold score after each round, for models that learn in rounds; each fold is fitted again.

        Indexed by ``round``: ``train_loss`` (log loss on the rows learned from, as they came, mean over folds),
        ``oof_loss`` (log loss out of fold), ``train_accuracy`` and ``oof_accuracy`` of the same rows (at 0.5; of several classes
        the likeliest) and ``oof_average_precision`` (as ``average_precision_cv`` of `Evaluation.frame`).

        Of a neural network a round is an epoch: each of the first 20, then 40, 80, ... and the last, by the weights that it has
        then in one more fit on each fold. With early stopping or L-BFGS it is fitted anew with ``max_iter=`` so many. The
        model that is handed out is not touched.

        Raises
        ------
        ModelError
            For a model that learns in no rounds.
        """
        if not self.learns_in_rounds:
            name = type(self._classifier).__name__
            raise ModelError(f"{name} has no rounds to show. Boosting and neural networks do.")
        return rounds_frame(self.strategy_scores)

    @cached_frame
    def layers(self) -> pd.DataFrame:
        """What each layer of a neural network makes of the row, a row a unit, indexed by ``layer`` from input to output.

        ``unit`` (columns of the input as the network sees them, scaled; numbers from 0 of hidden units; labels of the output),
        ``activation`` (the function), ``before`` (weighted sums plus intercepts, the output's logits) and ``value`` (after the
        activation, the output's probabilities). Of two classes the output is that of the positive one.

        Raises
        ------
        ModelError
            Without ``row=``, and for a model that is no `sklearn.neural_network.MLPClassifier`.
        """
        if self.contributions is None and self.answer is None:
            raise _no_row()
        if (
            self.contributions is not None
            and self.contributions.kind == "unseeded"
            and is_network(self._classifier)
        ):
            raise layers_differ(self._classifier)
        if not self.network:
            name = type(self._classifier).__name__
            raise ModelError(f"{name} has no layers to show. The neural network MLPClassifier has.")
        rows = [
            {
                "layer": layer.name,
                "unit": unit,
                "activation": layer.activation,
                "before": before,
                "value": value,
            }
            for layer in self.network
            for unit, before, value in zip(layer.units, layer.before, layer.values, strict=True)
        ]
        return pd.DataFrame(rows).set_index("layer")

    @property
    def network(self) -> tuple[Layer, ...]:
        """The layers of a neural network, where a row was asked for."""
        followed = self.answer or self.contributions
        return followed.layers if followed is not None else ()

    @property
    def learns_in_rounds(self) -> bool:
        """Whether the model can be looked at round by round."""
        plan = self.strategy_scores.plan
        return not plan.model.fitted and n_rounds(self._classifier) > 1

    @cached_frame
    def terms(self) -> pd.DataFrame:
        """How the row's score adds up, indexed by term: what the model saw (``value``), ``adds``, and ``sum`` so far.

        Coefficients times cells for linear models, log likelihood ratios for naive Bayes, changes of the log odds for
        boosting, trees for forests, neighbours for nearest neighbours, units of the last hidden layer times their weights for
        neural networks; empty for models that have no such terms.

        Raises
        ------
        ModelError
            Without ``row=``, or for several classes.
        """
        if self.answer is not None:
            raise ModelError(
                "terms add up to the score of one class. Name it in fit_eval(..., pos_label=...); see .layers."
            )
        if self.contributions is None:
            raise _no_row()
        names, values, adds = (
            zip(*self.contributions.terms, strict=True) if self.contributions.terms else ((), (), ())
        )
        table = {"value": np.array(values, float), "adds": np.array(adds, float), "sum": np.cumsum(adds)}
        return pd.DataFrame(table, index=pd.Index(names, name="term", dtype=object))

    @property
    def labels(self) -> tuple[Any, ...]:
        """The classes, as the model distinguishes them."""
        target = self.strategy_scores.scored.parts.features.target
        return ("rest", target.pos_label) if target.is_one_vs_rest else target.classes

    @property
    def account_flags(self) -> tuple[bool, bool]:
        """Whether the row is flagged, by default and at the tuned threshold."""
        assert self.contributions is not None
        return self.contributions.flagged, self.contributions.score >= self.threshold

    @property
    def _names(self) -> tuple[str, ...]:
        target = self.strategy_scores.scored.parts.features.target
        return ("rest", f"{target.pos_label}") if target.is_one_vs_rest else target.names

    @property
    def _classifier(self) -> Any:
        return transformers_of(self.strategy_scores.scored.by_name[self.strategy_scores.name].model)[1]

    def _row(self, stage: Stage) -> dict[str, int]:
        found = {"rows": int(stage.train.sum()), "columns": stage.columns}
        found |= {"test_rows": int(stage.test.sum()), "test_columns": stage.test_columns}
        for start, rows in (("rows", stage.train), ("test_rows", stage.test)):
            found |= {f"{start}[{label}]": int(n) for label, n in zip(self._names, rows, strict=True)}
        return found


def _no_row() -> ModelError:
    return ModelError("No row was named. Name one: trace(strategy, row=df.index[0]).")


def stage_of(t: TraceData, which: str) -> Stage:
    """Return the stage of that name."""
    return next(stage for stage in t.stages if stage.name == which)
