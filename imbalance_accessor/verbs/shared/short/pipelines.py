"""Pipelines as scikit-learn's guides write them: `make_pipeline` of parts that have names, the same numbers in fewer lines."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from imblearn.over_sampling import SMOTEN, SMOTENC
from imblearn.pipeline import Pipeline
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.modeling.models import is_search
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.row_weights import WeightedPipeline
from imbalance_accessor.modeling.strategies import NAMES, Estimator
from imbalance_accessor.rendering.snippets.templates import replaced_names
from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Writer, on_one_line, quoted_code
from imbalance_accessor.verbs.shared.short.exactness import SeenRows

#: So many positions of columns are read at a glance.
_FEW = 4


@dataclass
class Definitions:
    """Variables that pipelines are made of, in the order in which they are defined, and the code of each."""

    writer: Writer
    code: dict[str, str] = field(default_factory=dict)

    def named(self, name: str, value: Any) -> str:
        """Return the variable that stands for an object, or for code; a new one where none does yet."""
        code = value if isinstance(value, str) else self.code_for(value)
        known = next((each for each, other in self.code.items() if other == code), None)
        if known is not None:
            return known
        taken = sum(each.partition("_")[0] == name for each in self.code)
        variable = name if not taken else f"{name}_{taken + 1}"
        self.code[variable] = code
        return variable

    def code_for(self, value: Any) -> str:
        """Write an object on one line."""
        return on_one_line(self.writer.expression(value))


class Recipes:
    """Writes pipelines one after another, so that they share what they have alike.

    Parameters
    ----------
    writer : Writer
    plan : Plan
    seen : SeenRows
    """

    def __init__(self, writer: Writer, plan: Plan, seen: SeenRows) -> None:
        self.definitions, self.plan, self.seen = Definitions(writer), plan, seen
        self.candidates: list[Candidate] = []
        columns = seen.columns
        self.numeric, self.categorical = list(columns.numeric), list(columns.categorical)

    def pipelines(self, names: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Write strategies' pipelines: the variables that they share, and each one's code."""
        self.candidates = [self.plan.candidates[name] for name in names]
        pipes = {name: self._pipeline(name) for name in names}
        return self.definitions.code, pipes

    def _pipeline(self, name: str) -> str:
        estimator = self.plan.candidates[name].estimator
        if is_search(estimator):
            return self._search(name, estimator)
        return self._in_line(name, estimator)

    def _search(self, name: str, search: Estimator) -> str:
        """Write a search around a pipeline whose steps are named after their classes; as it is where it searches others."""
        inner, place = search.estimator, _space_of(search)
        step, last = f"{self.plan.model.step}__", f"{type(inner.steps[-1][1]).__name__.lower()}__"
        grids = getattr(search, place) if place else None
        if not isinstance(grids, dict) or not all(key.startswith(step) for key in grids):
            return self.definitions.code_for(search)
        pipeline = self._in_line(name, inner)
        if not pipeline.startswith("make_pipeline("):
            return self.definitions.code_for(search)
        renamed = {key.replace(step, last, 1): values for key, values in grids.items()}
        around = clone(search).set_params(estimator=None, **{place: renamed})
        return self.definitions.code_for(around).replace("(estimator=None, ", f"({pipeline}, ", 1)

    def _in_line(self, name: str, estimator: Estimator) -> str:
        if type(estimator) not in (Pipeline, WeightedPipeline):
            return self.definitions.code_for(estimator)
        *before, (_, classifier) = estimator.steps
        is_ours = not self.plan.model.own and self.plan.model.vectorizer is None
        made = self._prepared(dict(before)) if is_ours else self._own(before)
        if made is None:
            return self.definitions.code_for(estimator)
        parts = [*made, self._classifier(name, classifier)]
        # one function fits all weighted pipelines
        is_line = type(estimator) is WeightedPipeline and any(
            len(getattr(each.estimator, "steps", ())) > 1 for each in self.candidates
        )
        is_line = is_line or len(parts) > 1
        return f"make_pipeline({', '.join(parts)})" if is_line else parts[0]

    def _classifier(self, name: str, classifier: Estimator) -> str:
        strategy = self.plan.candidates[name].strategy
        replaced = strategy.ensemble is not None or strategy.loss is not None
        own = name if name in NAMES and name.isidentifier() and replaced else "model"
        return self.definitions.named("weighted" if strategy.weighted else own, classifier)

    def _own(self, steps: Iterable[tuple[str, Estimator]]) -> list[str]:
        """Write steps as they are."""
        return [
            self.definitions.code_for(step)
            if hasattr(step, "fit_resample")
            else self.definitions.named("prep", step)
            for _, step in steps
        ]

    def _prepared(self, steps: dict[str, Estimator]) -> list[str] | None:
        """Write imputing, scaling, resampling and encoding; None where the sampler asks for more than names can say."""
        sampler, encode = steps.get("resample"), steps.get("encode")
        if not self._has_plain_names:
            return None
        if encode is None:
            return [*self._numbers(steps), *([] if sampler is None else [self.definitions.code_for(sampler)])]
        order = list(steps)
        keeps = sampler is not None and order.index("resample") < order.index("encode")
        if keeps:
            return self._with_categories(steps) if type(sampler) in (SMOTENC, SMOTEN) else None
        rest = [] if sampler is None else [self.definitions.code_for(sampler)]
        if not self.numeric:
            return [self._encoder(encode), *rest]
        cat, numbers = self._cat(), self._remainder(steps)
        return [self._on_columns("prep", self._encoder(encode), cat, numbers), *rest]

    def _with_categories(self, steps: dict[str, Estimator]) -> list[str]:
        """Write a sampler that makes rows of raw categories, which stand first."""
        sampler, k = clone(steps["resample"]), len(self.categorical)
        fill = self._filler(steps)
        if not self.numeric:
            encoder = self._encoder(steps["encode"])
            return [*([fill] if fill else []), self.definitions.code_for(sampler), encoder]
        raw = self._on_columns("raw", fill or '"passthrough"', self._cat(), self._remainder(steps))
        encoder = self._encoder(steps["encode"])
        first = list(range(k))
        made = self.definitions.code_for(sampler.set_params(categorical_features=first))
        made = made.replace("categorical_features=", "", 1)
        places = str(first)
        if k > _FEW:
            made, places = made.replace(places, f"list(range({k}))", 1), f"slice({k})"
        return [raw, made, self._on_columns("encode", encoder, places, '"passthrough"')]

    def _on_columns(self, name: str, transformer: str, columns: str, remainder: str) -> str:
        code = f"make_column_transformer(({transformer}, {columns}), remainder={remainder})"
        return self.definitions.named(name, code)

    def _cat(self) -> str:
        """Name the columns of categories; many of them by what they have in common."""
        names = self.definitions.code_for(self.categorical)
        return self.definitions.named("cat", by_kind(names, self.categorical, self.seen.X) or names)

    def _numbers(self, steps: dict[str, Estimator]) -> list[str]:
        """Return the steps that all numbers go through."""
        found = []
        if "impute" in steps and any(each.strategy == "median" for each in _imputers(steps)):
            found.append(self.definitions.named("fill", self._imputer(strategy="median")))
        if "scale" in steps:
            found.append(self.definitions.named("scale", StandardScaler()))
        return found

    def _remainder(self, steps: dict[str, Estimator]) -> str:
        """Return what stands for the numbers beside the categories."""
        fills = any(each.strategy == "median" for each in _imputers(steps))
        scales = "scale" in steps
        parts = [self._imputer(strategy="median")] if fills else []
        parts += [StandardScaler()] if scales else []
        if not parts:
            return '"passthrough"'
        code = ", ".join(self.definitions.code_for(each) for each in parts)
        code = f"make_pipeline({code})" if len(parts) > 1 else code
        return self.definitions.named("scale" if scales else "fill", code)

    def _filler(self, steps: dict[str, Estimator]) -> str:
        if not any(each.strategy == "constant" for each in _imputers(steps)):
            return ""
        return self.definitions.named("fill", self._imputer(strategy="constant", fill_value="missing"))

    def _imputer(self, **given: str) -> Estimator:
        return SimpleImputer(**given, keep_empty_features=self.seen.has_empty)

    def _encoder(self, encode: Estimator) -> str:
        """Write the encoder; rare levels are pooled only where there are any."""
        encoder = encode.transformers[0][1] if isinstance(encode, ColumnTransformer) else encode
        if not isinstance(encoder, OneHotEncoder):
            return self.definitions.named("ordinal", encoder)
        if not self._pools(encoder.min_frequency):
            encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=encoder.sparse_output)
        return self.definitions.named("onehot", encoder)

    def _pools(self, share: float) -> bool:
        """Whether a level is rare in some fit, also among the rows that a sampler of categories makes."""
        kept: list[Estimator] = [
            each.strategy.sampler for each in self.candidates if each.strategy.keeps_categories
        ]
        even = all(isinstance(sampler.sampling_strategy, str | float) for sampler in kept)
        return not even or self.seen.has_rare(share, grown=bool(kept))

    @property
    def _has_plain_names(self) -> bool:
        """Whether a column can be named alone: scikit-learn takes whole numbers for positions."""
        used = list(self.seen.X.columns)
        names = all(isinstance(name, str) for name in used)
        numeric = set(self.numeric)
        in_order = [name for name in used if name in numeric] == self.numeric
        return names and in_order and set(used) == numeric | set(self.categorical)


