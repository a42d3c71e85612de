"""`cheatsheet`: domains, techniques, models and metrics at a glance, and any word of theirs."""

from __future__ import annotations

from imbalance_accessor.reference.lookup import look_up
from imbalance_accessor.reference.metrics import METRIC_ROWS
from imbalance_accessor.reference.page import Reference, References, read_rows
from imbalance_accessor.reference.pitfalls import PITFALLS

DOMAINS = Reference(
    "Imbalance, domain by domain",
    ("domain", "prevalence", "metric", "technique", "threshold", "pitfall"),
    read_rows("""
    fraud
    - Card payments 0.17 %, 492 of 284,807 (Dal Pozzolo et al. 2015); online payments 3.5 %, 20,663 of 590,540
      (IEEE-CIS 2019).
    - Average precision next to its no-skill level, the prevalence; precision among as many alerts as can be
      looked into in a day (Dal Pozzolo et al. 2014).
    - Boosting or logistic regression on untouched rows. Undersample to save time, and correct the prior (Dal
      Pozzolo et al. 2015).
    - From amounts, searched out of fold. For true probabilities it is c_fp / (c_fp + c_fn) (Elkan 2001). 500 for
      an alarm and 50,000 for a miss give 0.0099; amounts that differ give each payment a threshold of its own.
    - A random split. Fraud drifts and its labels come late (Dal Pozzolo et al. 2018): split by time, a card
      on one side.

    rare disease
    - Screening mammography finds cancer in 0.43 %, 7,949 of 1,837,422 examinations (BCSC 2009).
    - Sensitivity and specificity with intervals, and calibration, since a risk is acted on (Van Calster et
      al. 2019); net benefit (Vickers & Elkin 2006).
    - Penalised logistic regression, not rebalanced: rebalancing brought no AUROC and overestimated risk (van
      den Goorbergh et al. 2022).
    - The risk t from which on one would act, where harm : benefit = t : (1 − t) (Vickers & Elkin 2006). t =
      0.1 bears 9 false alarms for one case.
    - Precision taken from a case-control study. Sensitivity and specificity of 0.9 give 0.90 at one case in
      two, and 0.037 at 4.3 cases in 1,000 (Bayes' rule).

    churn
    - Orange 7.3 %, 3,672 of 50,000 (KDD Cup 2009); IBM's telco sample 26.5 %, 1,869 of 7,043.
    - Average precision, and the lift in the tenth that a campaign reaches (Neslin et al. 2006).
    - An untouched model and a tuned threshold. With a tuned threshold, resampling brings strong boosters nothing (Elor &
      Averbuch-Elor 2022).
    - From profit (Verbeke et al. 2012): offer where p × success × value exceeds the offer's cost. An offer of
      10 that keeps 1 in 5 leavers, each worth 200, pays from p = 0.25 on.
    - Columns written after the decision, such as a closing bill or a call to cancel: leakage (Kaufman et al.
      2012). Fix the day of prediction and drop what came later.

    spam
    - Text messages 13.4 %, 747 of 5,574 (Almeida et al. 2011); Spambase's e-mails 39.4 %, 1,813 of 4,601
      (UCI).
    - The share of spam let through at 0.1 % of good mail lost (Cormack 2007), since a lost message costs
      most.
    - Word counts with naive Bayes (Metsis et al. 2006) or logistic regression, no resampling: in high
      dimensions SMOTE hardly helps most classifiers (Blagus & Lusa 2013).
    - If a lost message costs λ times a spam let through: p > λ / (1 + λ) (Androutsopoulos et al. 2000). λ =
      999 gives 0.999.
    - A random split: senders adapt and send in bulk (Fawcett 2003). Split by time, and keep near copies on
      one side.

    defects
    - Wafers 6.6 %, 104 of 1,567 (SECOM, UCI); truck parts 1.7 %, 1,000 of 60,000 (APS failure, UCI); an
      assembly line 0.58 %, 6,879 of 1,183,747 (Bosch 2016).
    - Total cost where costs are known: APS failure counts 10 for a needless check and 500 for a missed fault
      (UCI). Otherwise recall at the share that can be inspected.
    - Class weights or a tuned threshold. With a handful of faults, collect more before judging any method.
    - 10 / (10 + 500) = 0.0196 there (Elkan 2001), if probabilities are true.
    - Parts of one lot on both sides of the split: keep each group on one side (scikit-learn user guide,
      GroupKFold).

    safety vision
    - 10,000 to 100,000 candidate places in an image, of which a few hold an object (Lin et al. 2017).
    - Average precision per class, averaged over overlaps from 0.5 to 0.95 (Lin et al. 2014), and false alarms
      per hour.
    - Focal loss, and an output bias that begins at −log((1 − 0.01) / 0.01) = −4.6 (Lin et al. 2017).
    - The highest recall within the false alarms per hour that people bear, on validation clips. At 30 frames
      a second, 0.1 % falsely flagged are 108 an hour.
    - Neighbouring frames of one video on both sides of the split, which leaks (Kaufman et al. 2012): split by
      video or by site.
    """),
    notes=("What public data show; your prevalence is your own.",),
    next=(
        "df.imb.overview(target)",
        'imb.cheatsheet("techniques")',
        'imb.cheatsheet("models")',
        'imb.cheatsheet("metrics")',
        "imb.pitfalls()",
    ),
)

