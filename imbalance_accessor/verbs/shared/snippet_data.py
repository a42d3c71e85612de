"""The lines that every snippet begins with: from ``df`` to labels, features, a split and folds."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from imbalance_accessor.data.cells import holds_other_cells, is_plain
from imbalance_accessor.data.column_kinds import is_written, reads_whole
from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Target
from imbalance_accessor.options import SEEDS
from imbalance_accessor.rendering.snippets.templates import broken
from imbalance_accessor.rendering.snippets.writer import Group, Writer, code_of

if TYPE_CHECKING:
    from imbalance_accessor.metrics.arrays import Codes
    from imbalance_accessor.splitting.folds import Folds
    from imbalance_accessor.splitting.split import Parts

#: The lines that take the rows of each side, by ``held_out``.
_PARTED = ("X_train, X_test = X[~held_out], X[held_out]", "y_train, y_test = y[~held_out], y[held_out]")


def name_of(column: Hashable) -> str:
    """Write a column's name, or a label, as code: a literal, or the call that makes it."""
    return code_of(column)


def write_labels(
    writer: Writer,
    target: Target,
    *,
    in_frame: bool,
    name: str = "y",
    with_features: bool = False,
    around: tuple[str, str] = ("", ""),
) -> None:
    """Write ``y``: the labels of the rows that have one; with features, their rows can be told by it.

    What stands around them makes something else of labels that a frame holds.
    """
    end = ".dropna()" if target.missing else ""
    text = any(isinstance(label, str) for label in target.classes)
    is_typed = around[1].startswith(".astype")
    if target.labels.dtype == object and not (text or is_typed) and (with_features or not target.needs_codes):
        end += ".infer_objects()"  # scikit-learn takes no objects but text
    if target.as_float:
        end += ".astype(float)"
    if not in_frame:
        writer.add(f"# {name} is the Series of labels that you passed")
        if target.missing and with_features and not target.labels.index.is_unique:
            writer.add(f"labelled = {name}.notna().to_numpy()")
        if end:
            writer.add(f"{name} = {name}{end}")
        return
    column = name_of(target.labels.name)
    writer.assign(name, Group(f"{around[0]}df[", (("", column),), f"]{end}{around[1]}"))


def has_own(features: Features) -> bool:
    """Whether rows have weights of their own."""
    return not features.weighting.are_ones


def write_own(writer: Writer, features: Features) -> None:
    """Write ``own``, the weights of the labelled rows, where they have any."""
    if not has_own(features):
        return
    column, rows = features.weighting.column, labelled_rows(features.target, in_frame=features.in_frame)
    cells = f"df[{name_of(column)}]{rows}"
    if not features.weighting.in_frame:
        writer.add("# sample_weight is the Series of row weights that you passed")
        cells = f"sample_weight{rows}"
    writer.add(f"own = {raw_numbers(writer, features, cells, column)}  # row weights, no feature")


def write_features(
    writer: Writer,
    features: Features,
    names: Sequence[Hashable],
    *,
    plain: bool,
    raw: bool = False,
    picked: bool = False,
) -> None:
    """Write ``X`` for the labelled rows, read what is written as text, and make plain cells of those that no library takes."""
    rows = labelled_rows(features.target, in_frame=features.in_frame)
    kept = set(names)
    if not features.weighting.in_frame:
        kept.add(features.weighting.column)  # which stands beside the frame
    dropped = [*features.taken_out, *(name for name in features.X.columns if name not in kept)]
    if not dropped and not picked:
        writer.add(f"X = df{rows}")
    elif len(dropped) <= len(names) and not picked:
        writer.assign("X", Group("df.drop(", (("columns=", writer.expression(dropped)),), f"){rows}"))
    else:
        writer.assign("X", Group("df[", (("", writer.expression(list(names))),), f"]{rows}"))
    if not raw:
        _write_read(writer, features, "X", features.as_written, names)
    if plain:
        _write_plain(writer, features, "X")


def _write_read(
    writer: Writer, features: Features, part: str, written: pd.DataFrame, names: Sequence[Hashable]
) -> None:
    """Write how numbers and dates that are written as text are read."""
    formats = features.columns.formats
    read = [name for name in names if name in formats and is_written(written[name], formats[name])]
    if not read:
        return
    writer.use_module("pandas", "pd")
    _write_copy(writer, features, part)
    for name in read:
        column = f"{part}[{name_of(name)}]"
        floats = ".astype(float)" if reads_whole(written[name], formats[name]) else ""
        writer.add(*broken(f"{column} = {formats[name].code(column)}{floats}"))


