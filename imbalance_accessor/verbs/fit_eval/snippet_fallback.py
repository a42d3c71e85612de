"""What the short style writes where its own program would give other numbers: average precision alone."""

from __future__ import annotations

from imbalance_accessor.verbs.fit_eval.snippet_full import FullProgram


class Fallback(FullProgram):
    """The full program without its figures."""

    template = "fit_eval/fallback.py.j2"
    tells = False

    @property
    def _of_each_deal(self) -> dict[str, bool]:
        return {"out_of_fold": True}
