"""What is said of scores that were counted in a table."""

from __future__ import annotations

from imbalance_accessor.evaluation.strategy_scores import StrategyScores
from imbalance_accessor.evaluation.table_scores import TableScores


def in_cells(scores: StrategyScores, *, chosen: bool) -> str:
    """Say that rows of a table were counted by their score: what that leaves open of a chosen threshold, or of probabilities."""
    if not isinstance(scores, TableScores):
        return ""
    grid = scores.grid
    counted = f"{int(grid.counts.sum()):,} rows were counted in one pass, in {len(grid):,}"
    if grid.is_exact:
        return f"{counted} distinct scores."
    if not chosen:
        return f"{counted} cells of the score, each at the mean of its rows."
    return f"{counted} cells of the score: what is flagged at the threshold is exact, its place is within one cell."