def _write_copy(writer: Writer, features: Features, part: str) -> None:
    """Write a copy, whose columns may be set; nothing where the part is no frame of the user's, nor rows of one, by then."""
    copy = f"{part} = {part}.copy()"
    rows = labelled_rows(features.target, in_frame=features.in_frame)
    is_own = not rows and any(line.startswith(f"{part} = df.drop(") for line in writer.lines)
    if not is_own and copy not in writer.lines:
        writer.add(copy)


def labelled_rows(target: Target, *, in_frame: bool) -> str:
    """Write the choice of labelled rows; index labels that stand twice choose none."""
    if not target.missing:
        return ""
    if target.labels.index.is_unique:
        return ".loc[y.index]"
    return f"[df[{name_of(target.labels.name)}].notna()]" if in_frame else "[labelled]"


def _write_plain(writer: Writer, features: Features, part: str, own: pd.DataFrame | None = None) -> None:
    """Make plain cells of a part's features where no library takes them as they are; own: rows of another frame."""
    columns = features.columns
    floats = [
        name
        for name in columns.numeric
        if name in columns.as_float or (own is not None and not is_plain(own[name]))
    ]
    others = [name for name in columns.categorical if name not in columns.as_text]
    holed = [name for name in others if own is not None and holds_other_cells(own[name], features.X[name])]
    if not (floats or holed or columns.as_text):
        return
    _write_copy(writer, features, part)
    for name in floats:
        writer.use_module("pandas", "pd")
        column, cells = f"{part}[{name_of(name)}]", (features.X if own is None else own)[name]
        mixed = pd.api.types.is_object_dtype(cells.dtype) and "mixed" in pd.api.types.infer_dtype(cells)
        number = f'{column}.map(float, na_action="ignore")' if mixed else column  # pandas reads no fractions
        writer.add(f'{column} = pd.to_numeric({number}).to_numpy("float64", na_value=float("nan"))')
    for name in columns.categorical:
        column = f"{part}[{name_of(name)}]"
        if name in columns.as_text:
            writer.add(
                f'text = {column}.astype(object).map(str, na_action="ignore")',
                f'{column} = text.where(text.notna(), float("nan")).astype(object)',
            )
        elif name in holed:
            writer.add(f'{column} = {column}.astype(object).where({column}.notna(), float("nan"))')


def raw_numbers(writer: Writer, features: Features, cells: str, name: Hashable) -> str:
    """Write a column's cells, as they came, as an array of numbers."""
    written = features.columns.formats.get(name)
    if written is not None:
        writer.use_module("pandas", "pd")
        cells = written.code(cells)
    return f'{cells}.to_numpy("float64")'


def write_split(writer: Writer, parts: Parts, *, own: bool = False) -> None:
    """Write ``X_train, X_test, y_train, y_test``, by the rule that divided the rows; own: with the rows' weights."""
    split_by, by_chance = parts.split_by, False
    if is_drawn_anew(parts):
        writer.say_unseeded()
    if not len(parts.test):
        _write_undivided(writer, parts)
    elif split_by.own_test:
        target = name_of(parts.features.target.labels.name)
        writer.add(
            "# test is the frame of your own",
            f"test = test[test[{target}].notna()]",
            "X_train, y_train = X, y",
            f"X_test, y_test = test[X.columns], test[{target}]",
        )
        _write_ruled(writer, parts)
    elif split_by.groups is not None:
        _write_group_split(writer, parts)
    elif split_by.time is not None:
        _write_time_split(writer, parts)
    else:
        by_chance = True
        writer.use("sklearn.model_selection", "train_test_split")
        strata = _strata(writer, parts.features.target)
        end = f"test_size={split_by.test_size!r}, stratify={strata}, random_state={split_by.random_state!r}"
        made, given = (", own_train, own_test", ", own") if own else ("", "")
        writer.add(
            f"X_train, X_test, y_train, y_test{made} = train_test_split(", f"    X, y{given}, {end}", ")"
        )
    if own and not by_chance:
        _write_own_parts(writer, parts)
    if parts.has_fewer_rows:
        write_kept(
            writer,
            parts,
            _strata(writer, parts.features.target).replace("y", "y_train", 1),
            parts.train.codes,
        )
        writer.add("X_train, y_train = X_train.iloc[kept], y_train.iloc[kept]")
        writer.add(*(["own_train = own_train[kept]"] if own else []))


def _write_own_parts(writer: Writer, parts: Parts) -> None:
    """Write the row weights of both parts, where a rule divided the rows, or nothing did."""
    if not len(parts.test):
        writer.add("own_train = own")
    elif parts.split_by.own_test:
        column = parts.features.weighting.column
        own_test = raw_numbers(writer, parts.features, f"test[{name_of(column)}]", column)
        writer.add(f"own_train, own_test = own, {own_test}")
    else:
        writer.add("own_train, own_test = own[~held_out], own[held_out]")


