"""LightGBM under the focal loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from lightgbm import LGBMClassifier
from scipy.special import expit

from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.modeling.focal.loss import check_focus, focal_curvature, focal_gradient


class FocalLGBMClassifier(LGBMClassifier):
    """LGBMClassifier of two classes that minimises the focal loss.

    Parameters
    ----------
    focal_alpha : float in (0, 1), optional
        The weight of the second class, beside 1 - focal_alpha for the first; by default both weigh 1.
    focal_gamma : float >= 0, default 2.0
        How much easy rows are faded out; 0 is the log loss.
    **kwargs
        As `LGBMClassifier` takes them. ``objective`` is replaced, and ``scale_pos_weight`` and ``is_unbalance`` have
        no effect, as with any objective of one's own: `focal_alpha` and ``class_weight`` weigh the classes.

    Notes
    -----
    Newton steps with the gradient and the curvature of `focal.loss` (Lin et al. 2017). With an objective of one's own
    LightGBM returns margins and begins at 0; here they are turned into probabilities, which are drawn towards one
    half: calibrate them. LightGBM's own metrics on an ``eval_set`` take the margins for probabilities.
    """

    def __init__(self, *, focal_alpha: float | None = None, focal_gamma: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.focal_alpha = focal_alpha
        self.focal_gamma = focal_gamma

    @classmethod
    def _get_param_names(cls) -> list[str]:
        # LightGBM before 4.6 overlooks what is passed on by **kwargs
        own = ["focal_alpha", "focal_gamma"]
        return sorted([*LGBMClassifier._get_param_names(), *own])

    def _process_params(self, stage: str) -> dict[str, Any]:
        params: dict[str, Any] = super()._process_params(stage)
        focus = params.pop("focal_alpha"), params.pop("focal_gamma")

        def step(raw: Floats, rows: Any) -> tuple[Floats, Floats]:
            y, weight = rows.get_label() > 0.5, rows.get_weight()
            weight = 1.0 if weight is None else weight
            gradient = weight * focal_gradient(y, raw, *focus)
            return gradient, weight * focal_curvature(y, raw, *focus)

        return params | {"objective": step} if stage == "fit" else params

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **given: Any) -> Any:  # type: ignore[override]
        """Fit as `LGBMClassifier` does, to the focal loss."""
        check_focus(self.focal_alpha, self.focal_gamma)
        if len(np.unique(y)) > 2:
            raise ValueError("Only binary classification is supported.")
        return super().fit(X, y, sample_weight=sample_weight, **given)

    def predict_proba(self, X: Any, raw_score: bool = False, **given: Any) -> Any:  # type: ignore[override]
        """Return probabilities, shape (n_rows, 2), or what else is asked for."""
        asked = raw_score or given.get("pred_leaf") or given.get("pred_contrib")
        raw: Any = super().predict_proba(X, raw_score=not asked or raw_score, **given)
        return raw if asked else np.column_stack([expit(-raw), expit(raw)])
