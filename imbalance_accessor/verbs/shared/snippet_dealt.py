"""What the templates of scores read (``dealt`` and ``tested`` of ``shared/full``): by fits, or of a column of the frame."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from imbalance_accessor.evaluation.fit import answers
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared import snippet_data, snippet_scores, snippet_weights
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction


def scores_of_fits(
    writer: Writer,
    plan: Plan,
    scored: CrossValScores,
    column: str,
    correction: Correction | None = None,
    *,
    weighted: bool = False,
    oof: bool = True,
    test: bool = True,
    indent: int = 0,
) -> dict[str, Any]:
    """Return the lines that score ``pipeline``, and what else the templates read.

    Parameters
    ----------
    column : str
        The subscript that picks columns of scores.
    correction : Correction, optional
        How scores are brought to the prevalence.
    weighted : bool
        Whether fits are handed ``weights``.
    oof, test : bool
        Whether scores out of fold, and of the test set, are wanted.
    indent : int
        Columns that the caller indents the lines by.
    """
    dealt, on_test = list[str](), list[str]()
    given: dict[str, Any] = {"params": ", params=weights" * weighted, "weights": "weights" * weighted}
    deals = len(scored.folds.deals)
    within = indent + 4 * (deals > 1)
    if oof:
        dealt = snippet_scores.score_lines(writer, plan, scored, column, **given, test=False, indent=within)
        dealt += correction.out_of_fold(writer, **given, indent=within) if correction else []
    if test:
        on_test = snippet_scores.score_lines(writer, plan, scored, column, **given, oof=False, indent=indent)
        on_test += correction.on_test(writer) if correction else []
    return {
        "deals": deals,
        "oof_cells": "",
        "oof_lines": "\n".join(dealt),
        "score_cells": "",
        "score_lines": "\n".join(on_test),
        "is_turned": scored.positive == 0 and not scored.is_probability,
        "keeps_raw": bool(correction and correction.by_sigmoid),
    }


def scores_of_column(writer: Writer, scores: ColumnScores, *, folded: bool) -> dict[str, Any]:
    """Write rows that came with their scores, with the folds where they are wanted, and return what the templates read."""
    scored, column, parts = scores.scored, scores.column, scores.scored.parts
    target, divided = parts.features.target, scored.held_out
    names = list[Hashable](parts.features.X.columns)
    snippet_data.write_parts(writer, parts, names, plain=False, raw=True, picked=parts.split_by.own_test)
    snippet_data.write_outcome(writer, target, divided=divided)
    coded = answers(target).dtype == object
    if coded:
        snippet_scores.write_codes(writer, target, divided=divided)
    if folded:
        snippet_data.write_folds(writer, parts, scored.folds, scores.random_state)
        snippet_scores.write_rest(writer, scored)
    snippet_scores.write_sides(writer, scored, coded=coded)
    snippet_weights.write_counted(writer, scored, coded=coded)
    oof, score = (
        snippet_data.raw_numbers(writer, parts.features, f"{part}[{snippet_data.name_of(column)}]", column)
        for part in ("X_train", "X_test")
    )
    return {"deals": len(scored.folds.deals), "oof_cells": oof, "score_cells": score}
