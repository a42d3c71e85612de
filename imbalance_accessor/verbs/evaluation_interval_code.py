"""The intervals of `fit_eval` as code: closed forms for counted rows, a bootstrap of the test rows for the others."""

from __future__ import annotations

from imbalance_accessor.present.snippets import Writer
from imbalance_accessor.stats.registry import rows
from imbalance_accessor.verbs import interval_code
from imbalance_accessor.verbs.evaluation_data import EvaluationData

_SEVERAL = """\
def figures(true, told, levels, times):  # times: how often each row counts
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


def write_two_sided(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the functions that the intervals of a positive class against the rest take."""
    _write_helpers(writer, evaluation)
    interval_code.write_decided(writer)
    interval_code.write_shares(writer)
    if evaluation.scored.is_probability:
        interval_code.write_losses(writer)


def write_two_sided_ends(writer: Writer, evaluation: EvaluationData) -> None:
    """Write, inside the loop over strategies, the ends of every figure's interval."""
    cuts = f'{{"": {evaluation.scored.default_cut!r}, "_tuned": cut}}'
    probability = evaluation.scored.is_probability
    writer.add(
        f"    flags = {{suffix: score >= at for suffix, at in {cuts}.items()}}",
        "    level, sample = np.unique(-score, return_inverse=True)[1], []",
        *(["    loss = losses(is_test, score)"] if probability else []),
        f"    for times in {_drawn(evaluation, 'is_test')}:",
        "        drawn = ranking(is_test, level, times)",
    )
    if probability:
        writer.add("        drawn |= {key: times @ each / times.sum() for key, each in loss.items()}")
    writer.add(
        "        for suffix, flag in flags.items():",
        "            of_flags = decided(is_test, flag, times)",
        "            drawn |= {key + suffix: each for key, each in of_flags.items()}",
        "        sample.append(drawn)",
        "    add_ends(row, sample)",
        *_logit_ends(evaluation, "is_test"),
        "    for suffix, flag in flags.items():",
        "        counted = shares(is_test, flag)",
        "        add_counted(row, {key + suffix: each for key, each in counted.items()})",
    )


def write_several(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the functions that the intervals of several classes take."""
    _write_helpers(writer, evaluation)
    formulas = {each.name: f'np.mean([each["{each.name}"] for each in ranked])' for each in rows("ranking")}
    formulas |= {each.name: each.formula_of_classes for each in rows("decision", several=True)}
    text = _SEVERAL.format(figures=interval_code.entries(formulas))
    writer.add(*text.splitlines(), "", "")


def write_several_ends(writer: Writer, evaluation: EvaluationData) -> None:
    """Write, inside the loop over strategies, the ends of every figure's interval."""
    probability = evaluation.scored.is_probability
    means = [each.name for each in rows("decision", several=True) if each.interval.endswith("mover")]
    writer.add(
        "    levels = [np.unique(-each, return_inverse=True)[1] for each in score.T]",
        "    sample = []",
        f"    for times in {_drawn(evaluation, 'true')}:",
        "        drawn = figures(true, told, levels, times)",
    )
    if probability:
        writer.add("        drawn |= {key: times @ each / times.sum() for key, each in loss.items()}")
    writer.add(
        "        sample.append(drawn)",
        "    add_ends(row, sample)",
        *_logit_ends(evaluation, "true"),
        "    of_class = [",
        "        ((told[true == code] == code).sum(), (true == code).sum())",
        "        for code in range(len(labels))",
        "    ]",
        "    counted = {key: [each] for key, each in zip(recall_of, of_class)}",
        '    counted["accuracy"] = [((told == true).sum(), len(true))]',
        *(f'    counted["{name}"] = of_class' for name in means),
        "    add_counted(row, counted)",
    )


def _write_helpers(writer: Writer, evaluation: EvaluationData) -> None:
    scored = evaluation.scored
    interval_code.write_helpers(writer, scored.parts, evaluation.settings.random_state, scored.resamples)
    n_averaged = 1 if scored.positive is not None else len(scored.parts.task.target.classes)
    interval_code.write_logit(writer, interval_code.groups_of(scored.parts), n_averaged)
    interval_code.write_ranking(writer)


def _logit_ends(evaluation: EvaluationData, y: str) -> list[str]:
    ends = interval_code.logit_ends(y, interval_code.groups_of(evaluation.scored.parts))
    return [f"    {line}" for line in ends]


def _drawn(evaluation: EvaluationData, y: str) -> str:
    groups = interval_code.groups_of(evaluation.scored.parts)
    return interval_code.drawn(y, evaluation.scored.resamples.n_draws, groups)
