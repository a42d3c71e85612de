"""What is said of the rows that were held out: not one by one, but whole groups or later ones, or all of a table."""

from __future__ import annotations

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.rendering.sentences import capital, quoted
from imbalance_accessor.rendering.snippets.writer import Snippet
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


def all_held_out(scored: CrossValScores) -> str:
    """Say that all rows of a table are reported that no fit learned from; nothing where those of a test set are."""
    rows = int(scored.reported_rows.sum())
    return f"all {rows:,} rows that no fit saw" if scored.reports_all_held_out else ""


def with_rows_said(snippet: Snippet, scored: CrossValScores) -> Snippet:
    """Let a program end by saying that its test figures are of the sample's rows, where the card's are of all held-out ones."""
    if not scored.reports_all_held_out:
        return snippet
    said = f"# The card's test figures are of {all_held_out(scored)},"
    return Snippet(f"{snippet.whole}\n{said}\n# these of the sample's {len(scored.parts.test):,}.")
