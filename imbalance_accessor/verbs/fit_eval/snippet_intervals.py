"""The intervals of `fit_eval` as code: closed forms for counted rows, a bootstrap for the others, max-t for differences."""

from __future__ import annotations

from imbalance_accessor.metrics.registry import METRICS, rows
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared import snippet_intervals
from imbalance_accessor.verbs.shared.snippet_weights import is_weighted

_SEVERAL = """\
def weighted(true, told, levels, times):  # times: how often each row counts
    k = len(levels)
    table = np.bincount(k * true + told, times, k * k).reshape(k, k)
    hits, own, said = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    n, occurs, recalls = own.sum(), own + said > 0, hits / np.maximum(own, 1e-9)
    root = np.sqrt(own @ (n - own)) * np.sqrt(said @ (said.sum() - said))
    ranked = [ranking(true == code, level, times) for code, level in enumerate(levels)]
    found = {{
{figures}
    }}
    return found | dict(zip(recall_of, recalls))"""

_SAMPLED = """\
def sampled(y, rank{p}, flags, count{groups}):
    level, found = np.unique(-rank, return_inverse=True)[1], []{loss}
    for times in draws(y, count{groups}):
        drawn = ranking(y, level, times){losses}
        for suffix, flag in flags.items():
            of_flags = decided(y, flag, times)
            drawn |= {{key + suffix: each for key, each in of_flags.items()}}
        found.append(drawn)
    return found"""

_SAMPLED_SEVERAL = """\
def sampled(is_test, rank, p, count{groups}):
    true, told, found = is_test.argmax(axis=1), p.argmax(axis=1), []
    levels = [np.unique(-each, return_inverse=True)[1] for each in rank.T]{loss}
    for times in draws(true, count{groups}):
        drawn = weighted(true, told, levels, times){losses}
        found.append(drawn)
    return found"""

_COUNTED_SEVERAL = """\
def shares(is_test, p):
    true, told = is_test.argmax(axis=1), p.argmax(axis=1)
    of_class = [
        ((told[true == code] == code).sum(), (true == code).sum())
        for code in range(len(labels))
    ]
    counted = {{key: [each] for key, each in zip(recall_of, of_class)}}
    counted["accuracy"] = [((told == true).sum(), len(true))]
    return counted | dict.fromkeys({means}, of_class)"""

_AVERAGED = """\
def averaged(every):
    return {key: np.mean([each[key] for each in every], axis=0) for key in every[0]}"""

_DIFFERENCES = """\
# against "none", in the same draws: intervals that hold for all strategies at once
names = [name for name in rows if name != "none"]
gained = np.array([compared[name] for name in names]) - compared["none"]
point = np.array([rows[name]["{metric}_cv"] for name in names])
point = point - rows["none"]["{metric}_cv"]
se = np.maximum(gained.std(axis=1, ddof=1), 1e-12)
half = np.quantile((np.abs(gained.T - point) / se).max(axis=1), 0.95) * se{still}
ends = {{"{metric}": point, "low": point - half, "high": point + half}}
print(pd.DataFrame(ends, index=names))"""


def reports_ends(evaluation: EvaluationData) -> bool:
    """Whether the intervals of what is reported are written: not where rows or folds are weighted, nor of few groups."""
    weighted_folds = not (evaluation.held_out or evaluation.scored.parts.is_stratified)
    return evaluation.few_groups is None and not (weighted_folds or is_weighted(evaluation.scored.parts))


def compares_in_code(evaluation: EvaluationData) -> bool:
    """Whether the differences' intervals are written: of ranks and probabilities, where one kind of draws serves all rows."""
    parts = evaluation.scored.parts
    of_flags = METRICS[evaluation.decided_by.removesuffix("_tuned")].kind == "decision"
    several = len(evaluation.evaluated) > 1
    by_class = parts.is_stratified and not parts.split_by.own_test
    return several and by_class and not (of_flags or is_weighted(parts))


