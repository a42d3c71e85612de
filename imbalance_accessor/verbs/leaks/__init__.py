"""`leaks`: what makes the score too good, even where it happened before the frame came here."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Any

import pandas as pd

from imbalance_accessor.data.features import read_features
from imbalance_accessor.data.lazy.sample import rows_in_memory
from imbalance_accessor.data.synthetic_rows import refuse_synthetic
from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import LEFT_OUT, ModelError, OptionError, change
from imbalance_accessor.evaluation.parallel import check_jobs
from imbalance_accessor.findings import check_ignore, collect
from imbalance_accessor.leakage.run_checks import run_checks
from imbalance_accessor.modeling.models import read_model
from imbalance_accessor.options import check_cv, check_flag
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.splitting.split import Parts, divide
from imbalance_accessor.verbs.leaks.demonstration import Demonstration, wrong_order
from imbalance_accessor.verbs.leaks.result import Leaks


@as_verb
def leaks(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    demonstrate: bool = False,
    model: Any = "logistic",
    test_size: float = 0.2,
    cv: int = 5,
    random_state: int | None = 0,
    test: pd.DataFrame | None = None,
    groups: Hashable | None = None,
    time: Hashable | None = None,
    id: Hashable | None = None,
    pos_label: Label | None = None,
    prevalence: float | Mapping[Label, float] | None = None,
    sample_weight: Hashable | pd.Series | None = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    ignore: Collection[str] = (),
) -> Leaks:
    """Look for what makes a score too good, even where it happened before the frame came here.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    demonstrate : bool, default False
        Whether to fit `model` after SMOTE in the wrong order (before the split) and in the right one, on the labels as
        they are and on shuffled ones.
    model : str or classifier, default "logistic"
        For the demonstration alone, as in `fit_eval`; ``"forest"`` remembers rows best and shows most.
    test_size : float, default 0.2
        Share of rows in the test set, which is looked for in the training set.
    cv : int, default 5
        Folds of the demonstration.
    random_state : int or None, default 0
        Seed of the split and of the demonstration.
    test : pandas.DataFrame, optional
        A test set of your own; then nothing is split off.
    groups, time : hashable, optional
        A column that rules the split; see `split`.
    id : hashable, optional
        A column that identifies a row, left out of the features. Tables whose rows have no order are sampled by it.
    pos_label : label, optional
        The positive class; by default the rarest of two.
    prevalence : float, or mapping of label to float, optional
        The positive class's share where the model will be used. Checks are about the rows as they are: it changes none.
    sample_weight : hashable or pandas.Series, optional
        A column of row weights, which is no feature. Checks count each row once.
    n_jobs : int, optional
        Workers of the demonstration, as joblib takes them.
    progress : bool, optional
        A progress bar; by default when the work is long.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Leaks
        ``.findings``, ``.frame`` (one row a check), ``.columns`` (each column alone), ``.demonstration``.

    Raises
    ------
    LeakageError
        Rows that `smote` made stand in the frame that is to demonstrate.
    TargetError, FeatureError, OptionError, SplitError, ModelError
        One sentence each, before any fitting.

    Notes
    -----
    Every modelling verb runs the same checks and shows what they find.

    - IMB102: of a class with n rows, d of them different, a share s of these met once, λ = (n - d) / d: rows that were drawn
      from d to be copied leave about e = exp(-λ) met once. The alarm is raised where n is at least 0.45 times that of the
      class nobody grew, λ >= 0.5, d >= 5, s <= e + 3 √(e (1 - e) / d) + 0.01, the other class has s + 0.3 or more met once,
      and independent columns would give more different rows; or where 95 % of 20 or more different rows stand there a
      multiple of three times or more. Ids are no part of a row here.
    - IMB103: SMOTE places a row at x + λ (x_nn − x), exactly between two rows of its class (Chawla et al. 2002). Of 300
      rows of a class, or more where that is quick, those are counted that lie between two of their 30 nearest neighbours
      within rounding, where chance would put one with less than 10⁻⁷ a pair and the neighbours fill enough directions; the
      alarm is raised below a chance of 10⁻⁶ under that rate or that of the class with fewest such rows, and under one in
      four of the rows that come within four roundings. Rows on a grid, on a line that tied or computed columns make, or in
      a straight series do not count. Rounded, tied or two-column data, and classes on one line: "cannot tell".
    - IMB104: test rows whose features stand in train, 2 % of them or 5 % of the class in focus: of a split at random by
      what all such splits give, else by what is seen. They are as many as by chance where independent columns give half
      as many, or where most rows that come again have another one beside them that differs in one column only and share
      each cell with other rows. IMB105: rows that agree in all features and not in the label; the best accuracy is
      Σ max_c n_c / n over different rows.
    - IMB106: a ROC-AUC of 0.999 or more for one column alone, unless chance does that. Columns are measured out of five
      folds, however their owner might bin them: numbers and dates in order, with missing cells as the lowest or the
      highest; in ranges, levels of fewer than 10 rows pooled, zero or not, missing or not, each by the share of the
      class in it. IMB112: a level, zero, above zero, missing or not missing, whose 10 rows or more are 99 % of the rarer
      class, or 99 % of the other one where 90 % of the rest are of the rarer; a threshold where both sides are 99 % pure
      and one holds half of the rarer class. Chance over all that was tried is below 10⁻⁴ (binomial).
    - IMB107: an id, or the number or prefix in it, along which the label drifts (chi-squared test of ten blocks of rows).
    - IMB108: a column with an id's name, with two attributes that stay the same within its values, or whose values have
      one label each; a warning where labels agree in its groups beyond chance (κ ≥ 0.1 with a telling name, else 0.5 or
      0.8). Of equal rows of a group one counts.
    - IMB109: a date, or whole numbers that are named and look like times, along which the share of the class changes
      1.5-fold or more (the same test). Both tests allow for copies of rows that lie together (Rao and Scott 1981).

    Of a table that is read piece by piece the rows that were drawn are looked at. Shares are brought to the table's in
    IMB109 and IMB112, where nine times as many rows of a level may hide as one drawn row stands for. Rows that are alike are
    seldom drawn together: IMB105, IMB108 and, of classes that are not drawn whole, IMB102 and IMB103 then cannot tell.

    What cannot be seen: a column that knows only part of the answer (a call's duration), a leak through how rows were
    chosen, scaling or encoding learned on all rows, SMOTE followed by coarse rounding, by a transform that is not linear
    (quantiles, logarithms) or by columns put beside it later, and rows of `smote` whose cells were changed or of which
    columns were dropped, or that another process reads, after their ``attrs`` were lost (`pandas.concat` and CSV drop
    them; pickle and Parquet keep them).

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> df = imb.make_churn()
    >>> df.imb.leaks("churn").findings.codes
    ('IMB202', 'IMB209')
    >>> df.assign(refund=(df["churn"] == "yes") * 10.0).imb.leaks("churn").findings.codes
    ('IMB106', 'IMB202', 'IMB209')
    """
    ignored = check_ignore(ignore)
    check_flag("demonstrate", demonstrate)
    check_flag("progress", progress, optional=True)
    check_jobs(n_jobs)
    check_cv(cv)
    chosen = read_model(model, preprocess="auto", random_state=random_state, fitted=False)
    rules: dict[str, Any] = {"pos_label": pos_label, "groups": groups, "time": time, "id": id}
    counted: dict[str, Any] = {"prevalence": prevalence, "sample_weight": sample_weight}
    features = read_features(data, target, **rules, **counted, test=test, for_models=True)
    weighting = features.weighting
    rules["sample_weight"] = weighting.column if weighting.in_frame else None
    if demonstrate and not chosen.has_probabilities and features.target.positive is None:
        raise ModelError(
            f"{chosen.name!r} gives no probabilities for several classes. Use 'logistic'.",
            fix=change(model="logistic"),
        )
    if test is not None and demonstrate:
        raise OptionError(
            "demonstrate=True splits the frame itself. Leave test= out.", fix=change(test=LEFT_OUT)
        )
    if demonstrate:
        refuse_synthetic(data)
    folds = cv if demonstrate else None
    parts = divide(features, test_size=test_size, random_state=random_state, nothing=True, cv=folds)
    data = rows_in_memory(data)
    work: dict[str, Any] = {"cv": cv, "random_state": random_state, "n_jobs": n_jobs, "progress": progress}
    shown = wrong_order(data, target, chosen, rules=rules, **work) if demonstrate else None
    return leaks_of(parts, (data,) if test is None else (data, test), ignored, shown)


def leaks_of(
    parts: Parts,
    frames: tuple[pd.DataFrame, ...],
    ignored: Collection[str],
    shown: Demonstration | None = None,
) -> Leaks:
    """Check rows that are divided already; no model is fitted."""
    checks, alone = run_checks(parts, frames=frames)
    found = [finding for check in checks for finding in check.findings]
    return Leaks(parts, checks, alone, shown, collect([*found, *parts.findings], ignored))
