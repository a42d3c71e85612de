"""The code that fits the plain model on shuffled labels."""

from __future__ import annotations

from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import has_own, name_of
from imbalance_accessor.verbs.shared.snippet_weights import weighted_code


def write_permuted(writer: Writer, evaluation: EvaluationData, permutations: int) -> None:
    """Write the scores of the plain model on shuffled labels."""
    plan, scored = evaluation.plan, evaluation.scored
    split_by = scored.parts.split_by
    writer.use("sklearn.base", "clone")
    writer.add("", "# is there signal at all? the same on shuffled labels")
    X, y = (f"{each}_train{'' if scored.parts.kept is None else '.iloc[kept]'}" for each in "Xy")
    train, test = f"rng.permutation(len({y}))", "rng.permutation(len(y_test))"
    if split_by.groups is not None or split_by.time is not None:
        _write_order(writer, evaluation)
        train, test = "shuffled(ruled_train)", "shuffled(ruled_test)"
    margin = f".{snippet_scores.method(scored)}(X_test)"
    several = scored.positive is None
    column = snippet_scores.wide(plan) if several else snippet_scores.positive_column(plan, scored)
    sign = "-" if not scored.is_probability and scored.positive == 0 else ""
    metric = METRICS["average_precision"]
    figure = weighted_code(metric, "average_precision_score(is_test[order], score)", scored, "w_test[order]")
    first, given = list[str](), ""
    if has_own(scored.parts.features):  # a label takes its weight along
        own = f"own_train{'' if scored.parts.kept is None else '[kept]'}"
        first, train, given = [f"    order = {train}"], "order", f", sample_weight={own}[order]"
    writer.add(
        f"rng, on_shuffled = np.random.default_rng({plan.random_state!r}), []",
        f"for _ in range({permutations}):",
        *first,
        f"    mixed = {y}.to_numpy()[{train}]",
        f'    fitted = clone(strategies["none"]).fit({X}, mixed{given})',
        f"    order = {test}",
        f"    score = {sign}fitted{margin}{column}",
        f"    on_shuffled.append({figure})",
        "print(np.sort(on_shuffled))",
    )


def _write_order(writer: Writer, evaluation: EvaluationData) -> None:
    """Write how labels of whole groups change places, or are rotated along time."""
    split_by = evaluation.scored.parts.split_by
    name, column = ("groups", split_by.groups) if split_by.groups is not None else ("time", split_by.time)
    writer.add(f"ruled_train = np.asarray({name}_train)")
    source = f"test[{name_of(column)}]" if split_by.own_test else f"np.asarray({name})[held_out]"
    writer.add(f"ruled_test = np.asarray({source})")
    if name == "groups":
        inner = [
            "    codes = np.unique(ruled, return_inverse=True)[1]",
            '    places = np.argsort(codes, kind="stable")',
            '    givers = np.argsort(rng.permutation(codes.max() + 1)[codes], kind="stable")',
        ]
    else:
        inner = [
            '    places = np.argsort(ruled, kind="stable")',
            "    givers = np.roll(places, int(rng.integers(1, len(ruled))))",
        ]
    writer.add("", "", "def shuffled(ruled):", *inner, "    order = np.empty(len(places), dtype=int)")
    writer.add("    order[places] = givers", "    return order", "", "")
