"""Data as it comes in: labels validated, columns read as their owner means them, rows that `smote` made known again.

The first readers of a raw frame. Nothing here divides rows (`splitting`) or knows a model (`modeling`).
"""
