"""`smote`: split first, then resample the training set alone. The test set comes back as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from imbalance_accessor.data.cells import as_float
from imbalance_accessor.data.checks import missing_cells
from imbalance_accessor.data.features import ABOUT_FEATURES, Features, check_for_models, read_features
from imbalance_accessor.data.lazy.sample import rows_in_memory
from imbalance_accessor.data.synthetic_rows import refuse_synthetic, remember
from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import (
    LEFT_OUT,
    FeatureError,
    Fix,
    ModelError,
    OptionError,
    change,
    listed,
    one_line,
    one_of,
)
from imbalance_accessor.evaluation.memory import bytes_held, rows_to_make, too_much
from imbalance_accessor.evaluation.progress import bar as progress_bar
from imbalance_accessor.evaluation.runtime import (
    Work,
    duration_text,
    long_work,
    seconds_of_making,
    seconds_of_search,
)
from imbalance_accessor.findings import Finding, Findings, check_ignore, collect
from imbalance_accessor.modeling.by_code import estimator_by_code
from imbalance_accessor.modeling.own_samplers import (
    check_sampler,
    check_sampling_strategy,
    with_affordable_neighbours,
)
from imbalance_accessor.modeling.samplers import (
    ResampledRows,
    copies,
    named_sampler,
    resample,
    searched_sooner,
)
from imbalance_accessor.modeling.sampling_ratio import Ratio, read_ratio, strategy_of, wanted_rows
from imbalance_accessor.modeling.seeds import about_seeds
from imbalance_accessor.modeling.strategies import TABLE, Estimator, SamplerContext, StrategyRow, kinds
from imbalance_accessor.options import KIND_WORDS, check_flag, is_whole
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.splitting.cap import with_cause, with_fewer_rows
from imbalance_accessor.splitting.split import Parts, divide
from imbalance_accessor.verbs.shared.population import only_sampled
from imbalance_accessor.verbs.smote.findings import column_findings, fewer_made, nothing_to_do, smote_for
from imbalance_accessor.verbs.smote.index import index_of
from imbalance_accessor.verbs.smote.result import Resampled
from imbalance_accessor.verbs.smote.units import Units, learn_units


@as_verb
def smote(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    kind: Any = "auto",
    ratio: float | str | Mapping[Any, int] = 1.0,
    k_neighbors: int = 5,
    scale: bool = False,
    impute: bool = False,
    test_size: float = 0.2,
    random_state: int | None = 0,
    test: pd.DataFrame | None = None,
    groups: Hashable | None = None,
    time: Hashable | None = None,
    id: Hashable | None = None,
    max_rows: int | None = None,
    pos_label: Label | None = None,
    sample_weight: Hashable | pd.Series | None = None,
    ignore: Collection[str] = (),
) -> Resampled:
    """Split a frame, then resample its training set; the test set is not touched.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    kind : str or sampler, default "auto"
        ``"auto"`` picks SMOTE, SMOTENC or SMOTEN by the columns; also ``"smote"``, ``"borderline"``, ``"adasyn"``,
        ``"oversample"``, ``"undersample"``, ``"smote_tomek"``, ``"smote_enn"``, or an imbalanced-learn sampler.
    ratio : float, str or dict, default 1.0
        Minority : majority after resampling, above 0 and at most 1; ``"1:3"`` is understood; a dict gives rows by
        label.
    k_neighbors : int, default 5
        Rare neighbours among which a new row is placed; lowered, with a finding, where the class is too small.
    scale : bool, default False
        Whether neighbours are searched in standardised units (learned on train); rows come back in their own.
    impute : bool, default False
        Whether missing cells are filled: the train median, or ``"missing"`` for categories, in both sets.
    test_size : float, default 0.2
        Share of rows in the test set.
    random_state : int or None, default 0
        Seed of the split and of the sampler, handed on verbatim.
    test : pandas.DataFrame, optional
        A test set of your own; then nothing is split off.
    groups, time : hashable, optional
        A column that rules the split; see `split`.
    max_rows : int, optional
        Train rows to keep at most before they are resampled: small classes whole, the larger ones share what is left. A
        neighbour search grows with their square. Of a table that is read piece by piece: rows drawn of it in all.
    id : hashable, optional
        A column that identifies a row, left out of the features. Tables whose rows have no order are sampled by it.
    pos_label : label, optional
        The class to name in the output; every class below the ratio is grown all the same.
    sample_weight : hashable or pandas.Series, optional
        A column of row weights. It is no feature and does not decide which rows are made; ``.sample_weight`` of the
        result has the weight of each resampled row.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Resampled
        Unpacks as ``X_train, X_test, y_train, y_test``.

    Raises
    ------
    TargetError, FeatureError, OptionError, SplitError, ModelError
        One sentence each; missing cells without ``impute=True``, and text for a sampler of numbers, among them.

    Notes
    -----
    SMOTE places a new row at x + λ (x_nn − x), λ uniform in [0, 1], x_nn one of the k nearest rows of x's class
    (Chawla et al. 2002). On numeric, complete data the result equals imbalanced-learn's ``fit_resample`` on the
    same training set and seed.

    A copied row has the weight of the row it is a copy of, and a row that was made that of its parent. imbalanced-learn
    does not say between which rows it made one, so the parent is the nearest real row of its class, in the units in which
    neighbours are searched; a category that differs is as far away as SMOTENC holds it to be.

    The ``attrs`` of `X_train` and `y_train` say which rows were made, in any process, so that no model is judged on them.
    `pandas.concat` with other frames and CSV drop it; a process also knows the cells of what it made last, 64 MB of them.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> X_train, X_test, y_train, y_test = imb.make_churn().imb.smote("churn", impute=True)
    >>> y_train.value_counts().to_dict(), len(X_test)
    ({'no': 1520, 'yes': 1520}, 400)
    """
    ignored = check_ignore(ignore)
    refuse_synthetic(data, test)
    wanted_ratio = read_ratio(ratio)
    kind = _read_kind(kind, k_neighbors)
    named: dict[str, Any] = {"pos_label": pos_label, "groups": groups, "time": time, "test": test}
    features = read_features(data, target, **named, sample_weight=sample_weight, id=id)
    check_flag("scale", scale)
    check_flag("impute", impute)
    copying = copies(kind) if not isinstance(kind, str) else not _row_of(kind).interpolates
    weights = features.weighting.column
    every: list[Hashable] = [name for name in features.X.columns if weights is None or name != weights]
    names: list[Hashable] = every if copying else _usable(features, kind, impute)
    whole = divide(features, test_size=test_size, random_state=random_state, max_rows=max_rows)
    parts = with_fewer_rows(whole)
    sampler, findings = _sampler(kind, wanted_ratio, k_neighbors, parts)
    k = len(features.target.classes)
    findings = with_cause(findings, max_rows, whole.train.rows(k), parts.train.rows(k))
    units = learn_units(parts, names, impute=impute, scale=scale and not copying, as_is=copying)
    if sampler is not None and isinstance(kind, str) and not copying and not features.columns.categorical:
        sampler = searched_sooner(sampler, units.train.to_numpy(), parts.train.codes)
    if sampler is not None:
        _check_memory(sampler, kind, wanted_ratio, units, parts)
    findings += column_findings(parts, sampler, units)
    findings += about_seeds([] if sampler is None else [sampler], random_state, {"kind": kind})
    made, long = None, []
    if sampler is not None:
        due = _work(sampler, kind, wanted_ratio, units, parts)
        long = long_work(due, parts, "The neighbour search")
        with progress_bar(1, shown=bool(long)) as bar:
            bar.set_description(f"{type(sampler).__name__}, {duration_text(due.seconds)}")
            others = _other_kinds(sampler, kind, wanted_ratio, k_neighbors, parts)
            how: dict[str, Any] = {"given": kind, "others": others, "weighted": weights is not None}
            made = resample(sampler, units.train, parts.train.codes, **how)
        findings += fewer_made(kind, sampler, made, parts)
    hidden = ("IMB216", *(ABOUT_FEATURES if copying else ()))  # no figure here is of a population
    findings += [*long, *only_sampled(features)]
    shown = collect([*parts.findings, *findings], (*ignored, *hidden))
    unlabelled = rows_in_memory(data).loc[features.target.codes < 0]
    return _resampled(parts, units, sampler, made, shown, unlabelled)


def _read_kind(kind: Any, k_neighbors: Any) -> Any:
    """Return a kind by its name here, or a sampler, once it and the neighbours are known to be some."""
    if isinstance(kind, str):
        kind = one_of("kind", kind, ("auto", *kinds()), words=KIND_WORDS)
    else:
        check_sampler(kind, "kind")
    if not is_whole(k_neighbors) or k_neighbors < 1:
        raise OptionError(
            f"k_neighbors={one_line(k_neighbors)} must be a whole number, 1 or more. Use k_neighbors=5.",
            fix=change(k_neighbors=5),
        )
    return kind


def _row_of(kind: str) -> StrategyRow:
    return TABLE["smote" if kind == "auto" else kind]


def _usable(features: Features, kind: Any, impute: bool) -> list[Hashable]:
    """Return the columns that a neighbour search can use, or say what is wrong with them."""
    columns = features.columns
    check_for_models(features)
    missing = missing_cells(features.X, columns)
    if missing and not impute:
        shown = ", ".join(f"{name!r} ({count:,})" for name, count in missing.items())
        raise FeatureError(
            f"Missing cells in {shown}; neighbours need values. Fill them, or pass impute=True.",
            fix=change(impute=True),
        )
    plain_kinds = isinstance(kind, str) and kind != "auto"
    if columns.categorical and plain_kinds:
        raise FeatureError(
            f"kind={kind!r} takes numbers only; {listed(columns.categorical)} "
            f"{'is' if len(columns.categorical) == 1 else 'are'} categorical. "
            "Use kind='auto', which keeps categories.",
            fix=change(kind="auto"),
        )
    return list(columns.used)


def _sampler(
    kind: Any, ratio: Ratio, k_neighbors: int, parts: Parts
) -> tuple[Estimator | None, list[Finding]]:
    target = parts.features.target
    rows = parts.train.rows(len(target.classes))
    if not isinstance(kind, str):
        _check_ratio(kind, ratio, target.classes, rows)
        check_sampling_strategy(kind, [dict(zip(target.classes, rows.tolist(), strict=True))], "kind")
        return with_affordable_neighbours(estimator_by_code(kind, target.classes), int(rows.min()))
    row = _row_of(kind)
    wanted = wanted_rows(ratio, target.classes, rows, under=row.moves == "drops")
    if (wanted == rows).all():
        return None, [nothing_to_do(rows.tolist())]
    given = strategy_of(ratio, list(range(len(rows))), rows, wanted)
    asked = SamplerContext(parts.features.columns, parts.split_by.random_state, k_neighbors, given)
    return named_sampler(row.name, asked, int(rows[wanted > rows].min(initial=rows.max())))


def _check_ratio(kind: Estimator, ratio: Ratio, classes: tuple[Label, ...], rows: NDArray[np.int64]) -> None:
    """Refuse a ratio beside a sampler of the user's own, which has a parameter for it."""
    if ratio == Ratio():
        return
    does = getattr(kind, "_sampling_type", "")
    changes: dict[str, Any] = {"ratio": LEFT_OUT}
    if does in {"over-sampling", "under-sampling"}:
        wanted = wanted_rows(ratio, classes, rows, under=does == "under-sampling")
        changes["kind"] = clone(kind).set_params(
            sampling_strategy=strategy_of(ratio, list(classes), rows, wanted)
        )
    raise OptionError(
        f"ratio={one_line(ratio.rows or ratio.share)} is for named kinds. Give your sampler its own sampling_strategy.",
        fix=Fix(options=changes),
    )


