"""The metrics at a glance: what each answers, when it misleads, what no skill scores."""

from __future__ import annotations

from imbalance_accessor.reference.page import Reference, read_rows

METRIC_ROWS = Reference(
    "Which metric answers what, and when it misleads",
    ("metric", "answers", "misleads", "no skill", "formula", "call"),
    read_rows("""
    accuracy
    - Of all rows, which share is decided rightly?
    - Where a class is rare: with 950 to 50 rows, calling everything negative scores 0.950 and finds nobody.
    - The share of the larger class, max(π, 1 − π): 0.950.
    - (TP + TN) / (TP + FP + FN + TN)
    - df.imb.fit_eval(target, criterion="accuracy")

    precision
    - Of the rows that are flagged, which share is positive?
    - It follows the prevalence: recall 0.80 at 5 % false positives is a precision of 0.94 at one half, and 0.14 at
      1 %. It ignores the missed: one right alarm alone scores 1.0, at a recall of 0.02.
    - The prevalence: 0.05.
    - TP / (TP + FP)
    - df.imb.best_threshold(target, min_precision=0.5)

    recall
    - Of the positives, which share is flagged? Also called sensitivity, and the true positive rate.
    - It ignores false alarms: flagging everyone scores 1.0, at a precision of 0.05.
    - The share of rows that is flagged, whatever the prevalence: 0.10 where a random tenth is.
    - TP / (TP + FN)
    - df.imb.best_threshold(target, min_recall=0.8)

    F1 and F-beta
    - Are precision and recall both high? With F-beta recall matters β times as much as precision (van Rijsbergen
      1979).
    - It ignores true negatives and follows the prevalence: flagging everyone scores 0.095 at 0.05, and 0.667 at one
      half. Weighted averages hide the rare class: always negative has a weighted F1 of 0.926, and a macro F1 of 0.487.
    - Flagging everyone scores 2π / (1 + π): 0.095.
    - (1 + β²) · P · R / (β² · P + R)
    - df.imb.best_threshold(target, criterion="f1")

    MCC
    - How strongly do decision and outcome correlate? All four counts matter.
    - It follows the prevalence too: recall 0.80 at 5 % false positives is an MCC of 0.76 at one half, and 0.32 at 1 %.
    - Any constant or random answer: 0.
    - (TP · TN − FP · FN) / √((TP + FP) · (TP + FN) · (TN + FP) · (TN + FN))
    - df.imb.best_threshold(target, criterion="mcc")

    balanced accuracy
    - Which share is decided rightly, averaged over the classes? Youden's J is twice it, less 1.
    - It does not see how many alarms are false. Recall 0.80 at 5 % false positives scores 0.875, and has a precision
      of 0.14 where 1 % are positive.
    - Any constant or random answer: 0.5.
    - (recall + specificity) / 2
    - df.imb.best_threshold(target, criterion="balanced_accuracy")

    G-mean
    - Are both classes found? It is the geometric mean of recall and specificity.
    - As balanced accuracy: recall 0.80 at 5 % false positives scores 0.872, with a precision of 0.14 where 1 % are
      positive. A class that is never found makes it 0, however good the other.
    - Any constant answer: 0. Flagging a random half: 0.5, the most that chance brings.
    - √(recall · specificity)
    - df.imb.best_threshold(target, criterion="g_mean")

    ROC-AUC
    - How likely does a random positive rank above a random negative?
    - Where alarms must be right: it does not see the prevalence. With normal scores a ROC-AUC of 0.95 is an average
      precision of 0.66 at 5 % positives, and of 0.13 at 0.1 %.
    - 0.5, whatever the prevalence.
    - P(positive scores higher) + ½ · P(both score the same)
    - df.imb.fit_eval(target, metric="roc_auc")

    average precision
    - How precise are the alarms, averaged over all recalls? It sums steps (Davis & Goadrich 2006).
    - Between data of different prevalence: with normal scores the same ranking, of ROC-AUC 0.95, scores 0.66 at 5 % and
      0.13 at 0.1 %. 0.40 is 8 times no skill at 0.05, and below it at one half.
    - The prevalence: 0.05.
    - Σ (R_k − R_{k−1}) · P_k
    - df.imb.fit_eval(target, metric="average_precision")

    Brier score
    - How far are the probabilities from what happened, squared?
    - Small where positives are rare: giving the prevalence to every row scores 0.0475 at 0.05, and 0.0010 at 0.1 %.
    - The prevalence for every row scores π (1 − π): 0.0475.
    - mean of (p − y)²
    - df.imb.fit_eval(target, metric="brier")

    log loss
    - How much probability was given to what happened?
    - One sure error outweighs the rest: p = 0.000001 for one positive of 1,000 rows adds 0.0138, and p = 0 is infinite.
    - The prevalence for every row scores −π log π − (1 − π) log(1 − π): 0.199.
    - mean of −y · log(p) − (1 − y) · log(1 − p)
    - df.imb.fit_eval(target, metric="log_loss")

    ECE
    - Do predicted and observed shares agree, bin by bin? It is the expected calibration error.
    - It does not see ranking, and is above 0 by chance: true probabilities of 0.05 in bins of 100 rows show 0.017.
    - The prevalence for every row scores 0, which is perfect.
    - Σ n_b / n · |observed_b − predicted_b|
    - df.imb.reliability(target)
    """),
    notes=(
        "π is the prevalence, 0.05 in the examples: 950 and 50 rows. P is precision, R recall. Normal scores have equal "
        "variance in both classes.",
    ),
    next=("df.imb.fit_eval(target)", "df.imb.best_threshold(target)", 'imb.pitfalls("accuracy")'),
)
