"""Tables of text: headers break before a table does, its blocks are about equally wide, numbers stand to the right."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.rendering.cells import Interval, Share, WrittenNumber
from imbalance_accessor.rendering.html import table_view
from imbalance_accessor.rendering.tables import table_lines


def test_headers_break_where_the_table_would():
    six = pd.DataFrame({f"figure number {i}": [10_000 + i, 7] for i in range(6)}, ["a", "b"])
    assert table_lines(six.iloc[:, :3], best=None, width=80)[0].endswith("  figure number 2")
    assert table_lines(six, best=None, width=80) == [
        "     figure    figure    figure    figure    figure    figure",
        "   number 0  number 1  number 2  number 3  number 4  number 5",
        "a    10,000    10,001    10,002    10,003    10,004    10,005",
        "b         7         7         7         7         7         7",
    ]


@pytest.mark.parametrize("widths", [(5,), (9, 9, 9), (20, 4, 4, 4, 20, 5), (3, 3, 30, 3), (12,) * 9])
@pytest.mark.parametrize("limit", [34, 50, 80])
def test_blocks_are_as_few_as_fit_and_the_widest_is_as_narrow_as_can_be(widths, limit):
    frame = pd.DataFrame({f"{i}{'x' * (width - 1)}": [1] for i, width in enumerate(widths)}, ["a"])
    lines = table_lines(frame, best=None, width=limit)
    found = [block.splitlines()[0] for block in "\n".join(lines).split("\n\n")]

    def widest(cuts):  # every way to cut the row of columns, by brute force
        ends = [0, *cuts, len(widths)]
        return max(1 + sum(2 + each for each in widths[a:b]) for a, b in pairwise(ends))

    ways = [cuts for n in range(len(widths)) for cuts in combinations(range(1, len(widths)), n)]
    fewest = min(len(cuts) for cuts in ways if widest(cuts) <= limit)
    assert len(found) == fewest + 1
    assert max(map(len, found)) == min(widest(cuts) for cuts in ways if len(cuts) == fewest)


def test_numbers_stand_to_the_right_in_text_and_on_a_page():
    cells = {
        "count": [1200, 7],
        "share": [Share(0.95), Share(0.005)],
        "interval": [Interval(0.5, 0.4, 0.6), Interval(np.nan)],
        "the threshold": [WrittenNumber("0.1045"), WrittenNumber("0.5")],
        "words": ["one", "three four"],
    }
    table = pd.DataFrame(cells, index=["x", "y"])
    right = [True, True, True, True, False]
    shown = table_view(table, None)
    assert [head.right for head in shown.headers] == right
    assert all([cell.right for cell in row.cells] == right for row in shown.rows)
    head, first, second = table_lines(table[["the threshold", "count"]], best=None, width=80)
    end = head.index("the threshold") + len("the threshold")
    assert (first[:end].split()[1:], second[:end].split()[1:]) == (["0.1045"], ["0.5"])
    assert not first[end - 1].isspace() and not second[end - 1].isspace()
