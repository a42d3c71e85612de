"""The result of `overview`: counts, weights, features as they were read, and what to run next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from imbalance_accessor.data.columns import missing_cells
from imbalance_accessor.data.features import Features
from imbalance_accessor.findings import Findings
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Share
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, Result, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.counts import snippet as counts_code
from imbalance_accessor.verbs.counts import text as counts_words
from imbalance_accessor.verbs.counts.result import Counts
from imbalance_accessor.verbs.shared.snippet_data import name_of
from imbalance_accessor.verbs.weights import snippet as weights_code
from imbalance_accessor.verbs.weights import text as weights_words
from imbalance_accessor.verbs.weights.result import ClassWeights


@dataclass(frozen=True, repr=False, eq=False)
class Overview(Result):
    """What a new frame with a rare class is like.

    Attributes
    ----------
    counts : Counts
        Rows of each class.
    weights : ClassWeights
        Balanced class weights.
    features : Features
        The features by kind.
    findings : Findings
        What the reader must know.
    """

    counts: Counts
    weights: ClassWeights
    features: Features
    findings: Findings

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Give the weights their rows back: as a plain dict they go through pickle without."""
        counts, weights = state["counts"], state["weights"]
        restored = ClassWeights(
            weights, target=counts.target, method=weights.method, beta=weights.beta, in_frame=counts.in_frame
        )
        self.__dict__.update(state, weights=restored)

    @property
    def frame(self) -> pd.DataFrame:
        """The counts' frame, with each class's balanced weight."""
        frame = self.counts.frame
        return frame.assign(weight=[self.weights[label] for label in frame.index])

    @property
    def columns(self) -> pd.DataFrame:
        """Each column, its kind (numeric, categorical, left out), why, and its missing cells."""
        found = self.features.columns
        kinds = dict.fromkeys(found.numeric, ("numeric", ""))
        kinds |= dict.fromkeys(found.categorical, ("categorical", ""))
        kinds |= {name: ("left out", reason) for name, reason in found.left_out.items()}
        rows = [(*kinds[name], int(self.features.X[name].isna().sum())) for name in self.features.X.columns]
        index = pd.Index(self.features.X.columns, name="column", tupleize_cols=False)
        return pd.DataFrame(rows, columns=["kind", "why", "missing"], index=index)

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the counts in plain pandas; the full style adds the report on always saying the majority, and weights."""
        check_library(library)
        writer, known = Writer(), check_style(style)
        counts_code.write_rows(writer, self.counts, known)
        if known == "full":
            writer.add("", "# class weights")
            weights_code.write_weights(writer, self.weights)
            writer.add("print(class_weight)")
        return writer.text()

    def _card(self) -> Card:
        card, found = self.counts._card(), self.features.columns
        frame = self.frame
        cells = {
            "rows": frame["rows"].tolist(),
            "share": [Share(value) for value in frame["share"]],
            "weight": frame["weight"].tolist(),
            "test": frame["test_rows"].tolist(),
        }
        table = pd.DataFrame(cells, index=frame.index)
        kinds = f"{len(found.numeric)} numeric, {len(found.categorical)} categorical, {len(found.left_out)} left out"
        with_missing = int((self.columns["missing"] > 0).sum())
        missing = f"; empty cells in {with_missing}" if with_missing else "; no cell is empty"
        target = name_of(self.features.target.labels.name) if self.features.in_frame else "y"
        impute = ", impute=True" if missing_cells(self.features.X, found) else ""
        threshold = (f"df.imb.best_threshold({target})",) if self.features.target.is_binary else ()
        return replace(
            card,
            figures=(*card.figures, ("features", kinds + missing)),
            table=table,
            notes=(
                f"weight: the balanced class weight. test: rows of a test set with test_size={self.counts.test_size:g}.",
                *counts_words.severity_rule(self.counts),
            ),
            findings=self.findings,
            next=(f"df.imb.fit_eval({target})", *threshold, f"df.imb.smote({target}{impute})"),
        )

    def _pictures(self) -> Mapping[str, Picture]:
        return self.counts._pictures()

    def _explain(self, audience: Audience) -> Sequence[str]:
        said = self.counts._explain(audience)
        return said if audience == "interview" else [*said, *weights_words.in_short(self.weights)]
