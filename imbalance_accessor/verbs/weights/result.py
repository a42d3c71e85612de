"""The result of `weights`: a dict to pass on, its card and its plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.weights import snippet, text
from imbalance_accessor.verbs.weights.fields import ClassWeightsData

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class ClassWeights(ClassWeightsData):
    """Class weights: a plain, mutable dict of label to weight, and what belongs beside it.

    Pass it as ``class_weight=``. It copies, clones and pickles as a dict does; a copy that went through pickle
    carries the weights without the rows, so that `sample_weight` is not to be had from it.

    Attributes
    ----------
    findings : Findings
        What the reader must know.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(ClassWeights, dict(self), method=self.method, beta=self.beta), ()

    def __deepcopy__(self, memo: dict[int, Any]) -> ClassWeights:
        return self.copy()

    def copy(self) -> ClassWeights:
        """Return a copy that shares the rows, which are never changed."""
        return ClassWeights(
            self,
            target=self._target,
            method=self.method,
            beta=self.beta,
            in_frame=self._in_frame,
            findings=self.findings,
        )

    __copy__ = copy

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return plain code that gives the same weights, in a library's dialect.

        Parameters
        ----------
        style : {"full", "short"}, default "full"
            The full style ends with what undoes the weights' effect on probabilities, where there is any: a formula, or
            for boosted trees a calibrator.
        library : {"sklearn", "xgboost", "lightgbm", "catboost", "pytorch", "keras"}, default "sklearn"
            Whose parameter takes the weights. Two classes go by one number, negatives per positive in weight; several
            by a weight for each label, in the order of the labels where the library wants a vector.

        Returns
        -------
        Snippet

        Raises
        ------
        OptionError
            If the style or the library is unknown, or if a weight of 0 leaves no ratio of two classes to write.
        """
        self._check_names()
        return snippet.write(self, check_style(style), library)

    def _card(self) -> Card:
        target, weights = self.target, self._values()
        code = target.focus
        rare = target.classes[code]
        figures = [("method", self.method if self.beta is None else f"{self.method}, beta={self.beta:g}")]
        if target.is_binary:
            figures.append(
                ("scale_pos_weight, pos_weight", f"{self.scale_pos_weight:,.4g} (negatives / positives)")
            )
        return Card(
            title=f"A row of class {rare!r} weighs {weights[code]:.4g}, one of class "
            f"{target.classes[target.largest]!r} weighs {weights[target.largest]:.4g}",
            figures=tuple(figures),
            table=self.frame.rename(columns={"share_of_weight": "share of weight"}),
            notes=(
                "Weights shift probabilities: a weighted model's scores are no longer shares of real rows.",
            ),
            findings=self.findings,
            next=("LogisticRegression(class_weight=weights)",),
        )

    def _repr_html_(self) -> str:
        return super()._repr_html_() if self._target is not None else repr(self)

    def _pictures(self) -> Mapping[str, Picture]:
        def draw(ax: Axes) -> None:
            from imbalance_accessor.rendering.plots.bars import weight_bars

            weight_bars(ax, list(self.target.classes), self._values(), self._card().title)

        return {"weights": draw}

    def _explain(self, audience: Audience) -> Sequence[str]:
        self._check_names()
        return text.explain(self, audience)
