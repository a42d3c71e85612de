"""The lines of a snippet that measure calibration, with intervals and without."""

from __future__ import annotations

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.calibration import EDGE
from imbalance_accessor.metrics.chance import Chance
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_weights


def write_figures(writer: Writer, r: ReliabilityData, *, short: bool) -> None:
    """Write the function of the figures."""
    if weighs_rows(r):
        _write_weighted(writer, r, short=short)
        return
    writer.use("sklearn.metrics", "average_precision_score", "brier_score_loss")
    if short:
        lines = (
            '        "mean_probability": p.mean(),',
            '        "brier": brier_score_loss(y, p),',
            '        "average_precision": average_precision_score(y, p),',
        )
        name = "of_deal" if averages(r) else "figures"
        writer.add("", "", f"def {name}(y, p):", "    return {", *lines, "    }", "", "")
        if averages(r):
            writer.use_module("numpy", "np")
            writer.add(*_MEANS.splitlines(), "", "", *_SHORT_MEANS.splitlines(), "", "")
        return
    writer.use("sklearn.isotonic", "IsotonicRegression")
    writer.use("sklearn.metrics", "log_loss")
    write_helpers(writer, r)
    n_bins = r.binning.n_bins
    edges = f"np.linspace(0, 1, {n_bins + 1})"
    if r.binning.error_rule == "quantile":
        edges = f"np.percentile(p, {edges} * 100)"
    writer.add(
        "def of_deal(y, p, first):" if averages(r) else "def figures(y, p):",
        "    best = IsotonicRegression().fit_transform(p, y)  # rows of one p together",
        "    brier, uncertainty = brier_score_loss(y, p), y.mean() * (1 - y.mean())",
        f"    edges = {edges}",
        "    place = np.searchsorted(edges[1:-1], p)",
        "    gaps = np.bincount(place, p - y)",
        "    row = {",
        '        "brier": brier,',
        '        "brier_skill": 1 - brier / uncertainty,',
        '        "log_loss": log_loss(y, p),',
        '        "mean_probability": p.mean(),',
        '        "average_precision": average_precision_score(y, p),',
        '        "miscalibration": brier - np.mean((best - y) ** 2),',
        '        "discrimination": uncertainty - np.mean((best - y) ** 2),',
        '        "uncertainty": uncertainty,',
        '        "ece": np.abs(gaps).sum() / len(p),',
        "    }",
    )
    write_ends(writer, r, averaged=averages(r), some=subset_of(r._first.scored))
    if averages(r):
        writer.add(*_MEANS.splitlines(), "", "", *_FULL_MEANS.splitlines(), "", "")


def _write_weighted(writer: Writer, r: ReliabilityData, *, short: bool) -> None:
    """Write the function of the figures of rows that do not count once each, which has no intervals."""
    writer.use_module("numpy", "np")
    writer.add("# intervals are not written out here: see .frame")
    precision = _precision(writer, r)
    name = "of_deal" if averages(r) else "figures"
    if short:
        writer.use("sklearn.metrics", "brier_score_loss")
        lines = (
            '        "mean_probability": np.average(p, weights=w),',
            '        "brier": brier_score_loss(y, p, sample_weight=w),',
            f'        "average_precision": {precision},',
        )
        text = "\n".join([f"def {name}(y, p, w):", "    return {", *lines, "    }"])
        snippet_intervals.write_function(writer, text)
    else:
        _write_all_weighted(writer, r, name, precision)
    if averages(r):
        writer.add(*_MEANS.splitlines(), "", "", *_WEIGHTED_MEANS.splitlines(), "", "")


def _precision(writer: Writer, r: ReliabilityData) -> str:
    """Write the call of average precision."""
    if snippet_weights.takes_half(r._first.scored) and r._first.scored.positive is not None:
        snippet_weights.write_precision(writer, r._first.scored)
        return "average_precision(y, p, w)"
    writer.use("sklearn.metrics", "average_precision_score")
    return "average_precision_score(y, p, sample_weight=w)"


