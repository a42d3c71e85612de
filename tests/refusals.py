"""What the tests of bad input share: a small sound frame, frames that are odd in one way, and the one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

N = 120


def framed(**columns: Any) -> pd.DataFrame:
    """Return a sound frame, with columns added or put in place of its own."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.normal(size=N),
            "amount": 1 + rng.exponential(size=N),
            "who": rng.integers(0, 12, N),
            "p": rng.random(N),
            "churn": np.where(np.arange(N) % 8 == 0, "yes", "no"),
        }
    )
    return frame.assign(**columns)


def with_cell(column: str, value: Any) -> pd.DataFrame:
    """Return a frame with one odd cell."""
    frame = framed()
    frame.loc[17, column] = value
    return frame


def three() -> pd.DataFrame:
    """Return a frame with three classes."""
    return framed(churn=np.array(["a", "b", "c"])[np.arange(N) % 3])


def one_positive() -> pd.DataFrame:
    """Return a frame with one row of the rare class."""
    return framed(churn=np.where(np.arange(N) == 5, "yes", "no"))


def doubled() -> pd.DataFrame:
    """Return a frame with one name twice."""
    return pd.concat([framed(), framed()[["p"]]], axis=1)


def matrix(rows: Any = "abc", columns: Any = "abc", values: Any = None) -> pd.DataFrame:
    """Return costs of labels by labels, 1 for every mistake unless given."""
    values = 1 - np.eye(len(rows)) if values is None else values
    return pd.DataFrame(values, index=list(rows), columns=list(columns))


def sentence_of(
    verb: Callable[..., Any], error: type[Exception], data: Any, target: Any, most: int, options: Any
) -> str:
    """Return the one sentence that a verb refuses with; the frame must be as it was."""
    before = data.copy(deep=True) if isinstance(data, pd.DataFrame) else None
    with pytest.raises(error) as caught:
        verb(data, target, **options)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    assert len(sentence) < most
    assert caught.value.__cause__ is None
    if before is not None:
        pd.testing.assert_frame_equal(data, before)
    return sentence
