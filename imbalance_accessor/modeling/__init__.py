"""Models, what stands before them and what is done about the imbalance: plain scikit-learn and imbalanced-learn objects.

They are built and read here, and fitted in `evaluation`. The only `fit_resample` stands in `samplers`.
"""
