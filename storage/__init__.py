"""The database: SQLite on a laptop, PostgreSQL on servers, the same guarantees on both.

`store.open_store` gives what `bot.ports.Store` asks for. All SQL of BotBeat is in this folder;
each file speaks of one subject.
"""