TECHNIQUES = Reference(
    "What can be done about imbalance, and what it does to probabilities",
    ("technique", "best for", "risk", "probabilities"),
    read_rows("""
    class weights
    - Labels at a fixed threshold of 0.5, with no row made or lost. w_c = n / (k · n_c): 950 and 50 rows get 0.526
      and 10 (scikit-learn, compute_class_weight; King & Zeng 2001).
    - Correcting twice: weights from the original counts on top of a 1:1 resample multiply the odds by 19 once
      more.
    - The rare class's odds are multiplied by 10 / 0.526 = 19: a true 0.05 is shown as 0.50. The prior
      correction (Saerens et al. 2002) undoes it for logistic regression; trees need recalibrating.

    oversampling
    - Learners that take no weights: 19 copies of a row are to a sum of losses what a weight of 19 is.
      Competitive with subtler sampling (Batista et al. 2004).
    - Copies on both sides: whatever splits after the copying, in a search or for early stopping, validates on
      rows it has seen (Santos et al. 2018).
    - Raised as by weights. The correction holds for logistic regression and fails for forests, which learn
      each copied row by heart: recalibrate on untouched rows.

    undersampling
    - Negatives by the million: the fit is faster, and ranking may hardly suffer (Dal Pozzolo et al. 2015).
    - Lost rows and more variance (Dal Pozzolo et al. 2015): 1:1 keeps 984 of 284,807 card payments, 0.35 %.
    - Raised. p = β p̃ / ((β − 1) p̃ + 1), β the share of negatives kept (Dal Pozzolo et al. 2015): β = 1/19
      turns 0.50 back into 0.05.

    SMOTE
    - Weak learners on numeric, scaled columns at a fixed threshold (Elor & Averbuch-Elor 2022). A new row is x + λ
      (x_nn − x), λ uniform on 0 to 1 (Chawla et al. 2002).
    - Before the split it makes results up. Integers and codes get values that no row has (mixed columns need
      SMOTENC). New rows have 2/3 of the variance in high dimensions (Blagus & Lusa 2013).
    - Raised, and since the rare class's own density changes too, the prior correction is approximate:
      recalibrate on untouched rows, which does not always fix it (Carriero et al. 2025).

    ensembles
    - Many negatives and trees: every member sees other negatives, so that less is lost. Balanced random forest (Chen
      et al. 2004), EasyEnsemble (Liu et al. 2009), RUSBoost (Seiffert et al. 2010):
      df.imb.fit_eval(target, strategies=["none", "easy_ensemble"]).
    - More to fit, and no gain to be expected over a strong booster with a tuned threshold (Elor & Averbuch-Elor
      2022).
    - Raised, for members learn at 1:1; the prior correction does not fit trees. Recalibrate.

    threshold
    - The first thing to try, with any model that ranks. True probabilities would need no search: costs give the
      threshold (Elkan 2001), and for F1 it is half of the best F1 (Lipton et al. 2014).
    - It is an estimate, and wide with few positives. Chosen on the test set it flatters (Cawley & Talbot
      2010).
    - None: only the decision changes.

    case-control sample
    - Rare classes: all positives are kept, and a few negatives for each (King & Zeng 2001). Say where the model
      will be used: df.imb.fit_eval(target, prevalence=0.005), and so for every verb.
    - Precision, average precision, Brier score and the threshold are those of the sample; ROC-AUC and recall
      stay. Recall 0.8 at 5 % false positives is a precision of 0.84 at one positive in four, and 0.07 at 0.5 %.
    - Raised. With three negatives for each positive, of 0.5 %, the odds are multiplied by 66.3: 0.005 is shown
      as 0.25. The prior correction undoes it in one factor (Saerens et al. 2002), where it holds.

    calibrators
    - Probabilities that are acted on: a threshold from costs, an expected value, a stack. Sigmoid, or Platt scaling,
      1 / (1 + e^(a s + b)), has two parameters (Platt 1999); isotonic fits any rising steps; the prior correction fits
      nothing.
    - Fitted on rows that the model has learned from, they learn its optimism: take out-of-fold scores. Isotonic needs
      about 1,000 rows (scikit-learn user guide), and positives among them.
    - Brought to the observed rates; the ranking stays, but for ties that isotonic makes. With 950 to 50 rows Platt's targets
      are 0.981 and 0.001, not 1 and 0, so that few positives do not give certainties (Platt 1999).

    focal loss
    - Networks with very many easy negatives, as in dense detection, whose sum drowns the few positives.
      FL(p_t) = −α_t (1 − p_t)^γ log p_t, with p_t the probability of the true class (Lin et al. 2017). At γ =
      2 a row at p_t = 0.9 counts 100 times less than in log loss.
    - The wrong tool for a few thousand rows of a table, where a weight or a threshold does. Two parameters more
      (the paper took γ = 2, α = 0.25); not convex, so that boosters meet negative Hessians.
    - Pulled toward 0.5, since it is no proper loss (Charoenphakdee et al. 2021). At γ = 2 without α a true
      0.05 is learned as 0.25, a true 0.9 as 0.69. In overconfident networks the pull can help (Mukhoti et al.
      2020).
    """),
    notes=("Examples have 950 and 50 rows, a prevalence of 0.05.",),
    next=(
        "df.imb.fit_eval(target)",
        "df.imb.reliability(target)",
    ),
)

