"""The result of `report`: five results from one fit, shown on one page."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imbalance_accessor.findings import Finding
from imbalance_accessor.rendering.calls import VerbCall
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.help import parameters_of
from imbalance_accessor.rendering.page import Section, as_sections
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, Result
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.report import card, plots, text
from imbalance_accessor.verbs.report.fields import QUESTIONS_ASKED, ReportData


@dataclass(frozen=True, repr=False, eq=False)
class Report(ReportData):
    """Five results of one frame and one fit, and what they answer together.

    Attributes
    ----------
    overview : Overview
        How imbalanced the frame is.
    leaks : Leaks
        Whether something gives the answer away.
    evaluation : Evaluation
        Whether a strategy beats the plain model.
    threshold : Threshold or None
        The best strategy's threshold; None for several classes.
    reliability : Reliability or None
        Whether its probabilities fit what happened; None for several classes without probabilities.
    findings : Findings
        What all of them found, each once.
    """

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the comparison in plain scikit-learn and imbalanced-learn; each section's card has its own code."""
        return self.evaluation.snippet(style=style, library=library)

    def _card(self) -> Card:
        return card.card(self)

    @property
    def _page_title(self) -> str:
        return card.title(self)

    def _html(self, before: Collection[Finding] = ()) -> str:
        answers = text.answers_by_verb(self)
        sections = [
            Section(verb, QUESTIONS_ASKED[verb], said, shown)
            for (verb, said), shown in zip(answers.items(), self._cards(before), strict=True)
        ]
        return as_sections(self._page_title, " ".join(answers.values()), sections)

    def _cards(self, before: Collection[Finding]) -> Iterator[str]:
        """Yield each section's card, nothing where there is none; what one of them notes the next ones only name."""
        seen = {*before}
        for verb in QUESTIONS_ASKED:
            result = self.sections.get(verb)
            yield "" if result is None else result._html(seen)
            seen |= {*(() if result is None else result.findings)}

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)

    def _calls_of_parts(self, call: VerbCall) -> Iterator[tuple[Result, VerbCall]]:
        """Yield each section with the call that gives it alone, which its fixes are written for."""
        evaluation = _call_of("fit_eval", call)
        for verb, result in self.sections.items():
            yield result, evaluation if verb == "fit_eval" else self._called(verb, call, evaluation)

    def _called(self, verb: str, call: VerbCall, evaluation: VerbCall) -> VerbCall:
        if verb in ("overview", "leaks"):
            return _call_of(verb, call)
        if verb == "reliability" and not self.evaluation.is_binary:
            found = _call_of(verb, call)
            return replace(found, given={**found.given, "top_class": True})
        known = tuple(inspect.signature(getattr(type(self.evaluation), verb)).parameters)[1:]
        # what fit_eval takes too stands in its call already
        given = {
            name: value
            for name, value in call.given.items()
            if name in known and name not in evaluation.known
        }
        return VerbCall(evaluation, verb, known, given)


def _call_of(verb: str, call: VerbCall) -> VerbCall:
    """Return the call of one verb, with the options that it shares with the report's."""
    known = ("target", *parameters_of(verb))
    given: dict[str, Any] = {name: value for name, value in call.given.items() if name in known}
    return replace(call, name=verb, known=known, given=given)
