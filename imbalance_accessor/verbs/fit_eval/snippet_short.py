"""The short program of an `Evaluation`: all strategies side by side, their figures without intervals."""

from __future__ import annotations

from typing import Any

from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.rendering.snippets.templates import replaced_names, write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_out_of_fold import written_strategies
from imbalance_accessor.verbs.shared.short.program import ShortProgram, short_program

#: The figures that are reported, in this order.
_FIGURES = ("average_precision", "roc_auc", "brier", "f1", "recall", "precision")
#: What of each fold's figure is called.
_OF_FOLDS = {"average_precision": "ap", "roc_auc": "auc"}


def write_short(writer: Writer, evaluation: EvaluationData) -> bool:
    """Write the comparison as a person would; return whether that gives the same numbers.

    Out of folds that are not stratified, figures are means over folds, weighted by positives.
    """
    scored = evaluation.scored
    if not scored.held_out and (scored.again or scored.positive is None or (scored.folds.ids < 0).any()):
        return False
    names = written_strategies(evaluation)
    short = short_program(writer, evaluation.plan, scored, names)
    if short is None:
        return False
    values = _Figures(evaluation, short).values
    write_template(writer, "fit_eval/short.py.j2", short=short, **values)
    return True


class _Figures:
    """What is measured, and how."""

    def __init__(self, evaluation: EvaluationData, short: ShortProgram) -> None:
        self.scored, self.short = evaluation.scored, short
        self.several = self.scored.positive is None
        self.by_rank = self.scored.parts.is_stratified and not self.scored.one_model
        self.by_fold = not (self.scored.parts.is_stratified or self.scored.one_model)
        self.rank = "oof" if self.scored.held_out or not self.by_rank else "rank"

    @property
    def values(self) -> dict[str, Any]:
        """What the template reads beside the program."""
        weights = self.short.weights
        return {
            "several": self.several,
            "by_rank": self.by_rank,
            "by_fold": self.by_fold,
            "rank": self.rank,
            "each_fold": self._each_fold,
            "out_of_fold": self._out_of_fold,
            "told": self._told,
            "figures": self._reported,
            "given": "params" if weights else "",
            "brought": self.short.brought,
            "b": self.short.brought,
            "ranked_last": bool(self.short.brought and self.short.brought.sigmoids and not self.short.deals),
            "raw": self.short.brought.read("oof") if self.short.brought else "",
        }

    @property
    def _each_fold(self) -> dict[str, str]:
        figures = ["average_precision"] if self.scored.held_out else list(_OF_FOLDS)
        y, some = self.short.y_fold, "[fold]"
        return {
            _OF_FOLDS[name]: self._measured(name, "train", y, f"oof{some}", some=some) for name in figures
        }

    @property
    def _out_of_fold(self) -> str:
        """Return the average precision out of fold."""
        return self._ranked("average_precision")

    def _ranked(self, name: str) -> str:
        if self.by_fold:
            return f"np.average({_OF_FOLDS[name]}, weights=positives)"
        return self._measured(name, "train", self.short.y_train, self.rank)

    @property
    def _told(self) -> str:
        """Return what is flagged, or which class is told, where that takes a line of its own."""
        if self.several:
            return f"pipe.classes_[{self.short.score}.argmax(axis=1)]"
        if self.scored.by_predict:
            return "pipe.predict(X_test)".join(self.short.is_told)
        return ""

    @property
    def _reported(self) -> dict[str, str]:
        """Return the calls that measure each figure."""
        held_out = self.scored.held_out
        found = {}
        if held_out:
            found["average_precision_cv"] = "np.mean(every)" if self.short.deals else self._out_of_fold
        part, y, score = "train", self.short.y_train, "oof"
        if held_out:
            part, y, score = "test", self.short.y_test, self.short.score
        flag = "flag" if self._told else f"{score} >= {self.scored.default_threshold:g}"
        for name in _FIGURES:
            kind = METRICS[name].kind
            if kind == "ranking" and not held_out:
                found[name] = self._ranked(name)
            elif self._has(name):
                found[name] = self._measured(name, part, y, score, flag)
        return found

    def _has(self, name: str) -> bool:
        kind = METRICS[name].kind
        if kind == "decision":
            return self.scored.held_out or not self.scored.by_predict
        if self.several:  # scikit-learn 1.6 has no Brier score of several classes
            return name == "average_precision" or (kind == "ranking" and self.scored.is_probability)
        return kind == "ranking" or self.scored.is_probability

    def _measured(self, name: str, part: str, y: str, score: str, flag: str = "", *, some: str = "") -> str:
        """Return the call that measures a figure of some of a part's rows."""
        metric, names = METRICS[name], {"is_test": y, "score": score, "flag": flag}
        if not self.several:
            code = replaced_names(metric.code, names)
        elif metric.kind == "decision":
            code = replaced_names(metric.code_of_classes, {"true": y, "told": flag})
        else:
            code = metric.code if name != "roc_auc" else metric.code.replace(")", ', multi_class="ovr")')
            code = replaced_names(code, names)
        return self.short.counts.weighted(f"metrics.{code}", part, some)
