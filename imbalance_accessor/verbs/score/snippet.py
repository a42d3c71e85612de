"""The code of `score`: the same report in plain scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.target import plain
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.templates import define_template, write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.score.fields import ScoreData
from imbalance_accessor.verbs.score.rows import shares_in_use
from imbalance_accessor.verbs.shared.snippet_data import name_of, positive_rows, write_code_map


def write(score: ScoreData, style: Style) -> Snippet:
    """Write the report as a program; the full style adds intervals."""
    writer = Writer()
    program = _Program(score)
    if program.is_coded:
        write_code_map(writer, score.target)
    if program.takes_half:
        half = {"takes_half": True, "is_binary": True, "is_ranked": False}
        define_template(writer, "shared/full/weighted_precision.py.j2", **half)
    write_template(writer, "score/short.py.j2", **program.values)
    if style == "full":
        _write_intervals(writer, program)
    return writer.text()


@dataclass(frozen=True)
class _Program:
    """How labels and predictions are written: as they are, as codes, or as whether each is positive."""

    score: ScoreData

    @cached_property
    def is_truth(self) -> bool:
        """Whether rows are positive or not, whatever the labels."""
        score = self.score
        one_side = score.told.kind != "labels" or score.target.is_one_vs_rest
        return score.sides.positive is not None and (one_side or self.has_factors or not self.are_alike)

    @cached_property
    def are_alike(self) -> bool:
        """Whether scikit-learn holds labels and predictions against each other as they are."""
        kinds = {_kind(self.score.target.labels), _kind(self.score.told.cells)}
        return len(kinds) == 1 and "" not in kinds

    @property
    def is_turned(self) -> bool:
        """Whether the positive class, which stands last as a truth value, is the first of the labels."""
        return self.is_truth and self.score.sides.positive == 0

    @property
    def has_factors(self) -> bool:
        """Whether classes count as often as where the model will be used."""
        return self.score.test.weights.factors is not None

    @property
    def is_coded(self) -> bool:
        """Whether labels are written as codes, since scikit-learn takes them as they are only with care."""
        target = self.score.target
        if target.needs_codes:
            return True
        return not self.is_truth and not self.are_alike

    @property
    def takes_half(self) -> bool:
        """Whether average precision counts half a negative more above each positive."""
        if self.score.test.scores is None or not self.has_factors:
            return False
        y, weights = self.score.test.binary
        return weights.half_a_negative(y, y) > 0

    @property
    def values(self) -> dict[str, Any]:
        """What the template reads."""
        score = self.score
        told = self._of(score.told.option)
        if score.told.kind == "scores" and score.told.cells.dtype != np.dtype(np.float64):
            told += ".astype(float)"
        return {
            "besides": self._besides,
            "kept": " & ".join(self._conditions),
            "y": self._labels,
            "scores": told if score.told.kind == "scores" else "",
            "flag": self._flag(told),
            "own": self._own,
            "is_truth": self.is_truth,
            "prevalence": self._prevalence,
            "majority": self._is_majority,
            "groups": f"df[{name_of(score.groups)}]{self._rows}" if score.groups is not None else "",
            "takes_half": self.takes_half,
            "is_probability": score.told.is_probability,
        }

    @property
    def _besides(self) -> dict[str, str]:
        """What stands beside the frame, and what it holds."""
        score = self.score
        found = {} if score.in_frame else {"y": "labels"}
        if not score.told.in_frame:
            found[score.told.option] = "predictions" if score.told.option == "pred" else "scores"
        if score.marks is not None and not score.marks.in_frame:
            found["split"] = "marks"
        if not score.weighed.weighting.in_frame and score.test.weights.own is not None:
            found["sample_weight"] = "row weights"
        return found

    @property
    def _target(self) -> str:
        return f"df[{name_of(self.score.target.labels.name)}]" if self.score.in_frame else "y"

    def _cells(self, option: str) -> str:
        """Write the column of an option, or the name of the Series."""
        told, marks = self.score.told, self.score.marks
        if option == "split":
            assert marks is not None
            return f"df[{name_of(marks.column)}]" if marks.in_frame else "split"
        return f"df[{name_of(told.column)}]" if told.in_frame else option

    def _of(self, option: str) -> str:
        return f"{self._cells(option)}{self._rows}"

    @property
    def _rows(self) -> str:
        return "[kept]" if self._conditions else ""

    @property
    def _conditions(self) -> list[str]:
        """What a row must be to be scored."""
        score, found = self.score, list[str]()
        if score.marks is not None:
            cells, marks = self._cells("split"), score.marks.values
            are = f"{cells} == {name_of(marks[0])}" if len(marks) == 1 else f"{cells}.isin({list(marks)!r})"
            found.append(f"({are})" if len(marks) == 1 else are)
        if score.target.missing:
            found.append(f"{self._target}.notna()")
        if (score.told.codes < 0).any():
            found.append(f"{self._cells(score.told.option)}.notna()")
        return [each.strip("()") if len(found) == 1 and each[0] == "(" else each for each in found]

    @property
    def _labels(self) -> str:
        target = self.score.target
        cells = f"{self._target}{self._rows}"
        if self.is_truth:
            return _truth(
                positive_rows(target, cells, dtype=str(target.labels.dtype)), target.labels, target.pos_label
            )
        return f"{cells}.map(codes)" if self.is_coded else cells

    def _flag(self, told: str) -> str:
        score, target = self.score, self.score.target
        if score.told.kind == "scores":
            return f"p >= {score.told.threshold!r}"
        if score.told.kind == "flags":
            if _all_are(score.told.cells, bool):
                return f"{told}.astype(bool)"
            return _truth(f"{told} == 1", score.told.cells, 1)
        if self.is_truth and all(isinstance(label, bool) for label in target.classes):
            return f"{'' if target.pos_label else '~'}{told}.astype(bool)"
        if self.is_truth:
            dtype = str(score.told.cells.dtype)
            return _truth(positive_rows(target, told, dtype=dtype), score.told.cells, target.pos_label)
        return f"{told}.map(codes)" if self.is_coded else told

    @property
    def _own(self) -> str:
        if self.score.test.weights.own is None:
            return ""
        weighed = self.score.weighed
        cells = f"df[{name_of(weighed.weighting.column)}]" if weighed.weighting.in_frame else "sample_weight"
        cells = cells if weighed.written is None else weighed.written.code(cells)
        return f"{cells}{self._rows}.astype(float)"

    @property
    def _prevalence(self) -> Any:
        wanted = shares_in_use(self.score.sides, self.score.weighed)
        if wanted is None:
            return None
        shares = [float(f"{share:.12g}") for share in wanted]
        if self.is_truth:
            assert self.score.sides.positive is not None
            return shares[self.score.sides.positive]
        labels: Any = range(len(shares)) if self.is_coded else self.score.sides.labels
        return dict(zip(labels, shares, strict=True))

    @property
    def _is_majority(self) -> str:
        """Write which rows are of the most frequent class."""
        score = self.score
        if self.is_truth:
            return "y" if score.largest == score.sides.positive else "~y"
        label = repr(score.largest) if self.is_coded else name_of(score.majority)
        return f"y.eq({label})"


def _truth(code: str, cells: pd.Series, label: Any) -> str:
    """Bring a comparison of cells that are not numpy's to truth values, which metrics take."""
    if " == " not in code or (cells.dropna() == label).dtype == np.dtype(bool):
        return code
    return f"({code}).astype(bool)"


