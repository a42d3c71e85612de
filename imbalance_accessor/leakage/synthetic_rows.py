"""Rows that our own `smote` made."""

from __future__ import annotations

from imbalance_accessor.data.synthetic_rows import count_synthetic, synthetic_finding
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence


class SyntheticRows(Check):
    """IMB101: rows that our own `smote` made."""

    code, title, severity, cost = "IMB101", "rows that .smote() made?", "error", 0

    def _answer(self, evidence: Evidence) -> Answer:
        if not evidence.frames:
            return self.clear("not asked: verbs that fit refuse such rows")
        count, of = max((count_synthetic(each), len(each)) for each in evidence.frames)
        saw = f"{count:,} of {of:,} rows {'was' if count == 1 else 'were'} made by .smote()"
        findings = tuple(synthetic_finding(count, of))
        return Answer(self.code, "found" if findings else "clear", saw, count, count / of, findings=findings)
