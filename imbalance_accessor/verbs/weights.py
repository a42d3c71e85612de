"""`weights`: class weights as a plain dict, for every library's parameter."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.target import Label, Target, plain, read_target
from imbalance_accessor.errors import OptionError, listed, one_line, one_of
from imbalance_accessor.findings import Finding, check_ignore, collect
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs import weights_code, weights_words
from imbalance_accessor.verbs.counts import label_findings
from imbalance_accessor.verbs.weights_data import ClassWeightsData

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Beyond these, products and ratios of weights would no longer be finite.
_LEAST, _MOST = 1e-100, 1e100
METHODS = ("balanced", "sqrt", "effective")


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
        return weights_code.write(self, check_style(style), library)

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
            title=f"A row of {rare!r} weighs {weights[code]:.4g}, one of {target.classes[target.largest]!r} "
            f"{weights[target.largest]:.4g}",
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
        return weights_words.explain(self, audience)


def weights(
    data: pd.DataFrame | pd.Series,
    target: Hashable | pd.Series | None = None,
    *,
    method: str | Mapping[Any, float] = "balanced",
    beta: float = 0.999,
    pos_label: Label | None = None,
    ignore: Collection[str] = (),
) -> ClassWeights:
    """Return class weights as a dict of plain labels and floats.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series
        A frame, or the labels themselves; not changed.
    target : hashable or pandas.Series, optional
        The target column; not given for a Series.
    method : {"balanced", "sqrt", "effective"} or dict, default "balanced"
        A formula, or weights of your own by label; a label they do not name weighs 1.
    beta : float, default 0.999
        For ``"effective"``: how much a further row of a class still adds, 0 to 1 (exclusive).
    pos_label : label, optional
        The positive class; by default the rarest of two.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    ClassWeights
        A dict; also with ``.sample_weight``, ``.scale_pos_weight``, ``.pos_weight``, ``.frame``.

    Raises
    ------
    TargetError, OptionError
        An unknown method, keys that are no labels, weights that are negative or no numbers.

    Notes
    -----
    With n rows, k classes and n_c rows of class c: ``balanced`` is n / (k · n_c), as scikit-learn's
    `compute_class_weight` (King & Zeng 2001); ``sqrt`` its square root; ``effective`` is proportional to
    (1 − β) / (1 − β^n_c), scaled to sum to k (Cui et al. 2019).

    Examples
    --------
    >>> import pandas as pd
    >>> import imbalance_accessor
    >>> pd.Series([0] * 950 + [1] * 50).imb.weights()
    {0: 0.5263157894736842, 1: 10.0}
    """
    muted = check_ignore(ignore)
    name = "own" if isinstance(method, Mapping) else one_of("method", method, METHODS)
    _check_beta(beta)
    found = read_target(data, target, pos_label=pos_label)
    in_frame = isinstance(data, pd.DataFrame) and not isinstance(target, pd.Series)
    if isinstance(method, Mapping):
        values, findings = _own_weights(found, method)
    else:
        values, findings = _formula(found, name, beta), []
    return ClassWeights(
        values,
        target=found,
        method=name,
        beta=beta if method == "effective" else None,
        in_frame=in_frame,
        findings=collect([*label_findings(found, data, target), *findings], muted),
    )


def _check_beta(beta: Any) -> None:
    if isinstance(beta, bool) or not isinstance(beta, int | float) or not 0 <= beta < 1:
        raise OptionError(f"beta={one_line(beta)} must be at least 0 and below 1. Use beta=0.999.")


def _formula(target: Target, method: str, beta: float) -> dict[Label, float]:
    rows, k = target.rows, len(target.classes)
    balanced = target.labelled / (k * rows.astype(np.float64))
    if method == "effective":
        raw = (1 - beta) / (1 - np.power(beta, rows.astype(np.float64)))
        values = raw / raw.sum() * k
    else:
        values = np.sqrt(balanced) if method == "sqrt" else balanced
    return dict(zip(target.classes, values.tolist(), strict=True))


def _fits(weight: Any) -> bool:
    value: Any = plain(weight)  # a narrow number would be compared within its own range
    return bool(value == 0 or _LEAST <= value <= _MOST)


def _own_weights(target: Target, given: Mapping[Any, float]) -> tuple[dict[Label, float], list[Finding]]:
    named = {plain(label): weight for label, weight in given.items()}
    known = {label: type(label) for label in target.classes}
    wrong = [
        label for label in named if label not in known or isinstance(label, str) != (known[label] is str)
    ]
    if wrong:
        raise OptionError(
            f"method: {listed(wrong)} {'is' if len(wrong) == 1 else 'are'} not among the labels of {target.name!r}: "
            f"{listed(target.classes)} ({type(target.classes[0]).__name__}). Name labels as the column holds them."
        )
    for label, weight in named.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float | np.number) or not _fits(weight):
            raise OptionError(
                f"method: the weight of {label!r} is {one_line(weight)}; weights are numbers of 0 or more, "
                f"0 or {_LEAST:g} to {_MOST:g}."
            )
    absent = [label for label in target.classes if label not in named]
    values = {label: float(named.get(label, 1.0)) for label in target.classes}
    if not any(values.values()):
        raise OptionError(
            "method: every weight is 0, so that no row would count. Give one class a positive weight."
        )
    sentence = f"No weight was given for {listed(absent)}: 1 is taken, as scikit-learn does."
    return values, [Finding("IMB204", "note", sentence, "Name every label.")] if absent else []
