"""What must be known of scores, whatever is made of them: few positives, few groups, no probabilities."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from imbalance_accessor.errors import IN_WORDS, Fix, change, counted, listed
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.binary import confusion
from imbalance_accessor.metrics.bootstrap import FEWEST_GROUPS
from imbalance_accessor.metrics.weights import effective_by_class, stacked_weights
from imbalance_accessor.splitting.split import share_with_groups

#: Test positives below which strategies can hardly be distinguished.
FEW_POSITIVES = 100
#: Flagged negatives below which a figure follows single ones, where each stands for many.
FEW_FLAGGED = 10
#: Positives that a negative counts as, from which it is said.
_MANY = 2
#: Standard errors beyond which two shares of flagged rows differ by more than chance.
_SURELY = 4.0


def score_findings(scored: CrossValScores, *, needs_test: bool = False) -> list[Finding]:
    """Say what keeps these scores from being read as they stand: no probabilities, few positives.

    `needs_test`: whether what was asked cannot do without a test set.
    """
    found = []
    if not scored.is_probability:
        sentence = "This model's scores are no probabilities: they rank, and Brier score and log loss are left empty."
        found.append(
            Finding("IMB313", "note", sentence, "Use a model with predict_proba where risks are needed.")
        )
    found += few_groups(scored)
    weights = scored.weights_of_reported(next(iter(scored.by_name)))
    rows = weights.rows(scored.reported_codes)
    telling = effective_by_class(weights, scored.reported_codes, len(rows))
    rarest = int(telling.argmin()) if scored.positive is None else scored.positive
    few = int(rows[rarest])
    if telling[rarest] < FEW_POSITIVES:
        whose = (
            counted(few, "positive")
            if scored.positive is not None
            else f"{counted(few, 'row')} of the rarest class"
        )
        part = "The test set has" if scored.held_out else "There are"
        weighted = (
            ""
            if telling[rarest] == few
            else f", which carry as much information as {telling[rarest]:,.0f} of one weight"
        )
        sentence = f"{part} {whose}{weighted}, too few to know a score closely."
        fix = IN_WORDS if needs_test else on_all_rows(scored)
        found.append(Finding("IMB401", "warning", sentence, read_intervals(scored, fix), fix))
    return found


def own_decisions(scored: CrossValScores, name: str) -> list[Finding]:
    """Say what a model decides by its own ``predict``, where a threshold is chosen for its scores."""
    if not scored.by_predict:
        return []
    sides = scored.labelled_scores(name)
    found = confusion(sides.y_oof[sides.seen], sides.flagged_oof[sides.seen])
    if scored.held_out:
        found = confusion(sides.y, sides.flagged)
    sentence = (
        f"This model's own predict decides neither at {scored.default_threshold:g} nor here: it has precision "
        f"{found.precision:.3f} and recall {found.recall:.3f} {'on test' if scored.held_out else 'on these rows'}."
    )
    return [
        Finding("IMB416", "note", sentence, "Nothing to do: .model() decides at the threshold chosen here.")
    ]


def carries_over(flagged: float, n: float, flagged_test: float, n_test: float) -> bool:
    """Whether a threshold flags the same share of two sets of rows, as far as chance goes.

    Examples
    --------
    >>> carries_over(80, 1600, 15, 400), carries_over(80, 1600, 0, 400)
    (True, False)
    """
    pooled = (flagged + flagged_test) / (n + n_test)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_test))
    return bool(abs(flagged / n - flagged_test / n_test) <= _SURELY * error)


def few_flagged_negatives(figure: str, flagged: Mapping[str, int], worth: float, where: str) -> list[Finding]:
    """Say that a figure rests on few flagged negatives, where rows do not count once each.

    Parameters
    ----------
    figure : str
        What rests on them, as it begins a sentence.
    flagged : mapping of str to int
        Negative rows that are flagged, by strategy; by an empty name where there is one only.
    worth : float
        How many positives each of them counts as.
    where : str
        Which rows they are among: ``"of the test set"``.
    """
    few = {name: rows for name, rows in flagged.items() if rows < FEW_FLAGGED}
    if not few:
        return []
    least, most = min(few.values()), max(few.values())
    rows = counted(most, "flagged negative") if least == most else f"{least} to {most} flagged negatives"
    whose = "" if "" in few else f" for {listed([*few])}"
    weighs = f" One counts as much as {worth:.3g} positives." if worth >= _MANY else ""
    sentence = f"{figure} rests on {rows} {where}{whose}.{weighs}"
    return [Finding("IMB417", "note", sentence, "Read its interval; more test negatives narrow it.")]


def few_groups(scored: CrossValScores) -> list[Finding]:
    """Say that groups are too few to be resampled, on the rows that are reported."""
    parts = scored.parts
    resamples = scored.resamples
    if not resamples.too_few_groups:
        return []
    whose = "The test set has" if len(parts.test) else "These rows have"
    sentence = (
        f"{whose} {counted(resamples.n_groups or 0, 'group')} of {parts.split_by.groups!r}, too few for "
        f"intervals, which take {FEWEST_GROUPS}."
    )
    share = share_with_groups(parts, FEWEST_GROUPS)
    if share is None:
        return [Finding("IMB410", "warning", sentence, "Collect more groups.")]
    cure = f"Hold out more of them: test_size={share:g}."
    return [Finding("IMB410", "warning", sentence, cure, change(test_size=share))]


def on_all_rows(scored: CrossValScores) -> Fix:
    """Return the option that reports on all rows, where these tell enough of each class that counts and folds score all."""
    parts, positive = scored.parts, scored.positive
    if parts.split_by.own_test or not len(parts.test) or not parts.is_stratified:
        return IN_WORDS
    codes = np.concatenate([parts.train_outcome, parts.test_outcome])
    weights = stacked_weights(
        [
            (parts.train_weights, len(parts.train_outcome)),
            (parts.test_weights, len(parts.test_outcome)),
        ]
    )
    telling = effective_by_class(weights, codes, int(codes.max()) + 1)
    enough = (telling.min() if positive is None else telling[positive]) >= FEW_POSITIVES
    return change(test_size=0) if enough else IN_WORDS


def read_intervals(scored: CrossValScores, fix: Fix) -> str:
    """Return the cure of too few rows; `fix`, what reports on all rows, where these are enough."""
    if scored.resamples.too_few_groups:
        return "Collect more positives."
    if fix:
        return "Read the intervals, or report on all rows: test_size=0."
    if scored.held_out or scored.again or scored.one_model or scored.parts.split_by.time is not None:
        rows = "positives" if scored.positive is not None else "rows of that class"
        return f"Read the intervals; more {rows} narrow them."
    return "Read the intervals; repeats=5 averages over five deals of the folds."
