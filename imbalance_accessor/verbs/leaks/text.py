"""The sentences of `Leaks`: what was found, what a leak is, and what cannot be seen."""

from __future__ import annotations

from imbalance_accessor.errors import counted
from imbalance_accessor.findings import CATALOG
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, joined, most_important
from imbalance_accessor.verbs.leaks.demonstration import RIGHT, SHUFFLED, WRONG, Demonstration
from imbalance_accessor.verbs.leaks.fields import LeaksData
from imbalance_accessor.verbs.shared.population import rows_said

#: Findings that get a sentence of their own.
_TOLD = 2
_LEAK = "anything a model learns from that it would not have when it predicts"
_HOLDS = "the score may drop, but it holds"
_SPLIT_FIRST = "I split before I resample"
_KNOWN = "unless it is known before the outcome, I would leave it out"
_GROWN = "I would go back to the recorded rows, and resample inside training folds alone"
#: What a finding calls for, as a candidate would say it.
_REMEDIES = {
    **dict.fromkeys(("IMB101", "IMB102", "IMB103"), _GROWN),
    "IMB104": "I would drop the copies, or keep them on one side of the split",
    "IMB105": "I would look for a column that distinguishes such rows, or for labels entered twice",
    "IMB106": _KNOWN,
    "IMB107": "I would leave it out, and ask how the rows were put together",
    "IMB108": "if new rows bring new groups, I would keep each group on one side of the split",
    "IMB109": "if rows to be scored come later, I would test on later rows",
    "IMB112": _KNOWN,
}
_UNSEEN = "They miss a column that gives away part of the answer, so I ask when each becomes known."
_LIMITS = "A column that gives away only part of the answer cannot be seen here."


def explain(leaks: LeaksData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return _interview(leaks)
    return most_important(
        [
            *_shown(leaks),
            f"{verdict(leaks)}.",
            *rows_said(leaks.parts.features),
            *_told(leaks),
            f"A leak is {_LEAK}.",
            _LIMITS,
        ]
    )


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
    return f"On shuffled labels, where the true ROC-AUC is 0.5, the wrong order claims {claimed:.3f}, the right one {true:.3f}"


def _shown(leaks: LeaksData) -> list[str]:
    shown = leaks.demonstration
    return [] if shown is None else [f"{claim(shown)}.", f"{claim_on_noise(shown)}."]


def _told(leaks: LeaksData) -> list[str]:
    """Say what the first checks saw, and name the others."""
    found = leaks.found
    told = [f"{capital(check.saw)} ({check.code})." for check in found[:_TOLD]]
    rest = [check.code for check in found[_TOLD:]]
    return [*told, f"What {joined(rest)} saw, and the cures, are in .findings."] if rest else told


def _interview(leaks: LeaksData) -> list[str]:
    shown = leaks.demonstration
    if shown is None:
        return [f"I looked for leaks: {_LEAK}.", _looked(leaks), _remedy(leaks)]
    noise = f"{shown.auc(WRONG + SHUFFLED):.3f} and {shown.auc(RIGHT + SHUFFLED):.3f}"
    return [
        f"I tried both orders: {claim(shown)}.",
        f"On shuffled labels they are {noise}.",
        f"So {_SPLIT_FIRST}: {_HOLDS}.",
    ]


def _remedy(leaks: LeaksData) -> str:
    """Say what the first finding calls for, and its price; of clean rows what was not seen."""
    if not leaks.found:
        return _UNSEEN
    remedy = _REMEDIES.get(leaks.found[0].code, "I would follow its cure in .findings before I fit")
    return f"{capital(remedy)}: {_HOLDS}."


def _looked(leaks: LeaksData) -> str:
    """Say how many checks found something."""
    n, found = sum(check.status != "cannot tell" for check in leaks.checks), leaks.found
    if not found:
        return f"None of {n} checks of the rows and columns found one."
    return (
        f"I found {'a sign' if len(found) == 1 else f'{len(found)} signs'} of one: {CATALOG[found[0].code]}"
        + (", among others." if len(found) > 1 else ".")
    )
