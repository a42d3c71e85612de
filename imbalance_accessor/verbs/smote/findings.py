"""What must be known of rows that are to be resampled: nothing to do, units, whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.errors import change, listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.samplers import ResampledRows, copies
from imbalance_accessor.modeling.shortfall import rows_not_made
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.smote.units import Units

#: Spreads that differ more than this let the widest column decide who is a neighbour.
_SPREAD = 10.0


def nothing_to_do(rows: list[int]) -> Finding:
    """Say that the classes, of so many train rows each, are even enough already."""
    sentence = f"The training set is at least as even as the ratio ({listed(rows)} rows): nothing was done."
    return Finding("IMB314", "note", sentence, "Nothing to do.")


def smote_for(parts: Parts) -> str:
    """Return the kind that is SMOTE for these columns."""
    return "auto" if parts.features.columns.categorical else "smote"


def fewer_made(kind: Any, sampler: Estimator, made: ResampledRows, parts: Parts) -> list[Finding]:
    """Say that a sampler made fewer rows than it was asked for; SMOTE makes them all."""
    classes, instead = parts.features.target.classes, smote_for(parts)
    short = {classes[code]: rows for code, rows in made.short.items()}
    name = f"kind={kind!r}" if isinstance(kind, str) else type(kind).__name__
    fix = change(kind=instead, **_as_ratio(kind))
    return rows_not_made(name, sampler, short, f"kind={instead!r} grows every row of the class.", fix)


def _as_ratio(kind: Any) -> dict[str, Any]:
    """Return the ``sampling_strategy`` of a sampler of the user's own as ``ratio=``, where it is not the usual one."""
    given = None if isinstance(kind, str) else kind.sampling_strategy
    return {"ratio": given} if isinstance(given, float | Mapping) else {}


def column_findings(parts: Parts, sampler: Estimator | None, units: Units) -> list[Finding]:
    """Say what interpolating between rows makes of these columns; copies change nothing."""
    if sampler is None or copies(sampler):
        return []
    columns = parts.features.columns
    return [*_spread(units, columns), *_whole(units.train, columns)]


def _spread(units: Units, columns: Columns) -> list[Finding]:
    """Say when one column's spread decides who is a neighbour."""
    # column by column, which is complete and finite: the frame's own std is slower, since it looks for holes
    spreads = pd.Series({name: np.std(units.train[name].to_numpy()) for name in columns.numeric}, dtype=float)
    spreads = spreads[spreads > 0]
    if units.scales or len(spreads) < 2 or spreads.max() <= _SPREAD * spreads.min():
        return []
    sentence = (
        f"Spreads differ {spreads.max() / spreads.min():,.0f}-fold: {spreads.idxmax()!r} (sd {spreads.max():,.3g}) "
        f"decides who is a neighbour, {spreads.idxmin()!r} (sd {spreads.min():,.3g}) hardly counts."
    )
    return [
        Finding(
            "IMB307", "warning", sentence, "Search in standardised units: scale=True.", change(scale=True)
        )
    ]


def _whole(train: pd.DataFrame, columns: Columns) -> list[Finding]:
    """Say what interpolation does to whole numbers: it truncates integers and puts fractions between 0 and 1."""
    truncated = [name for name in columns.whole if train[name].dtype.kind in "iu"]
    between = [name for name in columns.whole if train[name].dtype.kind == "f"]
    said = []
    if truncated:
        said.append(
            f"In {listed(truncated)} new values are truncated to whole numbers, a little too low on average."
        )
    if between:
        said.append(f"In {listed(between)} real values are whole numbers, and new ones lie between them.")
    cure = (
        "Is one of them a code or a flag? Make that one categorical (astype('category')), so that SMOTENC treats it as such; "
        "counts may stay."
    )
    return [Finding("IMB308", "note", " ".join(said), cure)] if said else []