def _kind(cells: pd.Series) -> str:
    """Return what scikit-learn takes cells for; nothing where that is not sure, as of objects that are no text."""
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "iufb":
        return "truth" if cells.dtype.kind == "b" else "numbers"
    return "text" if _all_are(cells, str) else ""


def _all_are(cells: pd.Series, kinds: Any) -> bool:
    """Return whether all cells that are there are of these types."""
    return all(isinstance(plain(cell), kinds) for cell in pd.unique(cells.dropna()))


def _write_intervals(writer: Writer, program: _Program) -> None:
    """Write the intervals; of rows that do not count once each, and of few groups, they are not written."""
    score = program.score
    resamples = score.test.resamples
    if score.is_weighted:
        writer.add("# intervals of weighted rows take more than a few lines: they are in .frame and .overall")
    if score.is_weighted or resamples.too_few_groups:
        return
    is_grouped = score.groups is not None
    drawn = {"seed": resamples.seed, "resamples": resamples, "is_grouped": is_grouped, "is_averaged": False}
    is_by_cell = score.test.are_counted and not is_grouped
    define_template(
        writer,
        "shared/full/intervals.py.j2",
        **drawn,
        is_counted=True,
        geometric="g_mean",
        is_by_cell=is_by_cell,
    )
    if score.test.scores is not None:
        define_template(writer, "shared/full/logit.py.j2", is_grouped=is_grouped, n_averaged=1)
    full = {"n_draws": resamples.n_draws, "is_by_cell": is_by_cell, "is_turned": program.is_turned}
    write_template(writer, "score/full.py.j2", **program.values, **full)
