"""Rows that come again: copies grown before the split, rows on both sides of it, and labels that contradict each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.row_hashes import beyond_floats, row_hashes
from imbalance_accessor.errors import LEFT_OUT, Fix, change, counted, listed
from imbalance_accessor.findings import Severity
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence, share_text
from imbalance_accessor.leakage.fixes import kept_together, without_copies, without_seen
from imbalance_accessor.leakage.statistics import contradictions
from imbalance_accessor.leakage.twins import (
    Repeats,
    agreement_by_chance,
    expected_twins,
    have_near_row,
    have_own_cell,
    lone_twins,
    repeats,
    row_kinds,
    seen_after_a_split,
)
from imbalance_accessor.metrics.arrays import Bools, Codes
from imbalance_accessor.metrics.binary import Ranking
from imbalance_accessor.metrics.comparison import LabelledScores

#: Rows of a class that was drawn from, for each of the other's; copies for each different row, and fewest of these.
_NEARLY, _ADDED, _FEW_DRAWN = 0.45, 0.5, 5
#: How much larger the share of rows met once is in the class that nobody grew.
_MET_ONCE_MORE = 0.3
#: Share of the different rows that independent columns would give, at which a class has all that its cells allow.
_AS_MANY = 0.8
#: Different rows that a class pasted as a whole must have, and how often at least.
_FEW_PASTED, _THRICE = 20, 3
#: Shares of test rows with a twin in train (of all, of the class in focus) that are worth a word; and a warning.
_SEEN, _SEEN_FOCUS, _MANY_SEEN = 0.02, 0.05, 0.05
#: Rows that show how columns agree; rows that come again, of which it is asked whether others are like them; most of these.
_LOOKED_AT, _ASKED, _MOST = 5_000, 1_000, 0.5
#: A change of average precision that matters.
_MATTERS = 0.01
#: Shares of rows with an open label (of all, of the class in focus) that are worth a word, and the fewest rows.
_OPEN, _OPEN_FOCUS, _FEW = 0.01, 0.05, 5

_AGAIN = (
    "Start from the frame as it was recorded: strategies=['oversample'] copies inside each training fold."
)

#: Why rows of a large table do not say how often its rows come again.
_SELDOM = "rows that are alike are seldom drawn together"
_ALIKE = "If different cases look alike, the score stands."


class Copied(Check):
    """IMB102: the rare class was grown by copying its rows before the frame came here."""

    code, title, severity, cost = "IMB102", "oversampled by copying?", "error", 1

    def _answer(self, evidence: Evidence) -> Answer:
        if evidence.is_of_table:
            return self._of_table(evidence)
        found, other, grown = _grown(evidence)
        of_all = 1 - sum(each.different for each in found) / len(evidence.codes)
        if not grown:
            saw = f"{share_text(of_all)} of the rows repeat another one{evidence.aside}"
            return self.clear(saw, share=of_all)
        code = min(grown, key=lambda each: found[each].different / found[each].rows)
        label, rows = evidence.classes[code], found[code].rows
        copies = rows - found[code].different
        saw = f"{copies:,} of {rows:,} rows of class {label!r} {'is a copy' if copies == 1 else 'are copies'}"
        sentence = (
            f"{saw} of other ones{evidence.aside}; of class {evidence.classes[other]!r} {share_text(found[other].share)} are. "
            "The class was oversampled before the frame came here, and copies stand on both sides of a split."
        )
        fix = without_copies(evidence, code)
        cure = f"{_AGAIN}{' If it is lost, drop the copies.' if fix else ''}"
        return self.found(saw, sentence, cure, rows=copies, share=copies / rows, fix=fix)

    def _of_table(self, evidence: Evidence) -> Answer:
        """Answer by classes that are here with all their rows: no row of them may come again without its copies."""
        found = [repeats(evidence.kinds[evidence.codes == code]) for code in range(len(evidence.classes))]
        whole = [each for each, times in zip(found, evidence.stands_for, strict=True) if times <= 1]
        if not evidence.small_are_whole or any(each.added >= _ADDED for each in whole):
            return self.cannot_tell(_SELDOM)
        copies = sum(each.rows - each.different for each in whole)
        return self.clear(f"{copies:,} rows of the classes that were drawn whole repeat another row", copies)


def _grown(evidence: Evidence) -> tuple[list[Repeats], int, list[int]]:
    """Return the repeats of each class, the class that nobody grew, and those that were grown by copying."""
    codes = range(len(evidence.classes))
    found = [repeats(evidence.kinds[evidence.codes == code]) for code in codes]
    size = np.array([each.rows / each.times for each in found])  # before it was pasted
    large = np.flatnonzero(size >= _NEARLY * size.max())
    other = int(max(large, key=lambda code: (found[code].once, found[code].rows)))
    copied = (code for code in codes if _is_copied(found[code], found[other]))
    return (
        found,
        other,
        [code for code in copied if found[code].times > 1 or not _fills_its_grid(evidence, code)],
    )


def _is_copied(each: Repeats, other: Repeats) -> bool:
    """Whether a class looks drawn from its rows at random, or pasted whole, where the other has many rows met once."""
    nearly = each.rows >= _NEARLY * other.rows and each.different >= _FEW_DRAWN
    drawn = nearly and each.added >= _ADDED and each.once <= each.once_if_drawn
    pasted = each.times >= _THRICE and each.different >= _FEW_PASTED
    return (drawn or pasted) and other.once >= each.once + _MET_ONCE_MORE


def _fills_its_grid(evidence: Evidence, code: int) -> bool:
    """Whether a class has about as many different rows as its cells allow: then they repeat by nature."""
    kinds = evidence.kinds[evidence.codes == code]
    of_class = np.unique(kinds)
    first = _first_rows(evidence)[of_class]
    first = first[np.argsort(evidence.hashes[first])]
    if len(first) > _LOOKED_AT:
        return False
    rng = np.random.default_rng(0)
    at, n_drawn = np.arange(len(first)), min(len(kinds), 20 * len(first))
    cells = [_cells(evidence, name, first) for name in evidence.compared]
    if have_own_cell(cells, at, _MOST).mean() >= _MOST:
        return False
    mixed = row_kinds(column[rng.choice(at, n_drawn)] for column in cells)
    return len(first) >= _AS_MANY * len(np.unique(mixed))


def _first_rows(evidence: Evidence) -> NDArray[np.intp]:
    """Return the position of one row of each kind."""
    kinds = evidence.kinds
    first = np.empty(int(kinds.max()) + 1, dtype=np.intp)
    first[kinds[::-1]] = np.arange(len(kinds))[::-1]
    return first


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
        rows, share = int(seen.sum()), float(seen.mean())
        likely, of_focus = _expected(evidence, seen)
        saw = _seen_text(rows, len(seen), likely) + evidence.aside
        effect = _effect(evidence.labelled_scores, seen) if rows else None
        matters = effect is not None and abs(effect[0] - effect[1]) >= _MATTERS
        enough = likely >= _SEEN or of_focus >= _SEEN_FOCUS or (matters and not _is_dealt(evidence))
        if likely * len(seen) < _FEW or not enough:
            answer = "few" if likely else ""
            unseen = self.cannot_tell(_SELDOM) if evidence.is_of_table else None
            return self._again(evidence, seen) or unseen or self.clear(saw, rows, share, answer=answer)
        if not _same_cases(evidence, likely, of_focus):
            saw = f"{_seen_text(rows, len(seen), likely)}, as many as chance gives rows so alike{evidence.aside}"
            clear = self.clear(saw, rows, share, answer="as many as by chance")
            return self._again(evidence, seen) or clear
        sentence = f"{_seen_text(rows, len(seen), likely)} with the same features{evidence.aside}: {share_text(share)}."
        if effect is not None:
            change = f"{effect[0]:.3f} with them, {effect[1]:.3f} without"
            sentence = f"{sentence[:-1]}, and average precision is {change}."
        severity: Severity = "warning" if likely >= _MANY_SEEN or matters else "note"
        cure, fix = _apart(evidence, seen)
        return self.found(saw, sentence, cure, rows=rows, share=share, severity=severity, fix=fix)

    def _again(self, evidence: Evidence, seen: Bools) -> Answer | None:
        """Name train rows that come again in their order, where twins alone could be chance."""
        again, how = train_rows_again(evidence)
        if not again:
            return None
        saw = f"{again:,} of {len(evidence.parts.test):,} test rows are train rows again"
        sentence = f"{saw}: the same features and label {how}{evidence.aside}."
        cure, fix = _out_of_test(evidence, seen)
        cure = f"{cure[0].upper()}{cure[1:]}."
        return self.found(saw, sentence, cure, rows=int(seen.sum()), share=float(seen.mean()), fix=fix)


def _apart(evidence: Evidence, seen: Bools) -> tuple[str, Fix]:
    """Say how the same cases are kept from standing on both sides, and return the fix that does it."""
    if evidence.parts.split_by.own_test:
        cure, fix = _out_of_test(evidence, seen)
    else:
        cure = "drop the copies or keep them together with groups="
        both = contradictions(evidence.kinds, evidence.codes, evidence.focus).rows > 0  # whose label holds?
        fix = (not both and without_copies(evidence)) or kept_together(evidence)
    return f"If they are the same cases twice (recorded so, or oversampled), {cure}. {_ALIKE}", fix


def _out_of_test(evidence: Evidence, seen: Bools) -> tuple[str, Fix]:
    fix = without_seen(evidence, seen)
    return ("take them out of test=", fix) if fix else ("leave test= out", change(test=LEFT_OUT))


def _effect(labelled_scores: LabelledScores | None, seen: NDArray[np.bool_]) -> tuple[float, float] | None:
    """Return the average precision on all test rows, and on those without a twin in train."""
    if labelled_scores is None or not 0 < labelled_scores.y[~seen].sum() < (~seen).sum():
        return None
    whole = float(Ranking(labelled_scores.y, labelled_scores.score).average_precision())
    return whole, float(Ranking(labelled_scores.y[~seen], labelled_scores.score[~seen]).average_precision())


def _seen_text(rows: int, of: int, likely: float) -> str:
    """Say how many test rows have a twin in train; and how many would have, where none has by luck."""
    text = f"{rows:,} of {of:,} test rows {'has' if rows == 1 else 'have'} a twin in train"
    return f"{text}, where a random split gives {likely * of:.2g}" if likely and not rows else text


def _is_dealt(evidence: Evidence) -> bool:
    """Whether the rows were divided at random, so that another order of them gives another test set."""
    return evidence.parts.is_stratified and not evidence.parts.split_by.own_test


def _expected(evidence: Evidence, seen: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the share of test rows with a twin in train, and that of the class in focus; over all splits, where it is random."""
    test = evidence.parts.test.codes
    if not _is_dealt(evidence):
        focus = test == evidence.focus
        return float(seen.mean()), float((seen & focus).sum() / max(int(focus.sum()), 1))
    n_classes = len(evidence.classes)
    chances = seen_after_a_split(evidence.kinds, evidence.codes, np.bincount(test, minlength=n_classes))
    by_class = np.bincount(evidence.codes, weights=chances, minlength=n_classes) / np.maximum(
        evidence.rows, 1
    )
    return float(by_class[test].mean()), float(by_class[evidence.focus])


