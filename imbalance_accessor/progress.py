"""The bar that long work shows: a widget in a notebook, text elsewhere, gone when done."""

from __future__ import annotations

import sys
import warnings
from typing import Any

#: Seconds after which a bar is shown.
SECONDS = 2.0


def bar(total: int, *, shown: bool | None) -> Any:
    """Return a bar that counts fits, to be used in a ``with``.

    Parameters
    ----------
    total : int
        Fits to come.
    shown : bool, optional
        At once, or never; by default after two seconds.

    Notes
    -----
    It is tqdm's, which chooses between widget and text. In a notebook without ipywidgets it would warn, and write to the
    red stream of errors; there it writes text to the plain one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm

    widgets = any(kind.__module__ == "tqdm.notebook" for kind in tqdm.__mro__)
    plain = "ipykernel.zmqshell" in sys.modules and not widgets
    return tqdm(
        total=total,
        disable=shown is False,
        delay=0 if shown else SECONDS,
        leave=False,
        unit="fit",
        file=sys.stdout if plain else None,
    )
