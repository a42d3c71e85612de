"""One palette for all pictures: safe for colour-blind eyes, legible on a light and on a dark page.

Notes
-----
After Okabe and Ito (2008), "Color Universal Design". Orange and sky blue are darkened, and yellow and black are
left out, so that every colour keeps a contrast of at least 3 : 1 to a white and to a near-black background. Violet
stands beside blue in place of sky blue, which looks too much like it.
"""

from __future__ import annotations

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#C0699A"
ORANGE = "#B8860B"
SKY = "#3D94C7"
VIOLET = "#783CFF"
GREY = "#7A7A7A"

#: The class that has most of the rows, and the rare one.
MAJORITY = BLUE
MINORITY = VERMILLION
#: Rows that a sampler made.
SYNTHETIC = GREEN
#: The two sets of a split.
TRAIN = SKY
TEST = ORANGE
#: Lines that stand for no skill, for nothing done, for a weight of one.
REFERENCE = GREY
#: What a picture points at: the best row, the chosen threshold.
ACCENT = VERMILLION
#: Classes or strategies side by side, in this order, then again.
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, VIOLET, GREY)

#: The panel behind a card's picture, opaque so that it reads on any page, and the ink on it.
PANEL = "#FAFAF8"
INK = "#222222"


def cycled(position: int) -> str:
    """Return the colour of the class or strategy at `position`.

    Examples
    --------
    >>> cycled(0) == cycled(7) == BLUE
    True
    """
    return CYCLE[position % len(CYCLE)]
