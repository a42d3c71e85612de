"""What else the rows of the tables are called, as `errors.bare` writes words."""

from __future__ import annotations

from imbalance_accessor.errors import Words, bare
from imbalance_accessor.metrics.registry import metric_words
from imbalance_accessor.options import MODEL_WORDS, STRATEGY_WORDS

#: Words for a whole table.
TABLE_WORDS: Words = {
    "domains": "domain industry industries usecase usecases",
    "techniques": "technique method methods strategy strategies sampling resampling",
    "models": "model classifier classifiers calibration miscalibration",
    "metrics": "metric measure measures figure figures",
    "pitfalls": "pitfall mistake mistakes misconceptions",
}

#: The names of options that a row is about: what these are also called, the row is too.
_ABOUT: dict[str, tuple[str, ...]] = {
    "class weights": ("class_weight",),
    "oversampling": ("oversample",),
    "undersampling": ("undersample",),
    "SMOTE": ("smote", "borderline", "adasyn", "smote_tomek", "smote_enn"),
    "ensembles": ("balanced_forest", "easy_ensemble", "rus_boost"),
    "focal loss": ("focal",),
    "F1 and F-beta": ("f1",),
    "Brier score": ("brier",),
    "G-mean": ("g_mean",),
    "ROC-AUC": ("roc_auc",),
    **{
        name: (name.replace(" ", "_").lower(),)
        for name in (
            "accuracy",
            "precision",
            "recall",
            "MCC",
            "balanced accuracy",
            "average precision",
            "log loss",
        )
    },
}

#: More words for a row, wherever one of its name stands.
_MORE: Words = {
    "fraud": "frauds creditcard payments aml",
    "rare disease": "disease diseases medical medicine health healthcare diagnosis screening",
    "churn": "attrition retention telco",
    "spam": "email sms ham phishing",
    "defects": "defect faults fault manufacturing quality maintenance predictivemaintenance",
    "safety vision": "safety vision detection objectdetection images ppe",
    "class weights": "classweight weight",
    "SMOTE": "syntheticrows interpolation",
    "ensembles": "ensemble bagging",
    "threshold": "thresholds cut cuts cutoff operatingpoint",
    "case-control sample": "casecontrol sample prevalence priorshift subsample",
    "calibrators": "calibrator platt plattscaling sigmoid isotonic isotonicregression temperature"
    " temperaturescaling recalibration",
    "boosting": "xgboost xgb lightgbm lgbm catboost",
    "F1 and F-beta": "harmonicmean fbeta f2 macro macrof1 macroaverage micro weightedf1 weightedaverage",
    "F1 as a mean": "harmonicmean arithmeticmean",
    "recall": "falsenegativerate missrate",
    "precision": "falsediscoveryrate fdr falsealarms",
    "average precision": "precisionrecallcurve prcurve",
    "trapezoid PR area": "auprc prauc precisionrecallcurve prcurve",
    "ROC-AUC": "roccurve",
    "G-mean": "geometricmean",
    "ECE": "expectedcalibrationerror calibrationerror",
    "log loss": "crossentropy",
    "accuracy": "alwaysmajority majority dummy accuracyparadox",
    "SMOTE before the split": "leakage wrongorder",
    "shuffled labels": "permutation permutationtest",
    "more folds": "crossvalidation cv kfold",
    "threshold of 0.5": "costs cost costsensitive defaultthreshold",
}


def row_words() -> Words:
    """Return what else each row is called, words between blanks.

    Examples
    --------
    >>> "ros" in row_words()["oversampling"].split(), "youden" in row_words()["balanced accuracy"].split()
    (True, True)
    """
    options: Words = {**STRATEGY_WORDS, **MODEL_WORDS, **metric_words()}
    about = {**_ABOUT, **{model: (model,) for model in MODEL_WORDS}}
    return {
        row: " ".join(
            [_MORE.get(row, ""), *(f"{bare(name)} {options.get(name, '')}" for name in about.get(row, ()))]
        )
        for row in {**_MORE, **about}
    }
