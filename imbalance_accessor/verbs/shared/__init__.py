"""Lines of code that the snippets of several verbs share."""
