"""What short programs of several verbs begin with: rows, folds, pipelines and their scores, as a person would write them.

`program.short_program` reads a plan and its scores into a `ShortProgram`, or returns None where no short program gives the
same numbers (`program.is_long` lists when); the verb then writes its longer one. A verb's own template, one statement a line
and its imports on top, is filled in and laid out by `rendering.snippets.templates.write_template`. It includes the blocks of
this folder, and hands them the program as ``short``:

- ``setup.py.j2``: from ``df`` to ``X_train``, ``y_train``, folds and what pipelines share; the verb goes on with
  ``strategies = {...}``, of ``short.pipes``, or ``pipe = {{ short.pipe }}``, below the comment where ``short.resamples``;
- ``oof.py.j2``: ``oof``, the out-of-fold scores of ``pipe``, nan where no fold scores a row;
- ``test.py.j2``: the scores of the test set by ``pipe``, fitted: ``p``, or ``score`` where they are margins (``short.score``).

``short.y_train`` and ``short.y_test`` name the outcome, true where a row is positive: Series ``y_train`` and ``y_test``, or
arrays ``is_train`` and ``is_test``. Where rows do not count once each, ``w_train`` and ``w_test`` say how much they count, and
``short.counts.weighted("recall_score(y_test, flag)", "test")`` writes a metric's call with that (average precision too, half a
negative more included); ``short.counts.own("train")`` names what fits take, which `fit` then does (``short.fits_weighted``);
with ``routes=True`` scikit-learn hands them on itself where it can, to the steps ``short.asking``, of one pipeline alone.
Where ``short.brought`` is set, scores come to the prevalence: by ``oof_at_prevalence.py.j2`` (``b`` is ``short.brought``; what
sigmoids read is kept as ``raw_oof``) and ``test_at_prevalence.py.j2`` (``raw`` names that); programs of several strategies
define ``odds = {{ short.brought.odds_by_name }}`` where there are some. ``short.folds`` is what a loop over ``_, fold`` goes
through. Inside a loop both blocks of scores stand in ``{% filter indent(4, true) %}``.
"""
