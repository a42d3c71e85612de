"""What the checks look at, and what each of them answers."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.errors import listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.made_rows import beyond_floats, row_hashes
from imbalance_accessor.parts import Parts
from imbalance_accessor.plain_numbers import as_float
from imbalance_accessor.stats.judging import Sides
from imbalance_accessor.target import Codes, Label

Status = Literal["clear", "found", "cannot tell"]

#: Share of different values from which whole numbers may count or name rows; how densely a counter fills its range.
_DIFFERENT, _DENSE = 0.98, 1.5
#: Rows from which an id is looked for.
_ROWS = 50
#: Names that say "this names a row or a thing".
ID_NAME = re.compile(
    r"(^|[_\W])(id|ids|uuid|guid|index|idx|key|rownum|row|nr|serial|unnamed: \d+)$|^id[_ ]|(?-i:(?<=[a-z])(Id|ID)$)",
    re.IGNORECASE,
)
#: Rows of all classes together that column checks look at.
SAMPLED = 50_000


@dataclass(frozen=True)
class Check:
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
    """

    code: str
    status: Status
    saw: str
    rows: float = np.nan
    share: float = np.nan
    columns: tuple[Hashable, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, eq=False)
class Evidence:
    """The rows of both parts, as the checks read them.

    Attributes
    ----------
    parts : Parts
    sides : Sides or None
        Scores of the positive class, where a model was fitted.
    """

    parts: Parts
    sides: Sides | None = None

    @cached_property
    def codes(self) -> Codes:
        """Each row's class, the train part first."""
        return np.concatenate([self.parts.train.codes, self.parts.test.codes])

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Rows of each class."""
        return np.bincount(self.codes, minlength=len(self.classes)).astype(np.int64)

    @property
    def classes(self) -> tuple[Label, ...]:
        """The labels, by code."""
        return self.parts.task.target.classes

    @property
    def ruled(self) -> str:
        """What the user gave to rule the split, as it was typed; nothing where rows were shuffled."""
        rule = self.parts.rule
        given = (("groups", rule.groups), ("time", rule.time))
        return next((f"{option}={column!r}" for option, column in given if column is not None), "")

    @property
    def target_typed(self) -> str:
        """The target as a user would type it: the column's name, or ``y`` for the Series that was passed."""
        task = self.parts.task
        return repr(task.target.labels.name) if task.in_frame else "y"

    @property
    def focus(self) -> int:
        """The class that is spoken of: the positive one, else the rarest."""
        target = self.parts.task.target
        return target.rarest if target.positive is None else target.positive

    @cached_property
    def ids(self) -> tuple[Hashable, ...]:
        """The whole-number features that name or count rows: nearly all different, and dense or called so."""
        return tuple(name for name in self.parts.task.columns.whole if self._is_id(name))

    def _is_id(self, name: Hashable) -> bool:
        values = self.numbers(name, self.sample)
        if len(values) < _ROWS or np.isnan(values).any():
            return False
        if len(np.unique(values)) < _DIFFERENT * len(values):
            return False
        dense = float(np.ptp(values)) + 1 <= _DENSE * len(self.codes)
        return dense or bool(ID_NAME.search(str(name)))

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """One hash a row over the features but ids, the train part first."""
        used = [name for name in self.parts.task.columns.used if name not in self.ids]
        both = (self.parts.train.X, self.parts.test.X)
        long = [name for name in used if any(beyond_floats(X[name]) for X in both)]
        return np.concatenate([row_hashes(X, used, every_digit=long) for X in both])

    @property
    def aside(self) -> str:
        """What no comparison of rows looks at, for a sentence."""
        if not self.ids:
            return ""
        return f" ({listed(self.ids, 3)} aside, {'an id' if len(self.ids) == 1 else 'ids'} by the look)"

    @cached_property
    def kinds(self) -> Codes:
        """Each row's place among the different feature rows."""
        return np.asarray(pd.factorize(self.hashes)[0], dtype=np.intp)

    @cached_property
    def sample(self) -> NDArray[np.intp]:
        """Positions of at most 50,000 rows, an even number of each class as far as it goes, in their order."""
        most = max(SAMPLED // len(self.classes), 1)
        rng = np.random.default_rng(0)
        picked = []
        for code in range(len(self.classes)):
            here = np.flatnonzero(self.codes == code)
            picked.append(here if len(here) <= most else rng.choice(here, most, replace=False))
        return np.sort(np.concatenate(picked))

    def column(self, name: Hashable, at: NDArray[np.intp] | None = None) -> pd.Series:
        """Return a column of both parts, its index replaced by positions; or the rows at some positions."""
        # without index and attrs: pandas compares those of what it concatenates
        sides = [pd.Series(part.X[name].array, name=name) for part in (self.parts.train, self.parts.test)]
        whole = pd.concat(sides, ignore_index=True)
        return whole if at is None else whole.iloc[at].reset_index(drop=True)

    def numbers(self, name: Hashable, at: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return a numeric column's values at some positions, nan where missing."""
        return np.asarray(as_float(self.column(name, at)).to_numpy(dtype=np.float64))


def share_text(share: float) -> str:
    """Return a share as a percentage for a sentence: ``31 %``, ``2.4 %``, ``0.3 %``."""
    return f"{share:.0%}".replace("%", " %") if share >= 0.1 else f"{share:.1%}".replace("%", " %")