def _same_cases(evidence: Evidence, share: float, of_focus: float) -> bool:
    """Whether test rows seen in train look like cases that were recorded twice, not like different ones that look alike."""
    n_train, kinds = len(evidence.parts.train), evidence.kinds
    alone = len(evidence.compared) == 1
    if alone and not _is_dealt(evidence):
        return lone_twins(kinds[:n_train], kinds[n_train:]).beyond_chance
    whole = repeats(kinds)
    if _grown(evidence)[2] or (whole.times > 1 and whole.different >= _FEW_PASTED):
        return True
    if alone:  # nothing but the value could tell
        return False
    told = _told_once(evidence)
    by_chance = expected_twins(told.values(), np.bincount(kinds[_some(evidence)]), n_train)
    of_few_levels = _if_correlated(by_chance, n_train) if whole.once < _MOST else 0.0
    in_focus = kinds[evidence.codes == evidence.focus]
    return any(
        by_chance < seen / 2 and _stand_apart(evidence, list(told), rows, of_few_levels >= seen / 2)
        for seen, rows in ((share, kinds), (of_focus, in_focus))
    )


def _some(evidence: Evidence) -> NDArray[np.intp]:
    """Return positions of the rows that show how columns agree."""
    some = min(_LOOKED_AT, len(evidence.draws))
    return np.sort(np.argpartition(evidence.draws, some - 1)[:some])


