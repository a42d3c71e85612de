"""The function ``best_cut`` of a snippet, and those that it takes: numpy that finds the same cut."""

from __future__ import annotations

from textwrap import wrap

from imbalance_accessor.metrics.objectives import Aim, Limit
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.metrics.thresholds import CANDIDATES, DRAWS, Tuning
from imbalance_accessor.rendering.snippets.writer import WIDTH, Writer
from imbalance_accessor.verbs.shared.snippet_intervals import parts_of

_ROUNDED = """\
def rounded(cut, score):
    below = score[score < cut].max(initial=-np.inf)
    for digits in range(2, 18):  # the fewest that flag the same rows
        found = float(Context(digits, ROUND_FLOOR).create_decimal(repr(float(cut))))
        if found > below:
            return found
    return cut"""

_HEAD = """\
def exact_cut({arguments}):
{what}
    order = np.argsort(-score, kind="stable")
    y, score = y[order], score[order]
    last = np.r_[score[1:] != score[:-1], True]  # a cut stands between distinct scores"""

_DRAWN = """\
def drawn_cuts(y, score):
{what}
    n, m = y.sum(), (~y).sum()
    cuts = np.unique(score[y])  # it is best at a positive's score, or at inf
    cuts = cuts[:: -(-len(cuts) // {candidates})][::-1]
    between = np.bincount(np.searchsorted(-cuts, -score[y]), minlength=len(cuts))
    rng = np.random.default_rng({seed})  # how many rows of a draw lie between two cuts
    tp = rng.multinomial(n, between / n, {draws}).cumsum(axis=1)
    between = np.bincount(np.searchsorted(-cuts, -score[~y]), minlength=len(cuts) + 1)
    fp = rng.multinomial(m, between / m, {draws})[:, :-1].cumsum(axis=1)
    tp, fp = np.insert(tp, 0, 0, axis=1), np.insert(fp, 0, 0, axis=1)"""

_LAST = """\
    best = value.max(axis=1, keepdims=True)
    return np.r_[np.inf, cuts][(value >= best - 1e-14 * abs(best)).argmax(axis=1)]"""

_MEDIAN = """\
def best_cut(y, score):
    return rounded(np.sort(drawn_cuts(y, score))[{middle}], score)  # the median"""

_AVERAGED = """\
def averaged(cuts):  # to four digits, or as many as keep it among them
    low, high = min(cuts), max(cuts)
    near = (float(f"{np.mean(cuts):.{digits}g}") for digits in range(4, 17))
    return low if low == high else next(cut for cut in near if low <= cut <= high)"""

_SINGLE = """\
def best_cut({arguments}{head}):
    return rounded(exact_cut({arguments}{more}), score)"""