def _write_all_weighted(writer: Writer, r: ReliabilityData, name: str, precision: str) -> None:
    writer.use("sklearn.isotonic", "IsotonicRegression")
    writer.use("sklearn.metrics", "log_loss")
    writer.use("scipy.special", "expit", "logit")
    line = _LINE
    for text, instead in _WEIGHTED.items():
        line = line.replace(text, instead)
    snippet_intervals.write_function(writer, line)
    edges = f"np.linspace(0, 1, {r.binning.n_bins + 1})"
    if r.binning.error_rule == "quantile":
        snippet_intervals.write_function(writer, _QUANTILES)
        edges = f"quantiles(p, {edges}, w)"
    writer.add(
        f"def {name}(y, p, w):",
        f'    row = {{"average_precision": {precision}}}',
        *(["    y, p, w = y[w > 0], p[w > 0], w[w > 0]"] if _some_count_nothing(r) else []),
        "    best = IsotonicRegression().fit_transform(p, y, sample_weight=w)  # by p",
        "    brier, lowest = (np.average((each - y) ** 2, weights=w) for each in (p, best))",
        "    share = np.average(y, weights=w)",
        "    uncertainty = share * (1 - share)",
        f"    edges = {edges}",
        "    gaps = np.bincount(np.searchsorted(edges[1:-1], p), w * (p - y))",
        "    row |= {",
        '        "brier": brier,',
        '        "brier_skill": 1 - brier / uncertainty,',
        '        "log_loss": log_loss(y, p, sample_weight=w),',
        '        "mean_probability": np.average(p, weights=w),',
        '        "miscalibration": brier - lowest,',
        '        "discrimination": uncertainty - lowest,',
        '        "uncertainty": uncertainty,',
        '        "ece": np.abs(gaps).sum() / w.sum(),',
        "    }",
        "    return row | calibration_line(y, p, w)",
        "",
        "",
    )


def weighs_rows(r: ReliabilityData) -> bool:
    """Whether rows do not count once each."""
    return snippet_weights.is_weighted(r._first.scored.parts)


def _some_count_nothing(r: ReliabilityData) -> bool:
    parts = r._first.scored.parts
    return any(
        each.own is not None and not each.own.all() for each in (parts.train_weights, parts.test_weights)
    )


_MEANS = """\
def means(rows):  # over the deals of the folds
    return {name: np.mean([row[name] for row in rows]) for name in rows[0]}"""

_SHORT_MEANS = """\
def figures(pairs):
    return means([of_deal(y, p) for y, p in pairs])"""

_WEIGHTED_MEANS = """\
def figures(deals):
    return means([of_deal(*rows) for rows in deals])"""

_FULL_MEANS = """\
def figures(pairs):
    found, samples = zip(*(of_deal(y, p, pairs[0][0]) for y, p in pairs))
    row, sample = means(found), [means(drawn) for drawn in zip(*samples)]
    if sample:
        add_ends(row, sample)
    return row"""


def averages(r: ReliabilityData) -> bool:
    """Whether reported figures are means over several deals of the folds."""
    return bool(r._first.scored.again) and not r._first.scored.held_out


_LINE_ENDS = '(("", value), ("_low", value - half), ("_high", value + half))'
_LINE = f'''\
def calibration_line(y, p):
    """Calibration intercept (the slope fixed at 1) and slope, by Newton's method."""
    x = logit(np.clip(p, {EDGE:g}, 1 - {EDGE:g}))
    one, found = np.ones((len(x), 1)), {{}}
    for name, design, offset in (("intercept", one, x), ("slope", np.c_[one, x], 0)):

        def loss(coef, design=design, offset=offset):
            eta = design @ coef + offset
            return np.logaddexp(0, eta).sum() - eta[y].sum()

        coef = np.zeros(design.shape[1])
        for _ in range(100):
            mu = expit(design @ coef + offset)
            information = (design * (mu * (1 - mu))[:, None]).T @ design
            try:
                step = np.linalg.solve(information, design.T @ (y - mu))
            except np.linalg.LinAlgError:  # there is no such line
                step = np.full(len(coef), np.inf)
                break
            while loss(coef + step) > loss(coef) + 1e-9 * abs(loss(coef)):
                step = step / 2
            coef = coef + step
        half = value = np.nan
        if np.abs(step).max() < 1e-6 and (name == "intercept" or np.ptp(x) > 0):
            value = coef[-1]
            half = ndtri(0.975) * np.sqrt(np.linalg.inv(information)[-1, -1])
        for end, at in {_LINE_ENDS}:
            found["calibration_" + name + end] = at
    return found'''

#: How the line is fitted to rows that do not count once each, and what of its text stands for rows that do.
_WEIGHTED = {
    "calibration_line(y, p)": "calibration_line(y, p, w)",
    "np.logaddexp(0, eta).sum() - eta[y].sum()": "w @ np.logaddexp(0, eta) - w[y] @ eta[y]",
    "mu * (1 - mu)": "w * mu * (1 - mu)",
    "(y - mu)": "(w * (y - mu))",
    "half = value": "value",
    "            half = ndtri(0.975) * np.sqrt(np.linalg.inv(information)[-1, -1])\n": "",
    f"        for end, at in {_LINE_ENDS}:\n": "",
    '    found["calibration_" + name + end] = at': 'found["calibration_" + name] = value',
}

_QUANTILES = """\
def quantiles(p, shares, w):  # those of as many equal rows
    order = np.argsort(p)
    passed = w[order].cumsum()
    at = np.searchsorted(passed, (passed[-1] - min(1, w.mean())) * shares, side="right")
    return p[order][np.minimum(at, len(p) - 1)]"""

