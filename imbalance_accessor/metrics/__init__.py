"""Metrics, their intervals, thresholds, costs and calibration: pure functions over arrays of numpy.

Here stands what could be said of any labels and scores. Frames, models, folds and sentences belong elsewhere.
"""
