"""The words that options take, apart from the libraries that carry them out, so that they can be told without these."""

from __future__ import annotations

MODELS = ("logistic", "forest", "boosting", "naive_bayes", "svm", "knn")
#: What is done about the imbalance, the simplest first: ties are won by the earlier one.
STRATEGIES = (
    "none",
    "class_weight",
    "oversample",
    "undersample",
    "smote",
    "smote+class_weight",
    "borderline",
    "adasyn",
    "smote_tomek",
    "smote_enn",
    "balanced_forest",
    "easy_ensemble",
    "rus_boost",
    "focal",
)
SAMPLERS = ("smote", "borderline", "adasyn", "oversample", "undersample", "smote_tomek", "smote_enn")
#: Every repair of probabilities, the simplest first.
REPAIRS = ("prior", "sigmoid", "isotonic", "temperature")
#: Metrics of the order of the scores; each is a method of `Ranking`.
RANKING = ("average_precision", "roc_auc")
#: Criteria of a cut that need nothing else; each is a property of `Confusion`, the larger the better.
CRITERIA = ("f1", "mcc", "balanced_accuracy", "g_mean", "accuracy")
