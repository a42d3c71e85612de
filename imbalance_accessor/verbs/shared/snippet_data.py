"""The lines that every snippet begins with: from ``df`` to labels, features, a split and folds."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.cells import holds_other_cells, is_plain
from imbalance_accessor.data.column_kinds import is_written, reads_whole
from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Target
from imbalance_accessor.options import SEEDS
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer, code_of

if TYPE_CHECKING:
    from imbalance_accessor.metrics.arrays import Codes
    from imbalance_accessor.splitting.folds import Folds
    from imbalance_accessor.splitting.split import Parts, TestPart


def name_of(column: Hashable) -> str:
    """Write a column's name, or a label, as code: a literal, or the call that makes it."""
    return code_of(column)


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
    features = parts.features
    write_labels(writer, features.target, in_frame=features.in_frame, with_features=True, around=around)
    write_features(writer, features, names, plain=plain, raw=raw, picked=picked)
    write_own(writer, features)
    write_split(writer, parts, own=has_own(features))
    if parts.split_by.own_test:
        _write_cells(writer, features, names, plain=plain, raw=raw, test=parts.test)


def write_labels(
    writer: Writer,
    target: Target,
    *,
    in_frame: bool,
    with_features: bool = False,
    around: tuple[str, str] = ("", ""),
) -> None:
    """Write ``y``: the labels of the rows that have one; with features, their rows can be told by it.

    What stands around them makes something else of labels that a frame holds.
    """
    text = any(isinstance(label, str) for label in target.classes) or around[1].startswith(".astype")
    write_template(
        writer,
        "shared/parts/labels.py.j2",
        target=target,
        in_frame=in_frame,
        around=around,
        # scikit-learn takes no objects but text
        inferred=target.labels.dtype == object and not text and (with_features or not target.needs_codes),
        named=target.missing and with_features and not target.labels.index.is_unique,
    )


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
    picked = picked or len(dropped) > len(names)
    values = {"names": list(names), "dropped": dropped, "picked": picked, "rows": rows}
    write_template(writer, "shared/parts/features.py.j2", **values)
    is_own = bool(dropped and not picked and not rows)
    _write_cells(writer, features, names, plain=plain, raw=raw, is_own=is_own)


def labelled_rows(target: Target, *, in_frame: bool) -> str:
    """Write the choice of labelled rows; index labels that stand twice choose none."""
    if not target.missing:
        return ""
    if target.labels.index.is_unique:
        return ".loc[y.index]"
    return f"[df[{name_of(target.labels.name)}].notna()]" if in_frame else "[labelled]"


def _write_cells(
    writer: Writer,
    features: Features,
    names: Sequence[Hashable],
    *,
    plain: bool,
    raw: bool,
    is_own: bool = False,
    test: TestPart | None = None,
) -> None:
    """Write how cells of a part are read that are written as text, and made plain where no library takes them as they are.

    Parameters
    ----------
    is_own : bool
        Whether the variable is no frame of the user's, nor rows of one.
    test : TestPart, optional
        The part, where its rows are of another frame; else it is all rows of this one.
    """
    columns = features.columns
    written, X = (features.as_written, features.X) if test is None else (test.as_written, test.X)
    read = [] if raw else [name for name in names if name in columns.formats]
    formats = {
        name: columns.formats[name] for name in read if is_written(written[name], columns.formats[name])
    }
    numbers = [
        name
        for name in columns.numeric
        if plain and (name in columns.as_float or (test is not None and not is_plain(X[name])))
    ]
    others = [
        name
        for name in columns.categorical
        if plain
        and (name in columns.as_text or (test is not None and holds_other_cells(X[name], features.X[name])))
    ]
    if not (formats or numbers or others):
        return
    write_template(
        writer,
        "shared/parts/cells.py.j2",
        part="X" if test is None else "X_test",
        is_own=is_own,
        formats=formats,
        whole=[name for name, each in formats.items() if reads_whole(written[name], each)],
        numbers=numbers,
        mixed=[name for name in numbers if "mixed" in pd.api.types.infer_dtype(X[name])],
        others=others,
        as_text=columns.as_text,
    )


def has_own(features: Features) -> bool:
    """Whether rows have weights of their own."""
    return not features.weighting.are_ones


def write_own(writer: Writer, features: Features) -> None:
    """Write ``own``, the weights of the labelled rows, where they have any."""
    if not has_own(features):
        return
    column, in_frame = features.weighting.column, features.weighting.in_frame
    rows = labelled_rows(features.target, in_frame=features.in_frame)
    cells = f"df[{name_of(column)}]" if in_frame else "sample_weight"
    numbers = raw_numbers(writer, features, f"{cells}{rows}", column)
    write_template(writer, "shared/parts/own.py.j2", in_frame=in_frame, numbers=numbers)


