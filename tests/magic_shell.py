"""What of a shell the magic uses, without IPython's own."""

from __future__ import annotations


class Shell:
    """Variables, and the cell that is put next."""

    def __init__(self, **names):
        self.user_ns, self.next, self.history_manager = names, [], None

    def set_next_input(self, text):
        self.next.append(text)

    def ev(self, text):
        return eval(text, dict(self.user_ns))
