"""The lines of a snippet that give 95 % intervals: Wilson's for counted shares, else a bootstrap of the test rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imbalance_accessor.present.recipe import name_of
from imbalance_accessor.present.snippets import Writer

if TYPE_CHECKING:
    from imbalance_accessor.verbs.evaluation import Evaluation

_FIGURES = """\
def figures(y, p, cuts, times):  # times: how often each row counts
    order = np.argsort(-p, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(p[order]) != 0, True))  # ties pass together
    tp, fp = (np.cumsum((times * side)[order])[ends] for side in (y, ~y))
    step, beside = np.diff(tp, prepend=0), np.diff(fp, prepend=0)
    found = {
        "average_precision": (step * tp / np.maximum(tp + fp, 1)).sum() / tp[-1],
        "roc_auc": (step * (fp[-1] - fp + beside / 2)).sum() / (tp[-1] * fp[-1]),
    }{losses}
    for suffix, cut in cuts.items():
        flag = p >= cut
        kinds = (y & flag, ~y & flag, y & ~flag, ~y & ~flag)
        tp, fp, fn, tn = (float(times[rows].sum()) for rows in kinds)
        recall, specificity = tp / (tp + fn), tn / (tn + fp)
        root = np.sqrt((tp + fp) * (fn + tn)) * np.sqrt((tp + fn) * (fp + tn))
        found |= {
            "precision" + suffix: tp / max(tp + fp, 1),
            "recall" + suffix: recall,
            "f1" + suffix: 2 * tp / (2 * tp + fp + fn),
            "mcc" + suffix: (tp * tn - fp * fn) / (root or 1),
            "balanced_accuracy" + suffix: (recall + specificity) / 2,
            "g_mean" + suffix: np.sqrt(recall * specificity),
            "accuracy" + suffix: (tp + tn) / times.sum(),
        }
    return found


def wilson(k, n):
    z = ndtri(0.975)
    half = z * np.sqrt(k * (n - k) / n + z**2 / 4) if n else z**2 / 2
    low, high = (k + z**2 / 2 - half) / (n + z**2), (k + z**2 / 2 + half) / (n + z**2)
    return (low if k else 0.0), (high if k < n else 1.0)"""

_LOSSES = """
    eps = np.finfo(float).eps
    told = -np.log(np.clip(np.where(y, p, 1 - p), eps, 1 - eps))
    losses = {"brier": (p - y) ** 2, "log_loss": told, "mean_probability": p}
    found |= {name: (times * each).sum() / times.sum() for name, each in losses.items()}"""


def write_draws(writer: Writer, evaluation: Evaluation) -> None:
    """Write the figures as a function, Wilson's interval, and the bootstrap's draws, the same for every strategy."""
    writer.use_module("numpy", "np")
    writer.use("scipy.special", "ndtri")
    losses = _LOSSES if evaluation.scored.is_probability else ""
    writer.add(*_FIGURES.replace("{losses}", losses).splitlines(), "", "")
    n_draws = len(next(iter(next(iter(evaluation.judged.values())).samples.values())))
    seed = evaluation.settings.random_state or 0
    writer.add(f"rng, draws, n = np.random.default_rng({seed}), [], len(is_test)")
    grouped = evaluation.scored.parts.rule.groups
    drawn = "np.bincount(rng.integers(0, n, n), minlength=n)"
    if grouped is not None:
        own = evaluation.scored.parts.rule.own_test
        source = f"test[{name_of(grouped)}]" if own else "groups[held_out]"
        writer.add(f"unit = np.unique({source}, return_inverse=True)[1]", "n = unit.max() + 1")
    writer.add(
        f"while len(draws) < {n_draws}:  # a draw without a positive, or a negative, is drawn again",
        f"    times = {drawn}{'[unit]' if grouped is not None else ''}",
        "    if times[is_test].any() and times[~is_test].any():",
        "        draws.append(times)",
        "",
    )


def write_intervals(writer: Writer, evaluation: Evaluation) -> None:
    """Write, inside the loop over strategies, the ends of every figure's interval."""
    grouped = evaluation.scored.parts.rule.groups is not None
    cuts = f'{{"": {evaluation.scored.default_cut!r}, "_tuned": cut}}'
    writer.add(
        f"    cuts = {cuts}",
        "    sample = [figures(is_test, score, cuts, times) for times in draws]",
        "    for name_, value in list(row.items()):",
        '        if name_ in {"average_precision_cv", "cut"}:',
        "            continue",
        "        values = [each[name_] for each in sample]",
        "        low, high = np.quantile(values, [0.025, 0.975])",
        '        row[name_ + "_low"], row[name_ + "_high"] = min(low, value), max(high, value)',
        "    for suffix, at in cuts.items():",
        "        flag = score >= at",
        "        hits, right = (is_test & flag).sum(), (is_test == flag).sum()",
        "        shares = {",
        '            "recall": wilson(hits, is_test.sum()),',
        '            "precision": wilson(hits, flag.sum()),',
        '            "accuracy": wilson(right, len(flag)),',
        "        }",
        "        for name_, (low, high) in shares.items():",
        "            key = name_ + suffix",
    )
    if grouped:
        writer.add(
            '            row[key + "_low"] = min(low, row[key + "_low"])',
            '            row[key + "_high"] = max(high, row[key + "_high"])',
        )
    else:
        writer.add('            row[key + "_low"], row[key + "_high"] = low, high')
