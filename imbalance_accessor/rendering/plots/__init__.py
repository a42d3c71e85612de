"""Plots, a file for each kind: plain data is drawn on axes that are handed in, titled with the finding.

Nothing here knows where its numbers come from. Importing one of these files costs matplotlib, but for `panels` and `palette`.
"""
