"""The function ``best_threshold`` of a snippet, and those that it takes: numpy that finds the same threshold."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.metrics.thresholds import CANDIDATES, DRAWS, Tuning
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
    y, score = y[order], score[order]
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

_DRAWN_BY_OWN = """\
def drawn_thresholds(y, score, own):
{what}
    thresholds = np.unique(score[y])  # it is best at a positive's score, or at inf
    thresholds = thresholds[:: -(-len(thresholds) // {candidates})][::-1]
    rng, sums = np.random.default_rng({seed}), []
    for side, cells in ((y, len(thresholds)), (~y, len(thresholds) + 1)):
        place, n = np.searchsorted(-thresholds, -score[side]), side.sum()
        between = np.bincount(place, minlength=cells)  # rows, which count their mean weight
        mean = np.bincount(place, own[side], cells) / np.maximum(between, 1)
        sums.append((rng.multinomial(n, between / n, {draws}) * mean).cumsum(axis=1))
    n, m = (each[:, -1:] for each in sums)
    tp, fp = (np.insert(each, 0, 0, axis=1) for each in (sums[0], sums[1][:, :-1]))"""

_LAST = """\
    best = value.max(axis=1, keepdims=True)
    return np.r_[np.inf, thresholds][(value >= best - {tolerance} * abs(best)).argmax(axis=1)]"""

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
    own: bool = False,
    factors: bool = False,
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
    own, factors : bool
        Whether rows have weights, which the function then takes as ``own``; whether classes have ``factors``.
    """
    objective, counted = tuning.objective, _Counted(own, factors)
    by_row = objective.criterion == "cost" and amounts is None
    arguments = "y, score, flagged, passed" if by_row else "y, score"
    arguments += ", own" if own else ""
    writer.use("decimal", "ROUND_FLOOR", "Context")
    functions = [_ROUNDED]
    if searched or not tuning.is_median:
        functions.append(_exact(writer, objective, amounts, ceiling, arguments, counted, dealt=deals > 1))
    if tuning.is_median:
        functions += [_drawn(tuning, counted), _MEDIAN.format(middle=DRAWS // 2, arguments=arguments)]
    else:
        head, more = (", deals=1", ", deals") if deals > 1 and objective.confidence is not None else ("", "")
        functions.append(_SINGLE.format(arguments=arguments, head=head, more=more))
    if deals > 1 and not objective.constraints:
        functions.append(_AVERAGED)
    for function in functions:
        writer.add("", "", *function.splitlines())
    writer.add("", "")


@dataclass(frozen=True)
class _Counted:
    """Whether rows have weights of their own, and classes factors."""

    own: bool
    factors: bool

    @property
    def tolerance(self) -> str:
        """How far apart two figures may be that are the same but for rounding."""
        return "1e-12" if self.own or self.factors else "1e-14"

    def rows(self, side: str) -> str:
        """Write how much the rows of a side count, which is its rows where all count once."""
        return f"{side} * own" if self.own else side

    def by_class(self, *names: str) -> list[str]:
        """Return the line that multiplies sums of positives, then of negatives, by the factors of their class."""
        if not self.factors:
            return []
        positive, negative = names
        return [f"    {positive}, {negative} = factors[1] * {positive}, factors[0] * {negative}"]


def _drawn(tuning: Tuning, counted: _Counted) -> str:
    """Write the function of the draws' best thresholds."""
    value = _value(tuning.objective, None)
    parts = parts_of([value])
    text = "".join([value, *parts])
    what = _docstring(
        f"The threshold with the best {tuning.objective.criterion} in each of {DRAWS} draws within class."
    )
    drawn = _DRAWN_BY_OWN if counted.own else _DRAWN
    lines = [drawn.format(what=what, candidates=CANDIDATES, seed=tuning.seed, draws=DRAWS)]
    lines += [*counted.by_class("n", "m"), *counted.by_class("tp", "fp")]
    lines += ["    fn = n - tp"] if "fn" in text else []
    lines += ["    tn = m - fp"] if "tn" in text else []
    last = _LAST.format(tolerance=counted.tolerance)
    return "\n".join([*lines, *parts, f"    value = {value}", last])


def _exact(
    writer: Writer,
    objective: Objective,
    amounts: dict[str, float] | None,
    ceiling: str,
    arguments: str,
    counted: _Counted,
    *,
    dealt: bool = False,
) -> str:
    """Write the function that tries every threshold; a sure limit of several deals' rows takes means of their counts."""
    value, mean = _value(objective, amounts), dealt and objective.confidence is not None
    holds = [
        _holds(constraint, objective.confidence, ceiling, mean=mean) for constraint in objective.constraints
    ]
    arguments, each = (f"{arguments}, deals=1", " / deals") if mean else (arguments, "")
    parts = parts_of([value])
    text = "".join([value, *parts, *holds])
    what = _docstring(f"{_what(objective, ceiling)}: flag when score >= threshold; ties flag fewest.")
    lines = [_HEAD.format(arguments=arguments, what=what)]
    if counted.own or counted.factors:
        lines += _weighted_sums(counted)
    else:
        lines += [f"    tp = np.r_[0, np.cumsum(y)[last]]{each}"] if "tp" in text or "fn" in text else []
        lines += [f"    fp = np.r_[0, np.cumsum(~y)[last]]{each}"] if "fp" in text or "tn" in text else []
        lines += [f"    fn = y.sum(){each} - tp"] if "fn" in text else []
        lines += [f"    tn = (~y).sum(){each} - fp"] if "tn" in text else []
    lines += [*parts, f"    value = {value}"]
    tolerance = f"{counted.tolerance} * abs(value.max())"
    if objective.criterion == "cost":
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
        lines += ["    if np.isneginf(value.max()):", "        return np.nan  # no threshold keeps the limit"]
    lines += [
        f"    best = np.flatnonzero(value >= value.max() - {tolerance})[0]",
        "    return np.r_[np.inf, score[last]][best]",
    ]
    return "\n".join(lines)


def _weighted_sums(counted: _Counted) -> list[str]:
    """Return the lines of the four counts as sums of weights."""
    return [
        *(["    own = own[order]"] if counted.own else []),
        f"    tp, fp = np.cumsum({counted.rows('y')}), np.cumsum({counted.rows('~y')})",
        *counted.by_class("tp", "fp"),
        "    fn, tn = tp[-1] - np.r_[0, tp[last]], fp[-1] - np.r_[0, fp[last]]",
        "    tp, fp = np.r_[0, tp[last]], np.r_[0, fp[last]]",
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
