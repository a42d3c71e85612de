"""The prevalences that a picture marks and a sentence compares: this frame's, and that of where the model will be used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imbalance_accessor.data.features import Features
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.sensitivity import AnyScores, decisions_at, prevalences_around
from imbalance_accessor.rendering.cells import decimal, percent


@dataclass(frozen=True, eq=False)
class Prevalences:
    """A range of prevalences, and those that are marked on it.

    Attributes
    ----------
    share : float
        The share of positives in the frame, by its rows' weights, or in the table that its rows were drawn from.
    wanted : float or None
        That of where the model will be used, where it is another one.
    drawn : float
        The share of positives among the rows that are scored.
    data : {"frame", "table"}
    """

    share: float
    wanted: float | None
    drawn: float
    data: str

    @property
    def axis(self) -> Floats:
        """From low to high, all marks among them."""
        return prevalences_around(self.share, self.other)

    @property
    def marks(self) -> dict[str, float]:
        """The prevalences that are marked, by name."""
        marks = {f"this {self.data}: {percent(self.share)}": self.share}
        return marks if self.wanted is None else marks | {f"wanted: {percent(self.wanted)}": self.wanted}

    @property
    def other(self) -> float:
        """The wanted prevalence, or a tenth of the frame's."""
        return self.share / 10 if self.wanted is None else self.wanted

    def title(self, figure: str, values: Floats) -> str:
        """Say what a figure is at the frame's share, and at the other one."""
        here, there = (float(values[np.searchsorted(self.axis, each)]) for each in (self.share, self.other))
        return (
            f"{figure} is {decimal(here)} in this {self.data} ({percent(self.share)} positive), and {decimal(there)} at "
            f"{percent(self.other)}"
        )


def prevalences_of(features: Features) -> Prevalences:
    """Return the prevalences of a frame with one positive class."""
    weighting, positive = features.weighting, features.target.positive
    assert positive is not None
    wanted = weighting.wanted[positive] if features.is_elsewhere and weighting.wanted is not None else None
    share, data = float(features.shares[positive]), "table" if features.is_sampled else "frame"
    drawn = float(features.weighting.shares[positive])
    return Prevalences(share, None if wanted is None else float(wanted), drawn, data)


def precision_moved(features: Features, scores: AnyScores, suffix: str = "") -> str:
    """Say that precision at one threshold follows the prevalence, and that ranking does not; nothing where no row is flagged.

    Parameters
    ----------
    features : Features
        Of one class against the rest.
    scores : Scores or Averaged
        The rows that are reported, and which of them are flagged.
    suffix : str
        Of the flags: ``"_tuned"``.
    """
    weighting, positive = features.weighting, features.target.positive
    if not features.is_elsewhere or weighting.wanted is None or positive is None:
        return ""
    drawn, share, wanted = (
        float(each[positive]) for each in (weighting.shares, features.shares, weighting.wanted)
    )
    before, after = decisions_at(scores, np.array([share, wanted]), drawn, suffix)["precision"]
    if np.isnan(before):
        return ""
    at = "the tuned threshold" if suffix else "the threshold"
    if after == before:
        return f"ROC-AUC is the same; precision at {at} is {decimal(before)} at both"
    moved = "falls" if after < before else "rises"
    return f"ROC-AUC is the same; precision at {at} {moved} from {decimal(before)} to {decimal(after)}"
