"""What is said of rows that were not held out one by one: whole groups were, or those that came later."""

from __future__ import annotations

from imbalance_accessor.rendering.sentences import capital, quoted
from imbalance_accessor.splitting.split import Parts


def split_said(parts: Parts) -> list[str]:
    """Say that whole groups, or later rows, were held out; nothing where rows were dealt one by one."""
    rule = parts.split_by
    by_split = len(parts.test) > 0 and not rule.own_test
    if rule.groups is not None:
        groups = f"whole groups of {quoted(rule.groups)}"
        return [f"{capital(groups)} were held out." if by_split else f"Each fold held out {groups}."]
    if rule.time is not None:
        later = f"later by {quoted(rule.time)}"
        return [
            f"The rows held out are {later}." if by_split else f"Each fold held out rows that are {later}."
        ]
    return []


def held_back(parts: Parts, otherwise: str) -> str:
    """Return which rows a model had not learned from, for a sentence: whole groups or later rows, or else as it is said."""
    if parts.split_by.groups is not None:
        return "on held-out groups"
    return "on later rows" if parts.split_by.time is not None else otherwise
