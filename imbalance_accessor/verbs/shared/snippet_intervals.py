"""The functions of a snippet that give 95 % intervals, the same text in every snippet that has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.registry import rows
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.shared.snippet_data import name_of

_ENDS = '''\
def add_ends(row, sample):
    """Between them lie 95 % of the draws, and the figure itself."""
    for name in sample[0]:
        point, values = row[name], [drawn[name] for drawn in sample]
        low, high = np.quantile(values, [0.025, 0.975])
        if np.ptp(values) < 1e-12 and not name.startswith("cost"):  # no draw moves it
            rest = ndtri(0.975) ** 2 / ({rarest} + ndtri(0.975) ** 2)
            least = -1 if name.startswith("mcc") else 0
            low, high = max(low - rest, least), min(high + rest, 1)
        row[name + "_low"], row[name + "_high"] = min(low, point), max(high, point)'''

_COUNTED = '''\
def add_counted(row, counted):
    """Wilson's interval of k of n rows; of a mean of such shares MOVER's of theirs."""
    z2 = ndtri(0.975) ** 2
    for name, shares in counted.items():
        k, n = np.transpose(shares)
        half = np.sqrt(z2 * (k * (n - k) / np.maximum(n, 1) + z2 / 4))
        low = np.where(k > 0, (k + z2 / 2 - half) / (n + z2), 0)
        high = np.where(k < n, (k + z2 / 2 + half) / (n + z2), 1)
        p, back = k / np.maximum(n, 1), float
        if name.startswith({geometric}):  # on logs; 0 counts as its upper end
            ends = low, np.where(k > 0, p, high), high
            low, p, high = (np.log(np.maximum(each, 1e-99)) for each in ends)
            back = np.exp
        low = back(p.mean() - np.linalg.norm(p - low) / len(p))
        high = back(p.mean() + np.linalg.norm(high - p) / len(p)){wider}
        row[name + "_low"], row[name + "_high"] = low, high'''
_HELD = """
        # a mean over deals need not lie where its mean counts do
        low, high = min(low, row[name]), max(high, row[name])"""
_WIDER = """
        # rows of one group are alike: the wider of this and the draws'
        low, high = min(low, row[name + "_low"]), max(high, row[name + "_high"])"""

_LOGIT = '''\
def add_logit(row, name, sample, y{arguments}):
    """On logits, from the variance of the draws and a quarter {a_unit} of each class."""
    n = np.array([{units} for each in np.unique(y)])
    step = np.linalg.norm(1 / n) / {parts}
    se = np.hypot(np.std([drawn[name] for drawn in sample], ddof=1), step)
    point, p = row[name], np.clip(row[name], step, 1 - step)
    half = ndtri(0.975) * se / (p * (1 - p))
    row[name + "_low"] = min(expit(logit(p) - half), point)
    row[name + "_high"] = max(expit(logit(p) + half), point)'''

_RANKING = """\
def ranking(y, level, times):  # level: 0 for the highest score; ties share one
    hits, errors = (np.bincount(level, times * side) for side in (y, ~y))
    tp, fp = hits.cumsum(), errors.cumsum()
    return {{
{figures}
    }}"""

_LOSSES = """\
def losses(y, p):  # of each row
    eps = np.finfo(p.dtype).eps
    told = np.clip(np.where(y, p, 1 - p), eps, 1 - eps)
    return {{
{figures}
    }}"""

_DECIDED = """\
def decided({arguments}):
    kinds = (y & flag, ~y & flag, y & ~flag, ~y & ~flag)
    tp, fp, fn, tn = (float(times[rows].sum()) for rows in kinds)
{before}
    return {{
{figures}
    }}"""
#: What formulas of counts are written with, and how it follows from them.
_PARTS = {
    "recall": "tp / np.maximum(tp + fn, 1e-9)",
    "specificity": "tn / np.maximum(tn + fp, 1e-9)",
    "root": "np.sqrt((tp + fp) * (fn + tn)) * np.sqrt((tp + fn) * (fp + tn))",
}


def write_helpers(
    writer: Writer,
    parts: Parts,
    seed: int | None,
    resamples: Resamples,
    *,
    counted: bool = True,
    averaged: bool = False,
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
    """
    write_template(writer, "shared/full/draws.py.j2", seed=seed or 0, resamples=resamples)
    writer.use("scipy.special", "ndtri")
    write_function(writer, _ENDS.format(rarest=int(resamples.units_by_class.min())))
    if counted:
        geometric = [each.name for each in rows("decision") if each.interval == "log mover"]
        written = repr(geometric[0] if len(geometric) == 1 else tuple(geometric)).replace("'", '"')
        wider = ("" if parts.split_by.groups is None else _WIDER) + (_HELD if averaged else "")
        write_function(writer, _COUNTED.format(geometric=written, wider=wider))


