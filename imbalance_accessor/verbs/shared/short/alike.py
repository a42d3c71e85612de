"""Columns that are read alike, which a short program does in one loop."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from imbalance_accessor.rendering.snippets.templates import broken

_READ = re.compile(r"(X|X_test)\[((?:\"[^\"]*\")|(?:'[^']*'))\] = (\S.*)")


def read_together(lines: Sequence[str]) -> list[str]:
    """Write lines that do the same with three columns or more as a loop over these.

    Parameters
    ----------
    lines : sequence of str
        Of a program, not indented where they read columns.

    Examples
    --------
    >>> lines = [f'X["{name}"] = pd.to_numeric(X["{name}"])' for name in "abc"]
    >>> read_together(lines)
    ['for column in ["a", "b", "c"]:', '    X[column] = pd.to_numeric(X[column])']
    """
    found = []
    for code, group in itertools.groupby(lines, _of_any_column):
        alike = list(group)
        if not code or len(alike) < 3:
            found += alike
            continue
        names = ", ".join(match[2] for match in map(_READ.fullmatch, alike) if match)
        found += [*broken(f"for column in [{names}]:"), f"    {code}"]
    return found


def _of_any_column(line: str) -> str:
    """Return what a line does with its column, whichever that is; nothing where it does not read one."""
    read = _READ.fullmatch(line)
    if read is None or f"{read[1]}[{read[2]}]" not in read[3] or read[3].count("(") != read[3].count(")"):
        return ""
    return line.replace(f"{read[1]}[{read[2]}]", f"{read[1]}[column]")
