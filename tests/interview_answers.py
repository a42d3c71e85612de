"""The numbers of `docs/interview.ipynb`: how each is read from what its line returns, and what it is without the package."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from interview_witness import Fits, both_orders, focal, of_book, of_churn, wilson
from sklearn import metrics
from sklearn.model_selection import StratifiedGroupKFold, train_test_split
from sklearn.utils.class_weight import compute_class_weight


class Witness:
    """The notebook's frames, and models that were fitted on them without the package."""

    def __init__(self, frames: dict[str, Any]) -> None:
        self.y, self.df, self.noise, self.book = (frames[each] for each in ("y", "df", "noise", "book"))
        self._plain = frames["plain"]

    @cached_property
    def churn(self) -> Fits:
        return of_churn(self.df)

    @cached_property
    def books(self) -> Fits:
        return of_book(self.book, self._plain)

    @cached_property
    def prior(self) -> np.ndarray:
        """The weighted model's probabilities, their odds divided by 19."""
        p = self.churn.test("class_weight")
        return p / (p + (1 - p) * 1900 / 100)

    @cached_property
    def cheapest(self) -> float:
        """The churn model's threshold for costs of 1 a call and 10 a miss."""
        return self.churn.best_of("none", lambda tp, fp: -fp - 10 * (80 - tp))

    @cached_property
    def most_within_a_tenth(self) -> float:
        """The churn model's threshold of the best recall that flags at most a tenth."""
        return self.churn.best_of("none", lambda tp, fp: tp if tp + fp <= 160 else -1)

    def cost_per_row(self, threshold: float) -> float:
        """What a call of 1 and a miss of 10 come to."""
        fp, fn = self.churn.at("none", threshold, "fp", "fn")
        return (fp + 10 * fn) / 400

    def precision_at(self, prevalence: float) -> float:
        """The precision of the cheapest threshold, by Bayes' rule."""
        recall, fp = self.churn.at("none", self.cheapest, "recall", "fp")
        false, share = fp / (self.churn.y_test == 0).sum(), prevalence
        return recall * share / (recall * share + false * (1 - share))

    def brier(self, p: np.ndarray) -> float:
        """The Brier score of probabilities of the churn frame's test rows."""
        return float(metrics.brier_score_loss(self.churn.y_test, p))

    def promised(self, p: np.ndarray) -> float:
        """What the probabilities promise that 1,000 rows cost, flagged where that is the cheaper for each of them."""
        return float(1000 * np.where(p >= 1 / 11, 1 - p, 10 * p).mean())

    def bill(self, p: np.ndarray) -> float:
        """What 1,000 rows cost that are flagged so."""
        leaves = self.churn.y_test == 1
        return float(1000 * np.where(p >= 1 / 11, 1.0 * ~leaves, 10.0 * leaves).mean())

    @cached_property
    def twins(self) -> tuple[int, int]:
        """Test rows of a random split whose customer is in the train rows too, and of a split by customers."""
        visits = self.df.head(500).loc[np.repeat(np.arange(500), 3)]
        at_random = train_test_split(visits, test_size=0.2, stratify=visits["churn"], random_state=0)
        deal = StratifiedGroupKFold(5).split(visits, visits["churn"], visits["customer_id"])
        by_customer = [visits.iloc[rows] for rows in next(deal)]
        train, test = zip(at_random, by_customer, strict=True)
        return tuple(
            int(each["customer_id"].isin(seen["customer_id"]).sum())
            for seen, each in zip(train, test, strict=True)
        )

    @cached_property
    def by_time(self) -> tuple[float, float]:
        """Shares of those who leave before a day and from it on, the day that holds out a fifth or a little more."""
        days = self.df["signup_date"].sort_values().to_numpy()
        late, leaves = self.df["signup_date"] >= days[-400], self.df["churn"] == "yes"
        return leaves[~late].mean(), leaves[late].mean()

    @cached_property
    def resampled(self) -> tuple[int, int, int, int]:
        """Rows of `noise` to train on, of the rare class among them, the same after SMOTE, and to test on."""
        X, X_test, y, _ = train_test_split(
            self.noise.drop(columns="y"),
            self.noise["y"],
            test_size=0.2,
            stratify=self.noise["y"],
            random_state=0,
        )
        return len(X), int(y.sum()), len(SMOTE(random_state=0).fit_resample(X, y)[0]), len(X_test)


