"""How many rows each class is to have after resampling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.data.target import Label, plain
from imbalance_accessor.errors import OptionError, listed, one_line
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
        raise OptionError(
            f'ratio={one_line(ratio)} must be minority : majority after resampling, above 0 and at most 1, such as 1.0 or "1:3".'
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
        raise OptionError(f"ratio: {listed(unknown)} {be} not among the labels {listed(classes)}.")
    wanted = np.array([named.get(label, count) for label, count in zip(classes, rows, strict=True)])
    if not all(map(is_whole, named.values())) or min(named.values(), default=1) < 1:
        raise OptionError(
            "ratio: a dict gives the rows of each label after resampling, whole numbers above 0."
        )
    wrong = wanted > rows if under else wanted < rows
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise OptionError(
            f"ratio: {classes[place]!r} has {rows[place]:,} rows to learn from and cannot "
            f"{'grow' if under else 'shrink'} to {wanted[place]:,} by this kind."
        )
    return wanted.astype(np.int64)


def strategy_of(
    ratio: Ratio, keys: list[Any], rows: NDArray[np.int64], wanted: NDArray[np.int64]
) -> SamplingStrategy:
    """Write the wanted rows as imbalanced-learn's ``sampling_strategy``, in its plainest form."""
    if ratio.rows is None and ratio.share == 1.0:
        return "auto"
    if ratio.rows is None and len(keys) == 2:
        return ratio.share
    return {key: int(count) for key, count, had in zip(keys, wanted, rows, strict=True) if count != had}
