"""Findings: what the reader of a result must know, as data with stable codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from imbalance_accessor.errors import (
    IN_WORDS,
    Fix,
    OptionError,
    Written,
    change,
    listed,
    near,
    one_line,
    plainly,
)
from imbalance_accessor.terminals import Printed

Severity = Literal["error", "warning", "note"]

#: Every code this package can give, with the name of what it finds.
CATALOG: dict[str, str] = {
    "IMB101": "rows that smote made",
    "IMB102": "a class oversampled by copying",
    "IMB103": "a class oversampled by interpolation",
    "IMB104": "the same rows in train and test",
    "IMB105": "the same features with different labels",
    "IMB106": "a column that gives the answer away",
    "IMB107": "an id or a row counter that predicts",
    "IMB108": "a likely group column",
    "IMB109": "a likely time column along which classes drift",
    "IMB110": "a correction made twice",
    "IMB111": "an estimator that splits inside fit, behind a sampler",
    "IMB112": "a value whose rows are nearly all of one class",
    "IMB113": "a score that is too good",
    "IMB201": "rows without a label",
    "IMB202": "columns left out of the features",
    "IMB203": "numbers written as text",
    "IMB204": "labels that weights do not name",
    "IMB205": "a column that holds the target",
    "IMB206": "words that stand for missing cells",
    "IMB207": "numbers that stand for missing cells",
    "IMB208": "values of different types with the same text",
    "IMB209": "dates left out of the features",
    "IMB210": "numbers or dates that can be read in two ways",
    "IMB211": "numbers with words, taken as categories",
    "IMB212": "labels that class_weight= does not take",
    "IMB213": "labels that differ in blanks alone",
    "IMB214": "a column that looks like row weights",
    "IMB215": "row weights that add up to little",
    "IMB216": "row weights that are one number for each class",
    "IMB217": "rows without a prediction",
    "IMB301": "fewer folds than asked",
    "IMB302": "fewer neighbours than asked",
    "IMB303": "a class too small for neighbours",
    "IMB304": "a strategy this model cannot take",
    "IMB305": "a strategy that failed",
    "IMB306": "a strategy equal to another",
    "IMB307": "columns of very different spread before a neighbour search",
    "IMB308": "whole-number columns and interpolation",
    "IMB309": "a split that misses the asked share",
    "IMB310": "the sampler that the columns call for",
    "IMB311": "folds that lack a class",
    "IMB312": "a model fitted elsewhere",
    "IMB313": "scores that are no probabilities",
    "IMB314": "nothing to resample",
    "IMB315": "a fit that warned",
    "IMB316": "training rows limited to max_rows",
    "IMB317": "work that grows with the square of the rows",
    "IMB318": "a model or sampler without a seed",
    "IMB319": "rare levels pooled into one",
    "IMB320": "rows that a sampler did not make",
    "IMB321": "a sampler that needs more memory than there is",
    "IMB322": "predictions that cannot be read",
    "IMB323": "row weights that a fit cannot take",
    "IMB401": "too few positives to distinguish strategies",
    "IMB402": "too few positives to know the threshold",
    "IMB403": "a threshold no better than flagging everyone or nobody",
    "IMB404": "a limit that does not hold on the rows reported",
    "IMB405": "scores that tie at the threshold",
    "IMB406": "folds without a threshold that keeps the limits",
    "IMB407": "a threshold that flags another share of the test set",
    "IMB408": "confidence in a limit where rows come in groups",
    "IMB409": "a score no better than on shuffled labels",
    "IMB410": "too few groups for an interval",
    "IMB411": "a column that scores better alone than the model",
    "IMB412": "scores that are decisions",
    "IMB413": "scores that rank backwards",
    "IMB414": "scores that do not vary",
    "IMB415": "limits that no threshold keeps",
    "IMB416": "a model that decides by a rule of its own",
    "IMB417": "a figure that rests on few flagged negatives",
    "IMB418": "probabilities brought to the prevalence by a calibrator",
    "IMB419": "too few events for the columns of a regression without penalty",
    "IMB420": "predictions that equal the target",
    "IMB421": "predictions that are inverted",
    "IMB501": "a prior correction that fails",
    "IMB502": "too few positives for isotonic regression",
    "IMB503": "too few positives to assess calibration",
    "IMB504": "a prior correction that changes nothing",
    "IMB505": "a prior correction that cannot be had",
    "IMB506": "temperature scaling and a shifted class ratio",
    "IMB507": "calibrating that changes what decisions cost",
}
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Finding:
    """One thing the reader must know.

    Attributes
    ----------
    code : str
        A stable code, such as ``"IMB301"``; see `CATALOG`.
    severity : {"error", "warning", "note"}
        How much it changes what the result means.
    message : str
        One sentence, with its numbers.
    cure : str
        One sentence: what to do, or why nothing need be done.
    fix : Fix
        The cure as code for this frame: after it the finding is gone, or the call succeeds. Empty, and so false, where the
        cure is in words only.
    """

    code: str
    severity: Severity
    message: str
    cure: str
    fix: Fix = field(default=IN_WORDS, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", Printed(plainly(self.message)))
        object.__setattr__(self, "cure", Printed(plainly(self.cure)))

    def __str__(self) -> str:
        return f"{self.code} {self.severity}: {self.message} {self.cure}".rstrip()


class Findings(tuple[Finding, ...]):
    """An immutable list of findings, the gravest first, that prints each on a line, and its fix below."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(f"{each}{each.fix.below()}" for each in self) or "no findings"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in order."""
        return tuple(finding.code for finding in self)

    def within(self, call: Written) -> Findings:
        """Return these findings, their fixes written for the call that was made."""
        return Findings(replace(each, fix=replace(each.fix, written=call)) for each in self)


def collect(findings: Iterable[Finding], ignore: Collection[str] = ()) -> Findings:
    """Sort findings by severity, drop repetitions and those whose code is in `ignore`."""
    unique = dict.fromkeys(finding for finding in findings if finding.code not in ignore)
    return Findings(sorted(unique, key=lambda finding: _ORDER[finding.severity]))


def check_ignore(ignore: Collection[str]) -> tuple[str, ...]:
    """Return the codes to mute, or say which of them does not exist."""
    try:
        codes = (ignore,) if isinstance(ignore, str) else tuple(ignore)
    except TypeError:
        raise OptionError(
            f'ignore={one_line(ignore)} must be codes of findings, such as ignore=("IMB202",).'
        ) from None
    for code in codes:
        if not isinstance(code, str) or code not in CATALOG:
            alike = [known for known in CATALOG if known[:4] == str(code)[:4]]
            written = tuple(map(_as_code, codes))
            raise OptionError(
                f"ignore={one_line(code)} is not a finding's code.{near(code, CATALOG)} Known: {listed(alike or CATALOG, 18)}.",
                fix=change(ignore=written) if {*written} <= CATALOG.keys() else IN_WORDS,
            )
    return codes


def _as_code(code: object) -> str:
    """Return what was meant by a code in small letters, or by its number alone."""
    text = str(code).strip().upper()
    return f"IMB{text}" if text.isdigit() else text
