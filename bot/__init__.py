"""The core of BotBeat: what it knows and decides, without any platform, database or network.

Read `model` (the things) and `message` (what is shown), `ports` and `store` (what is asked of the
outside), then follow a report: `articles` publishes it, `sharing` decides where it goes, `delivery`
brings it to channels, `digest` many at once, `wording` says it. A comment's life is in `comments`;
what people type is in `commands` and `query`; pages ask `reading`. `figures` and
`health` say how all stands, and `trial` what can be tried out on a platform. `bot` is the door
through which adapters come in.
"""
