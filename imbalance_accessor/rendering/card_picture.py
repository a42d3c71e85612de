"""A card's picture as HTML: SVG in the card's own colours, and an image for pages that drop what they do not know."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imbalance_accessor.rendering.plots.palette import INK, PANEL

if TYPE_CHECKING:
    from markupsafe import Markup

# a notebook that is not trusted drops <style>, <svg> and its tags, yet neither an inline style nor the texts in an <svg>:
# there the first part stays hidden, and the second one is seen; a card's styles turn both round
_DRAWN = 'viewBox="0 0 {width} {height}" fill="currentColor" stroke-linejoin="round"'
_IMAGE = '<img class="{kind}" alt="{title}" src="{source}">'
_INLINE = (
    f'<div class="imb-vector" style="display: none"><svg {_DRAWN} role="img" aria-label="{{title}}">'
    "{shapes}</svg></div>\n"
)
_FILE = (
    f'<svg xmlns="http://www.w3.org/2000/svg" {_DRAWN} width="{{shown}}" font-family="sans-serif" '
    'style="color:{ink};--imb-back:{ground};background:{ground}">{shapes}</svg>'
)


@dataclass(frozen=True)
class CardPicture:
    """A picture as SVG, or as a PNG where that would be too large.

    Attributes
    ----------
    width, height : int
        In the units that the shapes are written in, tenths of a point.
    shapes : str
        What stands in the ``<svg>``: markup, its texts escaped; empty for a PNG.
    png : bytes
        Empty for an SVG.
    """

    width: int = 0
    height: int = 0
    shapes: str = ""
    png: bytes = b""

    def html(self, title: str) -> Markup:
        """Return the picture for a card of this title, twice where it is an SVG: inline, and as an image."""
        from markupsafe import Markup

        if self.png:
            return self.image(title)
        size = {"width": self.width, "height": self.height}
        drawn = Markup(_INLINE).format(**size, title=title, shapes=Markup(self.shapes))
        return drawn + self.image(title, kind="imb-picture imb-plain")

    def image(self, title: str, *, kind: str = "imb-picture") -> Markup:
        """Return the picture as an image alone."""
        from markupsafe import Markup

        data, of = (self.png, "png") if self.png else (self._file().encode(), "svg+xml")
        source = f"data:image/{of};base64,{base64.b64encode(data).decode()}"
        return Markup(_IMAGE).format(kind=kind, title=title, source=source)

    def _file(self) -> str:
        """Return an SVG that stands alone, on a light panel since it cannot know the page's colours."""
        return _FILE.format(
            width=self.width,
            height=self.height,
            shown=self.width // 7,
            ink=INK,
            ground=PANEL,
            shapes=self.shapes,
        )