@dataclass(frozen=True)
class Answer:
    """How numbers are read from what a line returns, and what they are.

    Without a way to read, the line returns words, which say all of the numbers. `given` are numbers that the
    question or the line has already. Where `fits` are involved, the notebook's tolerance is that of fits.
    """

    witness: Callable[[Witness], Iterable[float]]
    read: Callable[[Any], Iterable[float]] | None = None
    given: tuple[float, ...] = ()
    fits: bool = False


def flat(value: Any) -> list[float]:
    return np.ravel(value).tolist()


def cells(*places: tuple[str, str]) -> Callable[[pd.DataFrame], list[float]]:
    return lambda frame: [frame.loc[row, column] for row, column in places]


def column(name: str, *rows: str) -> Callable[[pd.DataFrame], list[float]]:
    return cells(*((row, name) for row in rows))


ANSWERS = {
    "Your model is 95 % accurate. Are you happy?": Answer(
        lambda w: (
            metrics.accuracy_score(w.y, 0 * w.y),
            *(metrics.f1_score(w.y, 0 * w.y, average=each) for each in ("macro", "weighted")),
        )
    ),
    "How imbalanced is this data, and is that severe?": Answer(
        lambda w: [(w.df["churn"] == "no").sum() / (w.df["churn"] == "yes").sum()],
        lambda got: got[:1],
        given=(0.01,),
    ),
    "What will a test set of 400 rows tell you?": Answer(
        lambda w: (int(w.churn.y_test.sum()), *wilson(0.8, 20)), flat, given=(0.8,)
    ),
    "So which metric do you report?": Answer(
        lambda w: (
            w.churn.precision("none"),
            w.churn.y_test.mean(),
            *w.churn.at("none", 0.5, "accuracy"),
            1 - w.churn.y_test.mean(),
        ),
        cells(*((row, each) for each in ("average_precision", "accuracy") for row in ("none", "dummy"))),
        fits=True,
    ),
    "Your ROC-AUC is 0.84. Isn't that good?": Answer(
        lambda w: (w.churn.roc_auc("none"), w.churn.precision("none"), w.churn.y_test.mean()),
        flat,
        fits=True,
    ),
    "Precision is 1.0 and recall is 0.01. How good is that?": Answer(
        lambda w: (2 * 1.0 * 0.01 / (1.0 + 0.01), (1.0 + 0.01) / 2),
        lambda got: (got["f1"], got[["precision", "recall"]].mean()),
        given=(0.505,),
    ),
    "Here are eight labels and what a model predicted. Precision, recall and F1, please.": Answer(
        lambda w: [
            of([1, 0, 1, 1, 0, 1, 0, 0], [1, 0, 0, 1, 0, 1, 1, 0])
            for of in (metrics.precision_score, metrics.recall_score, metrics.f1_score)
        ],
        flat,
        given=(3, 4),
    ),
    "What does a model without any skill score?": Answer(
        lambda w: (
            metrics.roc_auc_score(w.y, 0 * w.y),
            metrics.average_precision_score(w.y, 0 * w.y),
            metrics.f1_score(w.y, 0 * w.y + 1),
        ),
        lambda got: [float(re.findall(r"0\.\d+", each)[-1]) for each in got.values()],
    ),
    "How does class_weight='balanced' weigh?": Answer(
        lambda w: compute_class_weight("balanced", classes=np.array([0, 1]), y=w.y),
        lambda got: [got[0], got[1]],
    ),
    "What does such a weight do to the model?": Answer(lambda w: [(w.y == 0).sum() / (w.y == 1).sum()]),
    "F1 was 0 without weights. Now it is 0.21. Did the weights make a better model?": Answer(
        lambda w: (
            *w.books.at("none", 0.5, "f1"),
            *w.books.at("class_weight", 0.5, "f1", "recall", "precision"),
            w.books.roc_auc("none"),
            w.books.roc_auc("class_weight"),
        ),
        lambda got: [
            got.loc["none", "f1"],
            *got.loc["class_weight", ["f1", "recall", "precision"]],
            *got.loc[["none", "class_weight"], "roc_auc"],
        ],
        fits=True,
    ),
    "Can you have that without weights?": Answer(
        lambda w: (
            w.books.threshold_of_f1("none"),
            *w.books.at("none", w.books.threshold_of_f1("none"), "f1"),
        ),
        cells(("chosen", "threshold"), ("chosen", "f1")),
        given=(0.5, 0.21),
        fits=True,
    ),
    "And weights of 1 to 15, or square roots?": Answer(
        lambda w: [
            *(w.books.at(each, 0.5, "recall")[0] for each in ("sqrt", "1 to 15", "class_weight")),
            *(w.books.roc_auc(each) for each in ("sqrt", "1 to 15", "class_weight")),
        ],
        lambda got: got[["recall", "roc_auc"]].to_numpy().T.ravel(),
        given=(1, 15, 0.5),
        fits=True,
    ),
    "How does SMOTE make a row?": Answer(
        lambda w: [w.resampled[2] - w.resampled[0]], cells((1, "made")), given=(SMOTE().k_neighbors, 80)
    ),
    "1,000 rows, 10 % rare, a fifth held out. How many rows does the model learn from after SMOTE?": Answer(
        lambda w: (w.resampled[0], w.resampled[2], w.resampled[3]), flat, given=(80, 720)
    ),
    "And if the classes are even already?": Answer(
        lambda w: [len(SMOTE(k_neighbors=2).fit_resample(np.arange(6)[:, None], [0, 0, 0, 1, 1, 1])[1])],
        flat,
    ),
    "Where in your pipeline does SMOTE go?": Answer(
        lambda w: (int(2 * (w.books.y_train == 0).sum()), len(w.books.y_train))
    ),
    "Four of your columns are categories. Can you still use SMOTE?": Answer(
        lambda w: (int((w.churn.y_train == 1).sum()), int((w.churn.y_train == 0).sum()), 1520 / 80)
    ),
    "Did it help?": Answer(
        lambda w: [w.books.precision_out_of_fold("none") - w.books.precision_out_of_fold("smote")],
        lambda got: [-got["average_precision"]],
        fits=True,
    ),
    "You resample all rows and then cross-validate. What do you get?": Answer(
        lambda w: both_orders(w.noise), fits=True
    ),
    "You evaluate on the balanced rows. Any objections?": Answer(
        lambda w: (w.resampled[2] - w.resampled[0], w.resampled[2]),
    ),
    "Why 0.5?": Answer(
        lambda w: (
            *w.churn.at("none", 0.5, "recall", "f1"),
            w.churn.threshold_of_f1("none"),
            *w.churn.at("none", w.churn.threshold_of_f1("none"), "recall", "f1"),
        ),
        flat,
        given=(0.5,),
        fits=True,
    ),
    "Your team can call one customer in ten. Which threshold?": Answer(
        lambda w: (
            w.most_within_a_tenth,
            *w.churn.at("none", w.most_within_a_tenth, "recall", "precision", "fp"),
            *w.churn.at("none", 0.5, "fp"),
        ),
        given=(0.1,),
        fits=True,
    ),
    "Your product owner wants the threshold at 0.3. What happens?": Answer(
        lambda w: (*w.churn.at("none", 0.3, "recall"), *w.churn.at("class_weight", 0.3, "fp")),
        cells(("none", "recall"), ("class_weight", "fp")),
        given=(0.3,),
        fits=True,
    ),
    "A textbook tries 100 thresholds on the test set: 0.376 is best, F1 is 0.216. Do you take it?": Answer(
        lambda w: (
            w.books.best_f1("class_weight", np.linspace(0.01, 0.99, 100)),
            *w.books.at("class_weight", w.books.threshold_of_f1("class_weight"), "f1"),
        ),
        column("f1", "yours", "chosen"),
        fits=True,
    ),
    "Your weighted model gives this customer a risk of 35 %. Do you believe it?": Answer(
        lambda w: (w.churn.test("class_weight").mean(), w.churn.y_test.mean()),
        lambda got: got[["mean_probability", "prevalence"]],
        fits=True,
    ),
    "How do you undo that without fitting again?": Answer(
        lambda w: (w.churn.test("class_weight").mean(), w.prior.mean(), w.churn.precision(w.prior)),
        cells(("none", "mean_probability"), ("prior", "mean_probability"), ("prior", "average_precision")),
        given=(19, 0.05),
        fits=True,
    ),
    "Platt or isotonic?": Answer(
        lambda w: [
            of(w.churn.calibrated("class_weight", each))
            for of in (w.brier, w.churn.precision)
            for each in ("isotonic", "sigmoid")
        ],
        lambda got: [
            got.loc[each, figure]
            for figure in ("brier", "average_precision")
            for each in ("isotonic", "sigmoid")
        ],
        fits=True,
    ),
    "What do you need true probabilities for?": Answer(
        lambda w: (
            w.promised(w.churn.test("class_weight")),
            w.bill(w.churn.test("class_weight")),
            w.brier(w.prior),
        ),
        given=(0.3, 1000),
        fits=True,
    ),
    "Weights, SMOTE: would another model help more?": Answer(
        lambda w: (
            1 - w.books.y_test.mean(),
            w.books.precision_out_of_fold("forest"),
            w.books.y_train.mean(),
            w.books.threshold_of_f1("forest"),
        ),
        given=(2,),
        fits=True,
    ),
    "What does a balanced random forest change?": Answer(
        lambda w: [
            figure
            for each in ("forest", "balanced_forest")
            for figure in (
                *w.books.at(each, 0.5, "recall"),
                w.books.precision(each),
                w.books.test(each).mean(),
            )
        ],
        lambda got: got.to_numpy().ravel(),
        given=(0.5,),
        fits=True,
    ),
    "What do you set scale_pos_weight to?": Answer(
        lambda w: [(w.y == 0).sum() / (w.y == 1).sum()], lambda got: [got], given=(950, 50, 1)
    ),
    "Would focal loss help?": Answer(
        lambda w: (
            w.churn.precision(focal(w.churn)),
            w.churn.precision("none"),
            focal(w.churn).mean(),
            w.churn.test("none").mean(),
        ),
        lambda got: got.loc[["focal", "none"]].to_numpy().T.ravel(),
        given=(0.05,),
        fits=True,
    ),
    "Each customer is in three rows. Do you split at random?": Answer(lambda w: w.twins, flat, given=(300,)),
    "Your data spans six years. Do you split at random?": Answer(
        lambda w: w.by_time,
        lambda got: got.loc["yes"],
    ),
    "A customer lost costs ten times a call. Where is the threshold?": Answer(
        lambda w: (
            w.cost_per_row(w.cheapest),
            *w.churn.at("none", w.cheapest, "fp"),
            w.cost_per_row(0.5),
            *w.churn.at("none", 0.5, "fp"),
        ),
        given=(10, 1),
        fits=True,
    ),
    "Precision was 0.80 on a benchmark of half and half. And in production?": Answer(
        lambda w: [w.precision_at(each) for each in (0.5, 0.01)], flat, given=(0.01,), fits=True
    ),
    "Would more positives help your logistic regression?": Answer(
        lambda w: (
            round(0.2 * (w.books.y_train == 1).sum()),
            w.books.precision_of_parts(0.2),
            int((w.books.y_train == 1).sum()),
            w.books.precision("none"),
        ),
        lambda got: got.loc[[0.2, 1.0]].to_numpy().ravel(),
        fits=True,
    ),
    "What would you never say about 0.5?": Answer(
        lambda w: (0.5, 500 / (500 + 50_000)),
        lambda got: re.findall(r"0\.5(?= their error)|0\.0099(?= \(Elkan)", got.frame["why"].iloc[0]),
        given=(500, 50_000),
    ),
    "Sum it up for somebody who has a minute.": Answer(
        lambda w: (
            1 - w.churn.y_test.mean(),
            w.churn.precision_out_of_fold("none"),
            w.churn.y_test.mean(),
            w.churn.threshold_of_f1("none"),
        ),
        given=(3,),
        fits=True,
    ),
}
