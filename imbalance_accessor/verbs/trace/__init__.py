"""`Evaluation.trace`: the rows after each step of a strategy's pipeline, and how one row's score came about."""
