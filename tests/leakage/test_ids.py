"""An id or a row counter that predicts, against scikit-learn and counting by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

N, RARE = 400, 60


def noise(n=N, rare=RARE, seed=0):
    """Noise of three kinds, and labels that have nothing to do with it."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    y = rng.permutation(np.arange(n) < rare)
    return frame.assign(
        word=rng.choice(list("pqr"), n), k=rng.integers(0, 6, n), y=np.where(y, "leave", "stay")
    )


def positive(frame):
    return (frame["y"] == "leave").to_numpy()


def told(frame, code="IMB107"):
    """The findings of one code, and the check."""
    found = imb.leaks(frame, "y")
    (check,) = (each for each in found.checks if each.code == code)
    return [each for each in found.findings if each.code == code], check


def codes(frame):
    return imb.leaks(frame, "y").findings.codes


def either_way(y, values):
    auc = roc_auc_score(y, values)
    return max(auc, 1 - auc)


def lying_in_order(frame):
    return frame.sort_values("y", kind="stable").reset_index(drop=True)


@pytest.mark.quick(1)
@pytest.mark.parametrize("start", [0, 1, 5000])
@pytest.mark.parametrize("way", [1, -1])
def test_a_row_counter_in_a_frame_sorted_by_label_is_named(start, way):
    frame = lying_in_order(noise())
    frame["n"] = way * np.arange(N) + start
    findings, check = told(frame)
    (finding,) = findings
    assert finding.message.startswith("'n' looks like an id or a row counter and still predicts 'leave'")
    assert "ROC-AUC 1.000 alone" in finding.message
    assert finding.fix.lines == 'df = df.drop(columns=["n"])'
    assert check.columns == ("n",)
    assert "IMB106" not in codes(frame)  # said once, by its right name
    assert "IMB107" not in codes(frame.drop(columns=["n"]))


@pytest.mark.filterwarnings("error")
def test_an_id_with_missing_cells_is_judged_by_the_others():
    frame = lying_in_order(noise())
    frame["order_id"] = np.where(np.arange(N) % 50 == 0, np.nan, np.arange(N) * 7.0)
    assert "IMB107" in codes(frame)


@pytest.mark.slow
def test_ids_with_gaps_are_known_by_their_name():
    frame = lying_in_order(noise(seed=1))
    numbers = np.sort(np.random.default_rng(0).choice(10**7, N, replace=False))
    for name in ("customer_id", "Id", "orderID", "Unnamed: 0", "index"):
        assert "IMB107" in codes(frame.assign(**{name: numbers})), name
    for name in ("cents", "paid", "VALID", "width"):
        assert "IMB107" not in codes(frame.assign(**{name: numbers})), name


def test_a_lump_of_the_label_along_a_counter_is_named():
    """The rare rows lie in the middle: the counter ranks them no better than chance, and tells them all the same."""
    frame = noise().drop(columns="y")
    y = np.abs(np.arange(N) - N / 2) < RARE / 2
    frame = frame.assign(n=np.arange(N), y=np.where(y, "leave", "stay"))
    assert either_way(y, frame["n"]) < 0.55
    findings, check = told(frame)
    assert len(findings) == 1
    assert check.columns == ("n",)


def test_an_id_that_tells_nothing_is_no_alarm():
    for seed in range(4):
        frame = noise(seed=seed)
        frame["customer_id"] = np.random.default_rng(seed).permutation(N) + 1000
        frame["n"] = np.arange(N)
        findings, check = told(frame)
        assert not findings
        assert set(check.columns) == {"customer_id", "n"}  # seen, and found to tell nothing


@pytest.mark.slow
def test_numbers_that_repeat_or_have_fractions_name_no_rows():
    frame = lying_in_order(noise())
    broken = frame.assign(customer_id=np.arange(N) + 0.5)
    holey = frame.assign(customer_id=np.where(np.arange(N) % 50 == 0, np.nan, np.arange(N)))
    for each in (broken, frame.assign(pair=np.arange(N) // 2)):
        assert "IMB107" not in codes(each)
        assert "IMB106" in codes(each)  # they give the answer away all the same
    assert "IMB107" in codes(holey)  # an id may be missing here and there


def test_the_id_that_says_most_is_named_first():
    frame = lying_in_order(noise(seed=2))
    rng = np.random.default_rng(2)
    frame["row_id"] = np.arange(N)
    frame["n"] = np.argsort(np.argsort(np.arange(N) + 150 * rng.normal(size=N)))
    findings, check = told(frame)
    assert findings[0].message.startswith("'row_id' looks like")
    assert "So does 'n'." in findings[0].message
    assert set(check.columns) == {"row_id", "n"}


WRITTEN = {
    "int": lambda number: number,
    "float": lambda number: number * 1.0,
    "digits": lambda number: number.astype(str),
    "padded": lambda number: np.char.zfill(number.astype(str), 8),
    "A-000123": lambda number: np.char.add("A-", np.char.zfill(number.astype(str), 6)),
    "number first": lambda number: np.char.add(number.astype(str), "/DE"),
    "prefix": lambda number: np.char.add(
        np.where(number < N - RARE + 10, "OLD-", "NEW-"), np.random.default_rng(0).permutation(N).astype(str)
    ),
}


@pytest.mark.quick(2)
@pytest.mark.parametrize("written", WRITTEN)
def test_a_counter_is_found_however_it_is_written(written):
    frame = lying_in_order(noise()).iloc[::-1]  # the rare rows came last
    frame["case_id"] = WRITTEN[written](np.arange(N) + 10)
    findings, check = told(frame)
    assert check.columns == ("case_id",)
    found = float(findings[0].message.split("ROC-AUC ")[1].split(" alone")[0])
    numbers = np.arange(N) if written != "prefix" else np.argsort(np.argsort(frame["case_id"]))
    assert found == pytest.approx(either_way(positive(frame), numbers), abs=6e-4)
    assert told(frame.sample(frac=1, random_state=1))[1].saw == check.saw


def test_the_last_rows_alone_may_be_told():
    """Half of the rare rows have the highest ids, the others any."""
    frame = noise()
    late = np.flatnonzero(positive(frame))[::2]
    number = np.lexsort([np.random.default_rng(0).random(N), np.isin(np.arange(N), late)]).argsort()
    assert told(frame.assign(claim_no=number + 1))[1].columns == ("claim_no",)


def test_an_id_that_comes_again_is_judged_by_its_values():
    frame = lying_in_order(noise())
    assert told(frame.assign(customer_id=np.arange(N) // 2))[0]
    rng, rows = np.random.default_rng(1), 8
    who = rng.permutation(np.arange(N) // rows)
    ill = rng.permutation(N // rows) < 12
    frame = noise().assign(patient_id=who, y=np.where(ill[who], "leave", "stay"))
    assert not told(frame)[0]  # labels agree within patients, whose numbers tell nothing
