"""What the checks look at, and what each of them came to."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.cells import as_float, holds_numbers
from imbalance_accessor.data.row_hashes import beyond_floats, row_hashes
from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import listed
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.leakage.column_views import ColumnLevels, View, deal
from imbalance_accessor.metrics.arrays import Bools, Codes
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.splitting.split import Parts

Status = Literal["clear", "found", "cannot tell"]

#: Rows of all classes together that column checks look at.
SAMPLED_ROWS = 50_000
#: An odd number whose bits look random.
_MIXER = np.uint64(0x9E3779B97F4A7C15)
#: Cells of a frame up to which its columns are kept from check to check.
_KEPT_CELLS = 1_000_000
#: Sampled cells up to which it is kept which of a column's levels each is.
_KEPT_LEVELS = 5_000_000


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
    fitted : FittedScores or None
        The scores of a model, where one was fitted on these rows.
    frames : tuple of pandas.DataFrame
        The frames as they came, where they may hold rows that `smote` made.
    answers : dict of str to Answer
        What the checks came to so far, by code.
    """

    parts: Parts
    fitted: FittedScores | None = None
    frames: tuple[pd.DataFrame, ...] = ()
    answers: dict[str, Answer] = field(default_factory=dict)

    @cached_property
    def sees(self) -> tuple[Hashable, ...] | None:
        """The columns that the model sees; None where none was fitted."""
        return None if self.fitted is None else tuple(self.fitted.plan.reader.sees)

    @cached_property
    def labelled_scores(self) -> LabelledScores | None:
        """The model's scores of the positive class; None without a model, or for several classes."""
        if self.fitted is None or self.fitted.scored.positive is None:
            return None
        return self.fitted.scored.labelled_scores(self.fitted.name)

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
    def is_of_table(self) -> bool:
        """Whether the rows are part of a table's, each class as many as it was given room for."""
        return self.parts.features.is_sampled

    @cached_property
    def stands_for(self) -> NDArray[np.float64]:
        """How many rows of the table a row of each class stands for; 1 where the rows are all there are."""
        sample = self.parts.features.sample
        return np.ones(len(self.classes)) if sample is None else sample.labels.rows / self.rows

    @property
    def small_are_whole(self) -> bool:
        """Whether all rows are here of every class but the largest, which nobody grows."""
        return bool(np.delete(self.stands_for <= 1, np.argmax(self.rows * self.stands_for)).all())

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
        features = self.parts.features
        return name in features.columns.numeric or (
            self.names_things(name) and holds_numbers(features.X[name])
        )

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
        rng = np.random.default_rng(0)  # by position, as the snippet draws them
        picked = []
        for code in range(len(self.classes)):
            here = np.flatnonzero(self.codes == code)
            picked.append(here if len(here) <= most else rng.choice(here, most, replace=False))
        return np.sort(np.concatenate(picked))

    @cached_property
    def alone(self) -> pd.DataFrame:
        """How well each column ranks a class alone, out of fold; one row a column.

        ``roc_auc`` and ``average_precision`` are of the class that it ranks best, ``label``, and the best over the ways to
        bin it; ``seen`` is the way with the best ROC-AUC. What cannot be measured is nan. With two classes it is always the
        class in focus.
        """
        found = [self._alone(name) for name in self.measured]
        table = pd.DataFrame(found, columns=["roc_auc", "average_precision", "seen", "label"])
        return table.set_index(pd.Index(self.measured, tupleize_cols=False, dtype=object))

    def _alone(self, name: Hashable) -> tuple[float, float, str, Label | None]:
        found = self.ranked_views(name)
        if not found:
            return np.nan, np.nan, "", None
        best = max(found, key=lambda each: each.roc_auc)
        precision = max(each.average_precision for each in found if each.code == best.code)
        return best.roc_auc, precision, best.view.name, self.classes[best.code]

    @property
    def ranked_classes(self) -> list[int]:
        """The classes that columns rank, by code: the positive one, where there is one; two are ranked alike."""
        one = len(self.classes) == 2 or self.parts.features.target.positive is not None
        return [self.focus] if one else list(range(len(self.classes)))

    @cached_property
    def is_rarer(self) -> Bools:
        """Which rows are of the rarer side: the class in focus, or all others where they are fewer."""
        is_focus = self.codes == self.focus
        return np.asarray(~is_focus if 2 * is_focus.sum() > len(is_focus) else is_focus)

    @property
    def side_labels(self) -> tuple[str, str]:
        """What rows of the rarer side and of the commoner one are, for a sentence."""
        focus = f"of class {self.classes[self.focus]!r}"
        two = len(self.classes) == 2
        rest = f"of class {self.classes[1 - self.focus]!r}" if two else f"not {focus}"
        return (focus, rest) if self.is_rarer[self.codes == self.focus].any() else (rest, focus)

    def named_by(self, *codes: str) -> set[Hashable]:
        """Return the columns that findings of other checks name."""
        answers = (self.answers[code] for code in codes)
        return {name for answer in answers if answer.findings for name in answer.columns}

    @cached_property
    def suspects(self) -> list[Hashable]:
        """The columns that may give the answer away: all that are measured, or those that the model sees."""
        return [name for name in self.measured if self.sees is None or name in self.sees]

    def names_things(self, name: Hashable) -> bool:
        """Whether a column is an id, whose values say nothing of new rows."""
        return self.parts.features.columns.kinds[name] in ("id", "repeated id")

    @cached_property
    def measured(self) -> list[Hashable]:
        """The columns that are measured: all that hold more than one cell, and neither rule the split nor weigh rows."""
        kinds, others = self.parts.features.columns.kinds, ("groups", "time", "weights", "empty", "constant")
        return [name for name, kind in kinds.items() if kind not in others]

    def ranked_views(self, name: Hashable) -> list[RankedView]:
        """Return how each way to bin a column ranks each class among the sampled rows, out of fold."""
        views, found = self.levels(name).views(), []
        for code in self.ranked_classes:
            y = self.codes[self.sample] == code
            taken, rest = y.sum() / self.rows[code], (~y).sum() / (len(self.codes) - self.rows[code])
            figures = (RankedView(view, code, *view.figures(y, self.fold, taken / rest)) for view in views)
            found += [each for each in figures if not np.isnan(each.roc_auc)]
        return found

    @cached_property
    def fold(self) -> Codes:
        """The fold of each sampled row."""
        return deal(self.codes[self.sample])

    def levels(self, name: Hashable) -> ColumnLevels:
        """Return the different cells of a column among the sampled rows."""
        if name in self._levels:
            return self._levels[name]
        found = levels_of(self.column(name, self.sample), numbers=self.is_number(name))
        if len(self.sample) * len(self.measured) <= _KEPT_LEVELS:
            self._levels[name] = found
        return found

    @cached_property
    def _levels(self) -> dict[Hashable, ColumnLevels]:
        """The cells of columns that several checks look at, of frames that are not large."""
        return {}

    def column(self, name: Hashable, at: NDArray[np.intp] | None = None) -> pd.Series:
        """Return a column of both parts, its index replaced by positions; or the rows at some positions."""
        is_large = len(self.codes) * self.parts.train.X.shape[1] > _KEPT_CELLS
        if is_large and at is self.sample:  # most often asked for
            return self._joined(name, *self._sample_by_part)
        whole = self._columns[name] if name in self._columns else self._joined(name)
        if not is_large:
            self._columns[name] = whole
        return whole.copy() if at is None else whole.iloc[at].reset_index(drop=True)

    def _joined(self, name: Hashable, *places: NDArray[np.intp]) -> pd.Series:
        """Return the cells of the training set, or those at some places of it, and then those of the test set."""
        cells = [part.X[name].array for part in (self.parts.train, self.parts.test)]
        taken = [each.take(at) for each, at in zip(cells, places, strict=True)] if places else cells
        # without index and attrs: pandas compares those of what it concatenates
        return pd.concat([pd.Series(each, name=name) for each in taken], ignore_index=True)

    @cached_property
    def _sample_by_part(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The sampled rows' places in the training set, and in the test set."""
        n = len(self.parts.train)
        return self.sample[self.sample < n], self.sample[self.sample >= n] - n

    @cached_property
    def _columns(self) -> dict[Hashable, pd.Series]:
        """Columns that several checks look at, of frames that are not large."""
        return {}

    def numbers(self, name: Hashable, at: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return a numeric column's values at some positions, nan where missing."""
        return np.asarray(as_float(self.column(name, at)).to_numpy(dtype=np.float64))


@dataclass(frozen=True)
class RankedView:
    """One way to bin a column, and how well it ranks a class out of fold."""

    view: View
    code: int
    roc_auc: float
    average_precision: float


def levels_of(cells: pd.Series, *, numbers: bool) -> ColumnLevels:
    """Take the cells of one column apart: numbers and times in their order; those that have no hash by being missing alone."""
    times = as_seconds(cells)
    if numbers or times is not None:
        values = as_float(cells).to_numpy(dtype=np.float64) if times is None else times
        return ColumnLevels.of_numbers(values)
    try:
        return ColumnLevels.of_cells(cells)
    except (TypeError, NotImplementedError):  # the latter is pyarrow's
        return ColumnLevels.of_cells(cells.isna().map({True: None, False: ""}))


def as_seconds(cells: pd.Series) -> NDArray[np.float64] | None:
    """Return dates, and durations, as numbers in the same order, nan where missing; None for other cells."""
    missing = cells.isna().to_numpy()
    if isinstance(cells.dtype, pd.PeriodDtype):
        numbers = cells.astype("int64").to_numpy(dtype=np.float64)
    elif isinstance(cells.dtype, np.dtype | pd.DatetimeTZDtype) and cells.dtype.kind == "M":
        plain = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        numbers = plain.to_numpy().astype("datetime64[s]").astype(np.float64)
    elif isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "m":
        numbers = cells.dt.total_seconds().to_numpy()
    else:
        filled = cells[~missing]
        if not (len(filled) and isinstance(filled.iloc[0], date)):
            return None
        places, days = pd.factorize(cells)
        if not all(isinstance(day, date) for day in days):
            return None
        numbers = np.array([*map(_days, days), np.nan])[places]
    return np.where(missing, np.nan, numbers)


def _days(cell: date) -> float:
    if not isinstance(cell, datetime):
        return float(cell.toordinal())
    return cell.toordinal() + (cell.hour * 3600 + cell.minute * 60 + cell.second) / 86_400


def share_text(share: float) -> str:
    """Return a share as a percentage for a sentence: ``31 %``, ``2.4 %``, ``0.3 %``."""
    return f"{share:.0%}".replace("%", " %") if share >= 0.1 else f"{share:.1%}".replace("%", " %")
