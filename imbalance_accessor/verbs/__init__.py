"""The verbs, one package each, with the same rooms: the function, its result, and what that says, shows and writes.

`__init__` the function · `result` what it returns · `fields` what that holds, read by all rooms below it · `card` and `text`
its words · `findings` what the reader must know · `snippet` the same as plain code · `plots` its pictures. A small verb has its
card and its plots in `result`. What is computed for several verbs stands in `evaluation`, `metrics` and `inspection`.
"""
