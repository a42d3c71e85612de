"""The protocol that every result keeps: it shows itself, and hands out frame, picture, code and words."""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

import pandas as pd

from imbalance_accessor.errors import LEFT_OUT, ImbalanceError, OptionError, brief, change, listed, one_of
from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.process_state import cached_property, importing
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.rendering.card import Card, as_text
from imbalance_accessor.rendering.card_picture import CardPicture
from imbalance_accessor.rendering.html import as_html
from imbalance_accessor.rendering.labels import wrap
from imbalance_accessor.rendering.page import as_page, check_page_path, write_page
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.rendering.sentences import as_markdown
from imbalance_accessor.rendering.shown_notes import NOTES, shown_before
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.terminals import Printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Table = TypeVar("_Table", pd.DataFrame, pd.Series)
#: Whether pandas copies what is shared when it is written to.
_COPIES_ON_WRITE = int(pd.__version__.partition(".")[0]) >= 3

Style = Literal["short", "full"]
Audience = Literal["colleague", "interview"]

__all__ = [
    "Audience",
    "Explanation",
    "Panels",
    "Picture",
    "Result",
    "Style",
    "cached_frame",
    "check_audience",
    "check_library",
    "check_style",
]


class cached_frame(Generic[_Table]):  # noqa: N801 - used as a decorator, like property
    """A table that is computed once; whoever asks is given a copy, so that editing it changes no result."""

    #: What the names begin with by which results keep their tables.
    PLACE = "_own_"

    def __init__(self, made: Callable[[Any], _Table]) -> None:
        self.made: Callable[[Any], _Table] = made
        self.__doc__ = made.__doc__
        self.place = f"{self.PLACE}{made.__name__}"

    @overload
    def __get__(self, result: None, kind: type) -> Self: ...

    @overload
    def __get__(self, result: Result, kind: type) -> _Table: ...

    def __get__(self, result: Result | None, kind: type) -> Self | _Table:
        if result is None:
            return self
        kept = result.__dict__
        if self.place not in kept:
            kept[self.place] = self.made(result)
        table: _Table = kept[self.place]
        return table.copy(deep=not _COPIES_ON_WRITE)


def check_style(style: object) -> Style:
    """Return the snippet's style, or raise `OptionError` with the known ones."""
    known: tuple[Style, ...] = ("short", "full")
    return one_of("style", style, known)


def check_library(library: object, known: Sequence[str] = ("sklearn",)) -> str:
    """Return the library that a snippet is written for, or raise `OptionError` with those that the result has."""
    if len(known) > 1 or (isinstance(library, str) and library in known):
        return one_of("library", library, known)
    raise OptionError(
        f"library={library!r} is not known here. Known: {listed(known)}; weights(...).snippet(library=...) has dialects "
        "of other libraries.",
        fix=change(library=LEFT_OUT),
    )


def check_audience(audience: object) -> Audience:
    """Return the audience of an explanation, or raise `OptionError` with the known ones."""
    known: tuple[Audience, ...] = ("colleague", "interview")
    return one_of("audience", audience, known)