def _check_memory(sampler: Estimator, kind: Any, ratio: Ratio, units: Units, parts: Parts) -> None:
    """Refuse what would not fit into memory, before any work."""
    found = too_much(sampler, units.train, *_growth(sampler, kind, ratio, parts), parts)
    if found is not None:
        raise ModelError(f"{found.reason}. {found.cure}", fix=found.fix(change(kind="oversample")))


def _work(sampler: Estimator, kind: Any, ratio: Ratio, units: Units, parts: Parts) -> Work:
    """Return the seconds that are due: for the search of neighbours, and for what is made of them."""
    if copies(sampler):
        return Work()
    search = seconds_of_search(units.train, parts.train.codes, parts.features.columns, sampler)
    held = bytes_held(sampler, units.train, *_growth(sampler, kind, ratio, parts))
    return Work(search=search, making=seconds_of_making(held))


def _growth(
    sampler: Estimator, kind: Any, ratio: Ratio, parts: Parts
) -> tuple[NDArray[np.int64], Callable[[NDArray[np.int64]], NDArray[np.int64]]]:
    """Return the rows of each class, and the function from such rows to those that are to be made."""
    classes = parts.features.target.classes
    if isinstance(kind, str):
        return parts.train.rows(
            len(classes)
        ), lambda rows: wanted_rows(ratio, classes, rows, under=False) - rows
    return parts.train.rows(len(classes)), partial(rows_to_make, sampler, np.arange(len(classes)))


