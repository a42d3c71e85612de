"""`pitfalls`: sentences not to say of a rare class, and what to say instead."""

from __future__ import annotations

from imbalance_accessor.reference.lookup import look_up
from imbalance_accessor.reference.page import Reference, read_rows

PITFALLS = Reference(
    "Sentences not to say",
    ("pitfall", "do not say", "why", "say instead"),
    read_rows("""
    accuracy
    - The model is good: it is 95 % accurate.
    - With 950 to 50 rows, calling everything negative is 95.0 % accurate and finds nobody.
    - Average precision is …, where no skill gives 0.05; at this threshold recall is … and precision …

    SMOTE before the split
    - I balanced the data with SMOTE and then cross-validated.
    - New rows lie between two real ones, and parents and children fall on both sides (Santos et al. 2018).
      Take pure noise, 5 columns and 570 rows to 30. A forest of 50 trees then shows a ROC-AUC of 0.97 in 3
      folds, where the true value is 0.5.
    - SMOTE is inside the pipeline and sees the training rows of each fold only.

    SMOTE plus weights
    - SMOTE plus balanced class weights is better than SMOTE.
    - After SMOTE there are 720 and 720 rows: n / (k · n_c) = 1440 / (2 · 720) = 1 for both classes. Weights of
      the original counts, 950 to 50, multiply the odds by 19 once more, by 361 in all: 0.05 is shown as 0.95.
    - After a 1:1 resample balanced weights are 1, and change nothing; those of the original counts correct
      twice.

    threshold on test
    - I tuned the threshold on the test set, and F1 is 0.756.
    - The best of many thresholds fits the noise of those rows (Cawley & Talbot 2010). In that example, halves
      of 10,000 rows, thresholds chosen out of fold on the training half reach 0.73 to 0.74 on the test half.
    - The threshold was chosen on out-of-fold scores; on the test set, used once, F1 is …

    threshold of 0.5
    - 0.5 is the wrong threshold because the classes are imbalanced.
    - It is wrong because of costs, or of what is asked. True risks of Beta(0.2, 3.8) are 0.05 on average. At 0.5 their
      error rate is 0.048, the lowest there is, and at 0.0099 it is 0.401. Where an alarm costs 500 and a miss
      50,000, 1,000 rows cost 2.26 million at 0.5 and 0.25 million at 0.0099 (Elkan 2001).
    - For the fewest errors true probabilities are flagged at 0.5, at any prevalence. Our costs give c_fp / (c_fp + c_fn)
      = …

    ROC-AUC alone
    - A ROC-AUC of 0.95 says that the alarms can be relied on.
    - It does not see prevalence: recall 0.80 at 1 % false positives means a precision of 0.45 where 1 % are
      positive, and 0.12 where 0.17 % are (Saito & Rehmsmeier 2015).
    - ROC-AUC for ranking, and average precision next to the prevalence; each answers its own question
      (McDermott et al. 2024).

    balanced benchmark
    - Precision on a balanced benchmark is precision in production: 0.94.
    - It follows the prevalence. Recall 0.80 at 5 % false positives means a precision of 0.94 where half of
      the rows are positive, and 0.14 where 1 % are. ROC-AUC is the same in both.
    - At the prevalence of production precision is …, by prevalence= or t.at(prevalence=…).

    resampled probabilities
    - The balanced model gives this customer a risk of 50 %.
    - Balancing 950 to 50 multiplies the odds by 19: a risk of 0.05 is shown as 0.50. Risks are overestimated,
      and the ranking is no better (van den Goorbergh et al. 2022).
    - The score ranks; after the prior correction, or recalibrating on untouched rows, the risk is …

    F1 as a mean
    - F1 is the average of precision and recall.
    - It is their harmonic mean (van Rijsbergen 1979): 1.0 and 0.01 give 0.020, not 0.505.
    - F1 = 2PR / (P + R): it is high only if both are.

    trapezoid PR area
    - The area under the precision-recall curve, by the trapezoid rule, is …
    - Precision is not linear between two thresholds (Davis & Goadrich 2006). One constant score for all rows gets
      0.525 by trapezoids at a prevalence of 0.05, and 0.05 by average precision.
    - Average precision: the sum of precision times the step in recall.

    weights and calibration
    - Class weights fix the calibration.
    - They break it: odds times 19 at 950 to 50. Correcting imbalance harms calibration, and recalibrating
      does not always fix it (Carriero et al. 2025).
    - Weights move the decision at 0.5; for true probabilities the fit is left unweighted.

    shuffled labels
    - The test with shuffled labels passed, so there is no leak.
    - It asks whether there is signal at all (Ojala & Garriga 2010). Shuffling breaks a leaking column's tie to
      the label too, so that such a leak looks like signal.
    - There is signal; leaks were looked for column by column, in copies, groups and time.

    undersampling
    - Undersampling loses nothing, for negatives are plenty.
    - 1:1 keeps 984 of 284,807 card payments, 0.35 %; the fit varies more and probabilities are raised (Dal
      Pozzolo et al. 2015).
    - It saves time, at some variance; the full data or an ensemble of draws (Liu et al. 2009) is the
      comparison.

    more folds
    - There are few positives, so I used more folds.
    - 8 positives stay 8: recall 6 of 8 has a 95 % interval from 0.41 to 0.93 (Wilson 1927), and with 10 folds
      at least two hold none.
    - Recall is 6 of 8, 0.41 to 0.93; more positives are needed to say more.
    """),
    notes=(
        "threshold on test: make_classification(10000, n_features=2, n_redundant=0, "
        "n_clusters_per_class=1, weights=[.99], flip_y=0, random_state=4), split in stratified halves "
        "with random_state=2, LogisticRegression.",
    ),
    next=("imb.cheatsheet()",),
)


def pitfalls(topic: str | None = None) -> Reference:
    """Tell which sentences one must not say of a rare class, why, and what to say instead.

    Parameters
    ----------
    topic : str, optional
        A word, such as ``"accuracy"``: only the rows that it belongs to.

    Returns
    -------
    Reference
        Shows itself; ``.frame`` is the table as text.

    Raises
    ------
    OptionError
        If no row is called so and no text has the word.

    Notes
    -----
    Sources are listed at the head of `imbalance_accessor.reference`.

    Examples
    --------
    >>> print(pitfalls().frame.loc["F1 as a mean", "say instead"])
    F1 = 2PR / (P + R): it is high only if both are.
    """
    if topic is None:
        return PITFALLS
    found = look_up(topic, {"pitfalls": PITFALLS}, "pitfalls")
    assert isinstance(found, Reference)  # of one table
    return found
