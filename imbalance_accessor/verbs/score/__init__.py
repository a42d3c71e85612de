"""`score`: the report on predictions that come with the rows; nothing is fitted."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

import numpy as np
import pandas as pd

from imbalance_accessor.data.lazy.labels import read_labels
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.target import Label
from imbalance_accessor.data.weighting import weigh_labels
from imbalance_accessor.errors import FeatureError
from imbalance_accessor.findings import check_ignore, collect
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.verbs.score.findings import prediction_findings
from imbalance_accessor.verbs.score.predictions import check_one, read_predictions, sides_of
from imbalance_accessor.verbs.score.result import Score
from imbalance_accessor.verbs.score.rows import check_two_classes, chosen_rows, read_groups, read_marks


@as_verb
def score(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    pred: Hashable | pd.Series | None = None,
    scores: Hashable | pd.Series | None = None,
    threshold: float | None = None,
    split: Hashable | pd.Series | None = None,
    groups: Hashable | None = None,
    pos_label: Label | None = None,
    prevalence: float | Mapping[Label, float] | None = None,
    sample_weight: Hashable | pd.Series | None = None,
    ignore: Collection[str] = (),
) -> Score:
    """Report on predictions that you already have: each class, averages, confusion matrix, and accuracy against a constant.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with labels and predictions; not changed. Nothing is fitted, and no other column is read.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    pred : hashable or pandas.Series, optional
        The predicted labels, or 0/1 (or truth values) where 1 is the positive class: a column, or a Series on the index.
    scores : hashable or pandas.Series, optional
        Probabilities or scores of the positive class instead; rows at `threshold` or above are predicted positive.
    threshold : float, optional
        On the scores' own scale; by default 0.5 for probabilities and 0 for margins.
    split : hashable or pandas.Series, optional
        What marks test rows, such as ``"test"`` and ``"train"``, or 1 and 0: figures are those of the test rows.
    groups : hashable, optional
        A column of which whole groups are drawn for intervals, since their rows are alike.
    pos_label : label, optional
        The positive class; by default the rarest of two. Of several classes: that one against the rest.
    prevalence : float, or mapping of label to float, optional
        The positive class's share where the model will be used, or each class's: figures are then those of such rows.
    sample_weight : hashable or pandas.Series, optional
        Row weights, by which every figure counts the rows.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Score
        ``.frame`` is the report by class, ``.overall`` the figures of all rows, ``.confusion`` the confusion matrix.

    Raises
    ------
    TargetError, OptionError, FeatureError
        One sentence each.

    Notes
    -----
    Report and averages equal ``sklearn.metrics.classification_report(zero_division=0)``. Precision, recall and accuracy have
    Wilson's interval, macro recall and balanced accuracy MOVER's from those of the recalls; the others are percentiles of
    1,000 bootstrap draws of the rows: of whole groups with `groups`, within classes where a prevalence is given. Rows
    without a prediction are left out, and said.

    Examples
    --------
    >>> import pandas as pd
    >>> import imbalance_accessor
    >>> df = pd.DataFrame({"y": ["stay"] * 950 + ["leave"] * 50, "said": "stay"})
    >>> found = df.imb.score("y", pred="said")
    >>> found.frame["f1"].round(3).to_dict()
    {'leave': 0.0, 'stay': 0.974, 'accuracy': 0.95, 'macro avg': 0.487, 'weighted avg': 0.926}
    """
    ignored = check_ignore(ignore)
    labels = read_labels(data, target, pos_label)
    check_one(pred, scores, threshold)
    if isinstance(data, Table):
        raise _not_here(data, target, [pred, scores, split, groups, sample_weight])
    in_frame = not isinstance(target, pd.Series)
    weighed = weigh_labels(data, labels, prevalence, sample_weight, in_frame=in_frame)
    besides = () if weighed.weighting.in_frame else ("sample_weight",)
    names = ("df", *(() if in_frame else ("y",)), *besides)
    sides = sides_of(labels)
    told = read_predictions(data, sides, pred, scores, threshold)
    marks = read_marks(split, data, sides, names)
    of_group = read_groups(groups, data, sides, names)
    every = np.ones(len(data), bool)
    test = chosen_rows(sides, told, weighed, every if marks is None else marks.test, of_group)
    check_two_classes(test, marks)
    train = None if marks is None else chosen_rows(sides, told, weighed, marks.train, of_group)
    train = train if train is not None and len(train.y) else None
    found = prediction_findings(test, told, marks, labels, names, groups)
    return Score(weighed, in_frame, told, marks, test, train, groups, collect(found, ignored))


def _not_here(table: Table, target: Hashable, named: list[object]) -> FeatureError:
    """Return the error that asks for the few columns of a table that is read piece by piece."""
    columns = [target, *(each for each in named if isinstance(each, Hashable) and each is not None)]
    table.check_columns(columns)
    line = table.lines_of_cells([*dict.fromkeys(columns)])
    return FeatureError(
        f"score reads rows in pandas, and this is a {table.came_as}. Take the columns it needs: df = {line}."
    )
