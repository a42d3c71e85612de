"""Lines of code that the snippets of several verbs share, and what stands before their verdicts."""
