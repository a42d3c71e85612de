"""Rows that lie exactly between two others: a frame that SMOTE, or one of its kin, grew before it came here."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.findings import Finding
from imbalance_accessor.leakage.evidence import Check, Evidence
from imbalance_accessor.made_rows import row_hashes
from imbalance_accessor.stats.interpolation import FEWEST_COLUMNS, Between, alarm, between, tolerances

#: Rows of a class that neighbours are searched among; classes that are looked at; rows that steps are read from.
_MOST_ROWS, _MOST_CLASSES, _READ = 100_000, 10, 5_000
#: Share of missing cells up to which a column is looked at; rows with one are left out.
_MISSING = 0.05
#: Spacing of the numbers next to 1 in narrow types.
_SPACING = {"float16": float(np.finfo(np.float16).eps), "float32": float(np.finfo(np.float32).eps)}

_CURE = "Start from the frame as it was recorded: strategies=['smote'] resamples inside each training fold."


def interpolated(evidence: Evidence) -> Check:
    """IMB103: rows of a class lie exactly between two of their near neighbours."""
    names = _filled(evidence)
    if len(names) < FEWEST_COLUMNS:
        count = f"{len(names) or 'no'} complete numeric column{'' if len(names) == 1 else 's'}"
        return Check("IMB103", "cannot tell", f"{count}: three are needed")
    found = _by_class(evidence, names)
    large = [code for code in found if evidence.rows[code] >= 0.5 * evidence.rows.max()]
    other = min(large, key=lambda code: (found[code].share, -evidence.rows[code]))
    suspects = {code: alarm(each, found[other]) for code, each in found.items() if code != other}
    grown = [code for code, raised in suspects.items() if raised]
    if grown:
        return _found(evidence, found, max(grown, key=lambda code: found[code].share), other)
    if None in suspects.values() or not suspects:
        return Check("IMB103", "cannot tell", "values are too rounded, tied or few")
    judged = sum(found[code].judged for code in suspects)
    hits = sum(found[code].hits for code in suspects)
    return Check(
        "IMB103", "clear", f"{hits} of {judged} sampled rows lie between two others", hits, hits / judged
    )


def _found(evidence: Evidence, found: dict[int, Between], code: int, other: int) -> Check:
    label, each, rest = evidence.classes[code], found[code], found[other]
    saw = f"{each.hits} of {each.judged} sampled {label!r} rows lie exactly between two others"
    beside = f"{rest.hits} of {rest.judged}" if rest.judged else "none"
    sentence = (
        f"{saw} of their class ({beside} of {evidence.classes[other]!r}): "
        "SMOTE or one of its kin made rows before the frame came here, and they stand on both sides of a split."
    )
    return Check(
        "IMB103", "found", saw, each.hits, each.share, findings=(Finding("IMB103", "error", sentence, _CURE),)
    )


def _filled(evidence: Evidence) -> list[Hashable]:
    """Return the numeric columns with hardly a missing cell: a sampler leaves none."""
    names = evidence.parts.task.columns.numeric
    return [name for name in names if evidence.column(name).isna().mean() <= _MISSING]


def _by_class(evidence: Evidence, names: list[Hashable]) -> dict[int, Between]:
    """Look at the largest class and the smaller ones, each among its own rows."""
    order = np.argsort(-evidence.rows, kind="stable")
    looked = [code for code in (*order[:1], *order[1:][-(_MOST_CLASSES - 1) :]) if evidence.rows[code]]
    values = {int(code): _values(evidence, names, int(code)) for code in looked}
    each = _READ // len(values)
    read = np.concatenate([rows[:: max(1, len(rows) // max(each, 1))] for rows in values.values()])
    tolerance = tolerances(read, _precision(evidence, names))
    return {code: between(rows, tolerance) for code, rows in values.items()}


def _values(evidence: Evidence, names: list[Hashable], code: int) -> NDArray[np.float64]:
    """Return the different complete rows of a class."""
    at = np.flatnonzero(evidence.codes == code)
    if len(at) > _MOST_ROWS:
        at = np.random.default_rng(0).choice(at, _MOST_ROWS, replace=False)
    frame = pd.DataFrame({place: evidence.numbers(name, at) for place, name in enumerate(names)})
    complete = frame.loc[np.isfinite(frame.to_numpy()).all(axis=1)]
    again = pd.Series(row_hashes(complete, list(complete.columns))).duplicated().to_numpy()
    return np.asarray(complete.to_numpy()[~again], dtype=np.float64)


def _precision(evidence: Evidence, names: list[Hashable]) -> NDArray[np.float64]:
    """Return the spacing of numbers next to 1 in each column's type."""
    kinds = [str(evidence.parts.train.X[name].dtype).casefold() for name in names]
    return np.array([_SPACING.get(kind, np.finfo(np.float64).eps) for kind in kinds], dtype=np.float64)
