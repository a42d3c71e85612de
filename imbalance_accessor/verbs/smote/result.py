"""The result of `smote`: a split whose training set was resampled."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.smote import card, plots, snippet, text
from imbalance_accessor.verbs.smote.fields import ResampledData

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Resampled(ResampledData):
    """A split whose training set was resampled; unpacks as ``X_train, X_test, y_train, y_test``.

    Attributes
    ----------
    X_train, X_test : pandas.DataFrame
        Features. Real train rows keep their index labels, made ones get new ones. No test row is made, dropped or
        moved; its cells are as they were, but for fills that you asked for, and text where no sampler takes the cells.
    y_train, y_test : pandas.Series
        Their labels.
    is_synthetic : pandas.Series of bool
        On the index of `X_train`: whether a row was made or copied.
    sampler : sampler or None
        What resampled, not fitted; None where there was nothing to do.
    parts : Parts
        The split before resampling.
    findings : Findings
        What the reader must know.
    sample_weight : pandas.Series of float, or None
        On the index of `X_train`: each row's weight, that of its parent where it was made; None without weights.
    """

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the same rows in plain imbalanced-learn: split first, then ``fit_resample`` on the training set."""
        check_library(library)
        check_style(style)
        return snippet.write(self)

    def plot(
        self,
        kind: str | None = None,
        *,
        x: Hashable | None = None,
        y: Hashable | None = None,
        ax: Axes | None = None,
    ) -> Any:
        """Draw the training set before and after, side by side; rows that were made are crosses.

        Parameters
        ----------
        kind : str, optional
            ``"before_after"``, the only one.
        x, y : hashable, optional
            Numeric features to draw by; where one is named, the other is the first that is left. By default the only two
            there are; of more, two principal components.
        ax : matplotlib Axes, optional
            Takes none: the picture has two panels.

        Returns
        -------
        array of Axes

        Raises
        ------
        OptionError
            An unknown kind, an `ax`, or a column that is no numeric feature.

        Examples
        --------
        >>> import imbalance_accessor as imb
        >>> made = imb.make_churn().imb.smote("churn", impute=True)
        >>> left, right = made.plot(x="tenure_months", y="monthly_charges")
        >>> left.get_title(loc="left"), right.get_title(loc="left")
        ('before: 1,520 no, 80 yes', 'after: 1,520 no, 1,520 yes (1,440 made)')
        """
        return self._draw_one(plots.pictures(self, x, y), kind, ax)

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
