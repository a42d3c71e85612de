"""skrub's table vectorizer, which makes numbers of a whole table: dates and free text too. An optional library."""

from __future__ import annotations

from imbalance_accessor.errors import OptionError
from imbalance_accessor.modeling.strategies import Estimator


def table_vectorizer(random_state: int | None) -> Estimator:
    """Return skrub's vectorizer as it comes, but for the seed of what it makes of text.

    Raises
    ------
    OptionError
        Where skrub is missing, or cannot be imported.
    """
    try:
        from skrub import StringEncoder, TableVectorizer
    except ImportError as error:
        raise OptionError(
            f"preprocess='skrub' makes features of dates and text with skrub ({error}). "
            "Install it: python -m pip install 'imbalance_accessor[skrub]'."
        ) from None
    return TableVectorizer(high_cardinality=StringEncoder(random_state=random_state))
