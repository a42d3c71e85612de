"""`smote`: split first, then resample the train part alone. The test part comes back as it was."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from imbalance_accessor.data.features import (
    ABOUT_FEATURES,
    Columns,
    Task,
    check_features,
    missing_cells,
    read_task,
)
from imbalance_accessor.data.synthetic_rows import refuse_made, remember
from imbalance_accessor.data.target import Label, Target
from imbalance_accessor.errors import FeatureError, OptionError, counted, listed, one_line, one_of
from imbalance_accessor.evaluation.runtime import long_work, said, seconds_of_search
from imbalance_accessor.findings import Finding, Findings, check_ignore, collect
from imbalance_accessor.modeling.models import Estimator
from imbalance_accessor.modeling.samplers import (
    Made,
    by_code,
    check_sampler,
    copies,
    named_sampler,
    resample,
    searched_sooner,
    with_affordable_neighbours,
)
from imbalance_accessor.modeling.sampling_ratio import Ratio, read_ratio, strategy_of, wanted_rows
from imbalance_accessor.modeling.seeds import about_seeds
from imbalance_accessor.modeling.strategies import TABLE, Asked, Row, kinds
from imbalance_accessor.options import check_flag, is_whole
from imbalance_accessor.present.recipe import write_code_map
from imbalance_accessor.progress import bar as progress_bar
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, laid_out
from imbalance_accessor.splitting.split import Parts, divide
from imbalance_accessor.verbs import smote_words
from imbalance_accessor.verbs.smote_data import ResampledData
from imbalance_accessor.verbs.smote_units import Units, learn_units
from imbalance_accessor.verbs.split import write_parts

#: Spreads that differ more than this let the widest column decide who is a neighbour.
SPREAD = 10.0
#: Rows drawn in the picture.
_DRAWN = 2000
#: Copied rows may hold any number, also infinite ones; a picture places them no further out.
_FAR = 1e150


@dataclass(frozen=True, repr=False, eq=False)
class Resampled(ResampledData):
    """A split whose train part was resampled; unpacks as ``X_train, X_test, y_train, y_test``.

    Attributes
    ----------
    X_train, X_test : pandas.DataFrame
        Features. Real train rows keep their index labels, made ones get new ones. No test row is made, dropped or
        moved; its cells are as they were, but for fills that you asked for, and text where no sampler takes the cells.
    y_train, y_test : pandas.Series
        Their labels.
    is_synthetic : pandas.Series of bool
        On the index of `X_train`: whether a row was made or copied.
    sampler : sampler or None
        What resampled, not fitted; None where there was nothing to do.
    parts : Parts
        The split before resampling.
    findings : Findings
        What the reader must know.
    """

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the same rows in plain imbalanced-learn: split first, then ``fit_resample`` on the train part."""
        check_library(library)
        check_style(style)
        writer = Writer()
        write_parts(writer, self.parts, list(self.X_test.columns), plain=not self.units.as_they_came)
        self.units.write(writer, scaled=self.sampler is not None)
        if self.sampler is not None:
            _write_sampler(writer, self.sampler, self.parts.task.target)
            self.units.write_back(writer)
        writer.add("print(y_train.value_counts())")
        return writer.text()

    @property
    def _kind(self) -> str:
        return "nothing" if self.sampler is None else type(self.sampler).__name__

    def _card(self) -> Card:
        made, before = int(self.is_synthetic.sum()), len(self.parts.train)
        after = len(self.X_train)
        change = (
            f"{self._kind}: {counted(before, 'train row')} became {after:,}"
            if self.sampler is not None
            else f"Nothing to do: {before:,} train rows stay"
        )
        kept = counted(len(self.X_test), "test row")
        filled = int(self.parts.test.X[list(self.units.fills)].isna().to_numpy().sum())
        return Card(
            title=f"{change}; the {kept} {'was' if len(self.X_test) == 1 else 'were'} not resampled",
            figures=(
                ("train", f"{before:,} → {counted(after, 'row')}, {made:,} of them made"),
                (
                    "test",
                    f"{counted(len(self.X_test), 'row')}, not resampled"
                    + (f", {counted(filled, 'cell')} filled as in train" if filled else ""),
                ),
            ),
            table=self.frame,
            notes=(self.parts.rule.text,),
            findings=self.findings,
            next=("X_train, X_test, y_train, y_test = df.imb.smote(...)",),
        )

    def _pictures(self) -> Mapping[str, Picture]:
        return {"before_after": Panels(2, self._draw)}

    def _draw(self, axes: Any) -> None:
        from imbalance_accessor.rendering.plots.scatter import before_after

        target = self.parts.task.target
        codes = self._codes
        made = self.is_synthetic.to_numpy()
        shown = np.random.default_rng(0).permutation(len(codes))[:_DRAWN]
        columns = self.parts.task.columns
        only = _only_number(self.X_train, columns)
        if only is None:
            xy, named = _two_components(self.X_train, made, columns), {}
        else:
            xy = _one_line_a_class(self.X_train[only], codes)
            named = {"axis_labels": (str(only), "one band a class, spread evenly")}
        before_after(axes, xy[shown], codes[shown], made[shown], target.classes, self._card().title, **named)
        if only is not None:
            for ax in axes:
                ax.set_yticks([])

    def _explain(self, audience: Audience) -> Sequence[str]:
        return smote_words.explain(self, audience)


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
    max_rows: int | None = None,
    pos_label: Label | None = None,
    ignore: Collection[str] = (),
) -> Resampled:
    """Split a frame, then resample its train part; the test part is not touched.

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
        Whether missing cells are filled: the train median, or ``"missing"`` for categories, in both parts.
    test_size : float, default 0.2
        Share of rows in the test part.
    random_state : int or None, default 0
        Seed of the split and of the sampler, handed on verbatim.
    test : pandas.DataFrame, optional
        A test part of your own; then nothing is split off.
    groups, time : hashable, optional
        A column that rules the split; see `split`.
    max_rows : int, optional
        Train rows to keep at most, drawn by class before they are resampled; a neighbour search grows with their square.
    pos_label : label, optional
        The class to name in the output; every class below the ratio is grown all the same.
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
    same train part and seed.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> X_train, X_test, y_train, y_test = imb.make_churn().imb.smote("churn", impute=True)
    >>> y_train.value_counts().to_dict(), len(X_test)
    ({'no': 1520, 'yes': 1520}, 400)
    """
    muted = check_ignore(ignore)
    refuse_made(data, test)
    wanted_ratio = read_ratio(ratio)
    _check_options(kind, k_neighbors, ratio)
    task = read_task(data, target, pos_label=pos_label, groups=groups, time=time)
    check_flag("scale", scale)
    check_flag("impute", impute)
    copying = copies(kind) if not isinstance(kind, str) else not _row_of(kind).interpolates
    names: list[Hashable] = list(task.X.columns) if copying else _usable(task, kind, impute)
    parts = divide(task, test_size=test_size, random_state=random_state, test=test, max_rows=max_rows)
    sampler, findings = _sampler(kind, wanted_ratio, k_neighbors, parts)
    units = learn_units(parts, names, impute=impute, scale=scale and not copying, as_is=copying)
    if sampler is not None and isinstance(kind, str) and not copying and not task.columns.categorical:
        sampler = searched_sooner(sampler, units.train.to_numpy(), parts.train.codes)
    findings += _column_findings(parts, sampler, units)
    findings += about_seeds([] if sampler is None else [sampler], random_state)
    made, long = None, []
    if sampler is not None:
        due = (
            0.0
            if copies(sampler)
            else seconds_of_search(units.train, parts.train.codes, task.columns, sampler)
        )
        long = long_work(due, parts, "The neighbour search")
        with progress_bar(1, shown=bool(long)) as bar:
            bar.set_description(f"{type(sampler).__name__}, {said(due)}")
            made = resample(sampler, units.train, parts.train.codes)
    hidden = ABOUT_FEATURES if copying else ()
    shown = collect([*parts.findings, *findings, *long], (*muted, *hidden))
    return _resampled(parts, units, sampler, made, shown, data.loc[task.target.codes < 0])


