"""What the templates of the full program read, from the strategies to the labels that are shuffled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import METRICS, Metric, rows
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.templates import replaced_names, write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_intervals import Intervals
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import has_own, name_of
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_threshold import write_best_threshold
from imbalance_accessor.verbs.shared.snippet_weights import (
    carries_weights,
    is_weighted,
    takes_half,
    weighted_code,
    write_counted,
    write_precision,
)


def written_strategies(evaluation: EvaluationData) -> list[str]:
    """Return the strategies that are written: those that have scores of their own, and whose code can take row weights."""
    found = [name for name in evaluation.candidates if name in evaluation.scored.unique]
    return [name for name in found if carries_weights(evaluation.candidates[name].estimator)]


def write_full(
    writer: Writer, evaluation: EvaluationData, *, alone: bool = False, compared: bool = True
) -> None:
    """Write the comparison with all its figures and their intervals; alone: by average precision, without.

    compared: whether differences are written, whose intervals may be those of more models than this one.
    """
    program = _Program(writer, evaluation, alone, compared)
    snippet_scores.write_data(writer, program.plan, program.scored)
    if not program.fitted:
        estimators, columns = list(program.pipelines.values()), program.parts.features.columns
        snippet_scores.name_shared(writer, columns, estimators, by_row=bool(program.keys))
    template = f"fit_eval/{'alone' if alone else 'full'}.py.j2"
    given = {"scoring": program.scoring, "correction": program.correction, "intervals": program.intervals}
    write_template(writer, template, full=program, **given, metrics=METRICS.values(), rows=rows)


class _Program:
    """A comparison as its templates read it."""

    def __init__(self, writer: Writer, evaluation: EvaluationData, alone: bool, compared: bool) -> None:
        self.writer, self.evaluation, self.alone = writer, evaluation, alone
        self.plan, self.reader = evaluation.plan, evaluation.reader
        self.scored, self.parts = evaluation.scored, evaluation.scored.parts
        self.names, self.fitted = written_strategies(evaluation), self.reader.model.fitted
        self.several, self.held_out = not evaluation.is_binary, evaluation.held_out
        self.deals, self.in_time = bool(self.scored.again), self.parts.split_by.time is not None
        self.all_scored = bool((self.scored.folds.ids >= 0).all())
        self.is_pooled = self.parts.is_stratified or self.scored.one_model
        self.is_probability = self.scored.is_probability
        self.takes_p = self.is_probability or self.several
        self.is_turned = self.scored.positive == 0 and not self.is_probability
        self.keys = snippet_scores.weight_keys(self.plan, self.scored, evaluation.evaluated)
        self.has_own, self.is_weighted = has_own(self.parts.features), is_weighted(self.parts)
        self.has_weighted_fits = self.has_own and not self.fitted
        self.takes_half = takes_half(self.scored)
        names = list(evaluation.evaluated) if self.fitted else self.names
        self.correction = Correction(self.plan, self.scored, tuple(names))
        self.intervals = Intervals(evaluation, compared=compared)

    @property
    def scoring(self) -> snippet_scores.Scoring:
        wide = snippet_scores.wide(self.plan, self.scored)
        column = wide if self.several else snippet_scores.positive_column(self.plan, self.scored)
        predicted = self.scored.by_predict and not self.alone
        return snippet_scores.Scoring(self.plan, self.scored, column, self.has_params, predicted)

    @property
    def has_params(self) -> bool:
        """Whether fits are handed any weights."""
        return bool(self.has_weighted_fits or self.keys)

    @property
    def pipelines(self) -> dict[str, Estimator]:
        return {name: self.evaluation.candidates[name].estimator for name in self.names}

    @property
    def left_out(self) -> list[str]:
        candidates = self.evaluation.candidates.items()
        return [name for name, each in candidates if not carries_weights(each.estimator)]

    @property
    def labels(self) -> list[Any]:
        """The classes, as the program's outcome has them."""
        labels = self.reader.classes.tolist()
        return list(range(len(labels))) if self.reader.coded else labels

    @property
    def recall_of(self) -> list[str]:
        return [f"recall[{name}]" for name in self.parts.features.target.names]

    def _added(self, write: Callable[..., None], *given: Any, **options: Any) -> str:
        """Return the lines that other verbs' programs have too, for the template to place."""
        own = replace(self.writer, lines=[*self.writer.lines])
        write(own, *given, **options)
        return "\n".join(own.lines[len(self.writer.lines) :]).strip("\n")

    @property
    def sides(self) -> str:
        return self._added(snippet_scores.write_sides, self.scored, coded=self.reader.coded)

    @property
    def counted(self) -> str:
        return self._added(write_counted, self.scored, coded=self.reader.coded)

    @property
    def best_threshold(self) -> str:
        labelled_scores = self.scored.labelled_scores(next(iter(self.scored.by_name)))
        tuning = labelled_scores.tuning(Objective(self.evaluation.settings.criterion))
        return self._added(write_best_threshold, tuning, weights=self.parts.train_weights)

    @property
    def precision(self) -> str:
        """The functions of average precision and of ranks, where weights ask for other ones."""
        return self._added(write_precision, self.scored)

    @property
    def draws(self) -> str:
        return self._added(self._write_draws)

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
        if not self.several and self.is_probability:
            snippet_intervals.write_losses(writer)

    @property
    def at_prevalence(self) -> str:
        """The lines that bring ``oof`` to the prevalence."""
        params, weights = (", params=weights", "weights") if self.has_params else ("", "")
        lines = self.correction.out_of_fold(self.writer, params=params, weights=weights, indent=0)
        return "\n".join(lines)

    @property
    def given(self) -> str:
        """By which weights each strategy is fitted."""
        own = {name: snippet_scores.own_weights(self.writer, self.plan, name) for name in self.keys}
        return self._added(snippet_scores.write_given, self.scored, self.keys, own)

    def call(self, metric: Metric, **names: str) -> str:
        """Return a metric's call, of other names."""
        of_classes = self.several and metric.kind == "decision"
        code = replaced_names(metric.code_of_classes if of_classes else metric.code, names)
        return weighted_code(metric, code, self.scored)

    def call_of_fold(self, metric: Metric) -> str:
        """Return a metric's call of a fold, class by class."""
        code = replaced_names(metric.code, {"score": "oof[f]", "is_test": "is_train[f]"})
        if metric.library is not None and metric.library[0] == "sklearn.metrics":
            code = f"{code[:-1]}, average=None)"
        return weighted_code(metric, code, self.scored, "w_train[f]")

    def average_precision(self, y: str, score: str, w: str, half: str = "") -> str:
        """Return the call of average precision; half: the half negative, where it is not that of these rows."""
        code = f"average_precision_score({y}, {score})"
        return weighted_code(METRICS["average_precision"], code, self.scored, w, half=half)

    @property
    def of_each_deal(self) -> list[str]:
        """What is kept of each deal of the folds."""
        kept = {
            "out_of_fold": self.alone,
            "crossed": not self.alone,
            "threshold": not (self.alone or self.several),
            "drawn": not self.alone and self.intervals.are_drawn,
            "counted": not self.alone and self.intervals.are_counted,
        }
        return [name for name, is_kept in kept.items() if is_kept]

    @property
    def n_permutations(self) -> int:
        permuted = self.evaluation.permuted
        return 0 if permuted is None else len(permuted.shuffled)

    @property
    def ruled_by(self) -> str:
        """What divides the rows, so that labels may not mix: groups, or time."""
        by_groups = self.parts.split_by.groups is not None
        return "groups" if by_groups else "time" if self.in_time else ""

    @property
    def ruled_test(self) -> str:
        """The groups, or the time, of the test set."""
        split_by = self.parts.split_by
        column = split_by.groups if self.ruled_by == "groups" else split_by.time
        return f"test[{name_of(column)}]" if split_by.own_test else f"np.asarray({self.ruled_by})[held_out]"
