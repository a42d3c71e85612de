"""Pure functions over arrays: metrics, intervals, thresholds. Nothing here knows a frame or a model."""
