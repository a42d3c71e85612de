"""Hands Tab over to `magic_complete`, in the shell there is; nothing is imported for it before the first Tab."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

#: The name under which the shell knows what completes our lines.
IDENTIFIER = "imbalance_accessor"


def offer(shell: InteractiveShell | None = None) -> None:
    """Let Tab complete ``df.imb.`` and lines of ``%imbalance``; nothing happens where there is no shell.

    Parameters
    ----------
    shell : InteractiveShell, optional
        By default the one that runs this code.
    """
    ipython = sys.modules.get("IPython")
    running = shell or (ipython.get_ipython() if ipython is not None else None)
    withdraw(running)
    _matchers(running).append(_matcher_of(running))


def withdraw(shell: InteractiveShell | None) -> None:
    """Take the completions away again."""
    matchers = _matchers(shell)
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != IDENTIFIER]


def _takes_context(shell: Any) -> bool:
    """Whether matchers are handed a context, as from IPython 8.6, and not just the line."""
    return hasattr(getattr(shell, "Completer", None), "suppress_competing_matchers")


def _matchers(shell: Any) -> Any:
    """Return the shell's list for ours, where what it finds is shown alone; an idle list where there is none."""
    place = "custom_matchers" if _takes_context(shell) else "magic_arg_matchers"
    return getattr(getattr(shell, "Completer", None), place, [])


def _matcher_of(shell: Any) -> Any:
    by_context = _takes_context(shell)

    def matcher(asked: Any) -> Any:
        try:
            from imbalance_accessor.magic_complete import complete

            text = (asked if by_context else shell.Completer).text_until_cursor
            typed, words = complete(text, shell.user_ns) or ("", [])
            return _shown(typed, words) if by_context else _replacing(shell, text, typed, words)
        except Exception:  # a Tab is no place for a traceback
            return {"completions": []} if by_context else []

    # what IPython.core.completer.context_matcher sets, without importing it
    matcher.matcher_api_version = 2  # type: ignore[attr-defined]
    matcher.matcher_identifier = IDENTIFIER  # type: ignore[attr-defined]
    matcher.matcher_priority = 100  # type: ignore[attr-defined]
    return matcher


def _shown(typed: str, words: list[str]) -> dict[str, Any]:
    from IPython.core.completer import SimpleCompletion

    completions = [SimpleCompletion(word, type="imbalance") for word in words]
    return {"completions": completions, "matched_fragment": typed, "suppress": bool(words), "ordered": True}


def _replacing(shell: Any, text: str, typed: str, words: list[str]) -> list[str]:
    """Return what may stand in place of the piece that the shell replaces: more or less than what was typed."""
    place = len(text) - len(shell.Completer.splitter.split_line(text))
    lines = [text.removesuffix(typed) + word for word in words]
    return [line[place:] for line in lines if line.startswith(text[:place])]
