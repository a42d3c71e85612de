"""The result of `weights`: a dict to pass on as ``class_weight=``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.card_picture import CardPicture
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.weights import card, plots, snippet, text
from imbalance_accessor.verbs.weights.fields import ClassWeightsData


class ClassWeights(ClassWeightsData):
    """Class weights: a plain, mutable dict of label to weight, and what belongs beside it.

    Pass it as ``class_weight=``. It copies, clones and pickles as a dict does. Through pickle it takes its labels along, as
    a model does that holds it: ``class_weight=dict(weights)`` leaves them behind.

    Attributes
    ----------
    findings : Findings
        What the reader must know.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> ClassWeights:
        return self.copy()

    def copy(self) -> ClassWeights:
        """Return a copy that shares the rows, which are never changed."""
        again = ClassWeights(self, weighed=self.weighed)
        again.__dict__.update(self.__dict__)
        return again

    __copy__ = copy

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return plain code that gives the same weights, in a library's dialect.

        Parameters
        ----------
        style : {"short", "full"}, default "short"
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
        return card.card(self)

    @property
    def _picture(self) -> CardPicture | None:
        """The default picture, drawn anew each time: weights may be changed."""
        return self._default_picture()

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        self._check_names()
        return text.explain(self, audience)
