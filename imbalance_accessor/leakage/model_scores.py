"""What a model's own scores say: near perfect ones, and ones that a single column beats."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
import pandas as pd
from scipy.stats import norm

from imbalance_accessor.data.cells import with_columns
from imbalance_accessor.data.lines import cells, on_each
from imbalance_accessor.errors import IN_WORDS, Fix
from imbalance_accessor.evaluation.outputs import scores_of
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.column_views import View, ranking
from imbalance_accessor.leakage.evidence import Answer, Evidence, levels_of
from imbalance_accessor.leakage.fixes import names_of_frames, without_columns
from imbalance_accessor.leakage.statistics import chance_of_perfection
from imbalance_accessor.metrics.arrays import Bools, Codes, Floats
from imbalance_accessor.metrics.binary import ranks_within
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.figures import Scores
from imbalance_accessor.metrics.measure import differences, measure
from imbalance_accessor.process_state import quieted
from imbalance_accessor.splitting.split import as_it_came

#: ROC-AUC, and share of the way from no skill to 1 in average precision, that are near perfect.
_NEAR_AUC, _NEAR_PRECISION = 0.998, 0.98
_NO_ACCIDENT = 1e-4
#: Columns that are shuffled, the best alone first; rows they are shuffled in; what ROC-AUC must lose; columns named.
_SHUFFLED, _ROWS, _LOSES, _NAMED = 30, 2_000, 0.1, 3
#: ROC-AUC below which the columns that are left do not carry a near perfect score.
_OTHERS = 0.95
#: Average precision that a column must have more than the model, and what share of its own lift over no skill that must be;
#: columns that are tried; chance that any of all does so by luck.
_MORE, _OF_ITS_LIFT, _TRIED, _LUCK = 0.02, 0.15, 3, 0.025
#: ROC-AUC up to which a simpler way to bin a column is as good.
_ABOUT = 0.05


class TooGood(Check):
    """IMB113: a model ranks nearly perfectly out of fold, whatever the cause."""

    code, title, severity, cost = "IMB113", "a score that is too good?", "warning", 3

    def _answer(self, evidence: Evidence) -> Answer:
        fitted = evidence.fitted
        if fitted is None or fitted.plan.model.fitted:
            return self.cannot_tell("no model was fitted here")
        found = {name: fitted.scored.labelled_scores(name).ranking() for name in fitted.scored.unique}
        figures = {name: (each["roc_auc"], each["average_precision"]) for name, each in found.items()}
        near = [
            name for name, both in figures.items() if _is_near_perfect(*both, fitted, len(evidence.measured))
        ]
        if not near:
            return self.clear("no strategy is near perfect out of fold")
        name, (auc, precision) = near[0], figures[near[0]]  # the plain model comes first
        saw = f"ROC-AUC {auc:.4f} and average precision {precision:.4f} out of fold"
        carry, why, fix = _carried_by(evidence, fitted, name)
        whose = "The plain model" if name == "none" else repr(name)
        look = "Look for a leak first, with leaks(). An easy problem looks the same."
        drop = (
            f" Known before the outcome? If not, leave {'it' if len(carry) == 1 else 'them'} out."
            if carry
            else ""
        )
        sentence = f"{whose} is near perfect: {saw}. {why}"
        return self.found(saw, sentence, f"{look}{drop}", share=auc, columns=tuple(carry), fix=fix)


def _is_near_perfect(auc: float, precision: float, fitted: FittedScores, n_columns: int) -> bool:
    """Whether scores leave hardly anything to gain, and classes have rows enough that this is no luck."""
    rows, positive = np.bincount(fitted.scored.train_codes), fitted.scored.positive
    no_skill = 1 / len(rows) if positive is None else rows[positive] / rows.sum()
    gained = (precision - no_skill) / (1 - no_skill)
    lucky = chance_of_perfection(int(rows.min()), int(rows.sum() - rows.min()), n_columns)
    return bool(auc >= _NEAR_AUC and gained >= _NEAR_PRECISION and lucky < _NO_ACCIDENT)


def _carried_by(evidence: Evidence, fitted: FittedScores, name: str) -> tuple[list[Hashable], str, Fix]:
    """Return the columns without which the score is lost, a sentence that says so, and the fix that leaves them out."""
    auc, where = _shuffling(evidence, fitted, name)
    alone = evidence.alone["roc_auc"].reindex(evidence.suspects).sort_values(ascending=False)
    try:
        with quieted():
            whole = auc([])
            lost = {column: whole - auc([column]) for column in alone.index[:_SHUFFLED]}
            carry = [each for each in sorted(lost, key=lambda one: -lost[one]) if lost[each] >= _LOSES][
                :_NAMED
            ]
            rest = auc(carry)
    except Exception:  # of a model of the user's: the warning stands without its columns
        return [], "Which columns carry it could not be measured.", IN_WORDS
    if carry:
        said = ", ".join(f"{each!r} ({lost[each]:.2f})" for each in carry)
        # what the others say together without these is told by the model that has them all
        fix = without_columns(evidence, carry) if rest < _OTHERS else IN_WORDS
        return carry, f"It loses most ROC-AUC {where} when these are shuffled: {said}.", fix
    named = [name for name in lost if name in evidence.named_by("IMB106")]
    return named, "No single column carries it.", IN_WORDS


def _shuffling(
    evidence: Evidence, fitted: FittedScores, name: str
) -> tuple[Callable[[list[Hashable]], float], str]:
    """Return what measures ROC-AUC where some columns are shuffled together, and on which rows it does."""
    scored, parts = fitted.scored, evidence.parts
    part, where = (parts.test, "on the test set") if len(parts.test) else (parts.train, "on the training set")
    codes = parts.test_outcome if len(parts.test) else parts.train_outcome
    at = _some_of_each(codes)
    rows, codes = as_it_came(part).iloc[at].reset_index(drop=True), codes[at]
    order = np.random.default_rng(0).permutation(len(rows))

    def auc(columns: list[Hashable]) -> float:
        shuffled = {column: rows[column].iloc[order].reset_index(drop=True) for column in columns}
        frame = with_columns(rows, shuffled)
        scores = scores_of(scored.by_name[name].model, frame, len(fitted.plan.reader.classes))
        classes = range(scores.shape[1]) if scored.positive is None else [scored.positive]
        return float(
            np.nanmean([ranking(scores[:, each], codes == each, codes != each)[0] for each in classes])
        )

    return auc, where


def _some_of_each(codes: Codes) -> Codes:
    """Return positions of some rows, each class as many as it has and there is room for."""
    shuffled = pd.Series(codes).sample(frac=1, random_state=0)
    turn = shuffled.groupby(shuffled).cumcount()
    return np.sort(turn.sort_values(kind="stable").index[:_ROWS].to_numpy())


class OneColumnBetter(Check):
    """IMB411: one column alone ranks clearly better than the model, out of the same folds."""

    code, title, severity, cost = "IMB411", "one column better than the model?", "warning", 3

    def _answer(self, evidence: Evidence) -> Answer:
        fitted = evidence.fitted
        if fitted is None or fitted.plan.model.fitted or evidence.labelled_scores is None:
            return self.cannot_tell("no model of one class was fitted here")
        scores = evidence.labelled_scores
        if scores.ordered or not scores.stratified:
            return self.cannot_tell("folds are ruled by groups or time")
        level = scores.ranking()["average_precision"]
        named = evidence.named_by("IMB106", "IMB112")
        alone = evidence.alone["average_precision"].reindex(
            [each for each in evidence.suspects if each not in named]
        )
        likely = alone[alone > level + _MORE].nlargest(_TRIED)
        views = [(name, view) for name in likely.index for view in _views_in_train(evidence, name)]
        if not views:
            return self.clear(f"average precision {level:.3f}, the best column alone {alone.max():.3f}")
        seen = scores.seen
        y, fold = scores.y_oof[seen], scores.fold[seen]
        name, view = _simplest(views, y, fold)
        gained, low, _ = _more(scores, view.scores(y, fold), fitted)
        error = (gained - low) / norm.isf(0.025)
        # the best of all columns, by luck, is that many standard errors better
        enough = max(_MORE, _OF_ITS_LIFT * (level + gained - y.mean()))
        sure = gained > max(enough, norm.isf(_LUCK / len(evidence.measured)) * error)
        figure = f"{level + gained:.3f} against {level:.3f}"
        if not sure:
            return self.clear(f"{name!r} alone: average precision {figure}")
        saw = f"{name!r} alone has average precision {figure} of the model"
        sentence = (
            f"{name!r} alone, {view.name}, scores better than the model: average precision {figure} out of "
            f"fold. {_WHY[view.name]}"
        )
        cure, fix = _cure(evidence, name, view)
        return self.found(saw, sentence, cure, share=gained, columns=(name,), fix=fix)


#: What the model lacks, by the way to bin a column, the simplest first.
_WHY = {
    "missing or not": "What tells is whether it is missing, and the model sees it filled in.",
    "zero or not": "What tells is whether it is zero, which the model does not see.",
    "by level": "The model misses what its levels say.",
    "in order": "The model of all columns misses it.",
    "in ranges": "The class does not rise or fall along it, as the model takes it to.",
}


def _views_in_train(evidence: Evidence, name: Hashable) -> list[View]:
    """Return the ways to bin a column among the train rows that folds scored."""
    assert evidence.labelled_scores is not None
    cells = evidence.parts.train.X[name][evidence.labelled_scores.seen].reset_index(drop=True)
    return levels_of(cells, numbers=evidence.is_number(name)).views()


def _simplest(views: list[tuple[Hashable, View]], y: Bools, fold: Codes) -> tuple[Hashable, View]:
    """Return the column that ranks best, and the simplest of its views that rank about as well: ties cost precision alone."""
    figures = [view.figures(y, fold) for _, view in views]
    best, _ = views[int(np.argmax([precision for _, precision in figures]))]
    own = [(auc, view) for (name, view), (auc, _) in zip(views, figures, strict=True) if name == best]
    about = [view for auc, view in own if auc >= max(each for each, _ in own) - _ABOUT]
    return best, min(about, key=lambda each: list(_WHY).index(each.name))


def _more(scores: LabelledScores, column: Floats, fitted: FittedScores) -> tuple[float, float, float]:
    """Return how much more average precision a column has than the model, and its 95 % interval."""
    seen: Bools = scores.seen
    y, fold = scores.y_oof[seen], scores.fold[seen]
    ranked = {
        name: Scores(y, ranks_within(each, fold))
        for name, each in (("none", scores.score_oof[seen]), ("column", column))
    }
    figures = measure(ranked, fitted.scored.oof_resamples)
    return differences(figures, "average_precision", "none")["column"]


def _cure(evidence: Evidence, name: Hashable, view: View) -> tuple[str, Fix]:
    """Say what gives the model the column's signal, and return the fix, as far as a call does."""
    assert evidence.fitted is not None
    said, model, features = (
        "That is no question of imbalance.",
        evidence.fitted.plan.model,
        evidence.parts.features,
    )
    mark = f"{name}_missing"
    if (
        view.name == "missing or not"
        and isinstance(name, str)
        and not model.own
        and mark not in features.X.columns
    ):
        written = features.columns.formats.get(name)
        read = "{}".format if written is None else written.code
        lines = on_each(
            names_of_frames(evidence), lambda df: f"{cells(mark, df)} = {read(cells(name, df))}.isna()"
        )
        return f"{said} Add it.", Fix(lines)
    # whether another model finds it, a fit alone would tell
    if view.name == "in order" or model.name == "boosting":
        simpler = "" if model.name in ("logistic", "boosting") else ", or a simpler model"
        return (
            f"{said} Other columns drown it: fewer columns, or more rows{simpler}, may do better.",
            IN_WORDS,
        )
    return f"{said} Trees may find it, with model='boosting'.", IN_WORDS
