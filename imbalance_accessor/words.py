"""The words that options take, apart from the libraries that carry them out, so that they can be told without these."""

from __future__ import annotations

MODELS = ("logistic", "forest", "boosting", "naive_bayes", "svm", "knn")
#: Every repair of probabilities, the simplest first.
REPAIRS = ("prior", "sigmoid", "isotonic", "temperature")
