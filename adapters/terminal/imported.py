"""One line of a file as an article: what it says is kept, what it leaves out is judged.

The identities are those under which the collector would know the same article, so that neither
a second import nor the article's own feed stores it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from adapters.feeds.canonical import keys
from adapters.feeds.plain import clean, shorten, web_link
from adapters.terminal.lines import BrokenLine, Row, text_of
from adapters.terminal.moments import seconds
from adapters.writer import extract
from bot import catalogue, classify
from bot.articles import number_for
from bot.model import TYPES, Article, Found, Judgement, Page, Sighting
from bot.query.language import slug
from bot.query.parse import nearest

_TITLE, _SUMMARY, _NAME = 400, 5_000, 100
_TYPES = {slug(name): name for name in TYPES}
_TAGS = {name: tag.name for tag in catalogue.TAGS for name in (tag.slug, slug(tag.name))}


@dataclass(frozen=True, slots=True)
class Imported:
    """An article with its identities. `dated` is False where the line had no date."""

    article: Article
    keys: tuple[str, ...]
    dated: bool


def imported(row: Row, now: float) -> Imported | None:
    """The article of a line, None if the line says that it is no news, or none of AI; BrokenLine.

    Without a date it is dated `now`, as what a feed offers without one.
    """
    if row.get("is_ai") is False or row.get("left_out"):
        return None
    found = _found(row)
    published = min(found.published or now, now)
    where = _source(row, found.url)
    judgement = _judgement(row, found, where)
    known = keys(found, where) or keys(replace(found, key=found.title), where)
    article = Article(
        id=number_for(published, known[0]),
        title=found.title,
        source_title=found.title,
        url=found.url,
        published=published,
        companies=judgement.companies,
        type=judgement.type,
        tags=judgement.tags,
        sightings=(Sighting(where, found.url, published=published),),
        summary=shorten(_one_line(text_of(row, "summary")), _SUMMARY),
        lang=text_of(row, "lang")[:2].lower(),
    )
    return Imported(_written(article, found), known, bool(found.published))


def _found(row: Row) -> Found:
    title = shorten(_one_line(text_of(row, "title", needed=True)), _TITLE)
    if not title:
        raise BrokenLine("it has no “title”")
    told = text_of(row, "url")
    url = web_link(told)
    if told and not url:
        raise BrokenLine("“url” is no web address")
    name = "date" if row.get("date") else "published"
    return Found("", url, title, seconds(row.get(name), name), clean(text_of(row, "text")))


def _source(row: Row, url: str) -> str:
    """A name for where it was found; of an address only the host, as that is what people read."""
    told = _one_line(text_of(row, "source"))
    address = told if "://" in told else "" if told else url
    host = urlsplit(address).hostname if address else told
    return shorten((host or "Import").removeprefix("www."), _NAME)


def _judgement(row: Row, found: Found, source: str) -> Judgement:
    """What the line says, and for the rest what `bot.classify` finds."""
    companies, type_, tags = _companies(row), _type(row), _tags(row)
    if companies and type_ and tags:
        return Judgement(True, companies, type_, tags)
    text = found.text or text_of(row, "summary")
    judged = classify.judge(found.title, found.url, text, source)
    return Judgement(True, companies or judged.companies, type_ or judged.type, tags or judged.tags)


def _companies(row: Row) -> tuple[str, ...]:
    """Slugs: `company` acts and goes first, `companies` are all that are involved."""
    names = [text_of(row, "company"), *_texts(row, "companies")]
    slugs = [catalogue.resolve(name) or catalogue.slug(name[:_NAME]) for name in names]
    return tuple(dict.fromkeys(known for known in slugs if known))


def _type(row: Row) -> str:
    told = text_of(row, "type")
    known = _TYPES.get(slug(told), "")
    if told and not known:
        near = ", ".join(_TYPES[name] for name in nearest(slug(told), _TYPES)) or ", ".join(TYPES)
        raise BrokenLine(f"“type” is none of BotBeat's types; did you mean {near}?")
    return known


def _tags(row: Row) -> tuple[str, ...]:
    """Those of the one short vocabulary; others would be topics that nobody can search for."""
    known = [_TAGS[slug(tag)] for tag in _texts(row, "tags") if slug(tag) in _TAGS]
    return tuple(dict.fromkeys(known))


def _texts(row: Row, name: str) -> list[str]:
    value: Any = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BrokenLine(f"“{name}” must be a list of texts")
    return value


def _written(article: Article, found: Found) -> Article:
    """With takeaways, and a summary if it has none, out of its text."""
    if not found.text:
        return article
    page = Page(found.url, found.title, found.text, published=found.published)
    written = extract(found, page)
    return replace(article, takeaways=written.takeaways, summary=article.summary or written.summary)


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