MODEL_ERRORS = Reference(
    "How the named models are typically miscalibrated",
    ("model", "typical error", "why", "cure"),
    read_rows("""
    logistic
    - Right on the whole; too extreme with many columns and few positives (Van Calster et al. 2019).
    - Log loss with a free intercept makes the mean probability the training prevalence. Without a penalty,
      rare classes come out too low (King & Zeng 2001).
    - More penalty, or more positives.

    forest
    - Too moderate near 0 and 1 (Niculescu-Mizil & Caruana 2005); too extreme where classes overlap.
    - An average of trees can only err inward at the ends; fully grown trees peak around every training row
      (Barreñada et al. 2024).
    - min_samples_leaf, then sigmoid or isotonic.

    boosting
    - Too extreme once it overfits: calibration slope below 1 (Van Calster et al. 2019).
    - Log loss keeps falling on the training rows, round by round. The sigmoid shape once found in boosted
      trees belongs to AdaBoost's margins (Niculescu-Mizil & Caruana 2005).
    - Fewer rounds, or sigmoid.

    naive_bayes
    - Far too extreme, near 0 and 1 (Niculescu-Mizil & Caruana 2005).
    - Columns that say the same are counted as independent evidence: a column copied 10 times adds 10 times
      its log-odds.
    - Drop what is redundant; isotonic, given the rows.

    svm
    - No probabilities: SVC's scores are distances to a margin, and only rank (Platt 1999).
    - Squeezed into 0..1 they crowd in the middle, and the reliability curve is a sigmoid (Niculescu-Mizil &
      Caruana 2005).
    - CalibratedClassifierCV with sigmoid, Platt's own cure (Platt 1999).

    knn
    - Coarse: with k = 5 nothing but 0, 0.2, 0.4, 0.6, 0.8 and 1.
    - A share among k neighbours. At a prevalence of 0.05, five random neighbours hold no positive in 77 % of
      cases: a flat 0.
    - A larger k, then sigmoid.
    """),
    notes=(
        "For models of untouched rows; resampling and weights add the shift that "
        'imb.cheatsheet("techniques") describes. Isotonic needs about 1,000 rows to calibrate on '
        "(scikit-learn user guide), and positives among them.",
    ),
    next=("df.imb.reliability(target)",),
)

#: Every table in which a word is looked up.
TABLES: dict[str, Reference] = {
    "domains": DOMAINS,
    "techniques": TECHNIQUES,
    "models": MODEL_ERRORS,
    "metrics": METRIC_ROWS,
    "pitfalls": PITFALLS,
}


def cheatsheet(topic: str = "domains") -> Reference | References:
    """Tell at a glance what is typical: of domains, techniques, models or metrics; or look a word up.

    Parameters
    ----------
    topic : str, default "domains"
        ``"domains"`` (typical prevalence, metric, technique, threshold rule and pitfall of fraud, rare disease,
        churn, spam, defects and safety vision), ``"techniques"`` (what each is best for, its risk, what it does to
        probabilities), ``"models"`` (how each named model is typically miscalibrated), ``"metrics"`` (what each
        answers, when it misleads, what no skill scores, its formula and a call) or ``"pitfalls"``.
        Any other word (``"fraud"``, ``"platt"``, ``"PR-AUC"``, ``"harmonic mean"``) shows the rows of all tables that
        are called so; where none is, those whose text has it.

    Returns
    -------
    Reference or References
        Shows itself; ``.frame`` is the table as text. Rows of several tables stand below one another, with their
        ``table`` as the first column and no text where a table has no such column.

    Raises
    ------
    OptionError
        If nothing is called so and no text has the word.

    Notes
    -----
    Focal loss is FL(p_t) = −α_t (1 − p_t)^γ log p_t, with p_t the probability that the model gives the true class;
    γ = 0 is weighted log loss (Lin et al. 2017). Sources are listed at the head of `imbalance_accessor.reference`.

    Examples
    --------
    >>> cheatsheet().frame.index.tolist()
    ['fraud', 'rare disease', 'churn', 'spam', 'defects', 'safety vision']
    >>> print(cheatsheet("cutoff").frame.loc["threshold", "probabilities"])
    None: only the decision changes.
    >>> cheatsheet("smote").frame["table"].to_dict()
    {'SMOTE': 'techniques', 'SMOTE before the split': 'pitfalls', 'SMOTE plus weights': 'pitfalls'}
    """
    return look_up(topic, TABLES, "cheatsheet")
