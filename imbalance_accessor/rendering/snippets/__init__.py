"""The writer of snippets, and what it needs to write values and classes of ours as plain code."""
