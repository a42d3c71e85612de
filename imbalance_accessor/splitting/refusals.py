"""What is said where rows cannot be divided as asked: why, and the options that were tried and do divide them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from imbalance_accessor.data.checks import number_code
from imbalance_accessor.data.features import Features
from imbalance_accessor.data.lines import cells, kept_of
from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, SplitError, counted, listed
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.options import in_words
from imbalance_accessor.splitting.deals import RuledRows, SplitRule, group_codes, too_narrow, what_works


def rows_of(features: Features) -> RuledRows:
    """Return what rules how the rows of a frame are dealt."""
    X, codes = features.X, features.codes
    groups = None if features.groups is None else group_codes(X[features.groups])
    time = None if features.time is None else X[features.time].to_numpy()
    return RuledRows(codes, learned_of(features, codes), groups, time)


def learned_of(features: Features, codes: Codes) -> Codes:
    """Return what models learn: 0/1 where one of several classes is set against the rest, else the codes."""
    target = features.target
    return np.asarray(codes == target.positive, dtype=np.intp) if target.is_one_vs_rest else codes


def mended(features: Features, rule: SplitRule, options: Mapping[str, Any]) -> Fix:
    """Return the fix that changes options, and with them what else must change to deal these rows; empty where nothing does."""
    plain: dict[str, Any] = {"repeats": 1, "max_rows": None}
    changed: dict[str, Any] = {
        name: plain[name] if value is LEFT_OUT else value for name, value in options.items()
    }
    more = what_works(rows_of(features), replace(rule, **changed))
    return IN_WORDS if more is None else Fix(options={**options, **more})


def refuse(features: Features, rule: SplitRule, why: str, otherwise: str = "") -> NoReturn:
    """Raise the sentence that says why rows cannot be dealt, with options that deal them, or why none does.

    Parameters
    ----------
    features : Features
    rule : SplitRule
        What was asked for.
    why : str
        What is in the way, with its numbers.
    otherwise : str
        The cure in words, where no options help.
    """
    rows = rows_of(features)
    options = what_works(rows, rule)
    if options is not None:
        raise SplitError(f"{why} {in_words(options)}", fix=Fix(options=options))
    raise SplitError(f"{why} {_narrow(features, rows, rule) or otherwise or _more(features, rows, rule)}")


def refuse_rule(features: Features, rule: SplitRule, why: str) -> NoReturn:
    """Raise the sentence for a column of one value, which rules nothing: it is left out where the rest can be dealt."""
    option = "groups" if rule.groups is not None else "time"
    rows = replace(rows_of(features), groups=None, time=None)
    options = what_works(rows, replace(rule, groups=None, time=None))
    if options is None:
        raise SplitError(f"{why} More rows are needed.")
    options = {option: LEFT_OUT, **options}
    raise SplitError(f"{why} {in_words(options)}", fix=Fix(options=options))


def refuse_singles(features: Features, rule: SplitRule, why: str) -> NoReturn:
    """Raise the sentence for classes of one row, which are dropped where two classes can be dealt without them."""
    rows, singles = rows_of(features), np.flatnonzero(features.target.rows < 2)
    options = what_works(rows, rule)
    if options is not None:
        raise SplitError(f"{why} {in_words(options)}", fix=Fix(options=options))
    options = _without(rows, singles, rule, features.target.positive)
    if options is not None:
        cure = f"Drop such rows, or merge classes. {in_words(options)}".strip()
        raise SplitError(f"{why} {cure}", fix=Fix(_line_without_singles(features), options))
    several = len(features.target.classes) > 2
    raise SplitError(
        f"{why} {'Merge classes, or get more rows.' if several else 'More rows of it are needed.'}"
    )


def refuse_unweighted(features: Features, rule: SplitRule, part: str, absent: Codes) -> NoReturn:
    """Raise the sentence for a class whose rows in a part all weigh 0: such rows are dropped where the others can be dealt."""
    labels = listed([features.target.classes[code] for code in absent])
    why = f"In the {part} set every row of class {labels} has weight 0, so that it never counts."
    weights = features.weighting.own(features.X)
    assert weights is not None
    in_frame, column = features.weighting.in_frame, features.weighting.column
    options = what_works(rows_of(features).take(np.flatnonzero(weights > 0)), rule)
    if options is None or rule.own_test:
        raise SplitError(f"{why} More rows of it with a weight are needed.")
    beside = ["df", *([] if features.in_frame else ["y"]), *([] if in_frame else ["sample_weight"])]
    number = number_code(features.X[column], features.columns.formats)
    line = kept_of(beside, f"{number(cells(column) if in_frame else 'sample_weight')} > 0")
    cure = f"Drop rows of weight 0. {in_words(options)}".strip()
    raise SplitError(f"{why} {cure}", fix=Fix(line, options))


def _without(rows: RuledRows, singles: Codes, rule: SplitRule, positive: int | None) -> dict[str, Any] | None:
    """Return the options that deal the rows of the other classes; None where nothing does."""
    left = np.setdiff1d(rows.codes, singles)
    if len(left) < 2 or positive in singles:
        return None
    kept = rows.take(np.flatnonzero(np.isin(rows.codes, left)))
    codes = np.searchsorted(left, kept.codes)
    outcome = kept.outcome if positive is not None else codes
    return what_works(replace(kept, codes=codes, outcome=outcome), rule)


def _line_without_singles(features: Features) -> str:
    """Write the line that leaves out classes with one row."""
    if features.in_frame:
        return f"df = df[{cells(features.target.labels.name)}.duplicated(keep=False)]"
    return "df, y = df[y.duplicated(keep=False)], y[y.duplicated(keep=False)]"


def _more(features: Features, rows: RuledRows, rule: SplitRule) -> str:
    """Say in how many groups or times the rarest class lies, where no options divide these."""
    places, what, named = rows.groups, "group", rule.groups
    if places is None:
        places, what, named = rows.time, "time", rule.time
    if places is None:
        return "More rows of it are needed."
    code = int(np.argmin(np.bincount(rows.codes)))
    found = len(np.unique(places[rows.codes == code]))
    return (
        f"Class {features.target.classes[code]!r} lies in {counted(found, what)} of {named!r}; "
        "it takes rows of it in more of them."
    )


def _narrow(features: Features, rows: RuledRows, rule: SplitRule) -> str:
    """Say in how few groups or times a class lies, where that is what no option mends."""
    narrow = too_narrow(rows, rule)
    if narrow is None:
        return ""
    code, found, needed = narrow
    what, named = ("group", rule.groups) if rule.groups is not None else ("time", rule.time)
    return (
        f"All rows of class {features.target.classes[code]!r} lie in {counted(found, what)} of {named!r}; at least {needed} are "
        "needed. Collect rows of it from others."
    )
