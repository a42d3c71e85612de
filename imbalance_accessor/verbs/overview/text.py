"""The sentences of `Overview`: those of its counts, and what its weights do, in short."""

from __future__ import annotations

from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import most_important
from imbalance_accessor.verbs.counts import text as counts_text
from imbalance_accessor.verbs.overview.fields import OverviewData
from imbalance_accessor.verbs.weights import text as weights_text


def explain(overview: OverviewData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    said = counts_text.explain(overview.counts, audience)
    if audience == "interview":
        return said
    return most_important([*said, weights_text.in_short(overview.weights)])
