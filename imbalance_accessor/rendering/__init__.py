"""How results look: cards, tables, plots and the writer of snippets.

Plain data in, text, HTML or axes out: no verb's result is known here, and no model. matplotlib and jinja2 are imported here
alone.
"""
