"""The command line, and the composition root: the only place that knows every part.

`settings` reads the environment, `compose` puts the parts together, `cli` is what people type.
"""
