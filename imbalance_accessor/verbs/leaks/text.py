"""The sentences of `Leaks`: what was found, what a leak is, and what cannot be seen."""

from __future__ import annotations

from imbalance_accessor.errors import counted
from imbalance_accessor.findings import CATALOG
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, joined
from imbalance_accessor.verbs.leaks.demonstration import RIGHT, SHUFFLED, WRONG, Demonstration
from imbalance_accessor.verbs.leaks.fields import LeaksData

#: Findings that get a sentence of their own.
_TOLD = 2
_RULE = (
    "A leak is anything a model learns from that it would not have when the prediction is made: copies of test rows, rows "
    "made from them, a column that is written down after the outcome, rows of one person or of later days on both sides."
)
_LIMITS = (
    "What cannot be seen here: a column that knows only part of the answer, a leak through how rows were chosen, and rows "
    "that were scaled or encoded on all rows before they came."
)


def explain(leaks: LeaksData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return _interview(leaks)
    return [*_shown(leaks), f"{verdict(leaks)}.", *_told(leaks), _RULE, _LIMITS]


def verdict(leaks: LeaksData) -> str:
    """Say what was found, in one clause."""
    features, found = leaks.parts.features, leaks.found
    rows = len(leaks.parts.train) + len(leaks.parts.test)
    looked = f"{rows:,} rows × {counted(len(features.columns.used), 'feature')}"
    if not found:
        unknown = sum(check.status == "cannot tell" for check in leaks.checks)
        open_ = f", {unknown} could not tell" if unknown else ""
        return f"No leak found: none of {len(leaks.checks) - unknown} checks fired{open_} ({looked})"
    names = "; ".join(CATALOG[check.code] for check in found)
    return f"{len(found)} sign{'s' if len(found) > 1 else ''} of a leak in {looked}: {names}"


def claim(shown: Demonstration) -> str:
    """Say what the wrong order claims, beside the right one."""
    claimed, true = shown.auc(WRONG), shown.auc(RIGHT)
    return f"SMOTE before the split claims ROC-AUC {claimed:.3f}, inside the training folds it is {true:.3f}"


def claim_on_noise(shown: Demonstration) -> str:
    """Say the same of shuffled labels."""
    claimed, true = shown.auc(WRONG + SHUFFLED), shown.auc(RIGHT + SHUFFLED)
    return f"On shuffled labels, where nothing can be known, the wrong order claims {claimed:.3f}, the right one {true:.3f}"


def _shown(leaks: LeaksData) -> list[str]:
    shown = leaks.demonstration
    if shown is None:
        return []
    return [
        f"{claim(shown)}.",
        f"{claim_on_noise(shown)}; SMOTE places a row at x + λ · (x_nn − x), and before the split that puts test rows "
        "between train rows.",
    ]


def _told(leaks: LeaksData) -> list[str]:
    """Say what the first checks saw, and name the others."""
    found = leaks.found
    told = [f"{capital(CATALOG[check.code])} ({check.code}): {check.saw}." for check in found[:_TOLD]]
    rest = [check.code for check in found[_TOLD:]]
    return [*told, f"The cures, and what {joined(rest)} saw, are in .findings."] if rest else told


def _interview(leaks: LeaksData) -> list[str]:
    shown = leaks.demonstration
    definition = "A leak is anything a model learns from that it would not have when the prediction is made"
    act = "so I split before I resample, keep groups and later days apart, and ask of each column when it was written down"
    if shown is None:
        return [
            f"{definition}, such as copies of test rows or a column from after the outcome.",
            f"Here {_looked(leaks)}, {act}.",
        ]
    return [
        f"{definition}; {claim(shown)}.",
        f"On shuffled labels, where nothing can be known, that order claims {shown.auc(WRONG + SHUFFLED):.3f} and the "
        f"right one {shown.auc(RIGHT + SHUFFLED):.3f}, {act}.",
    ]


def _looked(leaks: LeaksData) -> str:
    """Say how many checks found something."""
    n, found = sum(check.status != "cannot tell" for check in leaks.checks), leaks.found
    if not found:
        return f"{n} checks of the rows and columns found none"
    names = joined(CATALOG[check.code] for check in found)
    return f"{len(found)} of {n} checks found {'a sign' if len(found) == 1 else 'signs'} of one ({names})"
