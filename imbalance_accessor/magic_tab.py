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
    try:
        running: Any = shell or (ipython.get_ipython() if ipython is not None else None)
        matchers = running.Completer.custom_matchers
    except AttributeError:  # no shell, or one that completes in a way of its own
        return
    if not any(_is_ours(each) for each in matchers):
        matchers.append(_matcher_of(running))


def withdraw(shell: InteractiveShell) -> None:
    """Take the completions away again."""
    matchers: list[Any] = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if not _is_ours(each)]


def _is_ours(matcher: Any) -> bool:
    return getattr(matcher, "matcher_identifier", "") == IDENTIFIER


def _matcher_of(shell: Any) -> Any:
    def matcher(context: Any) -> dict[str, Any]:
        from IPython.core.completer import SimpleCompletion

        from imbalance_accessor.magic_complete import complete

        try:
            found = complete(context.text_until_cursor, shell.user_ns)
        except Exception:  # a Tab is no place for a traceback
            found = None
        typed, words = found or ("", [])
        completions = [SimpleCompletion(word, type="imbalance") for word in words]
        return {
            "completions": completions,
            "matched_fragment": typed,
            "suppress": bool(words),
            "ordered": True,
        }

    # what IPython.core.completer.context_matcher sets, without importing it
    matcher.matcher_api_version = 2  # type: ignore[attr-defined]
    matcher.matcher_identifier = IDENTIFIER  # type: ignore[attr-defined]
    matcher.matcher_priority = 100  # type: ignore[attr-defined]
    return matcher
