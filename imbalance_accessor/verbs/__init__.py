"""The verbs, one package each, with the same rooms: the function, its result, and what that says, shows and writes.

`__init__` the function · `result` what it returns: short methods that point to the rooms · `fields` what that holds, read by
all rooms below it · `card` and `text` its words · `findings` what the reader must know · `snippet` the same as plain code ·
`plots` its pictures. What a verb has besides has a room of its own, such as `smote.units` or `leaks.demonstration`. What is
computed for several verbs stands in `evaluation`, `metrics` and `inspection`; lines that several snippets share in `shared`.
"""
