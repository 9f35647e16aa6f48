"""The chaos suite: real processes of BotBeat against platforms that fail on purpose.

`python -m tests.chaos` runs a storm, then calm, and judges by what the platforms accepted.
"""
