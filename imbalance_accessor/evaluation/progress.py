"""The bar that long work shows: text in a notebook's output or in a terminal, with the time left, gone when done."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from tqdm.std import tqdm


@dataclass(frozen=True)
class Within:
    """A bar of more work than these fits: they are counted in it, and it goes on when they are done."""

    whole: Any

    def counting(self, more: int) -> Self:
        """Return this bar with more fits to come."""
        self.whole.total += more
        return self

    def __enter__(self) -> Any:
        return self.whole

    def __exit__(self, *_: object) -> None:
        """Leave the bar to whoever made it."""

    def done(self, what: str) -> None:
        """Count one more step, by its name."""
        self.whole.set_description(what, refresh=False)
        self.whole.update()


#: Whether a bar is shown: at once, never, by default when the work is long; or the bar in which to count.
Progress: TypeAlias = bool | Within | None


def bar(total: int, *, shown: Progress, delay: float = 2.0) -> Any:
    """Return a bar that counts fits, to be used in a ``with``.

    Parameters
    ----------
    total : int
        Fits to come.
    shown : bool or Within, optional
        At once, or never; by default after the delay; or within the bar of more work.
    delay : float
        In seconds.
    """
    if isinstance(shown, Within):
        return shown.counting(total)
    notebook = "ipykernel.zmqshell" in sys.modules and "IPython.display" in sys.modules
    place: dict[str, Any] = {"file": io.StringIO(), "ncols": 80} if notebook else {}
    return (_NotebookBar if notebook else _Bar)(
        total=total,
        disable=shown is False,
        delay=0 if shown else delay,
        leave=False,
        unit="fit",
        miniters=1,
        **place,
    )


def say(line: str) -> None:
    """Write a line where errors go, above a bar that is shown there."""
    if sys.stderr is not None:
        tqdm.write(line, file=sys.stderr)


class _Bar(tqdm):  # type: ignore[type-arg]
    """A bar that is drawn after each fit, so that no thread need look after it, for as long as the process runs."""

    monitor_interval = 0


class _NotebookBar(_Bar):
    """A bar in one output of a notebook's cell, which is emptied at the end, also in the stored notebook.

    Notes
    -----
    tqdm's own widget leaves its last text in the stored file, and needs ipywidgets.
    """

    _place: Any = None

    def display(self, msg: str | None = None, pos: int | None = None) -> None:  # noqa: ARG002
        """Write the bar into the cell's output, or empty it."""
        text = {"text/plain": str(self) if msg is None else msg}
        if self._place is not None:
            self._place.update(text, raw=True)
        elif text["text/plain"]:
            self._place = sys.modules["IPython.display"].display(text, raw=True, display_id=True)
