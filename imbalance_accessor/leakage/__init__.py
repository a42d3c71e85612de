"""Leaks that were there before a frame reached us: looked for in the rows, the columns, and their order."""
