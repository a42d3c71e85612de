"""What must be known of labels alone."""

from __future__ import annotations

from typing import Any

from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.synthetic_rows import synthetic_findings
from imbalance_accessor.data.target import Target
from imbalance_accessor.findings import Finding


def label_findings(found: Target, *data: Any) -> list[Finding]:
    """Return what must be known of labels alone, and of the rows they came with."""
    findings = synthetic_findings(*data)
    if found.missing:
        verbs = ("has", "is") if found.missing == 1 else ("have", "are")
        which = f"{found.missing:,} of {found.labelled + found.missing:,} rows"
        sentence = f"{which} {verbs[0]} no label in {found.name!r} and {verbs[1]} not counted."
        fillna = "" if any(isinstance(each, Table) for each in data) else " with fillna"
        cure = (
            f"Nothing to do, unless a missing label means something: then give it a name of its own{fillna}."
        )
        findings.append(Finding("IMB201", "note", sentence, cure))
    return findings
