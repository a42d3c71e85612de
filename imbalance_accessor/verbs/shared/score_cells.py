"""What is said of scores that were counted in a table."""

from __future__ import annotations

from imbalance_accessor.evaluation.strategy_scores import StrategyScores
from imbalance_accessor.evaluation.table_scores import TableScores


def in_cells(scores: StrategyScores, within: str) -> str:
    """Say that the rows of a table were counted by their score; nothing of other scores.

    Parameters
    ----------
    scores : StrategyScores
    within : str
        What is known of rows within a cell, where cells hold several scores.
    """
    if not isinstance(scores, TableScores):
        return ""
    grid = scores.grid
    counted = f"{int(grid.counts.sum()):,} rows were counted in one pass, in {len(grid):,}"
    if grid.is_exact:
        return f"{counted} distinct scores."
    return f"{counted} cells of the score: {within}."
