"""A strategy is one row: one that is registered at run time is found wherever strategies are told, and runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from alone import execute
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.errors import OptionError
from imbalance_accessor.ipython import magic
from imbalance_accessor.ipython.completion import complete
from imbalance_accessor.modeling.strategies import NAMES, TABLE, SamplerContext, StrategyRow, kinds, register

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


@contextmanager
def registered(row: StrategyRow) -> Iterator[str]:
    """Have one strategy more for a while."""
    register(row)
    try:
        yield row.name
    finally:
        del TABLE[row.name]
        NAMES.remove(row.name)


def two_to_one(asked: SamplerContext) -> RandomUnderSampler:
    return RandomUnderSampler(sampling_strategy=0.5, random_state=asked.random_state)


def undersampled(asked: SamplerContext) -> RandomUnderSampler:
    return RandomUnderSampler(**asked.given)


HALVED = StrategyRow(
    "halved", "Two frequent rows are kept for a rare one.", sampler=two_to_one, moves="drops"
)


@pytest.fixture
def toy() -> Iterator[str]:
    with registered(HALVED) as name:
        yield name


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = rng.random(900) < 0.12
    return pd.DataFrame(rng.normal(size=(900, 3)) + y[:, None], columns=list("abc")).assign(y=y)


@pytest.fixture
def evaluation(toy, frame):
    return imb.fit_eval(frame, "y", strategies=["undersample", toy], cv=3, progress=False)


def test_its_figures_are_those_of_the_pipeline_written_by_hand(toy, frame, evaluation):
    X_train, X_test, y_train, y_test = train_test_split(
        frame[list("abc")], frame["y"], test_size=0.2, stratify=frame["y"], random_state=0
    )
    sampler = RandomUnderSampler(sampling_strategy=0.5, random_state=0)
    steps = [("scale", StandardScaler()), ("halve", sampler), ("model", LogisticRegression(max_iter=1000))]
    score = Pipeline(steps).fit(X_train, y_train).predict_proba(X_test)[:, 1]
    found = evaluation.frame.loc[toy, "average_precision"]
    assert found == pytest.approx(average_precision_score(y_test, score), abs=1e-12)
    assert found != evaluation.frame.loc["undersample", "average_precision"]


def test_the_card_names_it(toy, evaluation):
    assert toy in repr(evaluation)
    assert re.search(rf"<th[^>]*>[^\n]*{toy}", evaluation._repr_html_())


def test_the_snippet_gives_the_same_numbers(toy, frame, evaluation):
    rows = pd.DataFrame(execute(evaluation.snippet(style="full"), df=frame)["rows"]).T
    same = [name for name in evaluation.frame.columns if name in rows.columns]
    assert {"average_precision", "recall"} <= set(same)
    for name in ("none", "undersample", toy):
        np.testing.assert_allclose(
            rows.loc[name, same].to_numpy(float), evaluation.frame.loc[name, same].to_numpy(float), atol=1e-9
        )


def test_it_is_known_by_its_name_and_by_a_near_one(toy, frame):
    assert imb.best_threshold(frame, "y", strategy=toy, cv=3, progress=False).feasible
    with pytest.raises(
        OptionError, match=r"strategies='halve' is not known\. Did you mean 'halved'\?.*'halved'"
    ):
        imb.fit_eval(frame, "y", strategies=["halve"])
    with pytest.raises(OptionError, match=r"strategy='halve' is not known\. Did you mean 'halved'\?"):
        imb.best_threshold(frame, "y", strategy="halve")


def test_ties_are_won_by_the_strategy_that_was_there_before(frame):
    again = StrategyRow("again", "Rows are dropped once more.", sampler=undersampled, moves="drops")
    with registered(again) as name:
        found = imb.fit_eval(frame, "y", strategies=[name, "undersample"], cv=3, progress=False)
        figures = found.frame.loc[[name, "undersample"]].round(12)
        pd.testing.assert_series_equal(*(figures.loc[each] for each in figures.index), check_names=False)
        assert found.best_by("balanced_accuracy") == "undersample"


def test_tab_and_help_offer_it(toy, capsys):
    assert complete("%imbalance fit_eval df y --strategies hal", {}) == ("hal", [toy])
    assert complete("%imbalance best_threshold df y --strategy hal", {}) == ("hal", [toy])
    magic.run_line(None, "fit_eval --help")
    assert f"  {toy}                 {HALVED.sentence}\n" in capsys.readouterr().out


def test_help_tells_every_strategy_where_one_is_taken(capsys):
    for verb in registry.VERBS:
        magic.run_line(None, f"{verb} --help")
        printed = capsys.readouterr().out
        takes = verb in {"fit_eval", "reliability", "best_threshold", "report"}
        assert all((row.sentence in printed) == takes for row in TABLE.values())


def test_smote_takes_a_row_that_says_it_is_a_kind(frame):
    row = StrategyRow("thinned", "Rows are dropped.", sampler=undersampled, moves="drops", kind=True)
    with registered(row) as name:
        assert kinds().index(name) == kinds().index("undersample") + 1
        assert complete("%imbalance smote df y --kind th", {}) == ("th", [name])
        made, plain = (imb.smote(frame, "y", kind=kind, ratio=0.5) for kind in (name, "undersample"))
        pd.testing.assert_frame_equal(made.X_train, plain.X_train)
    with pytest.raises(OptionError, match="kind='thinned' is not known"):
        imb.smote(frame, "y", kind="thinned")
    with registered(HALVED), pytest.raises(OptionError, match="kind='halved' is not known"):
        imb.smote(frame, "y", kind="halved")


def test_nothing_stays_behind():
    assert list(TABLE) == NAMES
    assert "halved" not in NAMES


def test_a_row_that_is_registered_twice_is_one():
    with registered(HALVED) as name:
        register(HALVED)
        assert NAMES.count(name) == 1
