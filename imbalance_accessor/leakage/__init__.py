"""Leaks, those included that were made before the frame came here: one class a check, one table of checks in `run_checks`.

`evidence` is what all checks look at. The verb that asks them is `verbs.leaks`.
"""
