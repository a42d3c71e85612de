"""What a check of a leak is: one question, with the code of its finding."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import ClassVar

import numpy as np

from imbalance_accessor.errors import IN_WORDS, Fix
from imbalance_accessor.findings import Finding, Severity
from imbalance_accessor.leakage.evidence import Answer, Evidence


class Check(ABC):
    """One question about a split.

    Attributes
    ----------
    code : str
        Of its finding, whose name stands in `findings.CATALOG`.
    title : str
        The question, in a few words.
    severity : {"error", "warning", "note"}
        Of its finding, unless what it saw says otherwise.
    cost : int
        Relative effort: cheaper checks run first, so that dearer ones can build on their answers.
    by_itself : bool
        Whether it takes long, asks for no other answer and is asked for none: then it runs beside the others.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity]
    cost: ClassVar[int]
    by_itself: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> None:
        """Answer the question; the answer is kept with the evidence."""
        evidence.answers[self.code] = self._answer(evidence)

    @abstractmethod
    def _answer(self, evidence: Evidence) -> Answer:
        """Return `clear`, `cannot_tell` or `found`."""

    def clear(
        self,
        saw: str,
        rows: float = np.nan,
        share: float = np.nan,
        columns: tuple[Hashable, ...] = (),
        *,
        answer: str = "",
    ) -> Answer:
        """Return that nothing was found."""
        return Answer(self.code, "clear", saw, rows, share, columns, answer=answer)

    def cannot_tell(self, why: str) -> Answer:
        """Return that these rows do not say."""
        return Answer(self.code, "cannot tell", why)

    def found(
        self,
        saw: str,
        sentence: str,
        cure: str,
        *,
        rows: float = np.nan,
        share: float = np.nan,
        columns: tuple[Hashable, ...] = (),
        severity: Severity | None = None,
        fix: Fix = IN_WORDS,
    ) -> Answer:
        """Return what was found, with the finding that says so."""
        finding = Finding(self.code, severity or self.severity, sentence, cure, fix=fix)
        return Answer(self.code, "found", saw, rows, share, columns, (finding,))
