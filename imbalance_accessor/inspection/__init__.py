"""A fitted strategy looked into: the rows after each step, the model after each round, one row's score.

Nothing is chosen or compared here.
"""
