"""Options that depend on the frame: how it is divided, what its rows cost, the scores it brings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from hypothesis import strategies as st
from odd_frames import Odd

COSTS = ({"fp": 1, "fn": 10}, {"fp": 0.0, "fn": 1.0}, {"fp": 2, "fn": 1, "tp": -3}, {"fp": -1, "fn": 0})


def any_division(draw: Any, odd: Odd, data: pd.DataFrame) -> dict[str, Any]:
    """Draw how train and test are told apart: by chance, most often, by a column, or by a frame of its own."""
    way = draw(st.sampled_from(["", "", "", "", "", "", "groups", "time", "test"]))
    if way == "test":
        return {"test": another(draw, odd).frame()[0]}
    return {way: column_of(draw, data)} if way and data.shape[1] else {}


def another(draw: Any, odd: Odd) -> Odd:
    """Draw a frame of the same columns; its rows, and now and then what one column is made of, are its own."""
    features = odd.features
    if features and draw(st.sampled_from([False, False, True])):
        features = (draw(st.sampled_from(["float", "text", "mixed", "category"])), *features[1:])
    return replace(odd, n=draw(st.sampled_from([0, 1, 5, 30])), features=features, seed=odd.seed + 1)


def column_of(draw: Any, data: pd.DataFrame) -> Any:
    return data.columns[draw(st.integers(0, data.shape[1] - 1))]


def any_scores(draw: Any, data: pd.DataFrame) -> dict[str, Any]:
    """Draw a column that holds the scores."""
    return {"scores": column_of(draw, data)} if data.shape[1] and draw(st.sampled_from([False, True])) else {}


def any_wish(draw: Any, data: pd.DataFrame) -> dict[str, Any]:
    """Draw what a threshold shall be best at."""
    wish = draw(st.sampled_from(["", "", "cost", "amount", "beta", "min_recall", "top_k", "max_flag_rate"]))
    if wish == "cost":
        return {"cost": draw(st.sampled_from(COSTS))}
    if wish == "amount" and data.shape[1]:
        return {"cost": {"fp": 5, "fn": column_of(draw, data)}}
    values = {"beta": 2, "min_recall": 0.8, "top_k": 3, "max_flag_rate": 0.1}
    return {wish: values[wish]} if wish in values else {}
