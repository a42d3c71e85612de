"""How many rows each class may keep, where all of them together are too many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fair_share(rows: NDArray[np.int64], most: int) -> int:
    """Return how many rows a class may keep, so that small classes keep all of theirs and all keep at most so many together.

    Examples
    --------
    >>> fair_share(np.array([400, 80_000]), 2_000), fair_share(np.array([400, 80_000]), 500)
    (1600, 250)
    >>> fair_share(np.array([5_000, 30, 70, 900]), 1_000)
    450
    """
    left, ordered = most, np.sort(rows).tolist()
    for place, count in enumerate(ordered):
        share = left // (len(ordered) - place)
        if count > share:
            return int(share)
        left -= count
    return int(ordered[-1])
