"""Sample news that ships with BotBeat, so that it can be tried without the internet."""

from adapters.terminal.samples.samples import feed, media_type, names, title

__all__ = ["feed", "media_type", "names", "title"]