_CHANCE = '''\
def by_chance(p, place):
    """What probabilities that are true would show at this size, simulated."""
    level, rows = np.unique(p, return_inverse=True, return_counts=True)[1:]
    of_bin = np.zeros(len(rows), dtype=int)
    of_bin[level] = place
    mean, seen = np.minimum(np.bincount(level, p) / rows, 1), []
    rng = np.random.default_rng({seed})
    for _ in range({count}):
        share = rng.binomial(rows, mean) / rows
        gaps = np.bincount(of_bin, rows * (share - mean))
        best = isotonic_regression(share, weights=rows).x
        gain = ((share - mean) ** 2 - (share - best) ** 2) @ rows
        seen.append([np.abs(gaps).sum() / len(p), gain / len(p)])
    found = {{}}
    for name, each in zip(("ece", "miscalibration"), np.transpose(seen)):
        found[name + "_expected"] = each.mean()
        found[name + "_expected_high"] = np.quantile(each, 0.95)
    return found'''

_DRAWN = """\
    level, sample = np.unique(-p, return_inverse=True)[1], []
    loss = losses(y, p)
    for times in {draws}:
        drawn = {{key: times @ each / times.sum() for key, each in loss.items()}}
        share = times @ y / times.sum()
        drawn["brier_skill"] = 1 - drawn["brier"] / (share * (1 - share))
        drawn["average_precision"] = ranking(y, level, times)["average_precision"]
        sample.append(drawn)
"""


def write_helpers(writer: Writer, r: ReliabilityData) -> None:
    """Write the functions that the intervals take."""
    writer.use("scipy.special", "expit", "logit", "ndtri")
    line = _LINE if has_ends(r) else _LINE.replace(_LINE_ENDS, '(("", value),)')
    snippet_intervals.write_function(writer, line)
    if _is_simulated(r) and _chances(r):
        writer.use("scipy.optimize", "isotonic_regression")
        text = _CHANCE.format(seed=_seed(r), count=max(chance.n_draws for chance in _chances(r)))
        snippet_intervals.write_function(writer, text)
    if has_ends(r):
        strategy_scores = next(iter(r.scores_by_strategy.values()))
        parts = strategy_scores.scored.parts
        resamples = strategy_scores.resamples if len(parts.test) else strategy_scores.oof_resamples
        snippet_intervals.write_helpers(writer, parts, _seed(r), resamples, counted=False)
        snippet_intervals.write_ranking(writer)
    snippet_intervals.write_losses(writer, ("brier", "log_loss", "mean_probability"))


def write_ends(writer: Writer, r: ReliabilityData, *, averaged: bool = False, some: str = "") -> None:
    """Write, inside the function of the figures, the ends of ``row``'s intervals, and its end.

    Averaged figures of several deals of the folds have their ends later, from the draws that are returned too.
    """
    end = ", sample" if averaged else ""
    if averaged and not has_ends(r):
        writer.add("    sample = []")
    if has_ends(r):
        count = len(next(iter(r.report.rows.values())).figures.samples["brier"])
        groups = snippet_intervals.groups_of(next(iter(r.scores_by_strategy.values())).scored.parts)
        if groups == "groups_train" and some:
            groups = f"np.asarray(groups_train){some}"
        drawn = snippet_intervals.draws_of("first" if averaged else "y", count, groups)
        writer.add(*_DRAWN.format(draws=drawn).splitlines())
        writer.add(*([] if averaged else ["    add_ends(row, sample)"]))
    if _is_simulated(r):
        writer.add(f"    return row | calibration_line(y, p) | by_chance(p, place){end}", "", "")
    else:
        writer.add(
            "    # what chance alone would show is left out: it puts like probabilities together",
            f"    return row | calibration_line(y, p){end}",
            "",
            "",
        )


def has_ends(r: ReliabilityData) -> bool:
    """Whether figures have intervals: few groups have none."""
    return all(map(len, next(iter(r.report.rows.values())).figures.samples.values()))


def _chances(r: ReliabilityData) -> list[Chance]:
    """Return what chance alone would show, of the rows that have probabilities."""
    return [row.chance for row in r.report.rows.values() if row.chance is not None]


def _is_simulated(r: ReliabilityData) -> bool:
    """Whether every distinct probability has outcomes of its own in the simulations."""
    return not any(chance.grouped for chance in _chances(r))


def _seed(r: ReliabilityData) -> int:
    return next(iter(r.scores_by_strategy.values())).random_state or 0


def subset_of(scored: CrossValScores) -> str:
    """Write the subscript of the rows that are cross-fitted."""
    if scored.parts.split_by.time is not None:
        return "[later]"
    return "" if (scored.folds.ids >= 0).all() else "[known]"
