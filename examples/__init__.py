"""Worked examples, kept true by tests. They are read and copied; BotBeat runs without them."""
