"""The figures of `docs/interview.ipynb` by scikit-learn, imbalanced-learn and numpy: nothing here asks the package."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from imblearn.ensemble import BalancedRandomForestClassifier
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline, make_pipeline
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn import metrics
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.class_weight import compute_class_weight

_Z = 1.959963984540054
_NUMBERS = ["tenure_months", "monthly_charges", "support_calls", "data_gb", "age"]
_TEXT = ["contract", "payment_method", "region", "paperless"]


class Fits:
    """Models of one frame: a fifth of the rows is held out, the others are dealt into five folds."""

    def __init__(self, X: pd.DataFrame, y: pd.Series, models: dict[str, Pipeline], seed: int) -> None:
        parts = train_test_split(X, y.to_numpy(), test_size=0.2, stratify=y, random_state=seed)
        self.X_train, self.X_test, self.y_train, self.y_test = parts
        self.cv = StratifiedKFold(5, shuffle=True, random_state=seed)
        self.models, self.seed = models, seed
        self.test, self.out_of_fold = cache(self._test), cache(self._out_of_fold)

    def _test(self, name: str) -> np.ndarray:
        """Probabilities of the test rows."""
        return self.fitted(name).predict_proba(self.X_test)[:, 1]

    def fitted(self, name: str) -> Pipeline:
        """The model, fitted on all train rows."""
        return clone(self.models[name]).fit(self.X_train, self.y_train)

    def _out_of_fold(self, name: str) -> np.ndarray:
        """Probabilities of the train rows, each by a model that has not seen it."""
        found = np.empty(len(self.y_train))
        for seen, held in self.cv.split(self.X_train, self.y_train):
            model = clone(self.models[name]).fit(self.X_train.iloc[seen], self.y_train[seen])
            found[held] = model.predict_proba(self.X_train.iloc[held])[:, 1]
        return found

    def calibrated(self, name: str, method: str) -> np.ndarray:
        """Probabilities of the test rows after a calibrator that learned from the log odds out of fold."""
        raw, raw_test, positive = logit(self.out_of_fold(name)), logit(self.test(name)), self.y_train == 1
        if method == "isotonic":
            return IsotonicRegression(out_of_bounds="clip").fit(raw, positive).predict(raw_test)
        n, rest = positive.sum(), (~positive).sum()
        wanted = np.where(positive, (n + 1) / (n + 2), 1 / (rest + 2))  # Platt 1999
        a, b = minimize(
            lambda w: np.logaddexp(0, w[0] * raw + w[1]).sum() - wanted @ (w[0] * raw + w[1]), [1.0, 0.0]
        ).x
        return expit(a * raw_test + b)

    def precision_out_of_fold(self, name: str) -> float:
        """Average precision of all train rows, each score replaced by its rank within its fold."""
        ranks = self.out_of_fold(name).copy()
        for _, held in self.cv.split(self.X_train, self.y_train):
            ranks[held] = pd.Series(ranks[held]).rank(pct=True)
        return float(metrics.average_precision_score(self.y_train, ranks))

    def precision(self, name: str | np.ndarray) -> float:
        """Average precision of the test rows, of a model's probabilities or of such."""
        p = self.test(name) if isinstance(name, str) else name
        return float(metrics.average_precision_score(self.y_test, p))

    def precision_of_parts(self, share: float) -> float:
        """Mean average precision of the test rows after fits on five parts, the same share of both classes in each."""
        rng, found = np.random.default_rng(self.seed), []
        for _ in range(5):
            order = rng.permutation(len(self.y_train))
            sides = order[self.y_train[order] == 1], order[self.y_train[order] != 1]
            rows = np.sort(np.concatenate([each[: round(share * len(each))] for each in sides]))
            model = clone(self.models["none"]).fit(self.X_train.iloc[rows], self.y_train[rows])
            found.append(self.precision(model.predict_proba(self.X_test)[:, 1]))
        return float(np.mean(found))

    def best_f1(self, name: str, thresholds: np.ndarray) -> float:
        """The highest F1 that one of the thresholds has on the test rows."""
        flags, truth = self.test(name) >= thresholds[:, None], self.y_test == 1
        return float(np.max(2 * (flags & truth).sum(axis=1) / (flags.sum(axis=1) + truth.sum())))

    def roc_auc(self, name: str) -> float:
        return float(metrics.roc_auc_score(self.y_test, self.test(name)))

    def at(self, name: str, threshold: float, *figures: str) -> list[float]:
        """Figures of the test rows at a threshold; counts are whole numbers."""
        flag, truth = self.test(name) >= threshold, self.y_test == 1
        found = {"fp": int((flag & ~truth).sum()), "fn": int((~flag & truth).sum()), "flag_rate": flag.mean()}
        for figure in figures:
            if figure not in found:
                function = getattr(metrics, f"{figure}_score")
                takes_zero = {"zero_division": 0.0} if figure in ("precision", "recall", "f1") else {}
                found[figure] = float(function(truth, flag, **takes_zero))
        return [found[figure] for figure in figures]

    def threshold_of_f1(self, name: str) -> float:
        """The median, over 501 draws of the out-of-fold rows, of the threshold that is best for F1."""
        score, positive = self.out_of_fold(name), self.y_train == 1
        steps = np.unique(score[positive])
        hits = np.histogram(score[positive], [*steps, np.inf])[0][::-1]
        errors = np.histogram(score[~positive], [-np.inf, *steps, np.inf])[0][::-1]
        rng, n = np.random.default_rng(self.seed), hits.sum()
        tp = rng.multinomial(n, hits / n, 501).cumsum(axis=1)
        fp = rng.multinomial(errors.sum(), errors / errors.sum(), 501).cumsum(axis=1)[:, :-1]
        return float(np.median(steps[::-1][(2 * tp / (tp + fp + n)).argmax(axis=1)]))

    def best_of(self, name: str, worth) -> float:
        """The out-of-fold score at which flagging is worth most: each is tried, from the highest on."""
        score, positive = self.out_of_fold(name), self.y_train == 1
        tried = sorted(set(score.tolist()), reverse=True)
        values = [
            worth((positive & (score >= each)).sum(), (~positive & (score >= each)).sum()) for each in tried
        ]
        return tried[int(np.argmax(values))]


