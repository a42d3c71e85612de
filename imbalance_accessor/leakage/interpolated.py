"""Rows that lie exactly between two others: a frame that SMOTE, or one of its kin, grew before it came here."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.synthetic_rows import row_hashes
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.interpolation import (
    FEWEST_COLUMNS,
    FEWEST_ROWS,
    Between,
    alarm,
    between,
    tolerances,
)

#: Rows of a class that neighbours are searched among; classes that are looked at; rows that steps are read from.
_MOST_ROWS, _MOST_CLASSES, _READ = 100_000, 10, 5_000
#: Share of missing cells up to which a column is looked at; rows with one are left out.
_MISSING = 0.05
#: Values whose squares overflow are no measurements.
_HUGE = 1e150

_CURE = (
    "Start from the frame as it was recorded: strategies=['smote'] resamples inside each training fold; for series keep each "
    "on one side with groups=."
)


class Interpolated(Check):
    """IMB103: rows of a class lie exactly between two of their near neighbours."""

    code, title, severity, cost = "IMB103", "oversampled by interpolation?", "error", 3

    def _answer(self, evidence: Evidence) -> Answer:
        names = _filled(evidence)
        if len(names) < FEWEST_COLUMNS:
            count = f"{len(names) or 'no'} complete numeric column{'' if len(names) == 1 else 's'}"
            return self.cannot_tell(f"{count}: three are needed")
        found = _by_class(evidence, names)
        if len(found) < 2:
            return self.cannot_tell("no complete rows of two classes")
        # whoever was grown, the class that nobody grew has fewest rows on lines
        held_against = [code for code in found if found[code].judged >= FEWEST_ROWS] or list(found)
        other = min(held_against, key=lambda code: (found[code].share, -evidence.rows[code]))
        suspects = {code: alarm(each, found[other]) for code, each in found.items() if code != other}
        grown = [code for code, raised in suspects.items() if raised]
        if grown:
            return self._grown(evidence, found, max(grown, key=lambda code: found[code].share), other)
        if None in suspects.values() or not suspects:
            return self.cannot_tell("values are too rounded, tied or few")
        judged = sum(found[code].judged for code in suspects)
        hits = sum(found[code].hits for code in suspects)
        return self.clear(
            f"{hits} of {judged} sampled rows {'lies' if hits == 1 else 'lie'} between two others",
            hits,
            hits / judged,
        )

    def _grown(self, evidence: Evidence, found: dict[int, Between], code: int, other: int) -> Answer:
        label, each, rest = evidence.classes[code], found[code], found[other]
        lie = "lies" if each.hits == 1 else "lie"
        saw = f"{each.hits} of {each.judged} sampled {label!r} rows {lie} exactly between two others"
        beside = f"{rest.hits} of {rest.judged}" if rest.judged else "none"
        sentence = (
            f"{saw} of their class ({beside} of {evidence.classes[other]!r}): "
            "SMOTE or one of its kin made rows before the frame came here, or a few series were recorded that run straight; "
            "either way rows stand beside their neighbours on both sides of a split."
        )
        return self.found(saw, sentence, _CURE, rows=each.hits, share=each.share)


def _filled(evidence: Evidence) -> list[Hashable]:
    """Return the numeric columns, but ids, with hardly a missing cell: a sampler leaves none."""
    names = [name for name in evidence.parts.task.columns.numeric if name not in evidence.ids]
    return [name for name in names if evidence.column(name).isna().mean() <= _MISSING]


def _by_class(evidence: Evidence, names: list[Hashable]) -> dict[int, Between]:
    """Look at the largest class and the smaller ones, each among its own rows."""
    order = np.argsort(-evidence.rows, kind="stable")
    looked = [code for code in (*order[:1], *order[1:][-(_MOST_CLASSES - 1) :]) if evidence.rows[code]]
    found = {int(code): _values(evidence, names, int(code)) for code in looked}
    values = {code: rows for code, rows in found.items() if len(rows)}
    if not values:
        return {}
    each = _READ // len(values)
    read = np.concatenate([rows[:: max(1, len(rows) // max(each, 1))] for rows in values.values()])
    tolerance = tolerances(read)
    return {code: between(rows, tolerance) for code, rows in values.items()}


def _values(evidence: Evidence, names: list[Hashable], code: int) -> NDArray[np.float64]:
    """Return the different complete rows of a class."""
    at = np.flatnonzero(evidence.codes == code)
    if len(at) > _MOST_ROWS:
        at = np.random.default_rng(0).choice(at, _MOST_ROWS, replace=False)
    frame = pd.DataFrame({place: evidence.numbers(name, at) for place, name in enumerate(names)})
    complete = frame.loc[(np.abs(frame.to_numpy()) < _HUGE).all(axis=1)]
    again = pd.Series(row_hashes(complete, list(complete.columns))).duplicated().to_numpy()
    return np.asarray(complete.to_numpy()[~again], dtype=np.float64)
