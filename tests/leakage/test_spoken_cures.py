"""What a candidate would do about a leak: what the finding itself calls for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.leakage.run_checks import QUESTIONS
from imbalance_accessor.verbs.leaks.text import _REMEDIES

DF = imb.make_churn(600, 0.15)
CASES = {
    "IMB102": (pd.concat([DF, *[DF[DF["churn"] == "yes"]] * 3], ignore_index=True), "inside training folds"),
    "IMB106": (DF.assign(gone=(DF["churn"] == "yes") * 1.0), "I would leave it out"),
    "IMB108": (DF.assign(customer_id=np.arange(600) // 4), "keep each group on one side of the split"),
}


@pytest.mark.parametrize("code", CASES)
def test_the_cure_that_is_said_is_that_of_the_finding(code):
    df, cure = CASES[code]
    found = df.imb.leaks("churn")
    assert found.found[0].code == code
    assert cure in found._explain("interview")[-1]


def test_clean_rows_get_no_cure_but_a_limit():
    last = DF.imb.leaks("churn", groups=None)._explain("interview")[-1]
    assert last == "They miss a column that gives away part of the answer, so I ask when each becomes known."


def test_every_check_of_rows_and_columns_has_a_cure_to_say():
    assert {*_REMEDIES} == {*QUESTIONS}
