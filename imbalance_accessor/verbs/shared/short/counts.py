"""How much rows count in a short program, as code: by weights of their own, and by the prevalence where the model is used."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer, on_one_line
from imbalance_accessor.verbs.shared.snippet_data import has_own, name_of
from imbalance_accessor.verbs.shared.snippet_weights import has_factors, takes_half

_PRECISION = re.compile(r"(.*)average_precision_score\((\S+), (\S+)\)")


@dataclass(frozen=True)
class RowCounts:
    """How much rows count.

    Attributes
    ----------
    has_own : bool
        Whether rows have weights of their own, which fits and figures take.
    prevalence : str
        The positive class's share where the model will be used, or each class's; nothing where it is the frame's.
    share : str
        The same in the frame.
    several : bool
        Whether several classes are scored.
    outcome : dict of str to str
        By part, ``train`` and ``test`` (where there is one), which rows are positive.
    takes_half : bool
        Whether average precision counts half a negative more above all rows.
    is_probability : bool
        Whether no score is above 1.
    of_table : bool, default False
        Whether the prevalence is that of the table which the rows were drawn from.
    """

    has_own: bool
    prevalence: str
    share: str
    several: bool
    outcome: Mapping[str, str]
    takes_half: bool
    is_probability: bool
    of_table: bool = False

    @property
    def are_weighted(self) -> bool:
        """Whether rows do not count once each."""
        return self.has_own or bool(self.prevalence)

    def own(self, part: str = "") -> str:
        """Return what the own weights of all rows are called, or those of a part, which its fits take."""
        name = "own" if self.prevalence else "w"
        return f"{name}_{part}" if part else name

    def of(self, part: str) -> str:
        """Return what the rows of a part count in figures; nothing where they count once each."""
        return f"w_{part}" if self.are_weighted else ""

    def half(self, part: str) -> str:
        """Return what half a negative counts."""
        y = self.outcome[part]
        negative = f"~{y}" if "is_" in y else f"{y} == 0"
        return f"half * w_{part}[{negative}].mean()" if self.has_own else "half"

    def weighted(self, call: str, part: str, rows: str = "", half: str = "") -> str:
        """Return a metric's call with what the rows of a part count.

        Parameters
        ----------
        call : str
            With rows that count once each.
        part : {"train", "test"}
        rows : str
            The subscript of some of the rows.
        half : str
            What half a negative counts, where that goes by other rows.

        Examples
        --------
        >>> counts = RowCounts(False, "0.01", "y.mean()", False, {"test": "y_test"}, True, True)
        >>> counts.weighted("recall_score(y_test, flag)", "test")
        'recall_score(y_test, flag, sample_weight=w_test)'
        >>> counts.weighted("average_precision_score(y_test, p)", "test")
        'average_precision_score([*y_test, 0], [*p, 2], sample_weight=[*w_test, half])'
        """
        if not self.are_weighted:
            return call
        w, found = f"w_{part}{rows}", _PRECISION.fullmatch(call)
        if not self.takes_half or found is None:
            return f"{call[:-1]}, sample_weight={w})"
        place, y, score = found.groups()
        if self.several:
            return f"average_precision({y}, {score}, {w})"
        top = "2" if self.is_probability else f"max({score}) + 1"
        more = f"[*{y}, 0], [*{score}, {top}], sample_weight=[*{w}, {half or self.half(part)}]"
        return f"{place}average_precision_score({more})"

    def lines(self, writer: Writer) -> str:
        """Write ``w_train`` and ``w_test`` by the prevalence; the rows' own weights alone stand there already."""
        if not self.prevalence:
            return ""
        own = Writer(imports=writer.imports, modules=writer.modules)
        write_template(own, "shared/short/counts.py.j2", c=self)
        if self.several and self.takes_half:
            precision = Writer(imports=writer.imports, modules=writer.modules)
            write_template(precision, "shared/short/precision.py.j2")
            writer.definitions["average_precision"] = "\n".join(precision.lines)
        return "\n".join(own.lines)

    def renamed(self, code: str) -> str:
        """Call the rows' own weights as they are called here, in code that calls them ``own``."""
        if not self.has_own or self.prevalence:
            return code
        return renamed(code, {f"own{part}": f"w{part}" for part in ("", "_train", "_test")})


@dataclass(frozen=True)
class TableCounts(RowCounts):
    """How much rows of a table count, whose parts have each their own share of positives.

    Attributes
    ----------
    chooses : str
        The outcome of the rows that choose.
    """

    chooses: str = ""

    def lines(self, writer: Writer) -> str:
        """Write ``w_train`` and ``w_test`` by the prevalence, and last what a row counts by the part that is read next."""
        if not self.prevalence:
            return ""
        own = Writer(imports=writer.imports, modules=writer.modules)
        parts = {self.chooses: "w_train" if "train" in self.outcome else ""}
        parts |= {self.outcome["test"]: "w_test"} if "test" in self.outcome else {}
        order = list(parts.items()) if self.takes_half else list(parts.items())[::-1]
        write_template(own, "shared/short/table_counts.py.j2", c=self, parts=order)
        return "\n".join(own.lines)


def read_counts(
    writer: Writer, scored: CrossValScores, truth: tuple[str, str], outcome: tuple[str, str]
) -> RowCounts:
    """Read how much rows count.

    Parameters
    ----------
    writer : Writer
    scored : CrossValScores
    truth : tuple of (str, str)
        What stands around the labels of all rows to make truth values of them.
    outcome : tuple of (str, str)
        The outcome of both parts.
    """
    features = scored.parts.features
    own, wanted, positive = has_own(features), features.weighting.wanted, scored.positive
    name = "own" if has_factors(scored.parts) else "w"
    y = "y".join(truth)
    share, prevalence = "", ""
    if has_factors(scored.parts):
        assert wanted is not None
        target = features.target
        if positive is None:
            labels = [name_of(label) for label in target.classes]
            each = ", ".join(f"{label}: {share:.12g}" for label, share in zip(labels, wanted, strict=True))
            prevalence = f"{{{each}}}"
            share = (
                f"pd.Series({name}).groupby(y.to_numpy()).sum() / {name}.sum()"
                if own
                else "y.value_counts(normalize=True)"
            )
        else:
            assert target.positive is not None
            prevalence = on_one_line(writer.expression(float(wanted[target.positive])))
            mean = f"({y}).mean()" if " " in y else f"{y}.mean()"
            share = f"np.average({y}, weights={name})" if own else mean
    parts = ("train", "test") if scored.held_out else ("train",)
    found = RowCounts(
        own,
        prevalence,
        share,
        positive is None,
        dict(zip(parts, outcome, strict=False)),
        takes_half(scored),
        scored.is_probability,
        features.is_of_table,
    )
    return found if scored.cells is None else TableCounts(**vars(found), chooses=outcome[0])


def renamed(code: str, names: dict[str, str]) -> str:
    """Give variables other names; text that reads alike stays.

    Examples
    --------
    >>> renamed('own = df["own"]', {"own": "w"})
    'w = df["own"]'
    """
    lines = code.split("\n")
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(code).readline))):
        if token.type == tokenize.NAME and token.string in names:
            (row, start), (_, end) = token.start, token.end
            lines[row - 1] = lines[row - 1][:start] + names[token.string] + lines[row - 1][end:]
    return "\n".join(lines)
