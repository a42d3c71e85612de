"""What stands before a verdict on scores that are near perfect."""

from __future__ import annotations

from imbalance_accessor.findings import Findings
from imbalance_accessor.leakage.model_scores import TooGood


def leak_first(verdict: str, findings: Findings) -> str:
    """Return a verdict, after the advice to look for a leak where the score is near perfect."""
    return f"Near perfect: look for a leak first. {verdict}" if is_too_good(findings) else verdict


def is_too_good(findings: Findings) -> bool:
    """Whether a score is near perfect, which is most often a leak."""
    return TooGood.code in findings.codes


def doubts(findings: Findings) -> list[str]:
    """Say that a score is near perfect; nothing of others."""
    return ["That is near perfect: look for a leak first."] if is_too_good(findings) else []
