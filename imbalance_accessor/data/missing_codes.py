"""Cells that stand for something else: words and numbers that say "missing"; different cells that are written alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.lines import assigned, code
from imbalance_accessor.data.number_text import is_blank, is_missing_word
from imbalance_accessor.errors import Fix, listed, makes_missing
from imbalance_accessor.findings import Finding

#: Numbers that are often written for a missing cell.
MISSING_NUMBERS = (-1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999)
#: Rows that are looked at to tell whether a column holds one of them, and the least that make a habit.
_SAMPLE, _HABIT = 1_000, 3
#: From here on a number far from all others says "missing" by its distance alone.
_FAR = 99


def missing_code_findings(
    X: pd.DataFrame,
    numbers: Mapping[Hashable, pd.Series],
    categorical: Sequence[Hashable],
    as_text: Collection[Hashable] = (),
    *,
    names: tuple[str, ...] = ("df",),
) -> list[Finding]:
    """Find cells that stand for something else; nothing is changed, each finding has the line that mends it.

    Parameters
    ----------
    X : pandas.DataFrame
        Features.
    numbers : mapping of hashable to pandas.Series
        The numeric columns, their cells as floats or as whole numbers that numpy takes.
    categorical : sequence of hashable
        Names of the categorical ones.
    as_text : collection of hashable
        Those of the categorical ones whose cells become text.
    names : tuple of str
        What the frames are called, in lines that mend them.

    Returns
    -------
    list of Finding
    """
    words: dict[Hashable, list[str]] = {}
    for name in categorical:
        if pd.api.types.is_bool_dtype(X[name].dtype):
            continue
        levels = [cell for cell in X[name].dropna().unique() if isinstance(cell, str)]
        missing = [cell for cell in levels if is_missing_word(cell)]
        if found := sorted(filter(is_blank, missing)):
            words[name] = found
    marks = {name: mark for name, cells in numbers.items() if (mark := _mark(cells.to_numpy())) is not None}
    alike = {name: found for name in categorical if name in as_text and (found := _written_alike(X[name]))}
    said = [_words(X, words, names)] if words else []
    said += [_marks(X, marks, names)] if marks else []
    return said + ([_alike(alike, names)] if alike else [])


def _words(X: pd.DataFrame, found: Mapping[Hashable, list[str]], names: tuple[str, ...]) -> Finding:
    words = sorted({word for each in found.values() for word in each})
    rows = [f"{name!r} ({int(X[name].isin(found[name]).sum()):,})" for name in found]
    return Finding(
        "IMB206",
        "note",
        f"Cells that say {listed(words)} are taken as a category of their own: {', '.join(rows)}.",
        "If they mean missing, make them so.",
        fix=_masked(found, names),
    )


def _marks(X: pd.DataFrame, found: Mapping[Hashable, int], names: tuple[str, ...]) -> Finding:
    rows = [f"{name!r} ({mark} in {int((X[name] == mark).sum()):,} rows)" for name, mark in found.items()]
    return Finding(
        "IMB207",
        "warning",
        f"Possible codes for missing cells, used as ordinary numbers: {', '.join(rows)}.",
        f"If {'it means' if len(found) == 1 else 'they mean'} missing, make them so.",
        fix=_masked({name: [mark] for name, mark in found.items()}, names),
    )


def _masked(found: Mapping[Hashable, Sequence[Any]], names: tuple[str, ...]) -> Fix:
    """Return the fix that makes cells missing, by column."""
    lines = [_masked_line(name, list(words), names) for name, words in found.items()]
    return makes_missing("\n".join(lines))


def _masked_line(name: Hashable, words: list[Any], names: tuple[str, ...]) -> str:
    return assigned(name, names, lambda cells: f"{cells}.mask({cells}.isin({code(words)}))")


def _written_alike(column: pd.Series) -> list[str]:
    """Return the words that different cells of a column are written by, such as ``"1"`` for 1 and for "1"."""
    try:
        words = Counter(map(str, column.dropna().unique()))
    except (TypeError, NotImplementedError):  # lists; the latter is pyarrow's
        return []
    return sorted(word for word, cells in words.items() if cells > 1)


def _alike(found: Mapping[Hashable, list[str]], names: tuple[str, ...]) -> Finding:
    rows = [f"{name!r} ({listed(words, 3)})" for name, words in found.items()]
    lines = [assigned(name, names, lambda cells: f'{cells}.map(repr, na_action="ignore")') for name in found]
    return Finding(
        "IMB208",
        "note",
        f"Values of different types with the same text are merged into one category: {', '.join(rows)}.",
        "If they differ, write them apart.",
        fix=Fix("\n".join(lines)),
    )


def _mark(values: NDArray[Any]) -> int | None:
    """Return the number that stands for missing cells in a column, if there is one.

    A sample of the rows tells of most columns that none does; then the others are not looked at.
    """
    sample = values[:: max(1, len(values) // _SAMPLE)]
    met = [mark for mark in MISSING_NUMBERS if (sample == mark).any()]
    if not met:
        return None
    known = values[~np.isnan(values)]
    return next((mark for mark in met if _stands_out(known, mark)), None)


def _stands_out(values: NDArray[Any], mark: int) -> bool:
    """Whether a number is met often and lies apart: below 0 alone, or further off than all others are spread."""
    hits = values == mark
    rest = values[~hits]
    if int(hits.sum()) < _HABIT or not rest.size:
        return False
    low, high = float(rest.min()), float(rest.max())
    if mark < 0 <= low:
        return high > 2 and high > low  # -1, 0 and 1 are codes
    gap = low - mark if mark < 0 else mark - high
    return abs(mark) >= _FAR and gap > high - low > 0