def _told_once(evidence: Evidence) -> dict[Hashable, NDArray[np.intp]]:
    """Return how often each value of a column occurs, of columns that say the same (a price, its tax) the first alone."""
    some, told = _some(evidence), dict[Hashable, tuple[Hashable, NDArray[np.intp]]]()
    different = len(np.unique(evidence.kinds[some]))
    for name in evidence.compared:
        codes, levels = pd.factorize(_cells(evidence, name, some))
        says = name if len(levels) == different else codes.tobytes()  # any two columns that name rows agree
        told.setdefault(says, (name, np.bincount(codes)))
    return dict(told.values())


def _cells(evidence: Evidence, name: Hashable, at: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Return a number that stands for the cell at each of some positions."""
    both = [part.X[name] for part in (evidence.parts.train, evidence.parts.test)]
    if all(column.dtype == both[0].dtype and column.dtype in (np.float64, np.int64) for column in both):
        values = np.concatenate([column.to_numpy() for column in both])[at]
        if values.dtype == np.float64:
            values = np.where(np.isnan(values), np.nan, values + 0.0)  # one nan, one zero
        return values.view(np.uint64)  # most columns are such, and this is much faster than a hash
    long = [name] if any(beyond_floats(column) for column in both) else []
    hashes = [row_hashes(column.to_frame(), [name], every_digit=long) for column in both]
    return np.concatenate(hashes)[at]


def _if_correlated(by_chance: float, n_train: int) -> float:
    """Return the same where columns repeat each other, so that a row tells half as many bits."""
    agree = -np.log1p(-min(by_chance, 1 - 1e-12)) / n_train
    return float(-np.expm1(-n_train * np.sqrt(agree)))


def _stand_apart(evidence: Evidence, columns: Sequence[Hashable], rows: Codes, of_few_levels: bool) -> bool:
    """Whether most of the rows that come again, each counted once, have no different row beside them; see `have_near_row`.

    Where different cases look alike, many more of them look nearly alike. Where all columns have few levels, that says
    nothing: then a row that has a cell of its own stands apart.
    """
    first = _first_rows(evidence)
    again = np.flatnonzero(np.bincount(rows) > 1)
    some = again[np.argsort(evidence.hashes[first[again]])][:_ASKED]
    most = _MOST if len(some) >= 2 * _FEW else 1.0
    if len(some) < _FEW:
        return False

    def cells() -> Iterator[NDArray[np.uint64]]:
        return (_cells(evidence, name, first) for name in columns)

    own = have_own_cell(cells(), some, most)
    if of_few_levels or own.mean() >= most:
        return bool(own.mean() >= most)
    near = have_near_row(cells, some, 1 - most + float(own.mean()))
    return bool((own | ~near).mean() >= most)


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
            return self.cannot_tell(f"{listed(text)} may distinguish such rows")
        if evidence.is_of_table:
            return self.cannot_tell(_SELDOM)
        n, focus = len(evidence.codes), evidence.focus
        found = contradictions(evidence.kinds, evidence.codes, focus)
        share = found.rows / n
        twins = (
            f"{counted(found.rows, 'row')} {'has' if found.rows == 1 else 'have'} a twin with another label"
        )
        saw = twins + evidence.aside
        of_focus = found.focus_rows / max(int(evidence.rows[focus]), 1)
        if found.rows < _FEW or (share < _OPEN and of_focus < _OPEN_FOCUS):
            return self.clear(saw, found.rows, share, answer="few" if found.rows else "")
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
