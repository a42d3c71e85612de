"""The card of a `Score`: the report by class, the confusion matrix, and accuracy against a constant answer."""

from __future__ import annotations

import pandas as pd

from imbalance_accessor.data.lines import code
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, decimal
from imbalance_accessor.rendering.cells import text as cell_text
from imbalance_accessor.rendering.sentences import named
from imbalance_accessor.verbs.score import text
from imbalance_accessor.verbs.score.fields import AVERAGES, ScoreData
from imbalance_accessor.verbs.shared.population import badges_of

#: Classes whose confusion matrix is a table.
_MOST = 8


def card(score: ScoreData) -> Card:
    """Return what is shown."""
    notes = [*text.rows_read(score), text.reading(score), text.how_sure(score)]
    return Card(
        title=text.answer(score),
        figures=_figures(score),
        table=_table(score),
        best=None if score.sides.positive is None else score.sides.labels[score.focus],
        notes=tuple(f"{each}." for each in notes),
        findings=score.findings,
        next=_next(score),
        more_tables=(_confusion(score),) if has_matrix(score) else (),
        badges=badges_of(score.weighed.weighting, score.target, score.weighed.sums),
    )


def has_matrix(score: ScoreData) -> bool:
    """Whether the confusion matrix is a table of the card; of many classes it is a picture."""
    return len(score.sides.labels) <= _MOST


def _figures(score: ScoreData) -> tuple[tuple[str, str], ...]:
    found = score.overall
    shown = {
        name: Interval(row[0], row[1], row[2])
        for name, row in zip(found.index, found.to_numpy(), strict=True)
    }
    rest = {name: f"no skill: {decimal(float(value))}" for name, value in found["dummy"].items()}
    rest["accuracy"] = f"always {named(score.majority)}: {decimal(score.accuracy_always_majority)}"
    return tuple((METRICS[name].shown, f"{cell_text(cell)} ({rest[name]})") for name, cell in shown.items())


def _table(score: ScoreData) -> pd.DataFrame:
    frame = score.frame
    table: dict[str, list[object]] = {}
    for name, title in (("precision", "precision"), ("recall", "recall"), ("f1", "F1")):
        ends = zip(frame[name], frame[f"{name}_low"], frame[f"{name}_high"], strict=True)
        cells: list[object] = [Interval(*each) for each in ends]
        if name != "f1":  # scikit-learn's report has accuracy once
            cells[-len(AVERAGES)] = None
        table[title] = cells
    if score.train is not None:
        table["F1 on train"] = list(frame["train_f1"])
    table["weight" if score.is_weighted else "rows"] = frame["support"].tolist()
    return pd.DataFrame(table, index=frame.index)


def _confusion(score: ScoreData) -> pd.DataFrame:
    """Return the confusion matrix as a table, for a terminal and readers of text."""
    found = score.confusion
    columns = [f"predicted {named(label)}" for label in found.columns]
    index = pd.Index([named(label) for label in found.index], name=f"actual {score.target.name}")
    return pd.DataFrame(found.to_numpy(), index=index, columns=pd.Index(columns))


def _next(score: ScoreData) -> tuple[str, ...]:
    more = (".confusion", ".overall")
    if score.test.scores is None or not score.told.in_frame:
        return more
    return (f"df.imb.best_threshold({_rows(score)}, scores={code(score.told.column)})", *more)


def _rows(score: ScoreData) -> str:
    """Write which rows and which positive class are meant; as dots where rows are weighted, as they were here."""
    if score.is_weighted:
        return "..."
    target, rows = score.target, score.test.rows
    named_target = code(target.name) if score.in_frame else "y"
    is_default = len(target.classes) == 2 and rows[score.focus] < rows[1 - score.focus]
    return named_target if is_default else f"{named_target}, pos_label={code(target.pos_label)}"
