"""The code of a `Trace`: the pipeline fitted, and what there is after each of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imbalance_accessor.models import is_search
from imbalance_accessor.present.recipe import name_of
from imbalance_accessor.present.result import Style
from imbalance_accessor.present.snippets import Snippet, Writer
from imbalance_accessor.verbs import scores_code

if TYPE_CHECKING:
    from imbalance_accessor.verbs.trace import Trace


def write(t: Trace, style: Style) -> Snippet:
    """Write the fit and the walk through it; the full style scores the row too, where one was asked for."""
    writer = Writer()
    fits, scored = t.origin.fits, t.origin.scored
    assert fits is not None
    writer.use_module("pandas", "pd")
    folded = style == "full" and t.account is not None and t.account.fold >= 0
    scores_code.write_data(writer, fits, scored, folded=folded)
    given = scores_code.write_pipeline(writer, fits, scored, t.origin.name)
    if not fits.model.fitted:
        weights = f", **{given['weights']}" if given else ""
        writer.add(f"pipeline.fit(X_train, y_train{weights})")
    _write_walk(writer, t)
    if t.account is not None and style == "full":
        _write_row(writer, t, given)
    return writer.text()


def _write_walk(writer: Writer, t: Trace) -> None:
    fits = t.origin.fits
    assert fits is not None
    plan = fits.plans.get(t.origin.name)
    searched = plan is not None and is_search(plan.estimator)
    opened = "pipeline.best_estimator_" if searched else "pipeline"
    writer.add(
        f"steps = {opened}.steps[:-1]"
        if not fits.model.fitted
        else 'steps = getattr(pipeline, "steps", [])[:-1]'
    )
    skipped = ['    elif step is None or step == "passthrough":', "        continue"] if _skips(t) else []
    writer.add(
        'stages = {"split": (*X_train.shape, *X_test.shape, y_train.value_counts().to_dict())}',
        "X, y, unseen = X_train, y_train, X_test",
        "for name, step in steps:",
        '    if hasattr(step, "fit_resample"):  # train rows only',
        "        X, y = step.fit_resample(X, y)",
        *skipped,
        "    else:",
        "        X, unseen = step.transform(X), step.transform(unseen)",
        "    counts = pd.Series(y).value_counts().to_dict()",
        "    stages[name] = (*X.shape, *unseen.shape, counts)",
        "for name, found in stages.items():",
        "    print(name, *found)",
    )


def _skips(t: Trace) -> bool:
    """Whether a step of the user's own pipeline does nothing."""
    fits = t.origin.fits
    assert fits is not None
    return any(step in (None, "passthrough") for _, step in fits.model.before)


def _write_row(writer: Writer, t: Trace, given: dict[str, str]) -> None:
    """Write the row's score, by the model that has not learned from it."""
    fits, scored, account = t.origin.fits, t.origin.scored, t.account
    assert fits is not None
    assert account is not None
    row = name_of(account.row)
    writer.add("")
    if account.part == "test":
        writer.add(f"cells = X_test.loc[[{row}]]")
    elif fits.model.fitted:
        writer.add(f"cells = X_train.loc[[{row}]]")
    else:
        writer.use("sklearn.base", "clone")
        weights = ", **given" if given else ""
        writer.add(
            f"cells = X_train.loc[[{row}]]",
            f"seen, _ = folds[{account.fold}]  # the folds that have not scored it",
            *([f"given = {{key: w[seen] for key, w in {given['weights']}.items()}}"] if given else []),
            "X_seen, y_seen = X_train.iloc[seen], y_train.iloc[seen]",
            f"pipeline = clone(pipeline).fit(X_seen, y_seen{weights})",
        )
    column = scores_code.positive_column(fits, scored)
    sign = "-" if not scored.is_probability and scored.positive == 0 else ""
    writer.add(f"score = ({sign}pipeline.{scores_code.method(scored)}(cells){column})[0]", "print(score)")
