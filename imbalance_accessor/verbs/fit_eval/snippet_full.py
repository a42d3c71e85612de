"""What the templates of the full program read, from the strategies to the labels that are shuffled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_figures import Figures
from imbalance_accessor.verbs.fit_eval.snippet_intervals import Intervals
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import has_own, name_of
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_threshold import write_best_threshold
from imbalance_accessor.verbs.shared.snippet_weights import (
    carries_weights,
    is_weighted,
    say_left_out,
    takes_half,
    write_counted,
    write_precision,
)


def written_strategies(evaluation: EvaluationData) -> list[str]:
    """Return the strategies that are written: those that have scores of their own, and whose code can take row weights."""
    found = [name for name in evaluation.candidates if name in evaluation.scored.unique]
    return [name for name in found if carries_weights(evaluation.candidates[name].estimator)]


def added(writer: Writer, write: Callable[..., None], *given: Any, **options: Any) -> str:
    """Return the lines that ``write`` would add to a program, for a template to place."""
    own = replace(writer, lines=[*writer.lines])
    write(own, *given, **options)
    return "\n".join(own.lines[len(writer.lines) :]).strip("\n")


class FullProgram:
    """The rows, the strategies, and their scores."""

    def __init__(self, writer: Writer, evaluation: EvaluationData) -> None:
        self.writer, self.evaluation = writer, evaluation
        self.figures, self.intervals = Figures(evaluation), Intervals(evaluation)
        self.plan, self.scored = evaluation.plan, evaluation.scored
        self.parts, self.reader = evaluation.scored.parts, evaluation.reader
        self.strategies, self.fitted = written_strategies(evaluation), evaluation.reader.model.fitted
        self.several, self.held_out = not evaluation.is_binary, evaluation.held_out
        self.has_own, self.is_weighted = has_own(self.parts.features), is_weighted(self.parts)
        self.keys = snippet_scores.weight_keys(self.plan, self.scored, evaluation.evaluated)
        names = list(evaluation.evaluated) if self.fitted else self.strategies
        self.correction = Correction(self.plan, self.scored, tuple(names))

    by_predict = property(lambda self: self.scored.by_predict)
    deals = property(lambda self: bool(self.scored.again))
    in_time = property(lambda self: self.parts.split_by.time is not None)

    def write(self, template: str) -> None:
        """Write the parts, the folds, the steps that pipelines share, and what the template makes of them."""
        snippet_scores.write_data(self.writer, self.plan, self.scored)
        if not self.fitted:
            estimators, columns = list(self.pipelines.values()), self.parts.features.columns
            snippet_scores.name_shared(self.writer, columns, estimators, by_row=bool(self.keys))
        write_template(self.writer, template, full=self, figures=self.figures, intervals=self.intervals)

    @property
    def pipelines(self) -> dict[str, Estimator]:
        """The pipeline of each strategy that is written."""
        return {name: self.evaluation.candidates[name].estimator for name in self.strategies}

    @property
    def left_out(self) -> str:
        """Which strategies the program has not."""
        candidates = self.evaluation.candidates.items()
        found = [name for name, each in candidates if not carries_weights(each.estimator)]
        return say_left_out(found) if found else ""

    @property
    def labels(self) -> list[Any]:
        """The classes, as the program's outcome has them."""
        labels = self.reader.classes.tolist()
        return list(range(len(labels))) if self.reader.coded else labels

    @property
    def sides(self) -> str:
        """The lines that say which rows are positive."""
        return added(self.writer, snippet_scores.write_sides, self.scored, coded=self.reader.coded)

    @property
    def counted(self) -> str:
        """The lines that say how much each row counts."""
        return added(self.writer, write_counted, self.scored, coded=self.reader.coded)

    @property
    def best_threshold(self) -> str:
        """The functions that choose a threshold."""
        labelled_scores = self.scored.labelled_scores(next(iter(self.scored.by_name)))
        tuning = labelled_scores.tuning(Objective(self.evaluation.settings.criterion))
        return added(self.writer, write_best_threshold, tuning, weights=self.parts.train_weights)

    @property
    def draws(self) -> str:
        """The functions that draw rows, measure draws, and make ends of draws and counts."""
        return added(self.writer, self._write_draws)

    def _write_draws(self, writer: Writer) -> None:
        parts, seed, resamples = self.parts, self.evaluation.settings.random_state, self.scored.resamples
        averaged = self.deals and not self.held_out
        snippet_intervals.write_helpers(writer, parts, seed, resamples, averaged=averaged)
        n_averaged = len(parts.features.target.classes) if self.several else 1
        snippet_intervals.write_logit(writer, snippet_intervals.groups_of(parts), n_averaged)
        snippet_intervals.write_ranking(writer)
        if not self.several:
            snippet_intervals.write_decided(writer)
            snippet_intervals.write_shares(writer)
        if not self.several and self.scored.is_probability:
            snippet_intervals.write_losses(writer)

    @property
    def precision(self) -> str:
        """The functions of average precision and of ranks, where weights ask for other ones."""
        return added(self.writer, write_precision, self.scored)

    @property
    def corrected(self) -> str:
        """The functions that bring scores to the prevalence."""
        return added(self.writer, self.correction.write)

    @property
    def given_weights(self) -> str:
        """The lines that say by which weights each strategy is fitted."""
        own = {name: snippet_scores.own_weights(self.writer, self.plan, name) for name in self.keys}
        return added(self.writer, snippet_scores.write_given, self.scored, self.keys, own)

    @property
    def has_weighted_fits(self) -> bool:
        """Whether row weights are handed to the fits."""
        return self.has_own and not self.fitted

    @property
    def column(self) -> str:
        """The subscript that picks the positive class's scores, or none of several."""
        if self.several:
            return snippet_scores.wide(self.plan)
        return snippet_scores.positive_column(self.plan, self.scored)

    @property
    def is_turned(self) -> bool:
        """Whether margins point to the second label, and the first is positive."""
        return self.scored.positive == 0 and not self.scored.is_probability

    def _scores(self, *, oof: bool, **weights: str) -> list[str]:
        options: dict[str, Any] = {"oof": oof, "test": not oof, "predicted": self.by_predict, **weights}
        return snippet_scores.score_lines(self.writer, self.plan, self.scored, self.column, **options)

    @property
    def _weights(self) -> dict[str, str]:
        is_given = bool(self.has_weighted_fits or self.keys)
        return {"params": ", params=weights" * is_given, "weights": "weights" * is_given}

    @property
    def scores_out_of_fold(self) -> str:
        """The lines that make ``oof`` of ``pipeline``."""
        turned = ["oof = -oof  # margins point to the second label"] if self.is_turned else []
        corrected = self.correction.out_of_fold(self.writer, **self._weights, indent=0)
        return "\n".join([*self._scores(oof=True, **self._weights), *turned, *corrected])

    @property
    def scores_on_test(self) -> str:
        """The lines that make ``score`` of ``pipeline``."""
        turned = ["score = -score"] if self.is_turned else []
        corrected = self.correction.on_test(self.writer)
        return "\n".join([*self._scores(oof=False, **self._weights), *turned, *corrected])

    @property
    def all_scored(self) -> bool:
        """Whether each training row is scored by a fold."""
        return bool((self.scored.folds.ids >= 0).all())

    @property
    def takes_half(self) -> bool:
        """Whether average precision counts half a negative more above each positive."""
        return takes_half(self.scored)

    @property
    def raw_scores(self) -> list[str]:
        """The scores as they came, which a sigmoid reads."""
        return ["raw"] if self.correction.by_sigmoid else []

    @property
    def of_each_deal(self) -> list[str]:
        """What is kept of each deal of the folds."""
        is_kept = {
            "crossed": True,
            "threshold": not self.several,
            "drawn": self.intervals.are_drawn,
            "counted": self.intervals.are_counted,
        }
        return [*(name for name, is_named in is_kept.items() if is_named), *self.raw_scores]

    @property
    def n_permutations(self) -> int:
        """How often labels are shuffled."""
        permuted = self.evaluation.permuted
        return 0 if permuted is None else len(permuted.shuffled)

    @property
    def ruled_by(self) -> str:
        """What divides the rows, which labels may not mix: groups, or time."""
        split_by = self.parts.split_by
        if split_by.groups is not None:
            return "groups"
        return "time" if split_by.time is not None else ""

    @property
    def ruled_test(self) -> str:
        """The groups, or the time, of the test set."""
        split_by = self.parts.split_by
        column = split_by.groups if split_by.groups is not None else split_by.time
        return f"test[{name_of(column)}]" if split_by.own_test else f"np.asarray({self.ruled_by})[held_out]"

    @property
    def method(self) -> str:
        """The method that gives scores."""
        return snippet_scores.method(self.scored)
