"""What the checks look at, and what each of them came to."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.cells import as_float, holds_numbers
from imbalance_accessor.data.synthetic_rows import beyond_floats, row_hashes
from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.leakage.statistics import class_aucs, cross_fitted_rates
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.splitting.split import Parts

Status = Literal["clear", "found", "cannot tell"]

#: Rows of all classes together that column checks look at.
SAMPLED_ROWS = 50_000
#: Different values up to which numbers are taken as categories too; rows a level must have on average.
_FEW_VALUES, _ROWS_A_LEVEL = 50, 10
#: Rows that show whether a column has few values.
_PEEK = 1_000
#: An odd number whose bits look random.
_MIXER = np.uint64(0x9E3779B97F4A7C15)
#: Cells of a frame up to which its columns are kept from check to check.
_KEPT_CELLS = 1_000_000


@dataclass(frozen=True)
class Answer:
    """What one check came to.

    Attributes
    ----------
    code : str
        Of the finding it can give.
    status : {"clear", "found", "cannot tell"}
    saw : str
        What it saw, in a few words.
    rows : float
        Rows that are concerned; nan where the check is not about rows.
    share : float
        Their share of the rows looked at, or the figure that the check goes by.
    columns : tuple of hashable
        Columns that are concerned.
    findings : tuple of Finding
    answer : str
        To the check's question, where yes, no or cannot tell would be too short: "few", "as many as by chance".
    """

    code: str
    status: Status
    saw: str
    rows: float = np.nan
    share: float = np.nan
    columns: tuple[Hashable, ...] = ()
    findings: tuple[Finding, ...] = ()
    answer: str = ""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The rows of both parts, as the checks read them.

    Attributes
    ----------
    parts : Parts
    labelled_scores : LabelledScores or None
        Scores of the positive class, where a model was fitted.
    frames : tuple of pandas.DataFrame
        The frames as they came, where they may hold rows that `smote` made.
    answers : dict of str to Answer
        What the checks came to so far, by code.
    sees : tuple, optional
        The columns that the model sees, where they are not the features in use.
    """

    parts: Parts
    labelled_scores: LabelledScores | None = None
    frames: tuple[pd.DataFrame, ...] = ()
    answers: dict[str, Answer] = field(default_factory=dict)
    sees: tuple[Hashable, ...] | None = None

    @property
    def compared(self) -> tuple[Hashable, ...]:
        """The columns in which rows are compared: those that the model sees."""
        return self.parts.features.columns.used if self.sees is None else self.sees

    @cached_property
    def codes(self) -> Codes:
        """Each row's class, the training set first."""
        return np.concatenate([self.parts.train.codes, self.parts.test.codes])

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Rows of each class."""
        return np.bincount(self.codes, minlength=len(self.classes)).astype(np.int64)

    @property
    def classes(self) -> tuple[Label, ...]:
        """The labels, by code."""
        return self.parts.features.target.classes

    @property
    def focus(self) -> int:
        """The class that is spoken of; see `Target.focus`."""
        return self.parts.features.target.focus

    @property
    def ruled(self) -> str:
        """What the user gave to rule the split, as it was typed; nothing where rows were shuffled."""
        split_by = self.parts.split_by
        given = (("groups", split_by.groups), ("time", split_by.time))
        return next((f"{option}={column!r}" for option, column in given if column is not None), "")

    @property
    def target_typed(self) -> str:
        """The target as a user would type it: the column's name, or ``y`` for the Series that was passed."""
        features = self.parts.features
        return repr(features.target.labels.name) if features.in_frame else "y"

    @cached_property
    def ids(self) -> tuple[Hashable, ...]:
        """The columns of whole numbers that name or count rows; models do not use them."""
        features = self.parts.features
        return tuple(name for name in features.columns.of_kind("id") if holds_numbers(features.X[name]))

    def is_number(self, name: Hashable) -> bool:
        """Whether a column holds numbers: a feature, or an id."""
        return name in self.parts.features.columns.numeric or name in self.ids

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """One hash a row over the features but ids, the training set first."""
        used = list(self.compared)
        both = (self.parts.train.X, self.parts.test.X)
        long = [name for name in used if any(beyond_floats(X[name]) for X in both)]
        return np.concatenate([row_hashes(X, used, every_digit=long) for X in both])

    @property
    def aside(self) -> str:
        """What no comparison of rows looks at, for a sentence."""
        aside = [name for name in self.ids if name not in self.compared]
        if not aside:
            return ""
        return f" ({listed(aside, 3)} aside, {'an id' if len(aside) == 1 else 'ids'} by the look)"

    @cached_property
    def kinds(self) -> Codes:
        """Each row's place among the different feature rows."""
        return np.asarray(pd.factorize(self.hashes)[0], dtype=np.intp)

    @cached_property
    def draws(self) -> NDArray[np.uint64]:
        """A random number a row that hangs on its cells and its label, not on its place in the frame.

        Rows taken by the smallest of them are the same rows, or rows like them, in whatever order the frame comes.
        """
        # the copies of a row are numbered: they are drawn one by one, and any of them stands for the others
        copies = np.zeros(len(self.codes), dtype=np.uint64)
        if self.kinds.max() + 1 < len(copies):
            numbers = pd.Series(self.codes).groupby([self.kinds, self.codes]).cumcount()
            copies += numbers.to_numpy(dtype=np.uint64)
        labelled = self.hashes ^ (self.codes.astype(np.uint64) * _MIXER) ^ (copies << np.uint64(20))
        return np.asarray(pd.util.hash_array(labelled), dtype=np.uint64)

    @cached_property
    def sample(self) -> NDArray[np.intp]:
        """Positions of at most 50,000 rows, an even number of each class as far as it goes, in their order."""
        most = max(SAMPLED_ROWS // len(self.classes), 1)
        picked = []
        for code in range(len(self.classes)):
            here = np.flatnonzero(self.codes == code)
            picked.append(here if len(here) <= most else here[np.argpartition(self.draws[here], most)[:most]])
        return np.sort(np.concatenate(picked))

    @cached_property
    def aucs(self) -> pd.DataFrame:
        """Each feature's ROC-AUC alone, by class; rows are features, columns are class codes.

        Numbers rank as they are, missing ones as the lowest or the highest; categories, and numbers of few values, by
        the share of the class among the other half's rows; missing cells by being missing.
        """
        found = {name: self.aucs_of(name) for name in self.parts.features.columns.used}
        index = pd.Index(list(found), tupleize_cols=False)
        return pd.DataFrame(np.array(list(found.values())).reshape(-1, len(self.classes)), index=index)

    def aucs_of(self, name: Hashable) -> NDArray[np.float64]:
        """Return the same of one column, an id or a feature, shape (n_classes,)."""
        return _aucs(self, name)

    def column(self, name: Hashable, at: NDArray[np.intp] | None = None) -> pd.Series:
        """Return a column of both parts, its index replaced by positions; or the rows at some positions."""
        if name not in self._columns:
            # without index and attrs: pandas compares those of what it concatenates
            labelled_scores = [
                pd.Series(part.X[name].array, name=name) for part in (self.parts.train, self.parts.test)
            ]
            whole = pd.concat(labelled_scores, ignore_index=True)
            if len(whole) * self.parts.train.X.shape[1] > _KEPT_CELLS:
                return whole if at is None else whole.iloc[at].reset_index(drop=True)
            self._columns[name] = whole
        whole = self._columns[name]
        return whole.copy() if at is None else whole.iloc[at].reset_index(drop=True)

    @cached_property
    def _columns(self) -> dict[Hashable, pd.Series]:
        """Columns that several checks look at, of frames that are not large."""
        return {}

    def numbers(self, name: Hashable, at: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return a numeric column's values at some positions, nan where missing."""
        return np.asarray(as_float(self.column(name, at)).to_numpy(dtype=np.float64))


def _aucs(evidence: Evidence, name: Hashable) -> NDArray[np.float64]:
    at, n_classes = evidence.sample, len(evidence.classes)
    codes = evidence.codes[at]
    cells = evidence.column(name, at)
    missing = cells.isna().to_numpy()
    best = np.full(n_classes, 0.5)
    if missing.any():
        best = np.maximum(best, _either_way(missing.astype(np.float64), codes, n_classes))
    if evidence.is_number(name):
        values = evidence.numbers(name, at)
        for filler in (-np.inf, np.inf) if missing.any() else (None,):
            filled = values if filler is None else np.where(missing, filler, values)
            best = np.maximum(best, _either_way(filled, codes, n_classes))
    most = _FEW_VALUES if evidence.is_number(name) else len(at) // _ROWS_A_LEVEL
    if cells.head(_PEEK).nunique() > most:  # most columns of numbers are done here
        return best
    levels, seen = pd.factorize(cells, use_na_sentinel=False)
    if len(seen) <= most and len(at) >= _ROWS_A_LEVEL * len(seen):
        rates = cross_fitted_rates(levels, codes, n_classes)
        by_class = [class_aucs(rates[:, code], codes, n_classes)[code] for code in range(n_classes)]
        best = np.maximum(best, np.array(by_class))
    return best


def _either_way(values: NDArray[np.float64], codes: NDArray[np.intp], n_classes: int) -> NDArray[np.float64]:
    aucs = class_aucs(values, codes, n_classes)
    return np.maximum(aucs, 1 - aucs)


def share_text(share: float) -> str:
    """Return a share as a percentage for a sentence: ``31 %``, ``2.4 %``, ``0.3 %``."""
    return f"{share:.0%}".replace("%", " %") if share >= 0.1 else f"{share:.1%}".replace("%", " %")
