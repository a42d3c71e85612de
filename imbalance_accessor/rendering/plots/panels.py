"""What can be drawn: a function of one axes, or several panels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Panels:
    """A picture of several panels.

    Attributes
    ----------
    count : int or (int, int)
        Panels side by side, or rows and columns of panels.
    draw : callable
        Draws on an array of axes, of shape ``(count,)`` or ``(rows, columns)``.
    """

    count: int | tuple[int, int]
    draw: Callable[[Any], None]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (1, self.count) if isinstance(self.count, int) else self.count


Picture: TypeAlias = "Callable[[Axes], None] | Panels"
