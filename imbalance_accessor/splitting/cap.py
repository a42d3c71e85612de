"""`max_rows=`: which train rows are learned from, where these are not all: small classes whole, large ones in part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.data.class_shares import fair_share
from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, change, listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.splitting.deals import Positions, kept_rows
from imbalance_accessor.splitting.refusals import refuse
from imbalance_accessor.splitting.split import Parts

#: Findings that few rows of a class are the cause of.
_OF_FEW_ROWS = {"IMB302", "IMB303", "IMB311"}
#: So many rows of a table fit and are fitted on without a second thought.
_DRAWN_GLADLY = 500_000
_RAISE = "Raise max_rows= as far as the time allows."


def capped(parts: Parts) -> Parts:
    """Choose the train rows that models learn from, at most so many; all of them are scored.

    Parameters
    ----------
    parts : Parts
        Each class that the models learn keeps a fair share, so that few positives are kept whole.

    Raises
    ------
    SplitError
        A cap that leaves a class with less than two rows.
    """
    parts = replace(parts, kept=_kept(parts, parts.train_outcome))
    return parts if parts.kept is None else _with(parts, _about_models(parts))


def with_fewer_rows(parts: Parts) -> Parts:
    """Leave at most so many rows in the training set, each class with a fair share; raises as `capped` does."""
    parts = replace(parts, kept=_kept(parts, parts.train.codes))
    if parts.kept is None:
        return parts
    rows = (np.bincount(part.codes) for part in (parts.train, parts.learned))
    finding = _finding(parts, f"the training set keeps {_in_all(*rows)}.", _RAISE)
    return _with(replace(parts, train=parts.learned, kept=None), finding)


def _with(parts: Parts, finding: Finding) -> Parts:
    return replace(parts, findings=(*parts.findings, finding))


def _kept(parts: Parts, codes: Codes) -> Positions | None:
    """Return the positions of the train rows to keep, in order; None for all."""
    most, rows = parts.split_by.max_rows, np.bincount(codes)
    if most is None or len(codes) <= most:
        return None
    share = fair_share(rows, most)
    if share < 2:
        refuse(parts.features, parts.split_by, f"max_rows={most:_} leaves a class less than two of its rows.")
    return kept_rows(codes, share, parts.split_by.random_state)


def _about_models(parts: Parts) -> Finding:
    """Say what models learn from, and what that does to their probabilities."""
    target = parts.features.target
    whole, kept = np.bincount(parts.train_outcome), np.bincount(parts.learned_outcome)
    shares = whole / whole.sum(), kept / kept.sum()
    changed = not np.allclose(*shares)
    there = "Bringing their probabilities to the prevalence undoes that too."
    if target.positive is None:
        sentence = f"the models learn from {_in_all(whole, kept)}."
        cure = f"Probabilities of the rare classes are too high by that. {_RAISE}"
        cure = cure if parts.features.weighting.factors is None else there
        return _finding(parts, sentence, cure if changed else _RAISE)
    at = 1 if target.is_one_vs_rest else target.positive
    before, after = (share[at] for share in shares)
    whose = f"{_of(kept[at], whole[at])} rows of class {plain(target.pos_label)!r} and {_of(kept[1 - at], whole[1 - at])} others"
    sentence = f"the models learn from {whose}, at {_percent(after)} positives instead of {_percent(before)}."
    off = "high" if after > before else "low"
    cure = f'Probabilities are too {off} by that; fit_eval(...).reliability("none").model() corrects them.'
    cure = cure if parts.features.weighting.factors is None else there
    return _finding(parts, sentence, cure if changed else _RAISE)


def evenly_learned(parts: Parts, doing_nothing: Iterable[str]) -> list[Finding]:
    """Say that the models learn from as many rows of each class, so that weights are 1 and samplers make no row.

    Parameters
    ----------
    parts : Parts
        With the rows that are learned from.
    doing_nothing : iterable of str
        The strategies that do nothing then.
    """
    rows, names = np.bincount(parts.learned_outcome), list(doing_nothing)
    if not names or rows.min() != rows.max():
        return []
    sentence = f"The models learn from {rows[0]:,} rows of each class, so that {listed(names)} {_does(names)} nothing."
    return [Finding("IMB314", "note", sentence, *_of_more(parts, rows))]


def _of_more(parts: Parts, rows: NDArray[np.int64]) -> tuple[str] | tuple[str, Fix]:
    """Return what brings the frame's own shares back: more rows, where these are a part of them."""
    features, asked = parts.features, parts.split_by.max_rows
    if asked is not None:
        rarest = int(np.bincount(parts.train_outcome).min())
        return f"Leave max_rows={asked:_} out, or set it well above {len(rows) * rarest:,}.", change(
            max_rows=LEFT_OUT
        )
    sample = features.sample
    if sample is None or sample.is_whole:
        return ("Compare models instead: classes are even already.",)
    every = len(sample.rows) * min(sample.rows.values())
    fix = change(max_rows=2 * every) if every <= _DRAWN_GLADLY else IN_WORDS
    return f"Draw more of the table: max_rows= well above {every:,} takes every row of the rarest class.", fix


def _does(names: list[str]) -> str:
    return "does" if len(names) == 1 else "do"


def _in_all(whole: NDArray[np.int64], kept: NDArray[np.int64]) -> str:
    return f"at most {kept.max():,} rows of a class, {kept.sum():,} of {whole.sum():,} in all"


def _of(kept: int, whole: int) -> str:
    return f"all {whole:,}" if kept == whole else f"{kept:,} of {whole:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _finding(parts: Parts, sentence: str, cure: str) -> Finding:
    return Finding("IMB316", "note", f"max_rows={parts.split_by.max_rows:_}: {sentence}", cure)


def with_cause(
    findings: Iterable[Finding], most: int | None, whole: NDArray[np.int64], kept: NDArray[np.int64]
) -> list[Finding]:
    """Name the cap as the cause where it is what left the rarest class few rows.

    Parameters
    ----------
    findings : iterable of Finding
    most : int or None
        The cap.
    whole, kept : numpy.ndarray of int, shape (n_classes,)
        Train rows of each class, and those that are learned from.
    """
    rarest = int(np.lexsort((whole, kept))[0])
    if most is None or kept[rarest] == whole[rarest]:
        return list(findings)
    cure = f"Raise max_rows={most:_}, which leaves {kept[rarest]:,} of {whole[rarest]:,} rows of that class."
    return [_with_cure(each, cure) if each.code in _OF_FEW_ROWS else each for each in findings]


def _with_cure(finding: Finding, cure: str) -> Finding:
    """Return a finding with the cap as its cure, and the fix only where that is the cap too."""
    return replace(finding, cure=cure, fix=finding.fix if "max_rows" in finding.fix.options else IN_WORDS)
