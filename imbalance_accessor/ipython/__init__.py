"""The magic `%imbalance`: parsed, its words turned into values, called and completed.

The only place that imports IPython. The verbs it calls stand in `verbs`, and know nothing of it.
"""
