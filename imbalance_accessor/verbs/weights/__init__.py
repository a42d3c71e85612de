"""`weights`: class weights as a plain dict, for every library's parameter."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.lazy.labels import read_labels
from imbalance_accessor.data.target import Label
from imbalance_accessor.data.weighting import weigh_labels
from imbalance_accessor.errors import OptionError, change, one_line, one_of
from imbalance_accessor.findings import check_ignore, collect
from imbalance_accessor.modeling.class_weights import BETA, METHODS, read_weights, weights_by
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.verbs.counts.findings import label_findings
from imbalance_accessor.verbs.weights.findings import refused_labels, unnamed_labels
from imbalance_accessor.verbs.weights.result import ClassWeights


@as_verb
def weights(
    data: pd.DataFrame | pd.Series,
    target: Hashable | pd.Series | None = None,
    *,
    method: str | Mapping[Any, float] = "balanced",
    beta: float = BETA,
    pos_label: Label | None = None,
    sample_weight: Hashable | pd.Series | None = None,
    ignore: Collection[str] = (),
) -> ClassWeights:
    """Return class weights as a dict of plain labels and floats.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series
        A frame, or the labels themselves; not changed. A lazy frame of polars, a relation of DuckDB or a frame of Dask is
        counted by its own engine.
    target : hashable or pandas.Series, optional
        The target column; not given for a Series.
    method : {"balanced", "sqrt", "effective"} or dict, default "balanced"
        A formula, or weights of your own by label; a label they do not name weighs 1.
    beta : float, default 0.999
        For ``"effective"``: how much a further row of a class still adds, 0 to 1 (exclusive).
    pos_label : label, optional
        The positive class; by default the rarest of two.
    sample_weight : hashable or pandas.Series, optional
        A column of row weights, or a Series beside the labels: each class has their sum in place of its rows.
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
    (1 − β) / (1 − β^n_c), scaled to sum to k (Cui et al. 2019). Of rows with weights n and n_c are the sums of these.

    Examples
    --------
    >>> import pandas as pd
    >>> import imbalance_accessor
    >>> pd.Series([0] * 950 + [1] * 50).imb.weights()
    {0: 0.5263157894736842, 1: 10.0}
    """
    ignored = check_ignore(ignore)
    name = "own" if isinstance(method, Mapping) else one_of("method", method, METHODS)
    _check_beta(beta)
    found = read_labels(data, target, pos_label)
    in_frame = not (isinstance(data, pd.Series) or isinstance(target, pd.Series))
    weighed = weigh_labels(data, found, None, sample_weight, in_frame=in_frame)
    if isinstance(method, Mapping):
        values = read_weights(method, found.classes, "method", every=False)
        findings = unnamed_labels(found, method)
    else:
        formula = weights_by(name, weighed.totals.astype(np.float64), beta)
        values, findings = dict(zip(found.classes, formula.tolist(), strict=True)), []
    by_label: dict[str, Any] = {"method": method} if isinstance(method, Mapping) else {}
    by_label |= {} if pos_label is None else {"pos_label": pos_label}
    refused = refused_labels(found, in_frame=in_frame, options=by_label)
    return ClassWeights(
        values,
        weighed=weighed,
        method=name,
        beta=beta if method == "effective" else None,
        in_frame=in_frame,
        findings=collect(
            [*label_findings(found, data, target), *findings, *refused],
            ignored,
        ),
    )


def _check_beta(beta: Any) -> None:
    if isinstance(beta, bool) or not isinstance(beta, int | float) or not 0 <= beta < 1:
        raise OptionError(
            f"beta={one_line(beta)} must be at least 0 and below 1. Use beta=0.999.", fix=change(beta=0.999)
        )
