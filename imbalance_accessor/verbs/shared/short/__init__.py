"""What short programs of several verbs begin with: rows, folds, pipelines and their scores, as a person would write them.

`short_program` reads a plan and its scores into a `ShortProgram`, or returns None where no short program gives the same
numbers: row weights, a prevalence, and what else `program` lists; the verb then writes its longer one. A verb's own
template includes the blocks of this folder and reads the same object as ``short``:

- ``setup.py.j2``: from ``df`` to ``X_train``, ``y_train``, folds and the parts that pipelines share; then, of the verb's own,
  ``strategies = {...}`` (``short.pipes`` holds name and code of each) or ``pipe = {{ short.pipe }}`` where it has one;
- ``oof.py.j2``: ``oof``, the out-of-fold scores of ``pipe``; ``test.py.j2``: ``p``, the scores of the test set.

``short.y_train`` and ``short.y_test`` are the names of the outcome, true where a row is positive; ``short.folds`` is what a
loop over ``_, fold`` goes through. Both score blocks are indented by ``{% filter indent(4, true) %}`` inside a loop.
"""