class Explanation(Printed):
    """An explanation in Markdown: formatted in a notebook, plain wrapped text in a terminal."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        # a word joiner keeps a label such as <script> from being read as a tag, in prose and in code alike
        return re.sub(r"<(?=[A-Za-z/!?])", "<\u2060", self.whole)

    def __repr__(self) -> str:
        plain = re.sub(r"`([^`]+)`", r"\1", re.sub(r"\*\*(.+?)\*\*", r"\1", str(self)))
        return "\n".join("\n".join(_wrapped(line)) for line in plain.splitlines())


def _wrapped(line: str) -> list[str]:
    indent = re.match(r"\s*(?:[-*] +)?", line)
    first = indent[0] if indent else ""
    return wrap(line[len(first) :], 80, first=first, rest=" " * len(first)) or [""]


class Result(ABC):
    """What every verb returns.

    A subclass is a frozen dataclass made with ``@dataclass(frozen=True, repr=False, eq=False)``: with `repr` or
    `eq` left on, the dataclass would put its own in place of the text below, and compare frames.
    It provides `findings`, `frame`, `snippet`, ``_card``, ``_explain`` and, where there is one, ``_pictures``.
    """

    findings: Findings

    def __init_subclass__(cls) -> None:
        """Let methods that take options refuse those they do not have."""
        super().__init_subclass__()
        for name, method in list(vars(cls).items()):
            takes_options = inspect.isfunction(method) and len(inspect.signature(method).parameters) > 1
            if takes_options and not (name.startswith("_") or hasattr(method, "__wrapped__")):
                setattr(cls, name, as_verb(method))

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: all but tables and pictures, which are made again when they are asked for."""
        return {
            name: kept
            for name, kept in vars(self).items()
            if name not in ("_picture", NOTES) and not name.startswith(cached_frame.PLACE)
        }

    @property
    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """The numbers of this result, tidy."""

    @abstractmethod
    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return plain library code that gives the same numbers, without this package."""

    @abstractmethod
    def _card(self) -> Card:
        """Return what is shown."""

    @abstractmethod
    def _explain(self, audience: Audience) -> Sequence[str]:
        """Return the result in words: one sentence of Markdown each, the answer first.

        Three to six for a colleague, of ninety words at most; two or three that a candidate could say for an interview.
        """

    def _pictures(self) -> Mapping[str, Picture]:
        """Return what can be drawn, by kind; the first is the default."""
        return {}

    @as_verb
    def explain(self, *, audience: str = "colleague") -> Explanation:
        """Say the result in words, with its own numbers.

        Parameters
        ----------
        audience : {"colleague", "interview"}, default "colleague"
            For a colleague the answer first, in ninety words at most; for an interview two or three short sentences in the
            first person: what was done, what came of it, and at what price.

        Returns
        -------
        Explanation
            A `str` of Markdown.

        Raises
        ------
        OptionError
            If the audience is unknown.
        """
        known = check_audience(audience)
        return Explanation(as_markdown([*map(brief, self._explain(known))], bold=known == "colleague"))

    @as_verb
    def plot(self, kind: str | None = None, *, ax: Axes | None = None) -> Any:
        """Draw the result.

        Parameters
        ----------
        kind : str, optional
            What to draw; an unknown one raises an error that lists the kinds.
        ax : matplotlib Axes, optional
            Where to draw; a new figure unless given. Kinds with several panels take none.

        Returns
        -------
        matplotlib Axes, or array of Axes
            An array for kinds with several panels.

        Raises
        ------
        OptionError
            If the kind is unknown, if a kind with several panels gets an `ax`, or if there is nothing to draw.
        """
        return self._draw_one(self._pictures(), kind, ax)

    def _draw_one(self, pictures: Mapping[str, Picture], kind: str | None, ax: Axes | None) -> Any:
        if not pictures:
            raise OptionError(f"{type(self).__name__} has no picture. Its numbers are in .frame.")
        name = next(iter(pictures)) if kind is None else one_of("kind", kind, pictures)
        if isinstance(pictures[name], Panels) and ax is not None:
            raise OptionError(
                f"kind={name!r} draws several panels and takes no ax. Leave ax out.", fix=change(ax=LEFT_OUT)
            )
        from imbalance_accessor.rendering.plots import canvas

        return canvas.draw(pictures[name], ax)

    @as_verb
    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> Path:
        """Write what a notebook shows of the result into one HTML file that needs no network.

        Parameters
        ----------
        path : str or path
            A name that ends in ``.html``, in a folder that is there.
        overwrite : bool, default False
            Whether a file of that name may be replaced.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OptionError
            A file that is there already, a folder that is not, or another ending; before any work.
        """
        file = check_page_path(path, overwrite=overwrite)
        write_page(file, as_page(self._page_title, self._html()))
        return file

    @property
    def _page_title(self) -> str:
        return self._card().title

    def __repr__(self) -> str:
        return as_text(self._shown(), before=shown_before(self))

    def _repr_html_(self) -> str:
        return self._html(shown_before(self))

    def _shown(self) -> Card:
        """Return the card, which names what the rows came from where that was no pandas frame."""
        card, call = self._card(), getattr(self, "_call", None)
        came_as = getattr(getattr(call, "first", None), "came_as", "")
        return replace(card, notes=(*card.notes, f"The rows came as a {came_as}.")) if came_as else card

    def _html(self, before: Collection[Finding] = ()) -> str:
        """Return what a notebook shows; `before` are notes that the reader has seen above it."""
        card, picture = self._shown(), None
        try:
            picture = self._picture
        except Exception as error:  # the numbers must be shown whatever happens to the picture
            note = f"The picture could not be drawn ({type(error).__name__}: {error})."
            card = replace(card, notes=(*card.notes, note))
        return as_html(
            card,
            picture=picture,
            explanation=_said(self.explain),
            snippet=_said(self.snippet),
            calls=self._calls(),
            before=before,
        )

    @cached_property
    def _picture(self) -> CardPicture | None:
        """The default picture, drawn once, when the card is first shown."""
        return self._default_picture()

    def _default_picture(self) -> CardPicture | None:
        pictures = self._pictures()
        if not pictures:
            return None
        with importing():
            from imbalance_accessor.rendering.plots import canvas

        return canvas.card_picture(next(iter(pictures.values())), self._card().title)

    def _calls(self) -> tuple[str, ...]:
        """Return the calls that the card ends with."""
        kinds = tuple(self._pictures())
        plots = (".plot()", *(f".plot({kind!r})" for kind in kinds[1:])) if kinds else ()
        return (".frame", *plots, ".snippet()", ".explain()", ".save('report.html')", ".findings")


def _said(face: Callable[[], str]) -> str:
    """Return what a face of the result says, or why it cannot: a card with a gap is better than no card."""
    try:
        return face()
    except ImbalanceError as error:
        return Printed(error.args[0])
