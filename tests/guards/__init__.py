"""What carries each promise: the lines that keep it, and the tests that fail without them.

`python -m tests.guards --draw 20 --seed 1` takes such lines away, one promise at a time, in a copy
of the project, and sees whether the tests that `docs/contracts.md` names for it go red.
"""
