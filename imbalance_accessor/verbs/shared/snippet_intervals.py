"""The functions of a snippet that give 95 % intervals, the same text in every snippet that has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.registry import rows
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.shared.snippet_data import name_of


def write_helpers(
    writer: Writer,
    parts: Parts,
    seed: int | None,
    resamples: Resamples,
    *,
    counted: bool = True,
    averaged: bool = False,
    by_kind: bool = False,
) -> None:
    """Write the draws and what makes ends of them, and the intervals of counted rows, as functions.

    Parameters
    ----------
    writer : Writer
    parts : Parts
    seed : int or None
    resamples : Resamples
        Of the rows that are reported.
    counted : bool
        Whether shares of counted rows are wanted.
    averaged : bool
        Whether figures are means over deals of the folds.
    by_kind : bool
        Whether rows are drawn by their kind; see `flag_kinds`.
    """
    geometric = [each.name for each in rows("decision") if each.interval == "log mover"]
    write_template(
        writer,
        "shared/full/intervals.py.j2",
        seed=seed or 0,
        resamples=resamples,
        is_counted=counted,
        geometric=geometric[0] if len(geometric) == 1 else tuple(geometric),
        is_grouped=parts.split_by.groups is not None,
        is_averaged=averaged,
        is_by_cell=by_kind,
    )


def write_logit(writer: Writer, groups: str | None, n_averaged: int = 1) -> None:
    """Write the interval of the area under the ROC curve, or of the mean of several, as a function."""
    grouped = groups is not None
    write_template(writer, "shared/full/logit.py.j2", is_grouped=grouped, n_averaged=n_averaged)


def write_ranking(writer: Writer) -> None:
    """Write the figures of the order of rows that count several times, as a function."""
    write_template(writer, "shared/full/ranking.py.j2", metrics=list(rows("ranking")))


def write_losses(writer: Writer, only: Sequence[str] | None = None) -> None:
    """Write each row's share in the figures of probabilities, as a function."""
    metrics = [metric for metric in rows("probability") if not only or metric.name in only]
    write_template(writer, "shared/full/losses.py.j2", metrics=metrics)


def write_decided(
    writer: Writer,
    more: Mapping[str, str] | None = None,
    *,
    compared: bool = True,
    arguments: str = "y, flag, times",
    before: Sequence[str] = (),
) -> None:
    """Write the figures of flagged rows that count several times, as a function.

    Parameters
    ----------
    writer : Writer
    more : mapping of str to str, optional
        Formulas of more figures.
    compared : bool
        Whether only metrics that `fit_eval` compares are wanted.
    arguments : str
    before : sequence of str
        Lines that these formulas need.
    """
    write_template(
        writer,
        "shared/full/decided.py.j2",
        metrics=list(rows("decision", compared=compared)),
        more=more or {},
        arguments=arguments,
        before=before,
    )


def write_shares(writer: Writer, *, compared: bool = True, deals: int = 1) -> None:
    """Write what is counted of what, as a function; the mean where rows are flagged once in each of several deals."""
    metrics = list(rows("decision", compared=compared))
    write_template(writer, "shared/full/shares.py.j2", metrics=metrics, deals=deals)


def draws_of(y: str, count: int, groups: str | None) -> str:
    """Write the call of the draws.

    Examples
    --------
    >>> draws_of("is_test", 1000, None), draws_of("is_test", 1000, "groups[held_out]")
    ('draws(is_test, 1000)', 'draws(is_test, 1000, groups[held_out])')
    """
    return f"draws({y}, {count}{'' if groups is None else f', {groups}'})"


def groups_of(parts: Parts) -> str | None:
    """Write the groups of the rows that are reported, if groups rule."""
    column = parts.split_by.groups
    if column is None:
        return None
    if not len(parts.test):
        return "groups_train"
    return f"test[{name_of(column)}]" if parts.split_by.own_test else "groups[held_out]"