def is_drawn(evaluation: EvaluationData) -> bool:
    """Whether the rows out of fold are drawn: to compare, or to report where nothing is held out."""
    reported = not evaluation.held_out and reports_ends(evaluation)
    return reported or compares_in_code(evaluation)


def write_functions(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the functions that draws and intervals take, as far as any are written."""
    if evaluation.scored.again:
        snippet_intervals.write_function(writer, _AVERAGED)
    if not (reports_ends(evaluation) or is_drawn(evaluation)):
        return
    scored, several = evaluation.scored, not evaluation.is_binary
    averaged = bool(scored.again) and not scored.held_out
    seed = evaluation.settings.random_state
    snippet_intervals.write_helpers(writer, scored.parts, seed, scored.resamples, averaged=averaged)
    n_averaged = len(scored.parts.features.target.classes) if several else 1
    snippet_intervals.write_logit(writer, snippet_intervals.groups_of(scored.parts), n_averaged)
    snippet_intervals.write_ranking(writer)
    losses = {
        "groups": "" if snippet_intervals.groups_of(scored.parts) is None else ", groups",
        "loss": "",
        "losses": "",
    }
    if scored.is_probability:
        losses["loss"] = f"\n    loss = losses({'is_test' if several else 'y'}, p)"
        each = "{key: times @ each / times.sum() for key, each in loss.items()}"
        losses["losses"] = f"\n        drawn |= {each}"
    if several:
        formulas = {
            each.name: f'np.mean([each["{each.name}"] for each in ranked])' for each in rows("ranking")
        }
        formulas |= {each.name: each.formula_of_classes for each in rows("decision", several=True)}
        snippet_intervals.write_function(writer, _SEVERAL.format(figures=snippet_intervals.entries(formulas)))
        means = [each.name for each in rows("decision", several=True) if each.interval.endswith("mover")]
        means.append("recall")
        written = "[" + ", ".join(f'"{name}"' for name in means) + "]"
        snippet_intervals.write_function(writer, _COUNTED_SEVERAL.format(means=written))
        snippet_intervals.write_function(writer, _SAMPLED_SEVERAL.format(**losses))
        return
    snippet_intervals.write_decided(writer)
    snippet_intervals.write_shares(writer)
    if scored.is_probability:
        snippet_intervals.write_losses(writer)
    p = ", p" if scored.is_probability else ""
    snippet_intervals.write_function(writer, _SAMPLED.format(p=p, **losses))


def sampled(evaluation: EvaluationData, arguments: str, *, out_of_fold: bool = False) -> str:
    """Write the call that draws the rows that are reported, or those out of fold."""
    scored = evaluation.scored
    groups = snippet_intervals.groups_of(scored.parts)
    count = (scored.oof_resamples if out_of_fold else scored.resamples).n_draws
    return f"sampled({arguments}, {count}{'' if groups is None else f', {groups}'})"


def end_lines(evaluation: EvaluationData, y: str) -> list[str]:
    """Return the lines that put the ends of every figure's interval into ``row``, from ``sample`` and ``counted``."""
    groups = snippet_intervals.groups_of(evaluation.scored.parts)
    return ["add_ends(row, sample)", *snippet_intervals.logit_ends(y, groups), "add_counted(row, counted)"]


def write_differences(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the differences to the plain model, or say why their intervals are not written."""
    if compares_in_code(evaluation):
        still, n = "", int(evaluation.comparison.resamples.units_by_class.min())
        if METRICS[evaluation.decided_by].kind == "ranking":
            still = (
                "\nz2 = ndtri(0.975) ** 2  # where no draw distinguishes two orders"
                f"\nhalf[np.ptp(gained, axis=1) < 1e-12] = z2 / ({n} + z2)"
            )
        writer.add(*_DIFFERENCES.format(metric=evaluation.decided_by, still=still).splitlines())
    elif is_weighted(evaluation.scored.parts):
        writer.add("# intervals are not written out here: see .frame and .differences")
    elif len(evaluation.evaluated) > 1 and evaluation.is_compared:
        writer.add("# the intervals of differences are not written out here: see .differences")
