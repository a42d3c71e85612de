"""`overview`: the first look. Counts, weights, features by kind, findings, and what to run next."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from imbalance_accessor.data.features import Features, read_features
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import TableSample, draw_sample
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.target import Label, plain
from imbalance_accessor.findings import check_ignore, collect
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.verbs.counts import counts
from imbalance_accessor.verbs.overview.fields import column_table
from imbalance_accessor.verbs.overview.next_calls import calls_to_run
from imbalance_accessor.verbs.overview.result import Overview
from imbalance_accessor.verbs.weights import weights

#: Rows of a table by which its columns are read.
LOOKED_AT = 20_000


@as_verb
def overview(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    id: Hashable | None = None,
    pos_label: Label | None = None,
    prevalence: float | Mapping[Label, float] | None = None,
    sample_weight: Hashable | pd.Series | None = None,
    test_size: float = 0.2,
    cv: int = 5,
    ignore: Collection[str] = (),
) -> Overview:
    """Take a first look at a frame: counts, weights, features, findings, and what to run next.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed. Of a lazy frame of polars, a relation of DuckDB or a frame of Dask all rows
        are counted by its own engine, and columns are read from a sample.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    id : hashable, optional
        A column that identifies a row, left out of the features. Tables whose rows have no order are sampled by it.
    pos_label : label, optional
        The positive class; by default the rarest of two.
    prevalence : float, or mapping of label to float, optional
        The positive class's share where the model will be used, or each class's; see `counts`.
    sample_weight : hashable or pandas.Series, optional
        A column of row weights, or a Series beside the frame; it is no feature.
    test_size : float, default 0.2
        Share of rows that a test set would hold.
    cv : int, default 5
        Folds that the training set would be divided into.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Overview

    Raises
    ------
    TargetError, FeatureError, OptionError
        One sentence each.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> imb.make_churn().imb.overview("churn").counts.severity
    'moderate'
    """
    ignored = check_ignore(ignore)
    named: dict[str, Any] = {"pos_label": pos_label, "prevalence": prevalence, "sample_weight": sample_weight}
    features = read_features(
        _looked_at(data, target, pos_label, id), target, id=None if isinstance(data, Table) else id, **named
    )
    found = overview_of(features, data, target, named, ignored, test_size=test_size, cv=cv)
    made = "IMB101" in found.counts.findings.codes  # rows that smote made: every verb refuses them
    return found if made else replace(found, next_calls=calls_to_run(features, id))


def _looked_at(
    data: Any, target: Any, pos_label: Label | None, id: Hashable | None
) -> pd.DataFrame | TableSample:
    """Return the rows by which columns are read: of a table a sample."""
    if not isinstance(data, Table):
        frame: pd.DataFrame = data
        return frame
    return draw_sample(data, count_labels(data, target, pos_label), most=LOOKED_AT, seed=0, id=plain(id))


def overview_of(
    features: Features,
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    named: Mapping[str, Any],
    ignored: Collection[str],
    *,
    test_size: float,
    cv: int,
) -> Overview:
    """Look at a frame that is read already, and propose nothing to run.

    Parameters
    ----------
    named : mapping of str to object
        ``pos_label``, ``prevalence`` and ``sample_weight``.
    """
    rows: Any = data if features.sample is None else features.sample.table
    counted = counts(rows, target, **named, test_size=test_size, cv=cv)
    weighed = weights(rows, target, pos_label=named["pos_label"], sample_weight=named["sample_weight"])
    known = {finding.code for finding in features.findings}  # a sample has no rows without a label
    of_labels = [finding for finding in counted.findings if finding.code not in known]
    findings = collect([*of_labels, *features.findings], ignored)
    return Overview(counted, weighed, features, column_table(features), (), findings)