def write_best_cut(
    writer: Writer,
    tuning: Tuning,
    *,
    amounts: dict[str, float] | None = None,
    ceiling: str = "",
    searched: bool = False,
    deals: int = 1,
) -> None:
    """Write the function, after ``rounded`` and either ``drawn_cuts``, whose median it takes, or ``exact_cut``.

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
        Whether ``exact_cut`` is wanted beside ``drawn_cuts``.
    deals : int
        How often folds are dealt; ``averaged`` then averages cuts, or a sure limit counts each row once.
    """
    aim = tuning.aim
    by_row = aim.criterion == "cost" and amounts is None
    arguments = "y, score, flagged, passed" if by_row else "y, score"
    writer.use("decimal", "ROUND_FLOOR", "Context")
    functions = [_ROUNDED]
    if searched or not tuning.is_median:
        functions.append(_exact(writer, aim, amounts, ceiling, arguments, dealt=deals > 1))
    if tuning.is_median:
        functions += [_drawn(tuning), _MEDIAN.format(middle=DRAWS // 2)]
    else:
        head, more = (", deals=1", ", deals") if deals > 1 and aim.confidence is not None else ("", "")
        functions.append(_SINGLE.format(arguments=arguments, head=head, more=more))
    if deals > 1 and not aim.limits:
        functions.append(_AVERAGED)
    for function in functions:
        writer.add("", "", *function.splitlines())
    writer.add("", "")


def _drawn(tuning: Tuning) -> str:
    """Write the function of the draws' best cuts."""
    value = _value(tuning.aim, None)
    parts = parts_of([value])
    text = "".join([value, *parts])
    what = _docstring(f"The cut with the best {tuning.aim.criterion} in each of {DRAWS} draws within class.")
    lines = [_DRAWN.format(what=what, candidates=CANDIDATES, seed=tuning.seed, draws=DRAWS)]
    lines += ["    fn = n - tp"] if "fn" in text else []
    lines += ["    tn = m - fp"] if "tn" in text else []
    return "\n".join([*lines, *parts, f"    value = {value}", _LAST])


def _exact(
    writer: Writer,
    aim: Aim,
    amounts: dict[str, float] | None,
    ceiling: str,
    arguments: str,
    *,
    dealt: bool = False,
) -> str:
    """Write the function that tries every cut; a sure limit of several deals' rows takes means of their counts."""
    value, mean = _value(aim, amounts), dealt and aim.confidence is not None
    holds = [_holds(limit, aim.confidence, ceiling, mean=mean) for limit in aim.limits]
    arguments, each = (f"{arguments}, deals=1", " / deals") if mean else (arguments, "")
    parts = parts_of([value])
    text = "".join([value, *parts, *holds])
    what = _docstring(f"{_what(aim, ceiling)}: flag when score >= cut; ties flag fewest.")
    lines = [_HEAD.format(arguments=arguments, what=what)]
    lines += [f"    tp = np.r_[0, np.cumsum(y)[last]]{each}"] if "tp" in text or "fn" in text else []
    lines += [f"    fp = np.r_[0, np.cumsum(~y)[last]]{each}"] if "fp" in text or "tn" in text else []
    lines += [f"    fn = y.sum(){each} - tp"] if "fn" in text else []
    lines += [f"    tn = (~y).sum(){each} - fp"] if "tn" in text else []
    lines += [*parts, f"    value = {value}"]
    tolerance = "1e-14 * abs(value.max())"
    if aim.criterion == "cost":
        largest = "np.abs(np.r_[flagged, passed]).max()"
        if amounts is not None:
            largest = amount_text(max(map(abs, amounts.values())))
        lines.append(f"    rounding = 1e-12 * len(y) * {largest}")
        tolerance = "rounding"
    for module, name in (("scipy.stats", "binom"), ("scipy.special", "betainc")):
        if any(name in line for line in holds):
            writer.use(module, name)
    for line in holds:
        lines += [
            f"    value = np.where({line}, value, -np.inf)"
            if len(line) < 52
            else f"    value = np.where(\n        {line}, value, -np.inf\n    )"
        ]
    if holds:
        lines += ["    if np.isneginf(value.max()):", "        return np.nan  # no cut keeps the limit"]
    lines += [
        f"    best = np.flatnonzero(value >= value.max() - {tolerance})[0]",
        "    return np.r_[np.inf, score[last]][best]",
    ]
    return "\n".join(lines)


def _value(aim: Aim, amounts: dict[str, float] | None) -> str:
    if aim.criterion == "fbeta":
        square = f"{amount_text(aim.beta)}**2"
        return f"(1 + {square}) * tp / ((1 + {square}) * tp + {square} * fn + fp)"
    if aim.criterion != "cost":
        return METRICS[aim.criterion].formula
    if amounts is None:
        return "-(passed.sum() + np.r_[0, np.cumsum((flagged - passed)[order])[last]])"
    terms = [f"{amount_text(amount)} * {outcome}" for outcome, amount in amounts.items() if amount != 0]
    return f"-({' + '.join(terms)})"


def amount_text(amount: float) -> str:
    """Write an amount as a person would: without a decimal point where it is whole."""
    return str(int(amount)) if amount == int(amount) else repr(float(amount))


def _holds(limit: Limit, confidence: float | None, ceiling: str, *, mean: bool = False) -> str:
    bound = ceiling if limit.is_ceiling else repr(limit.bound)
    if confidence is None:
        if limit.is_ceiling:
            return f"(tp + fp) / len(y) <= {bound}"
        if limit.metric == "recall":
            return f"tp / (tp + fn) >= {bound}"
        return f"(tp > 0) & (tp / np.maximum(tp + fp, 1) >= {bound})"
    if mean:  # the binomial distribution, also between whole numbers
        chance = f"{round(1 - confidence, 12)!r}"
        if limit.is_ceiling:
            return f"betainc(np.maximum(fn + tn, 1), tp + fp + 1, 1 - {bound}) <= {chance}"
        misses = "fn" if limit.metric == "recall" else "fp"
        return f"(tp > 0) & (betainc(np.maximum(tp, 1), {misses} + 1, {bound}) <= {chance})"
    if limit.is_ceiling:
        return f"binom.cdf(tp + fp, len(y), {bound}) <= {round(1 - confidence, 12)!r}"
    trials = "tp + fn" if limit.metric == "recall" else "tp + fp"
    return f"(tp > 0) & (binom.sf(tp - 1, {trials}, {bound}) <= {round(1 - confidence, 12)!r})"


def _docstring(text: str) -> str:
    line, pad = f'    """{text}"""', " " * 4
    if len(line) <= WIDTH:
        return line
    # a formatter pulls the end to a single line, however long that gets
    width = WIDTH if len(line) > WIDTH + 3 else WIDTH - 3
    return "\n".join([*wrap(f'"""{text}', width, initial_indent=pad, subsequent_indent=pad), f'{pad}"""'])


def _what(aim: Aim, ceiling: str) -> str:
    best = {"cost": "The cheapest cut", "flag_rate": "The cut that flags most"}.get(
        aim.criterion, f"The cut with the best {aim.criterion}"
    )
    names = {"flag_rate": f"flag rate <= {ceiling}"}
    limits = [names.get(limit.metric, f"{limit.metric} >= {limit.bound!r}") for limit in aim.limits]
    return f"{best} at {' and '.join(limits)}" if limits else best