def write_logit(writer: Writer, groups: str | None, n_averaged: int = 1) -> None:
    """Write the interval of the area under the ROC curve, or of the mean of several, as a function."""
    writer.use("scipy.special", "expit", "logit", "ndtri")
    units = "(y == each).sum()" if groups is None else "len(np.unique(groups[y == each]))"
    text = _LOGIT.format(
        arguments="" if groups is None else ", groups",
        a_unit="row" if groups is None else "group",
        units=units,
        parts=4 * n_averaged,
    )
    write_function(writer, text)


def logit_ends(y: str, groups: str | None) -> list[str]:
    """Write the calls that add these intervals to ``row``.

    Examples
    --------
    >>> logit_ends("true", None)
    ['add_logit(row, "roc_auc", sample, true)']
    """
    last = "" if groups is None else f", {groups}"
    names = [each.name for each in rows("ranking") if each.interval == "logit"]
    return [f'add_logit(row, "{name}", sample, {y}{last})' for name in names]


def write_ranking(writer: Writer) -> None:
    """Write the figures of the order of rows that count several times, as a function."""
    figures = {metric.name: metric.formula for metric in rows("ranking")}
    write_function(writer, _RANKING.format(figures=entries(figures)))


def write_losses(writer: Writer, only: Sequence[str] | None = None) -> None:
    """Write each row's share in the figures of probabilities, as a function."""
    figures = {
        metric.name: metric.formula for metric in rows("probability") if not only or metric.name in only
    }
    write_function(writer, _LOSSES.format(figures=entries(figures)))


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
    figures = {metric.name: metric.formula for metric in rows("decision", compared=compared)}
    lines = [*parts_of(figures.values()), *before]
    text = _DECIDED.format(
        arguments=arguments, figures=entries({**figures, **(more or {})}), before="\n".join(lines)
    )
    write_function(writer, text)


def entries(formulas: Mapping[str, str], indent: int = 8) -> str:
    """Write the lines of a dict."""
    return "\n".join(f'{" " * indent}"{name}": {formula},' for name, formula in formulas.items())


def parts_of(formulas: Iterable[str]) -> list[str]:
    """Write the lines that formulas of counts need before them."""
    words = {word for formula in formulas for word in re.findall(r"\w+", formula)}
    return [f"    {name} = {how}" for name, how in _PARTS.items() if name in words]


def write_shares(writer: Writer, *, compared: bool = True, deals: int = 1) -> None:
    """Write what is counted of what, as a function; the mean where rows are flagged once in each of several deals."""
    cells = {"tp": "y & flag", "fp": "~y & flag", "fn": "y & ~flag", "tn": "~y & ~flag"}
    shares = {
        metric.name: "[" + ", ".join(f"({' + '.join(k)}, {' + '.join(n)})" for k, n in metric.shares) + "]"
        for metric in rows("decision", compared=compared)
        if metric.shares
    }
    total = "int(({}).sum())" if deals == 1 else f"({{}}).sum() / {deals}"
    counted = [f"    {name} = {total.format(kind)}" for name, kind in cells.items()]
    write_function(
        writer, "\n".join(["def shares(y, flag):", *counted, "    return {", entries(shares), "    }"])
    )


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


def write_function(writer: Writer, text: str) -> None:
    """Write a function."""
    writer.add(*text.splitlines())
