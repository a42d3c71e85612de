"""The short program of an `Evaluation`: all strategies side by side, their figures without intervals."""

from __future__ import annotations

from typing import Any

from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.rendering.snippets.templates import replaced_names, write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_full import written_strategies
from imbalance_accessor.verbs.shared.short.models import read_models
from imbalance_accessor.verbs.shared.short.program import ShortProgram

#: The figures that are reported, in this order.
_FIGURES = ("average_precision", "roc_auc", "brier", "f1", "recall", "precision")
#: What of each fold's figure is called.
_OF_FOLDS = {"average_precision": "ap", "roc_auc": "auc"}


def write_short(writer: Writer, evaluation: EvaluationData) -> bool:
    """Write the comparison as a person would; return whether that gives the same numbers.

    Out of folds that are not stratified, figures are means over folds, weighted by positives.
    """
    written = {name: evaluation.strategy_scores[name] for name in written_strategies(evaluation)}
    short = read_models(writer, written, folded=True, by_name=True)
    if short is None:
        return False
    write_template(writer, "fit_eval/short.py.j2", short=short, **_Figures(evaluation, short).values)
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
        brought = self.short.brought
        return {
            "several": self.several,
            "by_fold": self.by_fold,
            "positives": self._positives,
            "half_by_fold": self._half_by_fold,
            "scores_some": self._scores_some,
            "decides_later": self._decides_later,
            "rank": self.rank,
            "ranked_at": self._ranked_at,
            "each_fold": self._each_fold,
            "out_of_fold": self._ranked("average_precision"),
            "told": self._told,
            "figures": self._reported,
            "given": "params" if self.short.weights else "",
            "brought": brought,
            "b": brought,
            "raw": brought.read("oof") if brought else "",
        }

    @property
    def _ranked_at(self) -> str:
        """Return when scores out of fold become ranks: last, where a sigmoid reads them before, or at once with each fold."""
        by_sigmoid = self.short.brought is not None and bool(self.short.brought.sigmoids)
        if not self.by_rank:
            return ""
        if by_sigmoid and self.scored.held_out and not self.short.deals:
            return "last"
        return "once" if self.short.one_by_one and self.rank == "oof" and not by_sigmoid else "then"

    @property
    def _scores_some(self) -> bool:
        """Whether figures out of fold are of some training rows: those that a fold scores."""
        return self.short.scores_some and (self.short.fitted or not self.scored.held_out)

    @property
    def _decides_later(self) -> bool:
        """Whether decisions are judged in later folds alone, where thresholds of earlier ones could be."""
        ordered = self.scored.parts.split_by.time is not None
        return ordered and not self.scored.held_out and not self.several

    @property
    def _positives(self) -> str:
        """Return what the positives of a fold count, of several classes the rows of each."""
        w = f"{self.short.counts.of('train')}[fold]" if self.short.counts.are_weighted else ""
        if not self.several:
            return f"{w} @ {self.short.y_fold}" if w else f"{self.short.y_fold}.sum()"
        counted = f".mul({w}, axis=0)" if w else ""
        return f"pd.get_dummies({self.short.y_fold}){counted}.sum()"

    @property
    def _each_fold(self) -> dict[str, str]:
        figures = ["average_precision"] if self.scored.held_out else list(_OF_FOLDS)
        return {
            _OF_FOLDS[name]: self._measured(name, "train", self.short.y_fold, "oof[fold]", some="[fold]")
            for name in figures
        }

    @property
    def _half_by_fold(self) -> bool:
        """Whether half a negative counts in each fold by the weights of all negatives that folds score."""
        return self.by_fold and self.short.counts.has_own and self.short.counts.takes_half

    def _ranked(self, name: str) -> str:
        """Return a figure of the order of rows out of fold."""
        if not self.by_fold:
            y, some = self._of_train("scored") if self._scores_some else (self.short.y_train, "")
            return self._measured(name, "train", y, f"{self.rank}{some}", some=some)
        if self.several:
            return f"np.average({_OF_FOLDS[name]}, axis=0, weights=positives).mean()"
        return f"np.average({_OF_FOLDS[name]}, weights=positives)"

    def _of_train(self, rows: str) -> tuple[str, str]:
        """Return the outcome of some training rows, and the subscript that takes them from arrays."""
        return self.short.y_fold.replace("[fold]", f"[{rows}]"), f"[{rows}]"

    @property
    def _told(self) -> dict[str, str]:
        """Return what is flagged, or which class is told, where that takes a line of its own."""
        score = self.short.score if self.scored.held_out else "oof"
        if self.several and self.scored.held_out:
            return {"flag": f"pipe.classes_[{score}.argmax(axis=1)]"}
        if self.several:
            some = "[scored]" if self._scores_some else ""
            return {"flag": f"np.unique({self.short.y_train})[{score}{some}.argmax(axis=1)]"}
        if self.scored.by_predict and self.scored.held_out:
            return {"flag": "pipe.predict(X_test)".join(self.short.is_told)}
        if self._decides_later:
            y, some = self._of_train("later")
            return {"y_later, flag": f"{y}, oof{some} >= {self.scored.default_threshold:g}"}
        return {}

    @property
    def _reported(self) -> dict[str, str]:
        """Return the calls that measure each figure."""
        held_out = self.scored.held_out
        found = {}
        if held_out:
            found["average_precision_cv"] = (
                "np.mean(every)" if self.short.deals else self._ranked("average_precision")
            )
        for name in _FIGURES:
            if METRICS[name].kind == "ranking" and not held_out:
                found[name] = self._ranked(name)
            elif self._has(name):
                found[name] = self._figure(name)
        return found

    def _figure(self, name: str) -> str:
        """Return the call that measures probabilities or decisions."""
        is_decision = METRICS[name].kind == "decision"
        part, y, score, some = "test", self.short.y_test, self.short.score, ""
        if not self.scored.held_out:
            part, y, score = "train", self.short.y_train, "oof"
        if is_decision and self._decides_later:
            return self._measured(name, part, "y_later", "", "flag", some="[later]")
        if self._scores_some and part == "train":
            y, some = self._of_train("scored")
        flag = "flag" if self._told else f"{score}{some} >= {self.scored.default_threshold:g}"
        return self._measured(name, part, y, f"{score}{some}", flag, some=some)

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
            each = ", average=None" if self.by_fold and some == "[fold]" else ""
            if name == "roc_auc" and score == "rank":  # ranks are no probabilities, which it asks of classes
                names["is_test"] = f"pd.get_dummies({y})"
            ovr = ', multi_class="ovr"' if name == "roc_auc" and score != "rank" else ""
            code = replaced_names(metric.code.replace(")", f"{ovr}{each})"), names)
        half = "half_train" if some == "[fold]" and self._half_by_fold else ""
        return self.short.counts.weighted(f"metrics.{code}", part, some, half)
