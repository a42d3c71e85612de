"""XGBoost under the focal loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from xgboost import XGBClassifier

from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.modeling.focal.loss import check_focus, focal_curvature, focal_gradient


class FocalXGBClassifier(XGBClassifier):
    """XGBClassifier of two classes that minimises the focal loss.

    Parameters
    ----------
    focal_alpha : float in (0, 1), optional
        The weight of class 1, beside 1 - focal_alpha for class 0; by default both weigh 1.
    focal_gamma : float >= 0, default 2.0
        How much easy rows are faded out; 0 is the log loss. (``gamma`` is XGBoost's least gain of a split.)
    **kwargs
        As `XGBClassifier` takes them. ``objective`` is replaced, and ``scale_pos_weight`` has no effect, as with any
        objective of one's own: `focal_alpha` weighs the classes.

    Notes
    -----
    Newton steps with the gradient and the curvature of `focal.loss` (Lin et al. 2017). Probabilities are drawn
    towards one half: calibrate them.
    """

    def __init__(self, *, focal_alpha: float | None = None, focal_gamma: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.focal_alpha = focal_alpha
        self.focal_gamma = focal_gamma

    def get_xgb_params(self) -> dict[str, Any]:
        """Return what XGBoost itself knows of."""
        params = super().get_xgb_params()
        own = ("focal_alpha", "focal_gamma")
        return {key: value for key, value in params.items() if key not in own}

    def fit(self, X: Any, y: Any, *, sample_weight: Any = None, **given: Any) -> Any:
        """Fit as `XGBClassifier` does, to the focal loss."""
        check_focus(self.focal_alpha, self.focal_gamma)
        if len(np.unique(y)) > 2:
            raise ValueError("Only binary classification is supported.")
        self.objective = self._step
        try:
            return super().fit(X, y, sample_weight=sample_weight, **given)
        finally:  # the name by which margins are turned into probabilities
            self.objective = "binary:logistic"

    def _step(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tuple[Floats, Floats]:
        focus = (self.focal_alpha, self.focal_gamma)
        y, raw = np.asarray(y_true) > 0.5, np.asarray(y_pred, dtype=float)
        weight = 1.0 if sample_weight is None else np.asarray(sample_weight)
        gradient = weight * focal_gradient(y, raw, *focus)
        return gradient, weight * focal_curvature(y, raw, *focus)
