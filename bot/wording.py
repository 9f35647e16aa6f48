"""What BotBeat says: articles, comments and states as messages for people."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bot import catalogue
from bot.message import Author, Button, Card, Message
from bot.model import Article, Comment, Sighting
from bot.ports import Source

_MOST_TAKEAWAYS = 3
_LONGEST_LINK = 120
_COLORS = {
    "PRODUCT LAUNCH": "#2563eb",
    "OPEN SOURCE": "#15803d",
    "RESEARCH": "#7c3aed",
    "INDUSTRY REPORT": "#b45309",
    "FUNDING & BUSINESS": "#0f766e",
    "POLICY & REGULATION": "#b91c1c",
    "PARTNERSHIP": "#be185d",
    "UPDATE": "#4b5563",
    "OPINION": "#a16207",
}


def report(article: Article, base_url: str) -> Message:
    """The one card of a report, the same on every platform."""
    return Message(cards=(card(article, base_url),))


def card(article: Article, base_url: str, note: str = "") -> Card:
    page = page_of(article.id, base_url)
    buttons = [Button("Read original", url=article.url)] if article.url else []
    if page:
        buttons.append(Button("Open report", url=page))
    if article.company:
        buttons.append(
            Button(f"More from {clip(company(article.company), 40)}", f"company:{article.company}")
        )
    buttons.append(Button("Why here?", f"why {article.id}"))
    return Card(
        title=article.title,
        url=article.url or page,
        article=article.id,
        byline=byline(article),
        takeaways=tuple(take.text for take in article.takeaways[:_MOST_TAKEAWAYS]),
        summary="" if article.takeaways else article.summary,
        via=via(article.sightings),
        note=note,
        color=_COLORS.get(article.type, ""),
        labels=labels(article),
        published=article.published,
        withdrawn=article.withdrawn,
        buttons=tuple(buttons),
    )


def compact(article: Article, base_url: str, buttons: Sequence[Button] = ()) -> Card:
    """A report as one row of a list."""
    first = article.takeaways[0].text if article.takeaways else article.summary
    return Card(
        title=article.title,
        url=page_of(article.id, base_url) or article.url,
        article=article.id,
        byline=byline(article),
        summary=clip(first, 160),
        via=via(article.sightings),
        published=article.published,
        withdrawn=article.withdrawn,
        buttons=tuple(buttons),
    )


def digest(articles: Sequence[Article], matched: int, about: str, base_url: str) -> Message:
    """Many reports in one message, those of a company together; who is in most comes first."""
    groups = defaultdict[str, list[Article]](list)
    for article in articles:
        groups[article.company].append(article)
    order = sorted(groups, key=lambda slug: (slug == "", -len(groups[slug]), slug))
    cards = [
        replace(_line(article, base_url), heading="" if nth else company(slug) or "Other news")
        for slug in order
        for nth, article in enumerate(groups[slug])
    ]
    return Message(
        text=f"**{plural(matched, 'report')}** {about}".strip(),
        cards=tuple(cards),
        buttons=(Button("Subscriptions here", "list"),),
        footer=f"{matched} matched, {len(cards)} shown",
    )


def _line(article: Article, base_url: str) -> Card:
    """A report as one line of a digest; fifteen of them fit into a message everywhere."""
    page = page_of(article.id, base_url) or article.url
    return Card(
        title=clip(article.title, 90),
        url=page if len(page) <= _LONGEST_LINK else "",
        article=article.id,
        byline=f"{article.type} · {day(article.published)}",
        published=article.published,
        withdrawn=article.withdrawn,
    )


def copied(comment: Comment, key: str, base_url: str) -> Message:
    """Somebody's comment as it stands in another channel. The link to it on the report's page also
    carries the delivery's key, for platforms that have no other place for it."""
    page = page_of(comment.article, base_url)
    link = f"{page}?copy={key}#c-{comment.key}" if page else ""
    name, platform = comment.author.name or "Someone", comment.origin.channel.platform
    author = Author(name, platform, link, comment.author.picture)
    return Message(text=comment.text, author=author)


def missed(article: Article, number: int, base_url: str) -> Message:
    """Stands for comments that are not copied one by one."""
    were = "was" if number == 1 else "were"
    text = f"{plural(number, 'more comment')} {were} written elsewhere while BotBeat was away."
    page = page_of(article.id, base_url)
    buttons = [Button("Open report", url=page)] if page else []
    return Message(text=text, buttons=(*buttons, Button("Why here?", f"why {article.id}")))


