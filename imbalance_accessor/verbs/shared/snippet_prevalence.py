"""The lines of a snippet that bring scores to the prevalence: by the odds, or by a sigmoid where these fail."""

from __future__ import annotations

from dataclasses import dataclass

from imbalance_accessor.evaluation.calibrated_scores import MANY_ROWS
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.modeling.calibrators import Calibrator, ClassCorrection
from imbalance_accessor.rendering.snippets.writer import Group, Writer, code_of, quoted_code
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_intervals import write_function

_BY_ODDS = """\
def at_prevalence(p, odds):
    return p / (p + (1 - p) * odds)"""
_BY_CLASS = """\
def at_prevalence(p, times):
    by_class = p * times
    return by_class / by_class.sum(axis=1, keepdims=True)"""

_SIGMOID = '''\
def sigmoid(score, rows):
    """Platt's calibrator, fitted on scores of unseen rows by what these count."""
    rows = rows[~np.isnan(score[rows])]
    w = w_train[rows] / factors.min()
    return _SigmoidCalibration().fit(score[rows], is_train[rows].astype(int), w)'''
_CROSSED = """\
def cross_fitted(score, folds):
    p = np.full(len(score), np.nan)
    for other, f in {pairs}:
        p[f] = sigmoid(score, other).predict(score[f])
    return p"""
_CROSSED_IN_TIME = """\
def cross_fitted(score, folds):  # by earlier folds; for the first, which has none, by all
    p = sigmoid(score, np.arange(len(score))).predict(score)
    for other, f in folds[1:]:
        p[f] = sigmoid(score, other).predict(score[f])
    return p"""
_HALVES = """\
    a, b = (np.concatenate([f for _, f in folds[start::2]]) for start in (0, 1))
"""
#: What a sigmoid reads: probabilities as they are, their log odds, or margins.
_READ = {"p": "{}", "logit": "np.clip(logit({}), -36, 36)"}