def of_churn(df: pd.DataFrame) -> Fits:
    """Logistic regressions of the churn frame: as it is and weighted."""
    scale = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    onehot = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    prepare = make_column_transformer((onehot, _TEXT), (scale, _NUMBERS))
    plain, balanced = (LogisticRegression(max_iter=1000, class_weight=each) for each in (None, "balanced"))
    models = {
        "none": make_pipeline(prepare, plain),
        "class_weight": make_pipeline(prepare, balanced),
    }
    return Fits(df[_TEXT + _NUMBERS], df["churn"] == "yes", models, seed=0)


def of_book(book: pd.DataFrame, plain: LogisticRegression) -> Fits:
    """A logistic regression and forests of the frame that `make_classification` made."""
    balanced = compute_class_weight("balanced", classes=np.array([0, 1]), y=book["y"])
    rooted = {False: balanced[0] ** 0.5, True: balanced[1] ** 0.5}
    models = {
        "none": plain,
        "class_weight": clone(plain).set_params(class_weight="balanced"),
        "sqrt": clone(plain).set_params(class_weight=rooted),
        "1 to 15": clone(plain).set_params(class_weight={False: 1.0, True: 15.0}),
        "smote": make_pipeline(SMOTE(random_state=42), plain),
        "forest": RandomForestClassifier(20, random_state=42),
        "balanced_forest": BalancedRandomForestClassifier(20, random_state=42),
    }
    return Fits(book.drop(columns="y"), book["y"] == 1, models, seed=42)


def focal(fits: Fits) -> np.ndarray:
    """Probabilities of the test rows by a logistic regression under (1 − p)² log loss, p that of the true class."""
    prepare = clone(fits.models["none"][0])
    X, X_test = (
        np.asarray(prepare.fit(fits.X_train).transform(each)) for each in (fits.X_train, fits.X_test)
    )
    sign = np.where(fits.y_train == 1, 1.0, -1.0)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        true = expit(sign * (X @ w[:-1] + w[-1]))
        missed, penalty = 1 - true, np.append(w[:-1], 0.0)
        slope = sign * (2 * true * missed**2 * np.log(true) - missed**3)
        gradient = np.append(X.T @ slope, slope.sum()) + penalty
        return -(missed**2) @ np.log(true) + penalty @ penalty / 2, gradient

    w = minimize(loss, np.zeros(X.shape[1] + 1), method="L-BFGS-B", jac=True).x
    return expit(X_test @ w[:-1] + w[-1])


def both_orders(noise: pd.DataFrame) -> list[float]:
    """ROC-AUC of neighbours after SMOTE on all rows and inside the folds; then of both on shuffled labels."""
    X, y = noise.drop(columns="y").to_numpy(), noise["y"].to_numpy()
    cv = StratifiedKFold(5, shuffle=True, random_state=0)
    folds, shuffled, rng = list(cv.split(X, y)), y.copy(), np.random.default_rng(0)
    for _, held in folds:
        shuffled[held] = y[rng.permutation(held)]
    found = []
    for labels in (y, shuffled):
        grown, made = SMOTE(random_state=0).fit_resample(StandardScaler().fit_transform(X), labels)
        found += [_auc(KNeighborsClassifier(), grown, made, cv.split(grown, made))]
        right = make_pipeline(StandardScaler(), SMOTE(random_state=0), KNeighborsClassifier())
        found += [_auc(right, X, labels, folds)]
    return found


def _auc(model: Pipeline, X: np.ndarray, y: np.ndarray, folds) -> float:
    """The mean ROC-AUC over folds."""
    each = [
        metrics.roc_auc_score(y[held], clone(model).fit(X[seen], y[seen]).predict_proba(X[held])[:, 1])
        for seen, held in folds
    ]
    return float(np.mean(each))


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of n rows."""
    middle, half = share + _Z**2 / (2 * n), _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    return (middle - half) / (1 + _Z**2 / n), (middle + half) / (1 + _Z**2 / n)
