"""The card of a `Trace`: a row a stage, or a row a term of one row's score."""

from __future__ import annotations

import numpy as np
import pandas as pd

from imbalance_accessor.data.lines import code
from imbalance_accessor.inspection.pipeline_trace import CAP, FIT, RAW, SPLIT
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.labels import name
from imbalance_accessor.rendering.sentences import digits
from imbalance_accessor.verbs.shared.population import badges
from imbalance_accessor.verbs.trace import network_text, text
from imbalance_accessor.verbs.trace.fields import TraceData, stage_of

#: More classes than this have no column each.
_MOST_CLASSES = 4
#: Units of a layer that are shown.
_MOST_UNITS = 5


def card(t: TraceData) -> Card:
    """Return what is shown."""
    notes, followed = [_how(t)], t.answer or t.contributions
    table, more = _table(t), _row_of(t)
    if t.network:
        table, more = _layers_table(t), ".layers"
        notes.append(f"Of each layer up to {_MOST_UNITS} values are shown, the largest; .layers has all.")
    elif t.contributions is not None and t.contributions.terms:
        table, more = _terms_table(t), ".terms"
    elif followed is not None:
        more = ".terms"
        notes.append(text.no_terms(t))
    return Card(
        title=text.title(t),
        figures=_figures(t),
        table=table,
        notes=tuple(notes),
        findings=t.findings,
        next=(more,) if more else (),
        badges=badges(t.strategy_scores.scored.parts.features, weighted=False),
    )


def _row_of(t: TraceData) -> str:
    """Write the call that follows a row: the last to learn from, which in the order of time is scored by a fold too."""
    scored = t.strategy_scores.scored
    if scored.positive is None:
        return ""
    index, rows = scored.parts.learned.X.index, scored.parts.features.X.index
    row = code(index[-1]) if len(index) and rows.is_unique else "<index label>"
    return f"e.trace({code(t.strategy_scores.name)}, row={row})"


def _figures(t: TraceData) -> tuple[tuple[str, str], ...]:
    names = " ▸ ".join(name(stage.name, 24) for stage in t.stages)
    found = [("stages", names), ("rows", _arrows(t))]
    if t.answer is not None:
        found.append(("scored by", text.scorer(t.answer)))
    if t.contributions is not None:
        found.append(("scored by", text.scorer(t.contributions)))
        if np.isfinite(t.contributions.corrected):
            found.append(("prior corrected", f"{t.contributions.corrected:.3g}"))
        if t.contributions.calibrator is not None:
            found.append(("the score", text.to_prevalence(t.contributions)))
    if t.network:
        found.append(("layers", network_text.architecture(t.network)))
        if t.network[-1].activation == "logistic":
            found.append(
                (
                    "output",
                    f"log odds {digits(float(t.network[-1].before[0]))}, {network_text.sigmoid(t.network[-1])}",
                )
            )
    return tuple(found)


def _arrows(t: TraceData) -> str:
    """Write the way of the rows as numbers: 1,000 × 5 → 800 / 200 → 1,440."""
    raw, split, fit = (stage_of(t, each) for each in (RAW, SPLIT, FIT))
    parts = [f"{raw.train.sum():,} × {raw.columns:,}"]
    if split.test.any():
        parts.append(f"{split.train.sum():,} / {split.test.sum():,}")
    elif split.train.sum() != raw.train.sum():
        parts.append(f"{split.train.sum():,}")
    before, learned = split.train.sum(), fit.train.sum()
    if t.strategy_scores.scored.parts.kept is not None:
        before = stage_of(t, CAP).train.sum()
        parts.append(f"{before:,}")
    return " → ".join([*parts, *([f"{learned:,}"] if learned not in (0, before) else [])])


def _table(t: TraceData) -> pd.DataFrame:
    few = len(t.labels) <= _MOST_CLASSES
    table: dict[str, list[object]] = {"what": [stage.what for stage in t.stages]}
    table["rows × columns"] = [_shape(stage.train.sum(), stage.columns) for stage in t.stages]
    for place, label in enumerate(t.labels if few else ()):
        counts: list[object] = [
            f"{stage.train[place]:,}" if stage.train.any() else None for stage in t.stages
        ]
        # a number over counts would be read as one of them
        table[name(label, 16) if isinstance(label, str) else f"class {name(label, 16)}"] = counts
    if stage_of(t, SPLIT).test.any():
        table["held out"] = [_shape(stage.test.sum(), stage.test_columns) for stage in t.stages]
    return pd.DataFrame(table, index=pd.Index([stage.name for stage in t.stages], name="stage"))


def _terms_table(t: TraceData) -> pd.DataFrame:
    terms = t.terms[t.terms["adds"] != 0]
    table = {"seen as": [None if np.isnan(value) else value for value in terms["value"]]}
    return pd.DataFrame(
        table | {"adds": terms["adds"].tolist(), "sum": terms["sum"].tolist()}, index=terms.index
    )


def _layers_table(t: TraceData) -> pd.DataFrame:
    """Lay out the largest values of each layer, as the row goes through them."""
    table: dict[str, list[object]] = {"layer": [], "weighted sum": [], "value": []}
    units = list[str]()
    for layer in t.network:
        is_hidden, last = layer.name.startswith("hidden"), layer is t.network[-1]
        label = layer.name if not layer.activation else f"{layer.name} ({network_text.function(layer)})"
        # a probability is shown however small it is
        for place in range(len(layer.units))[:_MOST_UNITS] if last else layer.largest(_MOST_UNITS):
            units.append(f"unit {layer.units[place]}" if is_hidden else name(layer.units[place], 32))
            table["layer"].append(label)
            table["weighted sum"].append(float(layer.before[place]) if layer.activation else None)
            table["value"].append(float(layer.values[place]))
    return pd.DataFrame(table, index=units)


def _shape(rows: int, columns: int) -> str | None:
    return f"{rows:,} × {columns:,}" if rows else None


def _how(t: TraceData) -> str:
    scored = t.strategy_scores.scored
    said = f"{scored.parts.split_by.text}; a prediction goes through the same steps, samplers excepted"
    raw = "; raw is before the split" if stage_of(t, SPLIT).test.any() else ""
    return f"{said}. Class counts are those to learn from{raw}."
