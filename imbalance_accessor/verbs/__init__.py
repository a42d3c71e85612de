"""The verbs, one file each: the function, its frozen result, its own helpers."""