def _check_options(kind: Any, k_neighbors: Any, ratio: Any) -> None:
    if isinstance(kind, str):
        one_of("kind", kind, ("auto", *kinds()))
    else:
        check_sampler(kind)
        if ratio != 1.0:
            raise OptionError(
                f"ratio={one_line(ratio)} is for named kinds. Give your sampler its own sampling_strategy."
            )
    if not is_whole(k_neighbors) or k_neighbors < 1:
        raise OptionError(
            f"k_neighbors={one_line(k_neighbors)} must be a whole number, 1 or more. Use k_neighbors=5."
        )


def _row_of(kind: str) -> Row:
    return TABLE["smote" if kind == "auto" else kind]


def _usable(task: Task, kind: Any, impute: bool) -> list[Hashable]:
    """Return the columns that a neighbour search can use, or say what is wrong with them."""
    columns = task.columns
    check_features(task.X, columns)
    holes = missing_cells(task.X, columns)
    if holes and not impute:
        shown = ", ".join(f"{name!r} ({count:,})" for name, count in holes.items())
        raise FeatureError(
            f"Missing cells in {shown}; neighbours need values. Fill them, or pass impute=True."
        )
    plain_kinds = isinstance(kind, str) and kind != "auto"
    if columns.categorical and plain_kinds:
        raise FeatureError(
            f"kind={kind!r} takes numbers only; {listed(columns.categorical)} "
            f"{'is' if len(columns.categorical) == 1 else 'are'} categorical. "
            "Use kind='auto' (SMOTENC), or encode them first."
        )
    return list(columns.used)