def write_kept(writer: Writer, parts: Parts, labels: str, codes: Codes) -> None:
    """Write ``kept``: the positions of the train rows that are learned from.

    Parameters
    ----------
    labels : str
        The Series of what keeps a fair share each.
    codes : numpy.ndarray of int
        The same of the rows that were kept.
    """
    writer.use_module("numpy", "np")
    seed, share = parts.split_by.random_state, int(np.bincount(codes).max())
    writer.add(
        f"# learn from at most {share:,} rows of a class",
        f"mixed = {labels}.reset_index(drop=True).sample(frac=1, random_state={seed!r})",
        f"kept = np.sort(mixed.groupby(mixed, observed=True).head({share}).index)",
    )


def is_drawn_anew(parts: Parts) -> bool:
    """Whether each run divides the rows in another way."""
    split_by = parts.split_by
    by_chance = not split_by.own_test and split_by.time is None and len(parts.test) > 0
    by_chance = by_chance or parts.kept is not None or parts.has_fewer_rows
    return by_chance and split_by.random_state is None


def _write_undivided(writer: Writer, parts: Parts) -> None:
    writer.add("X_train, y_train = X, y  # nothing is held out")
    _write_ruled(writer, parts)


def _write_ruled(writer: Writer, parts: Parts) -> None:
    """Write what rules the folds, where the whole frame is learned from."""
    if parts.split_by.groups is not None:
        writer.add(f"groups_train = {ruling_column(writer, parts, parts.split_by.groups)}")
    if parts.split_by.time is not None:
        writer.add(f"time_train = {ruling_column(writer, parts, parts.split_by.time)}.to_numpy()")


def _strata(writer: Writer, target: Target) -> str:
    """Return what a split is stratified by: the labels, or their codes where scikit-learn cannot distinguish them."""
    if not target.needs_codes:
        return "y"
    write_code_map(writer, target)
    return "y.map(codes)"


def write_code_map(writer: Writer, target: Target) -> None:
    """Write ``codes``, each label's number, unless it stands there already."""
    if not any(line.startswith("codes = {") for line in writer.lines):
        writer.assign("codes", writer.expression({label: code for code, label in enumerate(target.classes)}))


def write_outcome(writer: Writer, target: Target, *, divided: bool = True) -> None:
    """Write ``y`` as one class against the rest, after the split was stratified on all classes."""
    if not target.is_one_vs_rest:
        return
    name, label = "{}", name_of(target.pos_label)
    if target.needs_codes:  # a tuple equals no row as it stands
        write_code_map(writer, target)
        name, label = "{}.map(codes)", repr(target.positive)
    parts = ("y_train", "y_test") if divided else ("y_train",)
    made = ", ".join(f"{name.format(part)} == {label}" for part in parts)
    writer.add(f"{', '.join(parts)} = {made}")


def ruling_column(writer: Writer, parts: Parts, column: Hashable) -> str:
    """Write the column of groups or times, of the labelled rows, read where it is written as text."""
    features = parts.features
    rows = labelled_rows(features.target, in_frame=features.in_frame)
    cells, formats = f"df[{name_of(column)}]{rows}", features.columns.formats
    if column not in formats:
        return cells
    writer.use_module("pandas", "pd")
    return formats[column].code(cells)


def groups_code(writer: Writer, parts: Parts) -> str:
    """Write the groups, as numbers where numpy cannot sort them."""
    column = ruling_column(writer, parts, parts.split_by.groups)
    cells = parts.features.X[parts.split_by.groups]
    try:
        sortable = np.unique(np.asarray(cells)).size > 0
    except TypeError:
        sortable = False
    if not sortable or any(isinstance(cell, Set) for cell in cells.unique()):  # sets have half an order
        writer.use_module("pandas", "pd")
        of_categories = isinstance(cells.dtype, pd.CategoricalDtype)
        return f"pd.factorize({column}{'.astype(object)' if of_categories else ''}, sort=True)[0]"
    return column


def _write_group_split(writer: Writer, parts: Parts) -> None:
    split_by = parts.split_by
    taken, dealt = split_by.group_share(parts.features.X[split_by.groups].nunique())
    writer.use_module("numpy", "np")
    writer.use("sklearn.model_selection", "StratifiedGroupKFold")
    strata = _strata(writer, parts.features.target)
    writer.add(
        f"groups = {groups_code(writer, parts)}",
        f"deal = StratifiedGroupKFold({dealt}, shuffle=True, random_state={split_by.random_state!r})",
        f"sides = [side for _, side in deal.split(X, {strata}, groups)]",
        "held_out = np.zeros(len(y), dtype=bool)",
        f"held_out[np.concatenate(sides[:{taken}])] = True",
        *_PARTED,
        "groups_train = groups[~held_out]",
    )


