"""Samplers that make fewer rows than they are asked for, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imbalance_accessor.errors import Fix
from imbalance_accessor.findings import Finding

#: Which real rows a sampler grows.
_GROWS = {
    "BorderlineSMOTE": "it grows only rows of which at least half the neighbours, but not all, are of other classes",
    "SVMSMOTE": "it makes about half of them where its support vectors are all safe or all in danger",
    "ADASYN": "each row's share of them is rounded",
    "KMeansSMOTE": "it grows only clusters in which the class is frequent",
}


def rows_not_made(
    kind: str, sampler: Any, short: Mapping[Any, tuple[int, int]], cure: str, fix: Fix
) -> list[Finding]:
    """Say how many rows of the first class a sampler did not make.

    Parameters
    ----------
    kind : str
        As what the user named the sampler.
    sampler : sampler
    short : mapping of label to (int, int)
        The rows that were to be made, and those made.
    cure : str
    fix : Fix
    """
    if not short:
        return []
    label, (asked, made) = next(iter(short.items()))
    others = f", and too few of {len(short) - 1} more" if len(short) > 1 else ""
    why = _GROWS.get(type(sampler).__name__)
    sentence = f"{kind} made {f'{made:,}' if made else 'none'} of the {asked:,} rows wanted of class {label!r}{others}"
    return [Finding("IMB320", "warning", f"{sentence}{f': {why}' if why else ''}.", cure, fix)]
