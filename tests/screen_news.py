"""The news that the screens of a platform tell of: one report that matters, and weeks of others."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Found, Page, Takeaway, Written
from bot.ports import Source
from tests.world import World

QWEN = "Alibaba releases Qwen 4 under an open license"
POINTS = (
    "Qwen 4 comes in six sizes, from 0.6 to 480 billion parameters.",
    "The weights of all six are under the Apache 2.0 license.",
    "It reads up to a million tokens at once & writes <think> blocks only on demand.",
)
SUMMARY = "Alibaba has put all six models on its hub; the largest one needs eight graphics cards."
OPINION = "Smaller models under a free license matter more to most teams than the largest one."
NEWS = (
    ("Alibaba", "Alibaba cuts the prices of its Qwen models by half"),
    ("Mistral AI", "Mistral AI raises 900 million euros for data centers"),
    ("OpenAI", "OpenAI launches a smaller GPT model for phones"),
    ("Alibaba", "Alibaba and BMW put the Qwen model into cars sold in China"),
    ("NVIDIA", "NVIDIA publishes a paper on training language models with 4 bits"),
    ("Alibaba", "Alibaba opens an AI research lab in Singapore"),
    ("The Decoder", "Researchers find that large language models cite papers that do not exist"),
    ("Alibaba", "Alibaba launches Qwen Studio, an AI tool for film makers"),
    ("Alibaba", "Alibaba releases the Qwen coder model as open weights"),
    ("Alibaba", "Alibaba trains an AI model on weather maps"),
    ("Alibaba", "Alibaba Cloud offers its AI chips to other companies"),
    ("Alibaba", "Alibaba updates the Qwen chat assistant"),
    ("Alibaba", "Alibaba shows an AI agent that books travel"),
    ("Alibaba", "Alibaba joins an open source AI foundation"),
)


async def reports(world: World, source: str, found: Found, written: Written) -> None:
    """A source offers an article, which is read, written and published."""
    address = f"https://{source.lower().replace(' ', '-')}.example/feed"
    number = await world.bot.add_source(Source(0, address, source))
    with world.store.read() as tx:
        known = next(one for one in tx.sources.all() if one.id == number)
    # A source of which nothing was seen before brings no news.
    await world.bot.offered(replace(known, baseline=True), [found])
    for entry in await world.bot.open_entries(10):
        judgement = await world.bot.judged(entry, Page(found.url))
        assert judgement is not None, found.title
        await world.bot.published(entry, judgement, written, [f"url:{found.url}"])


def written(title: str, *points: str, summary: str = "", opinion: str = "") -> Written:
    takeaways = tuple(Takeaway(one, one) for one in points)
    return Written(title, takeaways, summary, opinion, "llama-4" if opinion else "extract")


async def qwen(world: World) -> None:
    """The report that most screens are about, found by two sources."""
    url, now = "https://qwen.example/blog/qwen-4", world.clock.now
    said = written(QWEN, *POINTS, summary=SUMMARY, opinion=OPINION)
    await reports(world, "Qwen blog", Found("q4", url, QWEN, now - 3600), said)
    seen = Found("hn", url, QWEN, now - 1800, discussion="https://hn.example/1", points=312)
    await reports(world, "Hacker News", seen, said)
    await world.settle()


async def news(world: World, count: int = len(NEWS), every: float = 90_000) -> None:
    """So many reports, each older than the one before by so many seconds."""
    for number, (source, title) in enumerate(NEWS[:count], 1):
        url = f"https://news.example/{number}"
        found = Found(str(number), url, title, world.clock.now - number * every)
        text = f"{title}, as was announced on its website; prices and dates are to follow."
        await reports(world, f"{source} blog", found, written(title, text))
    await world.settle()
