"""A leak check is one class: one that is registered at run time is asked, answered and told wherever the others are."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.evaluation import parallel
from imbalance_accessor.findings import CATALOG
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.run_checks import QUESTIONS, register, run_checks
from imbalance_accessor.splitting.split import divide

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


class FarAway(Check):
    """IMB199: cells of a test row lie outside of what the training set has."""

    code, title, severity, cost = "IMB199", "test rows beyond train?", "warning", 2

    def _answer(self, evidence: Evidence) -> Answer:
        train, test = (part.X[["a"]] for part in (evidence.parts.train, evidence.parts.test))
        beyond = int(((test > train.max()) | (test < train.min())).to_numpy().sum())
        saw = f"{beyond} test cells lie beyond train"
        if not beyond:
            return self.clear(saw, 0, 0.0)
        twins = evidence.answers["IMB104"]  # has run, since it is cheaper
        sentence = f"{saw}, and {twins.rows:.0f} test rows have a twin in train."
        return self.found(saw, sentence, "Split anew.", rows=beyond, share=beyond / len(test), columns=("a",))


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setitem(CATALOG, "IMB199", "test rows beyond train")
    register(FarAway())
    yield "IMB199"
    del QUESTIONS["IMB199"]


@pytest.fixture(scope="module")
def parts() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(0)
    y = rng.random(600) < 0.2
    frame = pd.DataFrame(rng.normal(size=(600, 3)) + y[:, None], columns=list("abc")).assign(y=y)
    test = frame.iloc[400:].copy()
    test.iloc[:7, 0] = 99.0
    return {"data": frame.iloc[:400], "test": test}


def test_leaks_answers_it(toy, parts):
    found = imb.leaks(parts["data"], "y", test=parts["test"])
    row = found.frame.loc[toy]
    lows, highs = parts["data"]["a"].min(), parts["data"]["a"].max()
    beyond = int((~parts["test"]["a"].between(lows, highs)).sum())
    assert beyond >= 7
    assert row.tolist() == [1.0, beyond, beyond / 200, 1.0]
    assert toy in found.findings.codes
    assert "test rows beyond train" in found.verdict
    (told,) = (finding for finding in found.findings if finding.code == toy)
    assert told.message == f"{beyond} test cells lie beyond train, and 0 test rows have a twin in train."


def test_leaks_clears_it(toy, parts):
    test = parts["test"].assign(a=0.0)
    found = imb.leaks(parts["data"], "y", test=test)
    assert found.frame.loc[toy].tolist() == [0.0, 0.0, 0.0, 0.0]
    assert toy not in found.findings.codes


def test_the_card_asks_and_answers(toy, parts):
    found = imb.leaks(parts["data"], "y", test=parts["test"])
    assert {toy, "beyond", "lie"} <= set(repr(found).split())  # cells are wrapped there
    said = " ".join(re.sub(r"<[^>]*>", " ", found._repr_html_()).split())
    assert f"{toy} {FarAway.title} yes {found.checks[-1].saw}" in said


def test_verbs_that_fit_tell_of_it(toy, parts):
    given = {"test": parts["test"], "model": "naive_bayes", "cv": 3, "progress": False}
    found = imb.fit_eval(parts["data"], "y", strategies=[], **given)
    assert toy in found.findings.codes
    assert toy in {finding.code for finding in found.about_rows}
    assert toy in found.best_threshold().findings.codes
    assert toy not in imb.fit_eval(parts["data"], "y", strategies=[], ignore=[toy], **given).findings.codes


def test_every_question_is_a_known_code_asked_once():
    assert [check.code for check in QUESTIONS.values()] == list(QUESTIONS) == sorted(QUESTIONS)
    assert {f"IMB{code}" for code in range(101, 110)} <= set(QUESTIONS) <= set(CATALOG)
    assert all(check.title.endswith("?") and check.cost in range(4) for check in QUESTIONS.values())


@pytest.mark.parametrize("code", ["IMB112", "IMB108"])
def test_what_builds_on_another_check_costs_more_than_it(code, parts):
    rests_on = {"IMB112": "IMB106", "IMB108": "IMB102"}[code]
    assert QUESTIONS[code].cost > QUESTIONS[rests_on].cost
    evidence = Evidence(divide(read_features(parts["data"], "y"), test_size=0.2, random_state=0))
    with pytest.raises(KeyError, match=rests_on):
        QUESTIONS[code].run(evidence)


def test_answers_come_in_the_order_of_their_codes(toy, parts):
    answers, aucs = run_checks(divide(read_features(parts["data"], "y"), test_size=0.2, random_state=0))
    assert [answer.code for answer in answers] == [*sorted(set(QUESTIONS) - {toy}), toy]
    assert aucs.index.tolist() == list("abc")


def test_threads_change_no_answer(parts, monkeypatch):
    assert [code for code, check in QUESTIONS.items() if check.by_itself] == ["IMB103"]
    here, alone = run_checks(divide(read_features(parts["data"], "y")))
    monkeypatch.setattr(parallel, "_LONG_ARRAYS", 0)
    answers, table = run_checks(divide(read_features(parts["data"], "y")))
    assert [repr(each) for each in answers] == [repr(each) for each in here]
    pd.testing.assert_frame_equal(table, alone)


def test_no_check_finds_what_is_graver_than_it_says(parts):
    grown = pd.concat([parts["data"], *[parts["data"][parts["data"]["y"]]] * 4], ignore_index=True)
    leaky = grown.assign(id=range(len(grown)), same=grown["y"] * 1.0)
    order = {"note": 0, "warning": 1, "error": 2}
    found = {finding.code: finding for finding in imb.leaks(leaky, "y").findings}
    told = {code: finding for code, finding in found.items() if code in QUESTIONS}
    assert {"IMB102", "IMB104", "IMB106", "IMB107"} <= set(told)
    for code, finding in told.items():
        assert order[finding.severity] <= order[QUESTIONS[code].severity]
