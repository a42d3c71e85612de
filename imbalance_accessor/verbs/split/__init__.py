"""`split`: a stratified, seeded train and test set, once, before anything else happens to the rows."""

from __future__ import annotations

from collections.abc import Collection, Hashable

import pandas as pd

from imbalance_accessor.data.features import ABOUT_FEATURES, read_features
from imbalance_accessor.data.synthetic_rows import refuse_synthetic
from imbalance_accessor.data.target import Label
from imbalance_accessor.findings import check_ignore, collect
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.splitting.split import divide
from imbalance_accessor.verbs.shared.population import only_sampled
from imbalance_accessor.verbs.split.result import Split


@as_verb
def split(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    test_size: float = 0.2,
    random_state: int | None = 0,
    test: pd.DataFrame | None = None,
    groups: Hashable | None = None,
    time: Hashable | None = None,
    id: Hashable | None = None,
    pos_label: Label | None = None,
    ignore: Collection[str] = (),
) -> Split:
    """Divide a frame into a train and a test set, stratified and seeded.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    test_size : float, default 0.2
        Share of rows in the test set.
    random_state : int or None, default 0
        Seed of the shuffle, handed on to scikit-learn verbatim.
    test : pandas.DataFrame, optional
        A test set of your own; then nothing is split off.
    groups : hashable, optional
        A column; rows of one group stay on one side.
    time : hashable, optional
        A column; train before, test after. The boundary falls between distinct values.
    id : hashable, optional
        A column that identifies a row, left out of the features. Tables whose rows have no order are sampled by it.
    pos_label : label, optional
        The class to name in the output; by default the rarest of two.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Split
        Unpacks as ``X_train, X_test, y_train, y_test``; every column but the target, original index labels.

    Raises
    ------
    TargetError, FeatureError, OptionError, SplitError
        One sentence each, before any work.

    Notes
    -----
    Row for row equal to ``train_test_split(X, y, test_size=..., stratify=y, random_state=...)``.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> df = imb.make_churn()
    >>> X_train, X_test, y_train, y_test = df.imb.split("churn")
    >>> len(X_train), len(X_test)
    (1600, 400)
    """
    ignored = check_ignore(ignore)
    refuse_synthetic(data, test)
    features = read_features(data, target, pos_label=pos_label, groups=groups, time=time, test=test, id=id)
    parts = divide(features, test_size=test_size, random_state=random_state)
    findings = [*parts.findings, *only_sampled(features)]
    return Split(parts, collect(findings, (*ignored, *ABOUT_FEATURES)))