def writeup(article: Article) -> Message:
    """All that was written of a report, as it stands first in its thread."""
    if article.withdrawn:
        return changed(article)
    opinion = f"**Opinion** ({escape(article.writer)})\n\n{escape(article.opinion)}"
    parts = (
        "\n".join(f"- {escape(take.text)}" for take in article.takeaways),
        escape(article.summary),
        opinion if article.opinion else "",
    )
    return Message(text="\n\n".join(part for part in parts if part) or escape(article.title))


def changed(article: Article) -> Message:
    """Stands in the thread of a report that turned out to be wrong, or says something else now."""
    if article.withdrawn:
        return Message(text=f"This report was withdrawn: {escape(article.withdrawn)}")
    before = escape(clip(article.corrected, 300))
    return Message(text=f"Its source has corrected this report, which said before: “{before}”")


def welcome(base_url: str) -> Message:
    """Told to a channel to which BotBeat was added."""
    kept = "It keeps what people write in the threads under its own reports, and nothing else."
    privacy = f" [Privacy]({base_url}/privacy)" if base_url else ""
    return Message(
        text="**BotBeat is in this channel.** It posts the AI news that you ask for, with one "
        "conversation under each report.\n"
        "- `/botbeat subscribe company:openai` follows a company, a kind of news, or words\n"
        "- `/botbeat qwen` searches; only you see the answer\n"
        "- `/botbeat help` tells the rest",
        buttons=(
            Button("Choose what to post", "form:subscribe", primary=True),
            Button("Show me an example", "latest limit:1"),
        ),
        footer=kept + privacy,
    )


def given_up(source: Source | None) -> Message:
    """Told to those who follow a source that is visited no more; None: it is not known any more.
    Once somebody has added it anew, the message says so until it answers."""
    name = escape(clip(source.name, 80)) if source else "A source that this channel follows"
    said = f"**{name} is not visited any more**"
    if source and not source.disabled:
        said = f"**{name} was given up and is tried again now**."
    elif source:
        said += f": {escape(clip(source.reason.rstrip('.'), 200))}."
    if source and source.last_success:
        said += f" Its last answer was {hour(source.last_success)}."
    if source and source.disabled:
        address = source.url.replace("`", "%60")
        said += f" To try it again: `/botbeat subscribe {address}`"
    return Message(text=said, buttons=(Button("Subscriptions here", "list"),))


def quiet(since: float, sources: int) -> Message:
    """Told to those who subscribed when nothing comes in."""
    of_them = f"none of the {sources:,} sources answers" if sources > 1 else "no source answers"
    return Message(
        text=f"**No news has come in since {hour(since)}**: {of_them}. Whoever runs BotBeat finds "
        "the reasons with `botbeat sources list`. Once one answers again, this message goes.",
        buttons=(Button("Status", "status"),),
    )


def page_of(article: int, base_url: str) -> str:
    return f"{base_url}/reports/{article}" if base_url else ""


def byline(article: Article) -> str:
    parts = [company(article.company)] if article.company else []
    return " · ".join([*parts, article.type, day(article.published)])


def labels(article: Article) -> tuple[str, ...]:
    """What kind of news it is and about whom: the type, then the companies, then the tags."""
    about = (name for slug in article.companies for name in (company(slug), slug))
    return (article.type, *about, *article.tags)


def company(slug: str) -> str:
    """A company's name as shown; one that the catalogue does not know is shown as it is."""
    known = catalogue.company(slug)
    return known.name if known else slug.replace("-", " ").title()


def via(sightings: Sequence[Sighting]) -> str:
    """Where it was found: `Qwen blog · Hacker News, 312 points`."""
    named = []
    for sighting in sightings:
        points = f", {sighting.points} points" if sighting.points else ""
        named.append(f"{sighting.source}{points}")
    shown = named[:4]
    if len(named) > len(shown):
        shown.append(f"{len(named) - len(shown)} more")
    return " · ".join(shown)


def day(moment: float) -> str:
    """`28 Apr 2026`, in UTC."""
    when = time.gmtime(moment)
    return f"{when.tm_mday} {time.strftime('%b %Y', when)}"


def hour(moment: float) -> str:
    """`28 Apr 2026, 14:05 UTC`."""
    return f"{day(moment)}, {time.strftime('%H:%M', time.gmtime(moment))} UTC"


def clip(text: str, most: int) -> str:
    """Text of at most so many characters, cut between words where there are words."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut).rstrip(" ,;:-") + "…"


def plural(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def escape(text: str) -> str:
    """Foreign words inside our own Markdown: nothing in them formats, links or mentions."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#~|" else letter for letter in text)
