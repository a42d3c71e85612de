"""The function ``best_threshold`` of a snippet, and those that it takes: numpy that finds the same threshold."""

from __future__ import annotations

from textwrap import wrap

from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.metrics.thresholds import CANDIDATES, DRAWS, Tuning
from imbalance_accessor.metrics.weights import ONES, Weights
from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Writer
from imbalance_accessor.verbs.shared.snippet_intervals import parts_of

_ROUNDED = """\
def rounded(threshold, score):
    below = score[score < threshold].max(initial=-np.inf)
    exact = repr(float(threshold))
    for digits in range(2, 18):  # the fewest that flag the same rows
        found = float(Context(digits, ROUND_FLOOR).create_decimal(exact))
        if found > below:
            return found
    return threshold"""

_HEAD = """\
def exact_threshold({arguments}):
{what}
    order = np.argsort(-score, kind="stable")
    {rows} = {ordered}
    last = np.r_[score[1:] != score[:-1], True]  # thresholds are distinct scores"""

_DRAWN = """\
def drawn_thresholds(y, score):
{what}
    n, m = y.sum(), (~y).sum()
    thresholds = np.unique(score[y])  # it is best at a positive's score, or at inf
    thresholds = thresholds[:: -(-len(thresholds) // {candidates})][::-1]
    at = -thresholds
    between = np.bincount(np.searchsorted(at, -score[y]), minlength=len(at))
    rng = np.random.default_rng({seed})  # how many rows of a draw lie between two thresholds
    tp = rng.multinomial(n, between / n, {draws}).cumsum(axis=1)
    between = np.bincount(np.searchsorted(at, -score[~y]), minlength=len(at) + 1)
    fp = rng.multinomial(m, between / m, {draws})[:, :-1].cumsum(axis=1)
    tp, fp = np.insert(tp, 0, 0, axis=1), np.insert(fp, 0, 0, axis=1)"""

#: The same where rows do not count once each.
_DRAWN_WEIGHTED = """\
def drawn_thresholds(y, score, w):
{what}
    thresholds = np.unique(score[y])  # it is best at a positive's score, or at inf
    thresholds = thresholds[:: -(-len(thresholds) // {candidates})][::-1]
    place, k = np.searchsorted(-thresholds, -score), len(thresholds)
    rng = np.random.default_rng({seed})

    def drawn(side, cells):  # rows of a draw between two thresholds weigh their mean
        rows = np.bincount(place[side], minlength=cells)
        mean = np.bincount(place[side], w[side], cells) / np.maximum(rows, 1)
        times = rng.multinomial(rows.sum(), rows / rows.sum(), {draws})
        return np.insert((mean * times).cumsum(axis=1), 0, 0, axis=1)

    tp, fp = drawn(y, k), drawn(~y, k + 1)"""

_LAST = """\
    best = value.max(axis=1, keepdims=True)
    return np.r_[np.inf, thresholds][(value >= best - {digits} * abs(best)).argmax(axis=1)]"""

_MEDIAN = """\
def best_threshold({arguments}):
    return rounded(np.sort(drawn_thresholds({arguments}))[{middle}], score)  # the median"""

_AVERAGED = """\
def averaged(thresholds):  # to four digits, or as many as keep it among them
    low, high = min(thresholds), max(thresholds)
    near = (float(f"{np.mean(thresholds):.{digits}g}") for digits in range(4, 17))
    return low if low == high else next(each for each in near if low <= each <= high)"""

_SINGLE = """\
def best_threshold({arguments}{head}):
    return rounded(exact_threshold({arguments}{more}), score)"""


