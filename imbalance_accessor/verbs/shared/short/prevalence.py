"""How scores come to the prevalence in a short program: by the odds, or by a sigmoid where these fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from imbalance_accessor.evaluation.calibrated_scores import MANY_ROWS
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.calibration import log_odds
from imbalance_accessor.modeling.calibrators import Calibrator, ClassCorrection
from imbalance_accessor.rendering.snippets.writer import Writer, on_one_line, quoted_code


@dataclass(frozen=True)
class AtPrevalence:
    """How scores come to the prevalence.

    Attributes
    ----------
    odds : dict of str to str
        What the odds of a strategy's probabilities are divided by; of several classes what each one's are multiplied by.
    sigmoids : tuple of str
        The strategies whose odds no factor corrects.
    reads : str
        What a sigmoid reads of probabilities, for which ``{}`` stands.
    least : str
        What a row of the class that counts least counts: sigmoids are fitted to counts over it, so that no class counts less
        than its rows do.
    deals : int
        How often folds are dealt.
    several : bool
        Whether several classes are scored.
    """

    odds: dict[str, str]
    sigmoids: tuple[str, ...]
    reads: str
    least: str
    deals: int
    several: bool

    @property
    def factor(self) -> str:
        """The code of what odds are divided by, inside the loop over strategies where there is one."""
        named = "times" if self.several else "odds"
        return f"{named}[name]" if len(self.odds) + len(self.sigmoids) > 1 else "".join(self.odds.values())

    @property
    def odds_by_name(self) -> str:
        """The code of what odds are divided by, for each strategy; nothing where there is but one."""
        parts = [f"{quoted_code(name)}: {code}" for name, code in self.odds.items()]
        return f"{{{', '.join(parts)}}}" if len(self.odds) + len(self.sigmoids) > 1 and parts else ""

    def read(self, p: str) -> str:
        """Return what a sigmoid reads of some probabilities."""
        return self.reads.format(p)


def at_prevalence(writer: Writer, scored: CrossValScores, names: Sequence[str]) -> AtPrevalence | None:
    """Read how the scores of some strategies come to the prevalence; None where they stay as they are.

    See `is_rare` for what this leaves out.
    """
    if scored.as_fitted is None:
        return None
    found = {name: scored.by_name[name].calibrator for name in names}
    odds = {name: _odds(writer, each) for name, each in found.items() if not _is_sigmoid(each)}
    sigmoids = tuple(name for name in names if name not in odds)
    if not sigmoids and all(each is None for each in found.values()):
        return None
    factors = scored.parts.train_weights.factors
    assert factors is not None
    least = "w_pos" if factors[1] < factors[0] else "w_neg"
    reads = _reads(scored, sigmoids)
    return AtPrevalence(odds, sigmoids, reads, least, len(scored.folds.deals), scored.positive is None)


def is_rare(scored: CrossValScores, names: Sequence[str]) -> bool:
    """Whether scores come to the prevalence in a way that takes a longer program."""
    if scored.as_fitted is None:
        return False
    by_sigmoid = [name for name in names if _is_sigmoid(scored.by_name[name].calibrator)]
    if not by_sigmoid:
        return False
    is_known = all(scored.as_fitted.by_name[name].margin_oof is None for name in by_sigmoid)
    kinds = {hasattr(scored.as_fitted.by_name[name].model, "decision_function") for name in by_sigmoid}
    unscored = bool((scored.folds.ids < 0).any())
    return not is_known or len(kinds) > 1 or unscored or len(scored.folds.ids) > MANY_ROWS


def _is_sigmoid(calibrator: Calibrator | ClassCorrection | None) -> bool:
    return isinstance(calibrator, Calibrator) and calibrator.calibrator is not None


def _odds(writer: Writer, calibrator: Calibrator | ClassCorrection | None) -> str:
    if isinstance(calibrator, ClassCorrection):
        return on_one_line(writer.expression(calibrator.factors.tolist()))
    return "1.0" if calibrator is None else repr(calibrator.odds_shift)


def _reads(scored: CrossValScores, sigmoids: Sequence[str]) -> str:
    """Return what sigmoids read: log odds where the model has margins, which are clipped where a double holds no others."""
    assert scored.as_fitted is not None
    for name in sigmoids:
        scores = scored.as_fitted.by_name[name]
        if not hasattr(scores.model, "decision_function"):
            return "{}"
        every = np.concatenate(
            [each.by_name[name].oof for each in (scored.as_fitted, *scored.as_fitted.again)]
        )
        p = np.concatenate([every, scores.test])
        with np.errstate(divide="ignore"):
            if not np.array_equal(logit(p), log_odds(p), equal_nan=True):
                return "np.clip(logit({}), -36, 36)"
    return "logit({})" if sigmoids else "{}"
