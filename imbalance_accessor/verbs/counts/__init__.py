"""`counts`: how many rows each class has, what that allows a score to say, and what accuracy hides."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Any

import pandas as pd

from imbalance_accessor.data.encoded_width import NO_COLUMNS, Width, encoded_width
from imbalance_accessor.data.lazy.labels import read_labels
from imbalance_accessor.data.target import Label
from imbalance_accessor.data.weighting import weigh_labels
from imbalance_accessor.findings import check_ignore, collect
from imbalance_accessor.options import check_cv, check_test_size
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.verbs.counts.findings import label_findings
from imbalance_accessor.verbs.counts.result import Counts


@as_verb
def counts(
    data: pd.DataFrame | pd.Series,
    target: Hashable | pd.Series | None = None,
    *,
    pos_label: Label | None = None,
    prevalence: float | Mapping[Label, float] | None = None,
    sample_weight: Hashable | pd.Series | None = None,
    test_size: float = 0.2,
    cv: int = 5,
    ignore: Collection[str] = (),
) -> Counts:
    """Count the rows of each class, and say what they allow.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series
        A frame, or the labels themselves; not changed. A lazy frame of polars, a relation of DuckDB or a frame of Dask is
        counted by its own engine.
    target : hashable or pandas.Series, optional
        The target column; not given for a Series.
    pos_label : label, optional
        The positive class; by default the rarest of two.
    prevalence : float, or mapping of label to float, optional
        The positive class's share where the model will be used, or each class's; by default that of the frame. Shares,
        ratio, no-skill average precision and the accuracy of the majority are then those of such rows.
    sample_weight : hashable or pandas.Series, optional
        A column of row weights, or a Series beside the labels: shares are those of the weights.
    test_size : float, default 0.2
        Share of rows that a test set would hold. With 0 every row is scored out of fold.
    cv : int, default 5
        Folds that the training set would be divided into.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Counts

    Raises
    ------
    TargetError, OptionError
        One sentence each.

    Notes
    -----
    Wilson's interval for k of n, z = 1.96: (k + z²/2 ± z √(k(n−k)/n + z²/4)) / (n + z²) (Wilson 1927). Of rows with weights n is
    Kish's effective number, (Σ w)² / Σ w² (Kish 1965).
    A frame's columns are held against criterion 1 of Riley et al. (2020): a regression without penalty of p columns takes
    n = p / ((S − 1) ln(1 − R² / S)) rows for a shrinkage of S = 0.9. R² is 0.15 of the largest one at this prevalence, as
    they advise where none is known. Kinds of columns and levels are read from 20,000 rows at most; columns of a table that is
    read piece by piece count as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> import imbalance_accessor
    >>> y = pd.Series([0] * 950 + [1] * 50, name="fraud")
    >>> y.imb.counts().accuracy_always_majority
    0.95
    """
    ignored = check_ignore(ignore)
    check_test_size(test_size, nothing=True)
    check_cv(cv)
    found = read_labels(data, target, pos_label)
    in_frame = not (isinstance(data, pd.Series) or isinstance(target, pd.Series))
    weighed = weigh_labels(data, found, prevalence, sample_weight, in_frame=in_frame)
    findings = collect(label_findings(found, data, target), ignored)
    return Counts(found, weighed, in_frame, test_size, cv, findings, _width(data, target, sample_weight))


def _width(data: Any, *others: Any) -> Width:
    """Return how many columns the features of a frame become, or a table has; none of labels alone."""
    if isinstance(data, pd.Series):
        return NO_COLUMNS
    taken = [each for each in others if isinstance(each, Hashable) and not isinstance(each, pd.Series)]
    names = [name for name in data.columns if name not in taken]
    if isinstance(data, pd.DataFrame) and data.columns.is_unique:
        return encoded_width(data[names])
    return Width(len(names), len(names), is_encoded=False)
