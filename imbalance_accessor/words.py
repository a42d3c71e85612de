"""The words that options take, apart from the libraries that carry them out, so that they can be told without these."""

from __future__ import annotations

MODELS = ("logistic", "forest", "boosting", "naive_bayes", "svm", "knn")
#: Every repair of probabilities, the simplest first.
REPAIRS = ("prior", "sigmoid", "isotonic", "temperature")
#: Metrics of the order of the scores; each is a method of `Ranking`.
RANKING = ("average_precision", "roc_auc")
#: Criteria of a cut that need nothing else; each is a property of `Confusion`, the larger the better.
CRITERIA = ("f1", "mcc", "balanced_accuracy", "g_mean", "accuracy")
