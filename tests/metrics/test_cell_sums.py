"""Sums by cell and running sums of many draws, against plain loops."""

import numpy as np
import pytest

from imbalance_accessor.metrics.cell_sums import CellSums, running

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("draws", [0, 1, 2, 7])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", [np.uint8, np.intp])
def test_rows_are_summed_up_by_cell(draws, order, kind):
    rng = np.random.default_rng(0)
    cells, weights = rng.integers(0, 9, 50).astype(kind), rng.random((draws, 50)).copy(order)
    found = CellSums(cells, 10).of(weights)  # nobody is in the last cell
    assert found.shape == (draws, 10)
    for own, sums in zip(weights, found, strict=True):
        assert sums.tolist() == pytest.approx([own[cells == each].sum() for each in range(10)], abs=1e-14)


def test_more_cells_than_small_numbers_hold_are_kept_apart():
    cells = np.array([3, 2**16 + 3, 2**17, 3])
    found = CellSums(cells, 2**17 + 1).of(np.array([[1.0, 2.0, 4.0, 8.0], [1.0, 1.0, 1.0, 1.0]]))
    assert found[:, [3, 2**16 + 3, 2**17]].tolist() == [[9.0, 2.0, 4.0], [2.0, 1.0, 1.0]]


@pytest.mark.parametrize("draws", [0, 1, 3, 4, 9])
@pytest.mark.parametrize("m", [0, 1, 31, 32, 33, 100])
def test_running_sums_are_those_of_a_plain_loop(draws, m):
    sums = np.random.default_rng(m).integers(0, 5, (draws, m)).astype(float)
    before = sums.copy()
    assert running(sums).tolist() == [[float(sum(row[: at + 1])) for at in range(m)] for row in sums.tolist()]
    assert (sums == before).all()
