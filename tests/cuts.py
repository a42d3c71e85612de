"""Cuts and flags by the package's own search or rule, asked for in one call; and the same rule by plain loops."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.stats.aims import Aim
from imbalance_accessor.stats.thresholds import Ladder, flags_by_fold, others_tables


def aim_of(criterion):
    return criterion if isinstance(criterion, Aim) else Aim(criterion)


def best_cut(y, score, criterion="f1", costs=None):
    """The best cut of these rows; nan where none keeps the limits."""
    return Ladder(y, score, costs).table.best(aim_of(criterion))


def cross_fitted_flags(y, score, fold, criterion="f1", costs=None, *, ordered=False):
    """Flag each fold's rows at the cut that the other folds chose; rows of fold -1 are left alone."""
    y, score, fold = np.asarray(y, bool), np.asarray(score, np.float64), np.asarray(fold)
    seen, flags = fold >= 0, np.zeros(len(y), dtype=bool)
    ladder = Ladder(y[seen], score[seen], None if costs is None else costs.take(seen))
    tables = others_tables(ladder, fold[seen], ordered=ordered)
    cuts = {each: table.best(aim_of(criterion)) for each, table in tables}
    flags[seen] = flags_by_fold(score[seen], fold[seen], cuts)
    return flags
