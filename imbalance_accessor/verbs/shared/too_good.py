"""What stands before a verdict on scores that are near perfect."""

from __future__ import annotations

from imbalance_accessor.findings import Findings
from imbalance_accessor.leakage.model_scores import TooGood


def leak_first(verdict: str, findings: Findings) -> str:
    """Return a verdict, after the advice to look for a leak where the score is near perfect."""
    return f"Near perfect: look for a leak first. {verdict}" if TooGood.code in findings.codes else verdict
