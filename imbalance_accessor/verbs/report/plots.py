"""The pictures of a `Report`: those of its sections."""

from __future__ import annotations

from collections.abc import Mapping

from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.verbs.report.fields import ReportData


def pictures(report: ReportData) -> Mapping[str, Picture]:
    """Return every section's pictures by kind; where two have a kind, that of the first section."""
    found: dict[str, Picture] = {}
    for result in report.sections.values():
        for kind, picture in result._pictures().items():
            found.setdefault(kind, picture)
    return found
