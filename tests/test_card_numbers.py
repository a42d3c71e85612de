"""What a card shows once and how: three significant digits, no bar twice."""

from __future__ import annotations

import pytest
from every_result import CASES, NO_PICTURE, made

from imbalance_accessor.rendering.cells import text


@pytest.mark.quick(6)
@pytest.mark.parametrize("case", CASES)
def test_numbers_of_a_table_have_three_significant_digits(case):
    card = made(case)._card()
    for table in filter(lambda each: each is not None, (card.table, *card.more_tables)):
        for value in table.to_numpy(dtype=object).ravel():
            if not isinstance(value, float) or value != value or value in (0.0, float("inf")):
                continue
            shown = float(text(value).replace(",", "").replace("−", "-"))
            assert abs(shown / value - 1) <= 0.005 + 1e-9, (value, text(value))


@pytest.mark.quick(4)
@pytest.mark.parametrize("case", CASES)
def test_no_bar_is_drawn_twice_and_methods_are_called_so(case):
    html = made(case)._repr_html_()
    assert "<summary>Methods</summary>" in html and "Numbers, picture" not in html
    if case.startswith(NO_PICTURE):
        assert ('class="imb-share"' in html) != case.startswith("score") and 'class="imb-picture"' not in html