def write_best_threshold(
    writer: Writer,
    tuning: Tuning,
    *,
    amounts: dict[str, float] | None = None,
    ceiling: str = "",
    searched: bool = False,
    deals: int = 1,
    weights: Weights = ONES,
) -> None:
    """Write the function, after ``rounded`` and either ``drawn_thresholds``, whose median it takes, or ``exact_threshold``.

    Parameters
    ----------
    writer : Writer
    tuning : Tuning
        How it chooses.
    amounts : dict of str to float, optional
        Costs by outcome, where they are the same for all rows; else the function takes two more arrays, what
        each row costs if it is flagged and if it is passed over.
    ceiling : str
        How the bound of the flag rate is written.
    searched : bool
        Whether ``exact_threshold`` is wanted beside ``drawn_thresholds``.
    deals : int
        How often folds are dealt; ``averaged`` then averages thresholds, or a sure limit counts each row once.
    weights : Weights
        Of the rows that choose. Where they do not count once each, the function takes the arrays of `weight_arguments` last,
        and the costs of rows times their weights.
    """
    objective = tuning.objective
    by_row = objective.criterion == "cost" and amounts is None
    taken = ["y", "score", *(["flagged", "passed"] if by_row else [])]
    taken += weight_arguments(objective, weights, by_row=by_row)
    arguments = ", ".join(taken)
    writer.use("decimal", "ROUND_FLOOR", "Context")
    functions = [_ROUNDED]
    if searched or not tuning.is_median:
        functions.append(_exact(writer, objective, amounts, ceiling, taken, weights, dealt=deals > 1))
    if tuning.is_median:
        functions += [
            _drawn(tuning, weights),
            _MEDIAN.format(arguments=arguments, middle=DRAWS // 2),
        ]
    else:
        head, more = (", deals=1", ", deals") if deals > 1 and objective.confidence is not None else ("", "")
        functions.append(_SINGLE.format(arguments=arguments, head=head, more=more))
    if deals > 1 and not objective.constraints:
        functions.append(_AVERAGED)
    for function in functions:
        writer.add("", "", *function.splitlines())
    writer.add("", "")


def weight_arguments(objective: Objective, weights: Weights, *, by_row: bool = False) -> list[str]:
    """Return the last arguments of the function: how much rows count, and their own weights where a sure precision needs them.

    None where costs by row alone decide, which are times the weights already.

    Examples
    --------
    >>> import numpy as np
    >>> weight_arguments(Objective("f1"), Weights(factors=np.array([1.2, 0.1])))
    ['w']
    """
    if weights.are_ones or (by_row and not objective.constraints):
        return []
    sure = objective.confidence is not None and "precision" in {each.metric for each in objective.constraints}
    return ["w", "own"] if sure and weights.own is not None and weights.factors is not None else ["w"]


def _drawn(tuning: Tuning, weights: Weights) -> str:
    """Write the function of the draws' best thresholds."""
    value, counted_once = _value(tuning.objective, None), weights.are_ones
    parts = parts_of([value])
    what = _docstring(
        f"The threshold with the best {tuning.objective.criterion} in each of {DRAWS} draws within class."
    )
    text = "".join([value, *parts])
    template = _DRAWN if counted_once else _DRAWN_WEIGHTED
    lines = [template.format(what=what, candidates=CANDIDATES, seed=tuning.seed, draws=DRAWS)]
    if counted_once:
        lines += ["    fn = n - tp"] if "fn" in text else []
        lines += ["    tn = m - fp"] if "tn" in text else []
    else:
        lines += ["    fn = tp[:, -1:] - tp"] if "fn" in text else []
        lines += ["    tn = (fp[:, -1:] - fp)[:, :-1]"] if "tn" in text else []
        lines += ["    fp = fp[:, :-1]"]
    return _scaled(
        "\n".join([*lines, *parts, f"    value = {value}", _LAST.format(digits=_digits(weights))]), weights
    )


def _digits(weights: Weights) -> str:
    """Write the relative rounding of a criterion of counts, or of sums of weights."""
    return "1e-14" if weights.are_ones else "1e-12"


def _scaled(text: str, weights: Weights) -> str:
    """Let what stands for 0 in a divisor be far below any sum of weights."""
    return text if weights.are_ones else text.replace("1e-9)", "1e-99)")


def _exact(
    writer: Writer,
    objective: Objective,
    amounts: dict[str, float] | None,
    ceiling: str,
    taken: list[str],
    weights: Weights,
    *,
    dealt: bool = False,
) -> str:
    """Write the function that tries every threshold; a sure limit of several deals' rows takes means of their counts."""
    value, mean = _value(objective, amounts), dealt and objective.confidence is not None
    arguments, each = ", ".join([*taken, *(["deals=1"] if mean else [])]), " / deals" if mean else ""
    limits = [
        _limit(constraint, objective.confidence, ceiling, mean=mean)
        if weights.are_ones
        else _weighted_limit(constraint, objective.confidence, ceiling, weights, each)
        for constraint in objective.constraints
    ]
    held, parts = [line for limit in limits for line in limit], parts_of([value])
    text = "".join([value, *parts, *held])
    what = _docstring(f"{_what(objective, ceiling)}: flag when score >= threshold; ties flag fewest.")
    rows = [each for each in taken if each not in {"flagged", "passed"}]
    ordered = ", ".join(f"{each}[order]" for each in rows)
    lines = [_HEAD.format(arguments=arguments, what=what, rows=", ".join(rows), ordered=ordered)]
    lines += _counts(text, each, weights)
    lines += [*parts, f"    value = {value}"]
    tolerance = f"{_digits(weights)} * abs(value.max())"
    if objective.criterion == "cost":
        largest, n = "np.abs(np.r_[flagged, passed]).max()", "len(y)"
        if amounts is not None:
            largest = amount_text(max(map(abs, amounts.values())))
            n = "len(y)" if weights.are_ones else "w.sum()"
        lines.append(f"    rounding = 1e-12 * {n} * {largest}")
        tolerance = "rounding"
    for module, name in (("scipy.stats", "binom"), ("scipy.special", "betainc")):
        if name in text:
            writer.use(module, name)
    lines += held
    if held:
        lines += ["    if np.isneginf(value.max()):", "        return np.nan  # no threshold keeps the limit"]
    lines += [
        f"    best = np.flatnonzero(value >= value.max() - {tolerance})[0]",
        "    return np.r_[np.inf, score[last]][best]",
    ]
    return _scaled("\n".join(lines), weights)


def _counts(text: str, each: str, weights: Weights) -> list[str]:
    """Write the counts at each threshold, as far as a text needs them."""
    if weights.are_ones:
        found = {"tp": "np.r_[0, np.cumsum(y)[last]]", "fp": "np.r_[0, np.cumsum(~y)[last]]"}
        rest = {"fn": f"y.sum(){each} - tp", "tn": f"(~y).sum(){each} - fp"}
    else:
        found = {"tp": "np.r_[0, np.cumsum(w * y)[last]]", "fp": "np.r_[0, np.cumsum(w * ~y)[last]]"}
        rest = {"fn": "tp[-1] - tp", "tn": "fp[-1] - fp"}
    lines = [f"    tp = {found['tp']}{each}"] if "tp" in text or "fn" in text else []
    lines += [f"    fp = {found['fp']}{each}"] if "fp" in text or "tn" in text else []
    return lines + [f"    {name} = {how}" for name, how in rest.items() if name in text]


def _weighted_limit(
    constraint: Constraint, confidence: float | None, ceiling: str, weights: Weights, each: str
) -> list[str]:
    """Write the lines that hold a limit of sums of weights; see `Constraint`."""
    metric, bound = constraint.metric, ceiling if constraint.is_ceiling else repr(constraint.bound)
    if confidence is None:
        shares = {"precision": "tp / np.maximum(tp + fp, 1e-99)", "flag_rate": "(tp + fp) / w.sum()"}
        sign, slack = ("<=", "+") if constraint.is_ceiling else (">=", "-")
        return _only_where(f"{shares.get(metric, 'tp / (tp + fn)')} {sign} {bound} * (1 {slack} 1e-12)")
    lines, many, few = _told(metric, weights, each), "hits", "misses"
    if constraint.is_ceiling:
        many, few, bound = few, many, f"1 - {bound}"
    elif metric == "precision" and weights.factors is not None:
        odds = float(weights.factors[0] / weights.factors[1])
        lines.append(f"    limit = {bound} / (1 - {bound}) * {odds!r}  # as odds in these rows")
        bound = "limit / (1 + limit)"
    return [
        *lines,
        f"    sure = betainc(np.maximum({many}, 1), {few} + 1, {bound}) <= {round(1 - confidence, 12)!r}",
        f"    value = np.where(sure & ({many} > 0), value, -np.inf)",
    ]


def _told(metric: str, weights: Weights, each: str) -> list[str]:
    """Write how many rows the weights tell of, hits and misses of a share; each: what sums of rows are divided by."""
    kish = "  # Kish: as many rows as they tell"
    if metric == "recall":
        told = "w[y].sum() / (w[y] ** 2).sum()"
        return [f"    worth = {told}{kish}", "    hits, misses = worth * tp, worth * fn"]
    if metric == "flag_rate":
        told = "w.sum() / (w**2).sum()"
        return [f"    worth = {told}{kish}", "    hits, misses = worth * (tp + fp), worth * (fn + tn)"]
    if weights.own is None:
        return [f"    hits, misses = (np.r_[0, np.cumsum(side)[last]]{each} for side in (y, ~y))"]
    own = "w" if weights.factors is None else "own"
    return [
        f"    hits, misses = (np.r_[0, np.cumsum({own} * side)[last]] for side in (y, ~y))",
        f"    squares = np.maximum(np.r_[0, np.cumsum({own}**2)[last]], 1e-99)",
        f"    worth = (hits + misses) / squares{each}{kish}",
        "    hits, misses = worth * hits, worth * misses",
    ]


def _value(objective: Objective, amounts: dict[str, float] | None) -> str:
    if objective.criterion == "fbeta":
        square = f"{amount_text(objective.beta)}**2"
        return f"(1 + {square}) * tp / ((1 + {square}) * tp + {square} * fn + fp)"
    if objective.criterion != "cost":
        return METRICS[objective.criterion].formula
    if amounts is None:
        return "-(passed.sum() + np.r_[0, np.cumsum((flagged - passed)[order])[last]])"
    terms = [f"{amount_text(amount)} * {outcome}" for outcome, amount in amounts.items() if amount != 0]
    return f"-({' + '.join(terms)})"


def amount_text(amount: float) -> str:
    """Write an amount as a person would: without a decimal point where it is whole."""
    return str(int(amount)) if amount == int(amount) else repr(float(amount))


def _limit(
    constraint: Constraint, confidence: float | None, ceiling: str, *, mean: bool = False
) -> list[str]:
    """Write the lines that hold a limit of counted rows."""
    return _only_where(_holds(constraint, confidence, ceiling, mean=mean))


def _only_where(held: str) -> list[str]:
    """Write the lines that leave of the values those where a limit is held."""
    if len(held) < 52:
        return [f"    value = np.where({held}, value, -np.inf)"]
    return ["    value = np.where(", f"        {held}, value, -np.inf", "    )"]


def _holds(constraint: Constraint, confidence: float | None, ceiling: str, *, mean: bool = False) -> str:
    bound = ceiling if constraint.is_ceiling else repr(constraint.bound)
    if confidence is None:
        if constraint.is_ceiling:
            return f"(tp + fp) / len(y) <= {bound}"
        if constraint.metric == "recall":
            return f"tp / (tp + fn) >= {bound}"
        return f"(tp > 0) & (tp / np.maximum(tp + fp, 1) >= {bound})"
    if mean:  # the binomial distribution, also between whole numbers
        chance = f"{round(1 - confidence, 12)!r}"
        if constraint.is_ceiling:
            return f"betainc(np.maximum(fn + tn, 1), tp + fp + 1, 1 - {bound}) <= {chance}"
        misses = "fn" if constraint.metric == "recall" else "fp"
        return f"(tp > 0) & (betainc(np.maximum(tp, 1), {misses} + 1, {bound}) <= {chance})"
    if constraint.is_ceiling:
        return f"binom.cdf(tp + fp, len(y), {bound}) <= {round(1 - confidence, 12)!r}"
    trials = "tp + fn" if constraint.metric == "recall" else "tp + fp"
    return f"(tp > 0) & (binom.sf(tp - 1, {trials}, {bound}) <= {round(1 - confidence, 12)!r})"


def _docstring(text: str) -> str:
    line, pad = f'    """{text}"""', " " * 4
    if len(line) <= CODE_WIDTH:
        return line
    # a formatter pulls the end to a single line, however long that gets
    width = CODE_WIDTH if len(line) > CODE_WIDTH + 3 else CODE_WIDTH - 3
    return "\n".join([*wrap(f'"""{text}', width, initial_indent=pad, subsequent_indent=pad), f'{pad}"""'])


def _what(objective: Objective, ceiling: str) -> str:
    best = {"cost": "The cheapest threshold", "flag_rate": "The threshold that flags most"}.get(
        objective.criterion, f"The threshold with the best {objective.criterion}"
    )
    names = {"flag_rate": f"flag rate <= {ceiling}"}
    constraints = [
        names.get(constraint.metric, f"{constraint.metric} >= {constraint.bound!r}")
        for constraint in objective.constraints
    ]
    return f"{best} at {' and '.join(constraints)}" if constraints else best


def elkan(fp: str, fn: str, tp: str, tn: str) -> str:
    """Write Elkan's closed form, leaving out amounts that are 0.

    Examples
    --------
    >>> elkan("1", "5", "0", "0"), elkan("1", "5", "-2", "0")
    ('1 / (1 + 5)', '1 / (1 + (5 + 2))')
    """
    alarm, miss = _less(fp, tn), _less(fn, tp)
    return f"{alarm} / ({alarm} + {miss})"


def _less(one: str, other: str) -> str:
    if other == "0":
        return one
    return f"({one} + {other[1:]})" if other.startswith("-") else f"({one} - {other})"