def _other_kinds(
    sampler: Estimator, kind: Any, ratio: Ratio, k_neighbors: int, parts: Parts
) -> list[tuple[str, Estimator]]:
    """Return the kinds that may do instead of one that cannot work on these rows, the likest first."""
    drops = getattr(sampler, "_sampling_type", "over-sampling") != "over-sampling"
    names = ["undersample"] if drops else [smote_for(parts), "oversample"]
    made = ((name, _sampler(name, ratio, k_neighbors, parts)[0]) for name in names if name != kind)
    return [(name, other) for name, other in made if other is not None]


def _resampled(
    parts: Parts,
    units: Units,
    sampler: Estimator | None,
    made: ResampledRows | None,
    findings: Findings,
    unlabelled: pd.DataFrame,
) -> Resampled:
    train = parts.train
    if made is None:
        X, y = units.real, train.y
        synthetic = pd.Series(False, index=train.X.index, name="is_synthetic")
        weights = _weights(parts, np.arange(len(train)), train.X.index)
    else:
        index = index_of(parts, made)
        X = units.own_units(made).set_axis(index, axis=0)
        examples = np.zeros(len(parts.features.target.classes), dtype=np.intp)
        examples[train.codes] = np.arange(len(train.codes))
        y = train.y.iloc[examples[made.codes]].set_axis(index)
        synthetic = pd.Series(made.train_row < 0, index=index, name="is_synthetic")
        weights = _weights(parts, made.parents, index)
        remember((X, y), made.train_row < 0, units.test, unlabelled)
    return Resampled(X, units.test, y, parts.test.y, synthetic, sampler, units, parts, findings, weights)


def _weights(parts: Parts, parents: NDArray[np.intp] | None, index: pd.Index) -> pd.Series | None:
    """Return the weights of resampled rows, by the train rows that they come from; None where rows have none."""
    column = parts.features.weighting.column
    if column is None or parents is None:
        return None
    return as_float(parts.train.X[column]).iloc[parents].set_axis(index)
