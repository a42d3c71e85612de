"""Frames that are resampled by the tests of synthetic rows, and ways to read what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.errors import LeakageError

N, RARE = 200, 40
#: Of the 160 train rows 128 are common and 32 rare, so that 96 are made.
MADE, AFTER = 96, 256


def labels():
    return np.random.default_rng(1).permutation(np.where(np.arange(N) < RARE, "yes", "no"))


def numbers():
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(N, 3)), columns=["a", "b", "c"]).assign(
        k=rng.integers(0, 9, N), y=labels()
    )


def mixed():
    """Numbers, text, a category and a flag, on an index of text."""
    rng = np.random.default_rng(2)
    frame = numbers().assign(
        word=rng.choice(["x", "y", "z"], N),
        level=pd.Categorical(rng.choice(["low", "high"], N)),
        flag=rng.random(N) < 0.5,
    )
    return frame.set_index(pd.Index([f"row {i}" for i in range(N)], name="who"))


def holey():
    frame = mixed()
    frame.loc[frame.index[::11], "a"] = np.nan
    frame.loc[frame.index[::13], "word"] = None
    return frame


def whole(made):
    """The resampled training set as one frame, as it is glued together before a second verb is called."""
    return pd.concat([made.X_train, made.y_train], axis=1)


def marked(made):
    """The same with the token in its ``attrs``, which a concat of a frame and a Series may lose."""
    return made.X_train.assign(y=made.y_train)


def made_labels(made, frame):
    """Index labels that the frame had not: those of rows that were made."""
    return made.X_train.index.difference(frame.index)


def count_in(frame, **options):
    """The number that a refusal names."""
    with pytest.raises(LeakageError) as caught:
        imb.split(frame, "y", **options)
    return said(str(caught.value))


def said(sentence):
    count, of = sentence.removeprefix("[IMB101] ").split(" rows ")[0].split(" of these ")
    return int(count.replace(",", "")), int(of.replace(",", ""))


def accused(found):
    return [finding for finding in found.findings if finding.code == "IMB101"]
