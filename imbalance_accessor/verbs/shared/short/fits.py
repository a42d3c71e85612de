"""How pipelines are fitted to rows with weights of their own in a short program: by a function, `fit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import SMOTEN, SMOTENC

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.modeling.models import estimators_inside
from imbalance_accessor.modeling.parents import APPENDING
from imbalance_accessor.modeling.row_weights import WeightedPipeline, asks_for_weights
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared.short.pipelines import place_of_scaler


@dataclass(frozen=True)
class WeightedFits:
    """What `fit` must know of the pipelines that it fits.

    Attributes
    ----------
    scaler : str
        Where the scaler stands in the first step, where that prepares columns of both kinds.
    scales_some : bool
        Whether it stands there in some pipelines, and in others none does.
    scales : bool
        Whether scaling is a step.
    copies, makes : bool
        Whether a sampler copies or drops rows, and whether one makes rows.
    k : int
        How many categories stand before the numbers where rows are made of both.
    has_others : bool
        Whether there are steps that take no weights.
    balances : bool
        Whether a classifier weighs classes by their rows.
    n_classes : int
    is_simple : bool
        Whether a classifier takes the weights itself, no others inside it.
    is_alone : bool
        Whether there is nothing but classifiers.
    """

    scaler: str
    scales_some: bool
    scales: bool
    copies: bool
    makes: bool
    k: int
    has_others: bool
    balances: bool
    n_classes: int
    is_simple: bool
    is_alone: bool

    @property
    def asking(self) -> list[str]:
        """The steps that scikit-learn hands weights on to, where no sampler stands before them; none where it cannot."""
        if self.resamples or self.balances or not self.is_simple:
            return []
        if self.is_alone:
            return ["pipe"]
        scaler = f"pipe[0].{self.scaler}" if self.scaler else "pipe[-2]" if self.scales else ""
        return ["pipe[-1]", *filter(None, [scaler])]

    @property
    def resamples(self) -> bool:
        """Whether a sampler stands in any pipeline."""
        return self.copies or self.makes

    @property
    def has_loop(self) -> bool:
        """Whether any step is fitted in a loop."""
        return self.scales or self.resamples or self.has_others

    def write(self, writer: Writer) -> None:
        """Write `fit` above the program."""
        own = Writer(imports=writer.imports, modules=writer.modules)
        write_template(own, "shared/short/fit.py.j2", f=self)
        writer.definitions["fit"] = "\n".join(own.lines)


def weighted_fits(plan: Plan, pipes: Mapping[str, str], k: int) -> WeightedFits | None:
    """Read how pipelines are fitted to weighted rows; None where that takes a longer program.

    Parameters
    ----------
    plan : Plan
    pipes : dict of str to str
        Each strategy's pipeline, as code.
    k : int
        How many features are categories.
    """
    pipelines = [plan.candidates[name].estimator for name in pipes]
    if not all(isinstance(each, WeightedPipeline) for each in pipelines):
        return None
    balances = any(_balances(each) for each in pipelines)
    ends = len(plan.reader.classes), all(_is_simple(each.steps[-1][1]) for each in pipelines)
    if all(len(each.steps) == 1 for each in pipelines):
        return WeightedFits("", False, False, False, False, 0, False, balances, *ends, True)
    if not all(code.startswith("make_pipeline(") for code in pipes.values()):
        return None
    is_ours = not plan.model.own and plan.model.vectorizer is None
    steps = [dict(each.steps[:-1]) for each in pipelines]
    samplers = [step for each in steps for step in each.values() if hasattr(step, "fit_resample")]
    makes = [step for step in samplers if type(step) in APPENDING]
    scalers = {place_of_scaler(each) if k and is_ours else "" for each in steps}
    some = scalers - {""}
    if len(some) > 1 or any(isinstance(step, SMOTETomek | SMOTEENN | SMOTEN) for step in samplers):
        return None
    if not is_ours and (makes or any(asks_for_weights(step) for each in steps for step in each.values())):
        return None
    scaler = "".join(some)
    return WeightedFits(
        scaler,
        len(scalers) > 1,
        is_ours and not k and any("scale" in each for each in steps),
        len(makes) < len(samplers),
        bool(makes),
        k if any(isinstance(step, SMOTENC) for step in makes) else 0,
        any(_has_others(each, scaler) for each in steps) if is_ours else len(samplers) < sum(map(len, steps)),
        balances,
        *ends,
        False,
    )


def _is_simple(classifier: Estimator) -> bool:
    """Whether a classifier can ask for weights itself."""
    return hasattr(classifier, "set_fit_request") and len(list(estimators_inside(classifier))) == 1


def _has_others(steps: Mapping[str, Estimator], scaler: str) -> bool:
    """Whether steps of ours stand behind the first one that scales, or before it, and take no weights."""
    order = list(steps)
    if not scaler:
        return bool({"impute", "encode"} & {*order})
    return "resample" in order and "encode" in order and order.index("resample") < order.index("encode")


def _balances(pipeline: Estimator) -> bool:
    return str(pipeline.steps[-1][1].get_params(deep=False).get("class_weight")) == "balanced"
