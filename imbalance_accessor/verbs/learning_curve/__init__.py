"""`Evaluation.learning_curve`: average precision by the positives that were learned from, and what a doubling may bring."""
