"""Rows that come again: copies grown before the split, rows on both sides of it, and labels that contradict each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.errors import counted, listed
from imbalance_accessor.findings import Severity
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence, share_text
from imbalance_accessor.leakage.statistics import (
    Repeats,
    agreement_by_chance,
    contradictions,
    expected_twins,
    lone_twins,
    repeats,
)
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.metrics.binary import Ranking
from imbalance_accessor.metrics.comparison import LabelledScores

#: Share of copies in a class that was grown, how many times that of the other class, and how even the counts are.
_COPIED, _TIMES, _EVEN = 0.1, 5.0, 0.45
#: Dispersion of copies that were drawn at random, and of rows that were all copied equally often.
_DRAWN, _EQUALLY = 3.0, 0.05
#: Different rows that a class drawn from must have; and one whose rows were all copied equally often, at least thrice each.
_FEW_DRAWN, _FEW_EQUAL, _THRICE = 5, 20, 3
#: Shares of test rows with a twin in train (of all, of the class in focus) that are worth a word; and a warning.
_SEEN, _SEEN_FOCUS, _MANY_SEEN = 0.02, 0.05, 0.05
#: A change of average precision that matters.
_MATTERS = 0.01
#: Shares of rows with an open label (of all, of the class in focus) that are worth a word, and the fewest rows.
_OPEN, _OPEN_FOCUS, _FEW = 0.01, 0.05, 5

_AGAIN = (
    "Start from the frame as it was recorded: strategies=['oversample'] copies inside each training fold."
)

_TWINS = (
    "If they are the same cases twice (recorded so, or oversampled), drop the copies or keep them together with groups=; if "
    "different cases look alike, the score stands."
)


class Copied(Check):
    """IMB102: the rare class was grown by copying its rows before the frame came here."""

    code, title, severity, cost = "IMB102", "oversampled by copying?", "error", 1

    def _answer(self, evidence: Evidence) -> Answer:
        found = [repeats(evidence.kinds[evidence.codes == code]) for code in range(len(evidence.classes))]
        # a class that was pasted as a whole is as large as it was before
        size = np.array([each.different if each.dispersion <= _EQUALLY else each.rows for each in found])
        large = np.flatnonzero(size >= 0.5 * size.max())
        other = int(min(large, key=lambda code: (found[code].share, -found[code].rows)))
        grown = [code for code, each in enumerate(found) if code != other and _is_copied(each, found[other])]
        of_all = 1 - sum(each.different for each in found) / len(evidence.codes)
        if not grown:
            saw = f"{share_text(of_all)} of the rows repeat another one{evidence.aside}"
            return self.clear(saw, share=of_all)
        code = min(grown, key=lambda each: found[each].different / found[each].rows)
        label, rows = evidence.classes[code], found[code].rows
        copies = rows - found[code].different
        saw = f"{copies:,} of {rows:,} rows of class {label!r} {'is a copy' if copies == 1 else 'are copies'}"
        sentence = (
            f"{saw} of other ones{evidence.aside}, where {share_text(found[other].share)} of class "
            f"{evidence.classes[other]!r} are: the class was oversampled by copying before the frame came here, and copies stand "
            "on both sides of a split."
        )
        return self.found(saw, sentence, _AGAIN, rows=copies, share=copies / rows)


def _is_copied(each: Repeats, other: Repeats) -> bool:
    """Whether copies in a class look drawn at random, or every row copied equally often, where the other has few."""
    many = each.share >= _COPIED and each.share >= _TIMES * other.share + _COPIED / 2
    even = each.rows >= _EVEN * other.rows and each.different >= _FEW_DRAWN and each.dispersion <= _DRAWN
    equal = (
        each.dispersion <= _EQUALLY and each.different >= _FEW_EQUAL and each.rows >= _THRICE * each.different
    )
    return many and (even or equal)


class OnBothSides(Check):
    """IMB104: test rows whose features stand in the training set too."""

    code, title, severity, cost = "IMB104", "same rows in train and test?", "warning", 1

    def _answer(self, evidence: Evidence) -> Answer:
        parts, kinds = evidence.parts, evidence.kinds
        n_train = len(parts.train)
        if not len(parts.test):
            return self.cannot_tell("nothing is held out")
        learned = np.zeros(int(kinds.max()) + 1, dtype=bool)
        learned[kinds[:n_train]] = True
        seen = learned[kinds[n_train:]]
        focus = parts.test.codes == evidence.focus
        rows, share = int(seen.sum()), float(seen.mean())
        twins = f"{rows:,} of {len(seen):,} test rows {'has' if rows == 1 else 'have'} a twin in train"
        saw = twins + evidence.aside
        effect = _effect(evidence.labelled_scores, seen) if rows else None
        of_focus = (seen & focus).sum() / max(int(focus.sum()), 1)
        matters = effect is not None and abs(effect[0] - effect[1]) >= _MATTERS
        worth = rows >= _FEW and (share >= _SEEN or of_focus >= _SEEN_FOCUS or matters)
        if not worth or not _beyond_chance(evidence, share):
            return self._again(evidence, rows, share) or self.clear(saw, rows, share)
        sentence = f"{twins} with the same features{evidence.aside}: {share_text(share)}."
        if effect is not None:
            change = f"{effect[0]:.3f} with them, {effect[1]:.3f} without"
            sentence = f"{sentence[:-1]}, and average precision is {change}."
        severity: Severity = "warning" if share >= _MANY_SEEN or matters else "note"
        return self.found(saw, sentence, _TWINS, rows=rows, share=share, severity=severity)

    def _again(self, evidence: Evidence, rows: int, share: float) -> Answer | None:
        """Name train rows that come again in their order, where twins alone could be chance."""
        again, how = train_rows_again(evidence)
        if not again:
            return None
        saw = f"{again:,} of {len(evidence.parts.test):,} test rows are train rows again"
        sentence = f"{saw}: the same features and label {how}{evidence.aside}."
        cure = f"Take them out of test=, or leave it out: df.imb.fit_eval({evidence.target_typed})."
        return self.found(saw, sentence, cure, rows=rows, share=share)


def _effect(labelled_scores: LabelledScores | None, seen: NDArray[np.bool_]) -> tuple[float, float] | None:
    """Return the average precision on all test rows, and on those without a twin in train."""
    if labelled_scores is None or not 0 < labelled_scores.y[~seen].sum() < (~seen).sum():
        return None
    whole = float(Ranking(labelled_scores.y, labelled_scores.score).average_precision())
    return whole, float(Ranking(labelled_scores.y[~seen], labelled_scores.score[~seen]).average_precision())


def _beyond_chance(evidence: Evidence, share: float) -> bool:
    """Whether more test rows have a twin in train than so few different cells make likely."""
    used, at = evidence.compared, evidence.sample[:5000]
    if len(used) == 1:
        n_train = len(evidence.parts.train)
        return lone_twins(evidence.kinds[:n_train], evidence.kinds[n_train:]).beyond_chance
    counts = [evidence.column(name, at).value_counts(dropna=False).to_numpy() for name in used]
    return expected_twins(counts, len(evidence.parts.train)) < 0.5 * share


class OpenLabels(Check):
    """IMB105: rows with the same features and different labels."""

    code, title, severity, cost = "IMB105", "same features, other labels?", "note", 1

    def _answer(self, evidence: Evidence) -> Answer:
        text = [
            name
            for name in evidence.parts.features.columns.of_kind("free text")
            if name not in evidence.compared
        ]
        if text:
            return self.clear(f"not asked: {listed(text)} may tell such rows from each other")
        n, focus = len(evidence.codes), evidence.focus
        found = contradictions(evidence.kinds, evidence.codes, focus)
        share = found.rows / n
        twins = (
            f"{counted(found.rows, 'row')} {'has' if found.rows == 1 else 'have'} a twin with another label"
        )
        saw = twins + evidence.aside
        of_focus = found.focus_rows / max(int(evidence.rows[focus]), 1)
        if found.rows < _FEW or (share < _OPEN and of_focus < _OPEN_FOCUS):
            return self.clear(saw, found.rows, share)
        label = evidence.classes[focus]
        sentence = (
            f"{saw}, {found.focus_rows:,} of the {int(evidence.rows[focus]):,} rows of class {label!r} among them: "
            f"no model of the same columns can be more accurate than {found.best_accuracy:.3f}."
        )
        cure = "Look for the column that distinguishes them, or for labels that were entered twice."
        return self.found(saw, sentence, cure, rows=found.rows, share=share)


#: Fewest rows of the class in focus, and fewest changes from row to row: frames that are sorted alike agree without copies.
_FEW_AGAIN, _CHANGES = 5, 10
#: Chance of an agreement in every row that is none.
_NO_CHANCE = 1e-6


def train_rows_again(evidence: Evidence) -> tuple[int, str]:
    """Return how many test rows are train rows again, and by what that is told; 0 where chance could do it.

    Notes
    -----
    Row by row, features and label agree with those of the train row under the same index label; or all test rows, in
    their order, are a piece of the training set. Whether cells are few does not matter: it is the order that repeats.
    """
    if not evidence.parts.split_by.own_test:  # a frame's own rows are dealt once
        return 0, ""
    n_train, n_classes = len(evidence.parts.train), len(evidence.classes)
    cells = evidence.kinds * n_classes + evidence.codes
    train, test = cells[:n_train], cells[n_train:]
    by_label = _under_same_label(evidence)
    pairs = ((by_label, "under the same index label"), (_in_same_order(train, test), "in the same order"))
    for positions, how in pairs:
        here = positions >= 0
        again = test[here][np.argsort(positions[here])]
        rare = int((again % n_classes == evidence.focus).sum())
        changes = int((again[1:] != again[:-1]).sum())
        if rare < _FEW_AGAIN or changes < _CHANGES or not (train[positions[here]] == test[here]).all():
            continue
        if agreement_by_chance(train, test, len(again)) < _NO_CHANCE:
            return len(again), how
    return 0, ""


def _under_same_label(evidence: Evidence) -> NDArray[np.intp]:
    """Return each test row's place in the training set by its label of the index; -1 where there is none."""
    train, test = evidence.parts.train.X.index, evidence.parts.test.X.index
    if not (train.is_unique and test.is_unique):
        return np.full(len(test), -1, dtype=np.intp)
    return np.asarray(train.get_indexer(test), dtype=np.intp)


def _in_same_order(train: Codes, test: Codes) -> NDArray[np.intp]:
    """Return each test row's place where the test set is a piece of the training set; -1 elsewhere."""
    wide = np.dtype(np.int64).itemsize
    whole, piece = (np.ascontiguousarray(each, dtype=np.int64).tobytes() for each in (train, test))
    at = whole.find(piece)
    while at >= 0 and at % wide:
        at = whole.find(piece, at + 1)
    return np.arange(len(test)) + at // wide if at >= 0 else np.full(len(test), -1, dtype=np.intp)