def raw_numbers(writer: Writer, features: Features, cells: str, name: Hashable) -> str:
    """Write a column's cells, as they came, as an array of numbers."""
    written = features.columns.formats.get(name)
    if written is not None:
        writer.use_module("pandas", "pd")
        cells = written.code(cells)
    return f'{cells}.to_numpy("float64")'


def write_split(writer: Writer, parts: Parts, *, own: bool = False) -> None:
    """Write ``X_train, X_test, y_train, y_test``, by the rule that divided the rows; own: with the rows' weights."""
    rule, features = parts.split_by, parts.features
    divided = len(parts.test) > 0 and not rule.own_test
    values: dict[str, Any] = {"rule": rule, "divided": divided, "own": own}
    if is_drawn_anew(parts):
        writer.say_unseeded()
    if divided and rule.time is None:
        values["strata"] = _strata(writer, features.target)
    if rule.groups is not None:
        values["groups"] = (
            groups_code(writer, parts) if divided else ruling_column(writer, parts, rule.groups)
        )
    if divided and rule.groups is not None:
        values["taken"], values["dealt"] = rule.group_share(features.X[rule.groups].nunique())
    if rule.time is not None:
        values["time"] = ruling_column(writer, parts, rule.time)
    if rule.own_test and own:
        column = features.weighting.column
        values["own_test"] = raw_numbers(writer, features, f"test[{name_of(column)}]", column)
    write_template(writer, "shared/parts/split.py.j2", target=features.target.labels.name, **values)
    if parts.has_fewer_rows:
        labels = _strata(writer, features.target).replace("y", "y_train", 1)
        write_kept(writer, parts, labels, parts.train.codes)
        write_template(writer, "shared/parts/taken.py.j2", own=own)


def write_kept(writer: Writer, parts: Parts, labels: str, codes: Codes) -> None:
    """Write ``kept``: the positions of the train rows that are learned from.

    Parameters
    ----------
    labels : str
        The Series of what keeps a fair share each.
    codes : numpy.ndarray of int
        The same of the rows that were kept.
    """
    values = {"share": int(np.bincount(codes).max()), "seed": parts.split_by.random_state}
    write_template(writer, "shared/parts/kept.py.j2", labels=labels, **values)


def is_drawn_anew(parts: Parts) -> bool:
    """Whether each run divides the rows in another way."""
    split_by = parts.split_by
    by_chance = not split_by.own_test and split_by.time is None and len(parts.test) > 0
    by_chance = by_chance or parts.kept is not None or parts.has_fewer_rows
    return by_chance and split_by.random_state is None


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


def positive_rows(target: Target, labels: str, *, dtype: str = "") -> str:
    """Return the code that says which labels are those of the positive class; of some kinds by ``codes``.

    Truth values say it themselves; those of another column type than numpy's are brought to it.
    """
    if target.needs_codes:  # a tuple equals no row as it stands
        return f"{labels}.map(codes) == {target.positive!r}"
    if not target.of_truth_values:
        return f"{labels} == {name_of(target.pos_label)}"
    return f"{'' if target.pos_label else '~'}{labels}{'' if dtype == 'bool' else '.astype(bool)'}"


def write_outcome(writer: Writer, target: Target, *, divided: bool = True) -> None:
    """Write ``y`` as one class against the rest, after the split was stratified on all classes."""
    if not target.is_one_vs_rest:
        return
    if target.needs_codes:
        write_code_map(writer, target)
    write_template(writer, "shared/parts/outcome.py.j2", learned=positive_rows(target, ""), divided=divided)


def ruling_column(writer: Writer, parts: Parts, column: Hashable) -> str:
    """Return the cells that rule the split, read where they are written as text."""
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


def write_folds(writer: Writer, parts: Parts, folds: Folds, random_state: int | None) -> None:
    """Write ``folds``: pairs of train and scored positions within the training set; of several deals ``deals``."""
    rule = parts.split_by
    if random_state is None and rule.time is None:
        writer.say_unseeded()
    places = range(len(folds.deals))
    write_template(
        writer,
        "shared/parts/folds.py.j2",
        rule=rule,
        folds=folds,
        seeds=[None if random_state is None else (random_state + place) % SEEDS for place in places],
        are_fewer=any(deal.made != len(deal) for deal in folds.deals),
        learned="fold" if parts.kept is None else "(np.intersect1d(fold[0], kept), fold[1])",
    )