def _sampler(
    kind: Any, ratio: Ratio, k_neighbors: int, parts: Parts
) -> tuple[Estimator | None, list[Finding]]:
    target = parts.task.target
    rows = parts.train.rows(len(target.classes))
    if not isinstance(kind, str):
        return with_affordable_neighbours(by_code(kind, target.classes), int(rows.min()))
    row = _row_of(kind)
    wanted = wanted_rows(ratio, target.classes, rows, under=row.moves == "drops")
    if (wanted == rows).all():
        sentence = f"The train part is at least as even as asked for ({listed(rows.tolist())} rows): nothing was done."
        return None, [Finding("IMB314", "note", sentence, "Nothing to do.")]
    given = strategy_of(ratio, list(range(len(rows))), rows, wanted)
    asked = Asked(parts.task.columns, parts.rule.random_state, k_neighbors, given)
    return named_sampler(row.name, asked, int(rows[wanted > rows].min(initial=rows.max())))


def _column_findings(parts: Parts, sampler: Estimator | None, units: Units) -> list[Finding]:
    if sampler is None or copies(sampler):
        return []
    columns = parts.task.columns
    return [*_spread_finding(units, columns), *_whole_finding(units.train, columns)]


def _spread_finding(units: Units, columns: Columns) -> list[Finding]:
    """Say when one column's spread decides who is a neighbour."""
    # column by column, which is complete and finite: the frame's own std is slower, since it looks for holes
    spreads = pd.Series({name: np.std(units.train[name].to_numpy()) for name in columns.numeric}, dtype=float)
    spreads = spreads[spreads > 0]
    if units.scales or len(spreads) < 2 or spreads.max() <= SPREAD * spreads.min():
        return []
    sentence = (
        f"Spreads differ {spreads.max() / spreads.min():,.0f}-fold: {spreads.idxmax()!r} (sd {spreads.max():,.3g}) "
        f"decides who is a neighbour, {spreads.idxmin()!r} (sd {spreads.min():,.3g}) hardly counts."
    )
    return [Finding("IMB307", "warning", sentence, "Search in standardised units: scale=True.")]


def _whole_finding(train: pd.DataFrame, columns: Columns) -> list[Finding]:
    """Say what interpolation does to whole numbers: it truncates integers and puts fractions between 0 and 1."""
    truncated = [name for name in columns.whole if train[name].dtype.kind in "iu"]
    between = [name for name in columns.whole if train[name].dtype.kind == "f"]
    said = []
    if truncated:
        said.append(
            f"In {listed(truncated)} new values are cut down to whole numbers, a little too low on average."
        )
    if between:
        said.append(f"In {listed(between)} real values are whole numbers, and new ones lie between them.")
    cure = (
        "Is one of them a code or a flag? Make that one categorical (astype('category')), so that SMOTENC treats it as such; "
        "counts may stay."
    )
    return [Finding("IMB308", "note", " ".join(said), cure)] if said else []


def _resampled(
    parts: Parts,
    units: Units,
    sampler: Estimator | None,
    made: Made | None,
    findings: Findings,
    unlabelled: pd.DataFrame,
) -> Resampled:
    train = parts.train
    if made is None:
        X, y = units.real, train.y
        synthetic = pd.Series(False, index=train.X.index, name="is_synthetic")
    else:
        index = _index_of(train.X.index, made, _next_number(parts))
        X = units.own_units(made).set_axis(index, axis=0)
        examples = np.zeros(len(parts.task.target.classes), dtype=np.intp)
        examples[train.codes] = np.arange(len(train.codes))
        y = train.y.iloc[examples[made.codes]].set_axis(index)
        synthetic = pd.Series(made.origin < 0, index=index, name="is_synthetic")
        remember((X, y), made.origin < 0, units.test, unlabelled)
    return Resampled(X, units.test, y, parts.test.y, synthetic, sampler, units, parts, findings)