def _write_time_split(writer: Writer, parts: Parts) -> None:
    writer.use_module("numpy", "np")
    writer.add(
        f"time = {ruling_column(writer, parts, parts.split_by.time)}.to_numpy()",
        'order = np.argsort(time, kind="stable")',
        "changes = np.flatnonzero(time[order][1:] != time[order][:-1]) + 1",
        f"ideal = (1 - {parts.split_by.test_size!r}) * len(time)",
        "held_out = np.zeros(len(time), dtype=bool)",
        "held_out[order[changes[np.argmin(np.abs(changes - ideal))] :]] = True",
        *_PARTED,
        "time_train = time[~held_out]",
    )


def write_folds(writer: Writer, parts: Parts, folds: Folds, random_state: int | None) -> None:
    """Write ``folds``: pairs of train and scored positions within the training set; of several deals ``deals``."""
    split_by, made = parts.split_by, folds.made
    if folds.again:
        _write_deals(writer, parts, folds, random_state)
        return
    if random_state is None and split_by.time is None:
        writer.say_unseeded()
    if split_by.time is not None:
        writer.add(
            'order = np.argsort(time_train, kind="stable")',
            "changes = np.flatnonzero(time_train[order][1:] != time_train[order][:-1]) + 1",
            f"ideal = np.arange(1, {made + 1}) * len(order) / {made + 1}",
            "boundaries = np.unique([changes[np.argmin(np.abs(changes - at))] for at in ideal])",
            "blocks = zip(boundaries, [*boundaries[1:], len(order)])",
            "folds = [(np.sort(order[:a]), np.sort(order[a:b])) for a, b in blocks]",
        )
    elif split_by.groups is not None:
        writer.use("sklearn.model_selection", "StratifiedGroupKFold")
        writer.add(
            f"deal = StratifiedGroupKFold({made}, shuffle=True, random_state={random_state!r})",
            "folds = list(deal.split(X_train, y_train, groups_train))",
        )
    else:
        writer.use("sklearn.model_selection", "StratifiedKFold")
        writer.add(f"deal = StratifiedKFold({made}, shuffle=True, random_state={random_state!r})")
        writer.add("folds = list(deal.split(X_train, y_train))")
    if made != len(folds):
        writer.add(
            "# folds that lack a class on one side are dropped",
            "whole = y_train.nunique()",
            "folds = [",
            f"    fold for fold in folds if all(y_train.iloc[s].nunique() == whole for s in {_sides(parts)})",
            "]",
        )


def _write_deals(writer: Writer, parts: Parts, folds: Folds, random_state: int | None) -> None:
    """Write the folds of each deal."""
    if random_state is None:
        writer.say_unseeded()
    kind = "StratifiedKFold" if parts.is_stratified else "StratifiedGroupKFold"
    writer.use("sklearn.model_selection", kind)
    seeds = [random_state] * len(folds.deals)
    if random_state is not None:
        seeds = [(random_state + place) % SEEDS for place in range(len(folds.deals))]
    groups = "" if parts.is_stratified else ", groups_train"
    writer.add(
        "deals = []",
        f"for seed in {seeds!r}:",
        f"    deal = {kind}({folds.made}, shuffle=True, random_state=seed)",
        f"    deals.append(list(deal.split(X_train, y_train{groups})))",
    )
    if any(deal.made != len(deal) for deal in folds.deals):
        writer.add(
            "# folds that lack a class on one side are dropped",
            "whole = y_train.nunique()",
            "deals = [",
            f"    [fold for fold in folds if all(y_train.iloc[s].nunique() == whole for s in {_sides(parts)})]",
            "    for folds in deals",
            "]",
        )


def _sides(parts: Parts) -> str:
    """Write the rows that a fold learns from, and those that it scores."""
    return "fold" if parts.kept is None else "(np.intersect1d(fold[0], kept), fold[1])"


def write_parts(
    writer: Writer,
    parts: Parts,
    names: list[Hashable],
    *,
    plain: bool,
    raw: bool = False,
    picked: bool = False,
    around: tuple[str, str] = ("", ""),
) -> None:
    """Write the lines from ``df`` to the four parts; picked: whether ``df`` may hold columns besides."""
    target, in_frame = parts.features.target, parts.features.in_frame
    write_labels(writer, target, in_frame=in_frame, with_features=True, around=around)
    write_features(writer, parts.features, names, plain=plain, raw=raw, picked=picked)
    write_own(writer, parts.features)
    write_split(writer, parts, own=has_own(parts.features))
    if not raw and parts.split_by.own_test:
        _write_read(writer, parts.features, "X_test", parts.test.as_written, names)
    if plain and parts.split_by.own_test:
        _write_plain(writer, parts.features, "X_test", parts.test.X)