def by_kind(names: str, categorical: Sequence[Hashable], X: pd.DataFrame) -> str:
    """Name the columns of categories by what they have in common, where their names fill lines; nothing where they do not."""
    if len(f"cat = {names}") <= CODE_WIDTH:
        return ""
    same = X.select_dtypes(exclude="number").columns.tolist() == list(categorical)
    return 'X.select_dtypes(exclude="number").columns' if same else ""


def _imputers(steps: dict[str, Estimator]) -> Sequence[Estimator]:
    impute = steps.get("impute")
    if isinstance(impute, ColumnTransformer):
        return [each for _, each, _ in impute.transformers]
    return [] if impute is None else [impute]


def place_of_scaler(steps: dict[str, Estimator]) -> str:
    """Return where the scaler of the numbers stands in the step that prepares columns of both kinds; nothing where none is."""
    fills = any(each.strategy == "median" for each in _imputers(steps))
    return "" if "scale" not in steps else "remainder[-1]" if fills else "remainder"


def _space_of(search: Estimator) -> str:
    """Return the parameter by which a search is told what to try."""
    known = ("param_grid", "param_distributions")
    return next((each for each in known if each in search.get_params(deep=False)), "")


def inlined(definitions: dict[str, str], pipes: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Write what is used once in its place, where that fits on its line."""
    definitions, pipes = dict(definitions), dict(pipes)
    for variable in list(definitions):
        code = definitions[variable]
        users = [
            (where, name, replaced_names(text, {variable: code}))
            for where in (definitions, pipes)
            for name, text in where.items()
            if replaced_names(text, {variable: code}) != text
        ]
        if len(users) != 1 or replaced_names(users[0][0][users[0][1]], {variable: "\0"}).count("\0") != 1:
            continue
        ((where, name, text),) = users
        start = f"{name} = " if where is definitions else f"    {quoted_code(name)}: "
        if len(start + text) < CODE_WIDTH:
            where[name] = text
            del definitions[variable]
    return definitions, pipes
