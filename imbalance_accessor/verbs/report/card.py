"""The card of a `Report`, which is its text face: a question a section, and the answer."""

from __future__ import annotations

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.labels import name
from imbalance_accessor.rendering.sentences import LABEL_WIDTH
from imbalance_accessor.verbs.report import text
from imbalance_accessor.verbs.report.fields import QUESTIONS_ASKED, ReportData
from imbalance_accessor.verbs.shared.population import badges


def card(report: ReportData) -> Card:
    """Return what is shown."""
    return Card(
        title=title(report),
        figures=tuple((QUESTIONS_ASKED[verb], said) for verb, said in text.answers_by_verb(report).items()),
        findings=report.findings,
        next=(
            ".save('report.html')",
            *(f".{_ATTRIBUTES.get(verb, verb)}" for verb in report.sections),
            ".frame",
        ),
        badges=badges(report.evaluation.scored.parts.features),
    )


#: What sections are called that have not the name of their verb: that is a method of other results.
_ATTRIBUTES = {"fit_eval": "evaluation", "best_threshold": "threshold"}


def title(report: ReportData) -> str:
    """Say what the report is about."""
    target = report.overview.counts.target
    return f"{name(target.name, LABEL_WIDTH)}: report on {target.labelled:,} rows"
