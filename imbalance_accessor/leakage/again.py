"""Train rows that come again in the test frame, however few different cells there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.leakage.evidence import Evidence
from imbalance_accessor.leakage.statistics import agreement_by_chance
from imbalance_accessor.metrics.arrays import Codes

#: Fewest rows of the class in focus, and fewest changes from row to row: frames that are sorted alike agree without copies.
_FEW, _CHANGES = 5, 10
#: Chance of an agreement in every row that is none.
_NO_CHANCE = 1e-6


def train_rows_again(evidence: Evidence) -> tuple[int, str]:
    """Return how many test rows are train rows again, and by what that is told; 0 where chance could do it.

    Notes
    -----
    Row by row, features and label agree with those of the train row under the same index label; or all test rows, in
    their order, are a piece of the train part. Whether cells are few does not matter: it is the order that repeats.
    """
    if not evidence.parts.rule.own_test:  # a frame's own rows are dealt once
        return 0, ""
    n_train, n_classes = len(evidence.parts.train), len(evidence.classes)
    cells = evidence.kinds * n_classes + evidence.codes
    train, test = cells[:n_train], cells[n_train:]
    by_label = _under_same_label(evidence)
    pairs = ((by_label, "under the same index label"), (_in_same_order(train, test), "in the same order"))
    for places, how in pairs:
        here = places >= 0
        again = test[here][np.argsort(places[here])]
        rare = int((again % n_classes == evidence.focus).sum())
        changes = int((again[1:] != again[:-1]).sum())
        if rare < _FEW or changes < _CHANGES or not (train[places[here]] == test[here]).all():
            continue
        if agreement_by_chance(train, test, len(again)) < _NO_CHANCE:
            return len(again), how
    return 0, ""


def _under_same_label(evidence: Evidence) -> NDArray[np.intp]:
    """Return each test row's place in the train part by its label of the index; -1 where there is none."""
    train, test = evidence.parts.train.X.index, evidence.parts.test.X.index
    if not (train.is_unique and test.is_unique):
        return np.full(len(test), -1, dtype=np.intp)
    return np.asarray(train.get_indexer(test), dtype=np.intp)


def _in_same_order(train: Codes, test: Codes) -> NDArray[np.intp]:
    """Return each test row's place where the test part is a piece of the train part; -1 elsewhere."""
    wide = np.dtype(np.int64).itemsize
    whole, piece = (np.ascontiguousarray(each, dtype=np.int64).tobytes() for each in (train, test))
    at = whole.find(piece)
    while at >= 0 and at % wide:
        at = whole.find(piece, at + 1)
    return np.arange(len(test)) + at // wide if at >= 0 else np.full(len(test), -1, dtype=np.intp)
