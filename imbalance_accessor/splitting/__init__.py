"""The guard: rows are divided into a train part and a test part once, and the train part into folds.

Nothing resamples before it; models and strategies (`modeling`) are handed the train part alone.
"""
