"""Pipelines are fitted and rows are scored: out of fold on the training set, and on the test set.

`plan` decides all before the first fit, `fit` does one, `scores` holds what came of all. What the scores come to is measured
in `metrics`, and said in `verbs`.
"""
