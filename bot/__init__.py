"""The core of BotBeat: what it knows and decides, without any platform, database or network.

Read `model` (the things), `ports` and `store` (what is asked of the outside), then follow a
report: `articles` publishes it, `delivery` brings it to channels, `wording` says it. A comment's
life is in `comments`; what people type is in `commands` and `query`; pages ask `reading`. `bot`
is the door through which adapters come in.
"""
