"""The guard: rows are divided into a training set and a test set once, and the training set into folds.

Nothing resamples before it; models and strategies (`modeling`) are handed the training set alone.
"""