def _next_number(parts: Parts) -> int:
    """Return the number after the largest index label of all rows, so that no made row is labelled like another."""
    known = (parts.task.target.labels.index, parts.test.X.index)
    return 1 + max((int(index.max()) for index in known if _is_whole(index)), default=-1)


def _is_whole(index: pd.Index) -> bool:
    return pd.api.types.is_integer_dtype(index.dtype) and not isinstance(index, pd.MultiIndex)


def _index_of(index: pd.Index, made: Made, first: int) -> pd.Index:
    """Real rows keep their index labels; made ones count on from `first`, or are ``("synthetic", i)``."""
    if _is_whole(index):
        new = made.origin < 0
        numbers = np.where(new, first - 1 + np.cumsum(new), np.asarray(index, dtype=np.int64)[made.origin])
        return pd.Index(numbers, name=index.name)
    count, blanks = itertools.count(), [""] * (index.nlevels - 2)
    labels = [index[at] if at >= 0 else ("synthetic", next(count), *blanks) for at in made.origin]
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_tuples(labels, names=index.names)
    return pd.Index(labels, dtype=object, name=index.name, tupleize_cols=False)


def _only_number(X: pd.DataFrame, columns: Columns) -> Hashable | None:
    """Return the one numeric feature of a frame that has no other, or None."""
    known = [name for name in X.columns if name in columns.numeric or name in columns.categorical]
    return known[0] if len(known) == 1 and known[0] in columns.numeric else None


def _one_line_a_class(feature: pd.Series, codes: Any) -> Any:
    """Place rows by their one feature from left to right, in a band for each class, the first class on top.

    The heights within a band are multiples of the golden ratio, modulo 1: spread evenly, and the same every time.
    """
    values = feature.astype("float64").clip(-_FAR, _FAR)
    heights = (np.arange(len(values)) * (np.sqrt(5) - 1) / 2) % 1.0 - 0.5
    return np.column_stack([values.fillna(values.median()).fillna(0.0), 0.6 * heights - codes])


def _two_components(X: pd.DataFrame, made: Any, columns: Columns) -> Any:
    """Project rows on two principal components of the real ones, in standardised units."""
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    numeric = [name for name in columns.numeric if name in X.columns]
    table = X[numeric].astype("float64").clip(-_FAR, _FAR)
    rest = [name for name in columns.categorical if name in X.columns]
    if len(numeric) < 2 and rest:
        table = pd.concat([table, pd.get_dummies(X[rest].astype(str)).astype("float64")], axis=1)
    values = table.fillna(table.median()).fillna(0.0).to_numpy()
    if values.shape[1] < 2:
        values = np.column_stack([values, np.zeros((len(values), 2 - values.shape[1]))])
    scaler = StandardScaler().fit(values[~made])
    # where all rows are the same, there is a share of no variance
    with np.errstate(invalid="ignore", divide="ignore"):
        found = PCA(2, random_state=0).fit(scaler.transform(values[~made]))
    return found.transform(scaler.transform(values))


def _write_sampler(writer: Writer, sampler: Estimator, target: Target) -> None:
    given, classes = sampler.get_params(deep=False).get("sampling_strategy"), target.classes
    if target.needs_codes:
        writer.add("# the sampler takes no labels of this kind, but their codes")
        write_code_map(writer, target)
        writer.add("y_train = y_train.map(codes).astype(int)")
    elif isinstance(given, dict):  # rows by code inside, by label for the reader
        labelled: Any = {classes[code]: count for code, count in given.items()}
        sampler = clone(sampler).set_params(sampling_strategy=labelled)
    elif isinstance(given, list):
        sampler = clone(sampler).set_params(sampling_strategy=[classes[code] for code in given])
    writer.add("# resample the train part only: done before the split, test rows would leak into it")
    writer.add(f"sampler = {laid_out(writer.expression(sampler), before=10)}")
    writer.add("X_train, y_train = sampler.fit_resample(X_train, y_train)")
    if target.needs_codes:
        writer.add("y_train = y_train.map({code: label for label, code in codes.items()})")
