"""How many rows each class is to have after resampling."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.data.target import Label, plain
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    OptionError,
    change,
    listed,
    near,
    nearest_of,
    one_line,
)
from imbalance_accessor.options import is_whole

SamplingStrategy: TypeAlias = "str | float | dict[Any, int]"


@dataclass(frozen=True)
class Ratio:
    """How many rows each class is to have.

    Attributes
    ----------
    share : float
        Minority : majority after resampling, 0 to 1.
    rows : dict or None
        Rows by label, when the user named them.
    """

    share: float = 1.0
    rows: dict[Label, int] | None = None


def read_ratio(ratio: Any) -> Ratio:
    """Read ``1.0``, ``"1:3"`` or a dict of rows by label.

    Examples
    --------
    >>> read_ratio("1:4").share
    0.25
    """
    if isinstance(ratio, Mapping):
        return Ratio(rows={plain(label): rows for label, rows in ratio.items()})
    share = _share(ratio)
    if share is None or not 0 < share <= 1:
        # a number above 1 is meant the other way round
        meant = f"1:{share:.3g}" if share is not None and 1 < share < float("inf") else 1.0
        raise OptionError(
            f"ratio={one_line(ratio)} must be minority : majority after resampling, above 0 and at most 1. "
            f"Use ratio={json.dumps(meant)}.",
            fix=change(ratio=meant),
        )
    return Ratio(share)


def _share(ratio: Any) -> float | None:
    try:
        if isinstance(ratio, str) and ":" in ratio:
            minority, majority = (float(side) for side in ratio.split(":"))
            return minority / majority if minority > 0 < majority else None
        return None if isinstance(ratio, bool) else float(ratio)
    except (ValueError, TypeError, ZeroDivisionError):
        return None


def wanted_rows(
    ratio: Ratio, classes: tuple[Label, ...], rows: NDArray[np.int64], *, under: bool
) -> NDArray[np.int64]:
    """Return the rows each class is to have, shape (n_classes,).

    Growing lifts every class to ``share`` of the largest; shrinking lowers every class to the smallest over
    ``share``. A class that is there already stays as it is.
    """
    if ratio.rows is not None:
        return _named_rows(ratio.rows, classes, rows, under=under)
    if under:
        return np.minimum(rows, int(rows.min() / ratio.share)).astype(np.int64)
    return np.maximum(rows, int(rows.max() * ratio.share)).astype(np.int64)


def _named_rows(
    named: Mapping[Label, int], classes: tuple[Label, ...], rows: NDArray[np.int64], *, under: bool
) -> NDArray[np.int64]:
    unknown = [label for label in named if label not in classes]
    if unknown:
        be = "is" if len(unknown) == 1 else "are"
        meant = {label: next(iter(nearest_of(label, classes)), None) for label in unknown}
        told = {meant.get(label, label): count for label, count in named.items()}
        raise OptionError(
            f"ratio: {listed(unknown)} {be} not among the labels {listed(classes)}.{near(unknown[0], classes)} "
            "Name labels as the column holds them.",
            fix=IN_WORDS if None in told else change(ratio=told),
        )
    odd = [label for label, count in named.items() if not is_whole(count) or count < 1]
    if odd:
        raise OptionError(
            f"ratio: a dict gives the rows of each label after resampling, whole numbers above 0. Leave out {listed(odd)}.",
            fix=_without(named, odd),
        )
    wanted = np.array([named.get(label, count) for label, count in zip(classes, rows, strict=True)])
    wrong = wanted > rows if under else wanted < rows
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise OptionError(
            f"ratio: {classes[place]!r} has {rows[place]:,} rows to learn from and cannot "
            f"{'grow' if under else 'shrink'} to {wanted[place]:,} by this kind. Leave that class out.",
            fix=_without(named, [classes[each] for each in np.flatnonzero(wrong)]),
        )
    return wanted.astype(np.int64)


def _without(named: Mapping[Label, int], labels: list[Label]) -> Fix:
    """Return the fix that names rows of the other labels alone, or the usual ratio where none is left."""
    left = {label: count for label, count in named.items() if label not in labels}
    return change(ratio=left or LEFT_OUT)


def strategy_of(
    ratio: Ratio, keys: list[Any], rows: NDArray[np.int64], wanted: NDArray[np.int64]
) -> SamplingStrategy:
    """Write the wanted rows as imbalanced-learn's ``sampling_strategy``, in its plainest form."""
    if ratio.rows is None and ratio.share == 1.0:
        return "auto"
    if ratio.rows is None and len(keys) == 2:
        return ratio.share
    return {key: int(count) for key, count, had in zip(keys, wanted, rows, strict=True) if count != had}
