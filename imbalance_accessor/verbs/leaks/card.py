"""The card of a `Leaks`: a question and an answer for each check, and what both orders claim."""

from __future__ import annotations

import pandas as pd

from imbalance_accessor.leakage.run_checks import QUESTIONS
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.verbs.leaks import text
from imbalance_accessor.verbs.leaks.demonstration import CLAIM, ORDERS
from imbalance_accessor.verbs.leaks.fields import LeaksData
from imbalance_accessor.verbs.shared.population import badges

_ANSWERS = {"found": "yes", "clear": "no", "cannot tell": "cannot tell"}


def card(leaks: LeaksData) -> Card:
    """Return what is shown."""
    shown = leaks.demonstration
    return Card(
        title=text.verdict(leaks) if shown is None else text.claim(shown),
        figures=_figures(leaks),
        table=_table(leaks),
        notes=_notes(leaks),
        findings=leaks.findings,
        next=("df.imb.fit_eval(...)", ".columns", *(() if shown is None else (".demonstration.frame",))),
        badges=badges(leaks.parts.features, weighted=False),
    )


def _figures(leaks: LeaksData) -> tuple[tuple[str, str], ...]:
    best = ("best column alone", _best(leaks))
    if leaks.demonstration is None:
        return (best,)
    claims = leaks.demonstration.frame.loc[list(ORDERS), CLAIM].itertuples(name=None)
    orders = [
        (f"SMOTE {order}", f"ROC-AUC {mean:.3f} [{low:.3f}, {high:.3f}]") for order, mean, low, high in claims
    ]
    return *orders, best


def _best(leaks: LeaksData) -> str:
    if leaks.best_alone.empty:
        return "none could be measured"
    name, (auc, precision, seen, _) = next(iter(leaks.best_alone.iterrows()))
    here = "" if leaks.parts.features.weighting.factors is None else " at the sample's shares"
    return f"{name!r}, {seen}: ROC-AUC {auc:.3f}, average precision {precision:.3f}{here}"


def _table(leaks: LeaksData) -> pd.DataFrame:
    table = {
        "question": [QUESTIONS[check.code].title for check in leaks.checks],
        "answer": [check.answer or _ANSWERS[check.status] for check in leaks.checks],
        "seen": [check.saw for check in leaks.checks],
    }
    return pd.DataFrame(table, index=pd.Index([check.code for check in leaks.checks], name="code"))


def _notes(leaks: LeaksData) -> tuple[str, ...]:
    rule, shown = leaks.parts.split_by.text, leaks.demonstration
    if shown is None:
        return (rule,)
    rows = f", on {shown.rows[ORDERS[1]]:,} sampled rows" if shown.sampled else ""
    return (
        f"{text.claim_on_noise(shown)}. {text.verdict(leaks)}.",
        f"model={shown.model!r}, {type(shown.steps[1]).__name__}, means of {len(shown.folds)} folds with the lowest and "
        f"the highest{rows}. The resampled frame was thrown away.",
        rule,
    )
