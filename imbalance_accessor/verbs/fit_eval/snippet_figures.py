"""The code of the metrics that the full program measures, by their names."""

from __future__ import annotations

from imbalance_accessor.metrics.registry import KINDS, METRICS, Metric, rows
from imbalance_accessor.rendering.snippets.templates import replaced_names
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared.snippet_weights import is_weighted, takes_half, weighted_code


class Figures:
    """Calls and formulas, as the templates read them."""

    def __init__(self, evaluation: EvaluationData) -> None:
        self.scored, self.several = evaluation.scored, not evaluation.is_binary
        self.is_probability = self.scored.is_probability
        self.takes_p = self.is_probability or self.several
        self._is_pooled = self.scored.parts.is_stratified or self.scored.one_model

    @property
    def libraries(self) -> list[tuple[str, str]]:
        """Where the calls are imported from, and what."""
        every = (metric.library for kind in KINDS for metric in rows(kind, several=self.several))
        return [library for library in every if library is not None]

    @property
    def recall_of(self) -> list[str]:
        """The columns of each class's recall."""
        return [f"recall[{name}]" for name in self.scored.parts.features.target.names]

    @property
    def measured(self) -> dict[str, str]:
        """What is measured of the order of rows, and of probabilities; of several classes also of those that are told."""
        found = {each.name: self._renamed(each, "rank") for each in rows("ranking")}
        if self.several:
            told = rows("decision", several=True)
            return found | {each.name: self._weighted(each, each.code_of_classes) for each in told}
        if self.is_probability:
            found |= {each.name: self._renamed(each, "p") for each in rows("probability")}
        return found

    @property
    def decided(self) -> dict[str, str]:
        """What is measured of flags."""
        return {each.name: self._weighted(each, each.code) for each in rows("decision")}

    @property
    def losses(self) -> dict[str, str]:
        """Each row's share in the figures of several classes' probabilities."""
        return {each.name: each.formula_of_classes for each in rows("probability", several=True)}

    @property
    def order(self) -> list[str]:
        """The names of the figures of the order of rows."""
        return [each.name for each in rows("ranking")]

    @property
    def formulas(self) -> dict[str, str]:
        """The figures of classes that are told, for rows that count several times."""
        return {each.name: each.formula_of_classes for each in rows("decision", several=True)}

    @property
    def means_of_recalls(self) -> list[str]:
        """The figures that are means of the classes' recalls."""
        every = rows("decision", several=True)
        return [*(each.name for each in every if each.interval.endswith("mover")), "recall"]

    @property
    def crossed(self) -> str:
        """The rows out of fold that figures are measured of, as arguments."""
        rank = "rank" if self._is_pooled else "oof"
        given = ["is_train", rank, *["oof"] * self.takes_p, *["w_train"] * is_weighted(self.scored.parts)]
        return ", ".join(f"{each}{self.scored_rows}" for each in given)

    @property
    def scored_rows(self) -> str:
        """The subscript that leaves the rows that have scores out of fold."""
        if (self.scored.folds.ids >= 0).all():
            return ""
        return "[~np.isnan(oof[:, 0])]" if self.several else "[~np.isnan(oof)]"

    @property
    def by_fold(self) -> dict[str, str]:
        """The figures that are means over folds, where these are not stratified."""
        found = dict[str, str]()
        for metric in () if self._is_pooled else rows("ranking"):
            if metric.name != "average_precision":
                code = replaced_names(metric.code, {"score": "oof[f]", "is_test": "is_train[f]"})
                if metric.library is not None and metric.library[0] == "sklearn.metrics":
                    code = f"{code[:-1]}, average=None)"
                found[metric.name] = self._weighted(metric, code, "w_train[f]")
        return found

    @property
    def pooled_precision(self) -> str:
        """Average precision of all training rows."""
        return self._precision("is_train", "rank", "w_train")

    @property
    def precision_of_fold(self) -> str:
        """Average precision of a fold."""
        half = "half" if takes_half(self.scored) else ""
        return self._precision("is_train[f]", "oof[f], average=None", "w_train[f]", half)

    @property
    def precision_of_test(self) -> str:
        """Average precision of the test set."""
        return self._precision("is_test", "score", "w_test")

    @property
    def precision_of_shuffled(self) -> str:
        """Average precision of the test set, its labels shuffled."""
        return self._precision("is_test[order]", "score", "w_test[order]")

    def _precision(self, y: str, score: str, w: str, half: str = "") -> str:
        code = f"average_precision_score({y}, {score})"
        return weighted_code(METRICS["average_precision"], code, self.scored, w, half=half)

    def _renamed(self, metric: Metric, name: str) -> str:
        return self._weighted(metric, replaced_names(metric.code, {"score": name}))

    def _weighted(self, metric: Metric, code: str, w: str = "w") -> str:
        return weighted_code(metric, code, self.scored, w)
