"""Hypothesis strategies of odd frames, what a verb makes of one, and what it must leave alone."""

from __future__ import annotations

import atexit
import json
import os
import pickle
import random
import warnings
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import sklearn
from fix_cases import run
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from odd_columns import FEATURES, INDEXES, LABELS, NAMES, objects
from pandas.core.generic import NDFrame

from imbalance_accessor import registry
from imbalance_accessor.errors import ImbalanceError
from imbalance_accessor.findings import Finding, Findings

#: How many frames are tried: as many as a check of the project can wait for; by choice a few, many more, or so many times.
FRAMES = os.environ.get("IMBALANCE_ACCESSOR_FRAMES", "")
TIMES = int(FRAMES) if FRAMES.isdecimal() else 0
LONG = FRAMES == "many" or TIMES > 1
SIZES = (0, 1, 2, 3, 5, 8, 13, 30, 50, 80)
USUAL = ("0 and 1", "text")
Tested = TypeVar("Tested", bound=Callable[..., None])


def tried(usual: int, many: int) -> Callable[[Tested], Tested]:
    """Have a test try so many frames; the same ones each time, unless many are asked for. A few belong to the quick tests."""
    trying = settings(
        max_examples={"many": many, "few": max(usual // 30, 3)}.get(FRAMES, usual * max(TIMES, 1)),
        derandomize=not LONG,
        database=None,
        deadline=None,
        print_blob=False,
        # nothing is shrunk: a frame prints as the code that makes it, and pictures are slow
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    return trying if FRAMES == "few" else lambda test: pytest.mark.slow(trying(test))


@dataclass(frozen=True)
class Odd:
    """A frame, by its parts; it prints as the code that makes it again.

    Attributes
    ----------
    n : int
        Rows.
    labels : str
        Key of `LABELS`.
    rare : int or float
        Rows of each class but the first, or their share.
    features : tuple of str
        Keys of `FEATURES`.
    names, index : str
        Keys of `NAMES` and `INDEXES`.
    unlabelled : float
        Share of missing labels.
    state : str
        How the frame came about: a view, read-only memory, marked attrs.
    as_series : bool
        Whether the target stands beside the frame.
    seed : int
    """

    n: int = 30
    labels: str = "0 and 1"
    rare: float = 0.3
    features: tuple[str, ...] = ("float",)
    names: str = "plain"
    index: str = "range"
    unlabelled: float = 0.0
    state: str = "plain"
    as_series: bool = False
    seed: int = 0

    @property
    def classes(self) -> tuple[Hashable, ...]:
        return LABELS[self.labels][0]

    def codes(self) -> np.ndarray:
        """Return the class of each row, -1 for none."""
        rng, k = np.random.default_rng(self.seed), len(self.classes)
        each = round(self.rare * self.n) if isinstance(self.rare, float) else self.rare
        codes = np.zeros(self.n, dtype=int)
        positions = rng.permutation(self.n)[: each * (k - 1)]
        codes[positions] = np.arange(len(positions)) % max(k - 1, 1) + (k > 1)
        codes[rng.random(self.n) < self.unlabelled] = -1
        return codes

    def column(self) -> pd.Series:
        """Return the labels."""
        codes = self.codes()
        labels = pd.Series(LABELS[self.labels][1](objects([self.classes[code] for code in codes])))
        try:
            return labels.mask(codes < 0) if (codes < 0).any() else labels
        except (TypeError, ValueError):  # the type holds nothing missing
            return labels.astype(object).mask(codes < 0)

    def frame(self) -> tuple[pd.DataFrame, Any]:
        """Return a frame, and its target as a verb takes it."""
        rng = np.random.default_rng(self.seed + 1)
        columns = [FEATURES[kind](rng, self.n) for kind in self.features]
        labels, index = self.column(), INDEXES[self.index](rng, self.n)
        series = [pd.Series(each).set_axis(index) for each in (*columns, labels)]
        data = pd.concat(series, axis=1) if series else pd.DataFrame(index=index)
        names = NAMES[self.names](data.shape[1])
        data.columns = names if isinstance(names, pd.Index) else pd.Index(names, tupleize_cols=False)
        target = data.columns[-1]
        data = self._in_state(data)
        if self.as_series:
            taken = data.iloc[:, -1].rename("label beside")
            return data.iloc[:, :-1], taken
        return data, target

    def _in_state(self, data: pd.DataFrame) -> pd.DataFrame:
        if self.state == "view":
            return pd.concat([data, data]).iloc[: len(data)]
        if self.state == "attrs":
            data.attrs["note"] = ["kept", {"as": "it is"}]
        if self.state == "read-only":
            for place in range(data.shape[1]):
                values = getattr(data.iloc[:, place].array, "_ndarray", None)
                if values is not None:
                    values.setflags(write=False)
        if self.state == "reversed":
            return data.iloc[::-1]
        return data


@st.composite
def odd_frames(draw: st.DrawFn, most: int = 80, least: int = 0) -> Odd:
    """Draw a frame that is odd in some respects; most are usual in most, or all would be refused alike."""
    kinds = st.lists(st.sampled_from(sorted(FEATURES)), max_size=4)
    usual = st.sampled_from([("float",), ("float", "int"), ("float", "text"), ("int", "float", "bool")])
    rare = st.one_of(st.sampled_from([1, 2, 3, 5]), st.sampled_from([0.1, 0.2, 0.3, 0.5]))
    return Odd(
        n=draw(st.sampled_from([size for size in (*SIZES, 30, 50, 80, 80) if least <= size <= most])),
        labels=draw(st.one_of(st.sampled_from(USUAL), st.sampled_from(sorted(LABELS)))),
        rare=draw(rare),
        features=tuple(draw(st.one_of(usual, kinds, st.builds(lambda a, b: (*a, *b), usual, kinds)))),
        names=draw(st.one_of(st.just("plain"), st.sampled_from(sorted(NAMES)))),
        index=draw(st.one_of(st.just("range"), st.sampled_from(sorted(INDEXES)))),
        unlabelled=draw(st.sampled_from([0.0, 0.0, 0.0, 0.2, 1.0])),
        state=draw(st.sampled_from(["plain", "plain", "view", "attrs", "read-only", "reversed"])),
        as_series=draw(st.sampled_from([False, False, False, True])),
        seed=draw(st.integers(0, 999)),
    )


def fingerprint(data: Any) -> bytes:
    """Return all that a frame or a Series holds."""
    frame = data.to_frame() if isinstance(data, pd.Series) else data
    cells = [list(frame.iloc[:, place]) for place in range(frame.shape[1])]
    about = (list(map(str, frame.dtypes)), list(frame.columns), list(frame.index), frame.index.names, cells)
    return pickle.dumps((about, frame.columns.names, data.attrs, data.flags.allows_duplicate_labels))


def _options() -> dict[str, Any]:
    return {
        name: pd.get_option(name)
        for name in ("display.max_rows", "display.precision", "display.max_colwidth", "display.float_format")
    } | {"mode": pd.get_option("mode.chained_assignment") if pd.__version__ < "3" else None}


def surroundings() -> dict[str, Any]:
    """Return what a call could leave behind in the process."""
    state = np.random.get_state()  # noqa: NPY002
    return {
        "figures": list(plt.get_fignums()),
        "warning filters": list(warnings.filters),
        "numpy's seed": (state[1].tobytes(), *state[2:]),
        "python's seed": random.getstate(),
        "pandas' options": _options(),
        "matplotlib's": dict(mpl.rcParams),
        "scikit-learn's": sklearn.get_config(),
        "numpy's errors": np.geterr(),
        "files here": sorted(os.listdir()),  # noqa: PTH208
    }


@contextmanager
def nothing_left(*data: Any) -> Iterator[None]:
    """Hold what was handed in, and the process, against what they were."""
    prints, before = [fingerprint(each) for each in data], surroundings()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        filters = list(warnings.filters)
        yield
        assert list(warnings.filters) == filters
    after = surroundings()
    for name, was in before.items():
        assert after[name] == was, f"{name} changed"
    for each, was in zip(data, prints, strict=True):
        assert fingerprint(each) == was, "what was handed in was changed"
    said = [
        f"{each.category.__name__}: {each.message} ({each.filename})" for each in heard if _is_shown(each)
    ]
    assert not said, said


def _is_shown(warning: warnings.WarningMessage) -> bool:
    """Whether a user sees it: those of a library's own house are hidden by default."""
    return not issubclass(warning.category, DeprecationWarning | PendingDeprecationWarning | ResourceWarning)


def attempt(verb: str, data: Any, target: Any, *, follow: bool = False, **options: Any) -> Any:
    """Call a verb; return its result, or None where it says in one sentence of our own why there is none.

    With `follow`, the fixes of that error, or of all findings, are run to the letter.
    """
    names = {"df": data, "y": target, "test": options.get("test")} if follow else {}
    try:
        found = registry.verb(verb)(data, target, **options)
    except ImbalanceError as error:
        check_sentence(error)
        if follow and error.fix:
            check_fix_of_error(error, names)
        return None
    for finding in found.findings if follow else ():
        if finding.fix:
            check_fix_of_finding(finding, found.findings, names)
    return found


def check_fix_of_error(error: ImbalanceError, names: dict[str, Any]) -> None:
    """What was wrong is right now; something else may still be wrong in an odd frame."""
    try:
        run(str(error.fix), copied(names))
    except ImbalanceError as other:
        assert str(other) != str(error), error.fix


def check_fix_of_finding(finding: Finding, findings: Findings, names: dict[str, Any]) -> None:
    after = run(str(finding.fix), copied(names)).findings.codes
    assert after.count(finding.code) < findings.codes.count(finding.code), f"{finding}\n{finding.fix}"


def copied(names: dict[str, Any]) -> dict[str, Any]:
    """Return fresh names for the code of a fix; rows of smote are known by their place in memory."""
    return {name: each.copy() if isinstance(each, NDFrame) else each for name, each in names.items()}


#: How often each part of a frame met each verb, and what came of it; written down at the end where that is asked for.
TALLY: Counter[str] = Counter()


def tallied(odd: Odd, verb: str, found: Any) -> None:
    """Note what came of a frame: an answer, which the test goes on to check, or an error in our own words."""
    came = "error" if found is None else "answer"
    rare = f"{odd.rare} rows" if isinstance(odd.rare, int) else f"{odd.rare:.0%}"
    parts = {
        "labels": [odd.labels],
        "names": [odd.names],
        "row labels": [odd.index],
        "rows": [f"{odd.n:02d}"],
        "each smaller class": [rare],
        "unlabelled": [f"{odd.unlabelled:.0%}"],
        "state": [odd.state],
        "target": ["a Series beside the frame" if odd.as_series else "a column"],
        "feature": sorted(set(odd.features)) or ["none"],
        "verb": [verb],
    }
    for part, kinds in parts.items():
        TALLY.update("|".join((part, kind, came)) for kind in kinds)


@atexit.register
def _write_tally() -> None:
    if TALLY and (place := os.environ.get("IMBALANCE_ACCESSOR_TALLY")):
        Path(f"{place}-{os.getpid()}.json").write_text(json.dumps(TALLY))


def check_sentence(error: ImbalanceError) -> None:
    message = str(error)
    assert type(error) in ImbalanceError.__subclasses__(), type(error)
    assert "\n" not in message
    assert message.endswith((".", "?", ":")), message
    assert "np.int64(" not in message and "np.float64(" not in message, message
    assert error.__cause__ is None
