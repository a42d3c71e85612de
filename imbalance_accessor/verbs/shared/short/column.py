"""The lines of scores that come in a column of the frame: nothing is fitted, and where it can be no other column is read."""

from __future__ import annotations

from dataclasses import dataclass

from imbalance_accessor.data.lazy.sampling_code import numbers_of_ids
from imbalance_accessor.data.target import Target
from imbalance_accessor.evaluation.fit import answers
from imbalance_accessor.evaluation.strategy_scores import ColumnScores
from imbalance_accessor.evaluation.table_scores import TableScores
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared import snippet_data, snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import (
    has_own,
    name_of,
    positive_rows,
    raw_numbers,
    write_code_map,
)


@dataclass(frozen=True)
class ColumnNames:
    """What a program calls the scores and the outcome of both parts.

    Attributes
    ----------
    p_train, p_test : str
    y_train, y_test : str
        True where a row is positive: Series ``y`` or ``y_train`` and ``y_test``, else arrays.
    truth : tuple of (str, str)
        What stands around the labels of all rows, ``y``, to make truth values of them.
    """

    p_train: str = "p_train"
    p_test: str = "p_test"
    y_train: str = "y_train"
    y_test: str = "y_test"
    truth: tuple[str, str] = ("", "")


def write_column(writer: Writer, scores: ColumnScores, *, more: bool = False) -> ColumnNames:
    """Write the scores of a column, and the outcome, divided as the result's are; more: where other columns are read too."""
    if isinstance(scores, TableScores):
        return _write_table(writer, scores)
    if not more and _reads_no_other(scores):
        return _write_alone(writer, scores)
    parts, column, divided = scores.scored.parts, scores.column, scores.scored.held_out
    target = parts.features.target
    coded = answers(target).dtype == object
    snippet_data.write_parts(
        writer, parts, list(parts.features.X.columns), plain=False, raw=True, picked=parts.split_by.own_test
    )
    snippet_data.write_outcome(writer, target, divided=divided)
    if coded:
        snippet_scores.write_codes(writer, target, divided=divided)
    snippet_scores.write_sides(writer, scores.scored, coded=coded)
    for part in ("train", "test") if divided else ("train",):
        writer.add(
            f"p_{part} = {raw_numbers(writer, parts.features, f'X_{part}[{name_of(column)}]', column)}"
        )
    return ColumnNames(y_train="is_train", y_test="is_test", truth=_truth(target))


def _truth(target: Target) -> tuple[str, str]:
    if target.of_truth_values and not target.is_one_vs_rest:
        return "" if target.pos_label else "~", ".astype(bool)"
    if target.needs_codes:
        return "", f".map(codes) == {target.positive!r}"
    return "", f" == {name_of(target.pos_label)}"


def _write_alone(writer: Writer, scores: ColumnScores) -> ColumnNames:
    parts = scores.scored.parts
    target, split_by = parts.features.target, parts.split_by
    features, weighting = parts.features, parts.features.weighting
    cells, labels = (f"df[{name_of(name)}]" for name in (scores.column, target.labels.name))
    own = f"df[{name_of(weighting.column)}]"
    write_template(
        writer,
        "shared/short/column.py.j2",
        cells=raw_numbers(writer, features, cells, scores.column),
        own=raw_numbers(writer, features, own, weighting.column) if has_own(features) else "",
        outcome=positive_rows(target, labels, dtype=str(target.labels.dtype)),
        strata="y" if target.is_binary and target.positive == 1 else labels,
        is_divided=scores.scored.held_out,
        test_size=repr(split_by.test_size),
        random_state=repr(split_by.random_state),
    )
    return ColumnNames() if scores.scored.held_out else ColumnNames("p", y_train="y")


def _write_table(writer: Writer, scores: TableScores) -> ColumnNames:
    """Write the column of a table, divided by splitmix64 of the place of each row as the result's rows are."""
    parts = scores.scored.parts
    target, split_by = parts.features.target, parts.split_by
    label = target.labels.name
    if target.needs_codes:
        write_code_map(writer, target)
    ids = [] if scores.id is None else [scores.id]
    write_template(
        writer,
        "shared/short/table_column.py.j2",
        read=scores.table.lines_of_cells([label, scores.column, *ids]),
        first=_first_numbers(scores),
        by_id=scores.id is not None,
        target=name_of(label),
        scores=name_of(scores.column),
        seed=split_by.random_state or 0,
        is_divided=scores.scored.held_out,
        test_size=repr(split_by.test_size),
        missing=bool(target.missing),
        drawn="in_test" if scores.scored.held_out else "z",
        outcome=f"({positive_rows(target, f'table[{name_of(label)}]')}).to_numpy()",
    )
    return ColumnNames() if scores.scored.held_out else ColumnNames("p", y_train="y")


def _first_numbers(scores: TableScores) -> str:
    """Write the number that each row is divided by, one more than its place or id is."""
    if scores.id is None:
        return 'np.arange(1, len(table) + 1, dtype="uint64")'
    are_text = not scores.table.is_integer(scores.id)
    return f"({numbers_of_ids(scores.id, are_text=are_text, frame='table')} + np.uint64(1))"


def _reads_no_other(scores: ColumnScores) -> bool:
    """Whether all rows of the frame are divided by chance, or not at all, and no column but the scores is read."""
    parts = scores.scored.parts
    target, split_by = parts.features.target, parts.split_by
    return (
        parts.features.in_frame
        and parts.features.weighting.in_frame
        and not (target.missing or target.needs_codes or target.as_float)
        and (target.labels == target.pos_label).dtype == bool
        and not (split_by.own_test or split_by.groups is not None or split_by.time is not None)
        and not parts.has_fewer_rows
        and split_by.random_state is not None
    )