@dataclass(frozen=True, eq=False)
class Correction:
    """How strategies' scores come to the prevalence, as code.

    Attributes
    ----------
    plan : Plan
    scored : CrossValScores
        After they were brought there.
    names : tuple of str
        The strategies that are written.
    """

    plan: Plan
    scored: CrossValScores
    names: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        """Whether any scores are brought anywhere."""
        return any(self.scored.by_name[name].calibrator is not None for name in self.names)

    @property
    def by_sigmoid(self) -> list[str]:
        """The strategies whose odds no factor corrects."""
        found = {name: self.scored.by_name[name].calibrator for name in self.names}
        return [
            name
            for name, each in found.items()
            if isinstance(each, Calibrator) and each.calibrator is not None
        ]

    @property
    def by_odds(self) -> list[str]:
        """The others."""
        return [name for name in self.names if name not in self.by_sigmoid]

    def write(self, writer: Writer) -> None:
        """Write the functions, and what odds are divided by."""
        if not self.is_needed:
            return
        if self.by_odds:
            write_function(writer, _BY_ODDS if self.scored.positive is not None else _BY_CLASS)
        if self.by_sigmoid:
            writer.use("sklearn.calibration", "_SigmoidCalibration")
            write_function(writer, _SIGMOID)
            write_function(writer, self._crossed())
        if self.by_odds and self.scored.positive is not None:
            writer.add("# what strategy and sample multiplied the odds by, seen from the prevalence")
            odds = {name: self._odds(name) for name in self.by_odds}
            writer.assign("odds", writer.expression(odds if self._is_looped else odds[self.by_odds[0]]))
        elif self.by_odds:
            writer.add("# each class's share at the prevalence, over that in what the strategy learned from")
            parts = [
                (f"{quoted_code(name)}: ", writer.expression(self._times(name))) for name in self.by_odds
            ]
            every = Group("{", tuple(parts), "}")
            writer.assign("times", every if self._is_looped else parts[0][1])

    def _odds(self, name: str) -> float:
        found = self.scored.by_name[name].calibrator
        return found.odds_shift if isinstance(found, Calibrator) else 1.0

    def _times(self, name: str) -> Floats:
        found = self.scored.by_name[name].calibrator
        assert isinstance(found, ClassCorrection)
        return found.factors

    def _crossed(self) -> str:
        if self.scored.parts.split_by.time is not None:
            return _CROSSED_IN_TIME
        if (self.scored.folds.ids >= 0).sum() <= MANY_ROWS:
            return _CROSSED.format(pairs="folds")
        head, rest = _CROSSED.format(pairs="((b, a), (a, b))").split("    for", 1)
        return f"{head}{_HALVES}    for{rest}"

    def out_of_fold(self, writer: Writer, *, params: str, weights: str, indent: int) -> list[str]:
        """Return the lines that bring ``oof`` there, and keep as ``raw`` what a sigmoid reads."""
        by_odds = [f"oof = at_prevalence(oof, {self._constant})"]
        if not self.by_sigmoid:
            return by_odds if self.is_needed else []
        margins = self._margins(writer, params, weights, indent)
        by_sigmoid = [*self._read(writer, "raw", "oof", margins), "oof = cross_fitted(raw, folds)"]
        return ["raw = oof", *self._either(by_odds, by_sigmoid)] if self.by_odds else by_sigmoid

    def on_test(self, writer: Writer) -> list[str]:
        """Return the lines that bring ``score`` there."""
        by_odds = [f"score = at_prevalence(score, {self._constant})"]
        if not self.by_sigmoid:
            return by_odds if self.is_needed else []
        sign = "-" if self.scored.positive == 0 else ""
        margins = [f"read = {sign}pipeline.decision_function(X_test)"]
        by_sigmoid = self._read(writer, "read", "score", margins)
        if self.scored.again:
            k = len(self.scored.folds.deals)
            by_sigmoid += [
                "raw = np.concatenate(raws)  # a row stands here once for each deal",
                f"seen, w = ~np.isnan(raw), np.tile(w_train / factors.min(), {k}) / {k}",
                f"y = np.tile(is_train, {k}).astype(int)",
                "fitted = _SigmoidCalibration().fit(raw[seen], y[seen], w[seen])",
                "score = fitted.predict(read)",
            ]
        else:
            by_sigmoid.append("score = sigmoid(raw, np.arange(len(raw))).predict(read)")
        return self._either(by_odds, by_sigmoid) if self.by_odds else by_sigmoid

    @staticmethod
    def _either(by_odds: list[str], by_sigmoid: list[str]) -> list[str]:
        return [
            "if name in odds:",
            *(f"    {line}" for line in by_odds),
            "else:  # no factor of the odds does, but a sigmoid",
            *(f"    {line}" for line in by_sigmoid),
        ]

    @property
    def _constant(self) -> str:
        constant = "odds" if self.scored.positive is not None else "times"
        return f"{constant}[name]" if self._is_looped else constant

    @property
    def _is_looped(self) -> bool:
        """Whether several strategies are written, one after another, each with a constant of its own."""
        return len(self.names) > 1

    def _kind(self, name: str) -> str:
        """Return what a sigmoid reads of a strategy's scores."""
        as_fitted = self.scored.as_fitted
        assert as_fitted is not None
        scores = as_fitted.by_name[name]
        if scores.margin_oof is not None:
            return "margin"
        return "logit" if hasattr(scores.model, "decision_function") else "p"

    def _read(self, writer: Writer, into: str, source: str, margins: list[str]) -> list[str]:
        """Return the lines from probabilities to what sigmoids read, by strategy where these differ."""
        kinds = {name: self._kind(name) for name in self.by_sigmoid}
        first, *others = sorted(set(kinds.values()), key=["p", "logit", "margin"].index)
        if "logit" in kinds.values():
            writer.use("scipy.special", "logit")
        lines = margins if first == "margin" else [f"{into} = {_READ[first].format(source)}"]
        for kind in others:
            which = [name for name, each in kinds.items() if each == kind]
            made = margins if kind == "margin" else [f"{into} = {_READ[kind].format(source)}"]
            lines += [f"if name in {code_of(which)}:", *(f"    {line}" for line in made)]
        return lines

    def _margins(self, writer: Writer, params: str, weights: str, indent: int) -> list[str]:
        """Return the lines that make margins out of fold."""
        if all(self._kind(name) != "margin" for name in self.by_sigmoid):
            return []
        lines = snippet_scores.score_lines(
            writer,
            self.plan,
            self.scored,
            "",
            params=params,
            weights=weights,
            test=False,
            indent=indent,
            gives="decision_function",
        )
        lines = [line.replace("oof", "raw") for line in lines]
        return [*lines, "raw = -raw"] if self.scored.positive == 0 else lines
