"""Which notes a card of the same frame has shown already: they are said once, and named by their codes afterwards.

A note belongs to the first verb whose card showed it on a frame. Results of other verbs that are made afterwards name
it only; the first verb's own say it whenever they are shown, so that a cell that is run again shows the same. What a
result says is settled when it is made: it looks the same each time, in a copy and in another process.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Collection
from typing import Any

from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.process_state import fork_safe_lock

#: What results keep: the notes of their frame, and those that others had shown when they were made.
NOTES, BEFORE = "_frame_notes", "_notes_before"


class FrameNotes:
    """The notes of one frame that were shown, and the kind of result that showed each first."""

    def __init__(self) -> None:
        self._first: dict[Finding, str] = {}

    def show(self, kind: str, findings: Findings) -> None:
        """Keep which kind of result showed notes that no other one has shown."""
        for each in _notes(findings):
            self._first.setdefault(each, kind)

    def before(self, kind: str, findings: Findings) -> frozenset[Finding]:
        """Return the notes that another kind of result has shown."""
        return frozenset(each for each in _notes(findings) if self._first.get(each, kind) != kind)


def _notes(findings: Findings) -> list[Finding]:
    return [each for each in findings if each.severity == "note"]


class _Frames:
    """The notes of every frame, as long as the frame lives."""

    def __init__(self) -> None:
        self._lock = fork_safe_lock()
        self._known: dict[int, tuple[weakref.ref[Any], FrameNotes]] = {}

    def notes(self, frame: object) -> FrameNotes | None:
        """Return the notes of a frame; None of what cannot be known again."""
        place = id(frame)
        with self._lock:
            if place in self._known and self._known[place][0]() is frame:
                return self._known[place][1]
            try:
                alive = weakref.ref(frame, functools.partial(self._forget, place))
            except TypeError:
                return None
            self._known[place] = alive, FrameNotes()
            return self._known[place][1]

    def _forget(self, place: int, gone: weakref.ref[Any]) -> None:
        with self._lock:
            if place in self._known and self._known[place][0] is gone:
                del self._known[place]


_FRAMES = _Frames()


def settle(result: Any, made_from: Any) -> None:
    """Settle which notes a result names only: those that another verb has shown of the frame that it was made from.

    Parameters
    ----------
    result : object
        What a verb returned; nothing is done where it has no findings.
    made_from : object
        The frame, or the result whose method was called.
    """
    findings = getattr(result, "findings", None)
    if not isinstance(findings, Findings) or BEFORE in vars(result):
        return
    of_result = isinstance(getattr(made_from, "findings", None), Findings)
    notes = vars(made_from).get(NOTES) if of_result else _FRAMES.notes(made_from)
    if isinstance(notes, FrameNotes):
        vars(result)[NOTES] = notes
        vars(result)[BEFORE] = notes.before(type(result).__name__, findings)


def shown_before(result: Any) -> Collection[Finding]:
    """Return the notes that a result names only, and keep that it shows the others."""
    kept = vars(result)
    if NOTES in kept:
        kept[NOTES].show(type(result).__name__, result.findings)
    found: frozenset[Finding] = kept.get(BEFORE, frozenset())
    return found
