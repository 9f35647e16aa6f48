"""What the pages show: questions to the store, answered in one read each.

Only a channel that shares its comments, and chose that they may stand on the page, is ever quoted
on a page; its own people see more in `channel_view`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bot import catalogue, comments, wording
from bot.catalogue import Company
from bot.composing import compose
from bot.message import Message
from bot.model import PAGE, Article, Channel, Comment, Comments, Delivery, MessageRef
from bot.query import Query, QueryError, parse
from bot.related import more, suggested
from bot.store import Store, Tx

_MOST_PAGES = 500


@dataclass(frozen=True, slots=True)
class Front:
    """One page of reports. `total` counts up to the store's cap; `error` is for the person."""

    articles: tuple[Article, ...]
    total: int
    query_text: str
    error: str
    page: int
    pages: int = 1
    query: Query = field(default_factory=Query)


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report's page. `comments` are only those that may be shown to everybody."""

    article: Article
    company: Company | None
    comments: tuple[Comment, ...]
    more: tuple[Article, ...]
    suggested: tuple[Article, ...]
    open_for_comments: bool


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One comment as a channel has it: written there, or our copy of it.

    `late` says that the copy still shows an older revision, because an edit is on its way.
    """

    kind: Literal["own", "copy"]
    comment: Comment
    late: bool = False


@dataclass(frozen=True, slots=True)
class ReportInChannel:
    """A report where it stands in a channel, with what was said under it there."""

    delivery: Delivery
    article: Article
    thread: tuple[ThreadLine, ...]


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel's newest reports and what else stands there, oldest first, and what becomes of
    comments."""

    mode: Comments
    page: bool
    reports: tuple[ReportInChannel, ...]
    others: tuple[tuple[Delivery, Message], ...] = ()


def front(store: Store, query_text: str, page: int, size: int = 20) -> Front:
    """One page of what matches: by time, unless words are looked for.

    Pages count from 1; 0 is the page that the text names (`page:3`), or the first.
    """
    text = query_text.strip()
    page = 1 if page < 0 else min(page, _MOST_PAGES)
    with store.read() as tx:
        try:
            query = parse(text, tx.now)
            if query.takes_any:
                raise QueryError("What a channel follows by an address is shown in channels only.")
        except QueryError as error:
            # In a channel it is good to hear that no subscription changed; here nothing could.
            words = str(error).removesuffix(" Nothing was changed.")
            return Front((), 0, text, words, page or 1)
        page = page or min(query.page, _MOST_PAGES)
        size = query.limit or size
        query = replace(query, page=1, limit=0)
        # Where no words are looked for, everything that matches does so equally well.
        keys = {term.key for clause in query.clauses for term in clause.terms}
        if query.sort == "best" and not keys & {"", "title"}:
            query = replace(query, sort="new")
        results = tx.articles.search(query, size, (page - 1) * size)
    pages = min(max(-(-results.total // size), 1), _MOST_PAGES)
    return Front(results.articles, results.total, text, "", page, pages, query)


def report(store: Store, article_id: int, default: Comments = "read") -> ReportView | None:
    """All that a report's page shows, or None if there is no such report.

    `default` is the deployment's own choice for channels that made none: see `bot.comments`.
    """
    with store.read() as tx:
        article = tx.articles.one(article_id)
        if article is None:
            return None
        return ReportView(
            article,
            catalogue.company(article.company),
            _public(tx, article.id, default),
            more(tx, article),
            suggested(tx, article),
            comments.page_is_open(tx, article.id, default),
        )


def _public(tx: Tx, article: int, default: Comments) -> tuple[Comment, ...]:
    """The comments from the page itself, and those of channels that let them stand on it."""
    under = tx.comments.under(article)
    channels = {comment.origin.channel for comment in under}
    on_page = {channel for channel in channels if _shows_on_page(tx, channel, default)}
    return tuple(comment for comment in under if comment.page and comment.origin.channel in on_page)


def _shows_on_page(tx: Tx, channel: Channel, default: Comments) -> bool:
    if channel == PAGE:
        return True
    settings = tx.channels.place(channel).settings
    return settings.page and comments.mode(settings, default) == "share"


def companies(store: Store) -> list[tuple[str, str, int]]:
    """Slug, name and number of reports of each company that acts in any, most reports first."""
    with store.read() as tx:
        counted = tx.articles.names()
    known = [(name, wording.company(name), count) for name, count in counted.items()]
    return sorted(known, key=lambda one: (-one[2], one[1].casefold()))


def person_name(store: Store, platform: str, person: str) -> str:
    """The name under which somebody wrote before, or an empty text."""
    with store.read() as tx:
        return tx.channels.person(platform, person)[0]


def channel_view(
    store: Store,
    channel: Channel,
    limit: int = 30,
    default: Comments = "read",
    base_url: str = "",
) -> ChannelView:
    """What stands in a channel, for a platform that keeps no messages of its own."""
    with store.read() as tx:
        settings = tx.channels.place(channel).settings
        standing = tx.deliveries.latest(channel, limit)
        alone = [one for one in standing if not one.article]
        others = tuple(zip(alone, compose(tx, alone, base_url), strict=True))
        articles = {one.id: one for one in tx.articles.many([d.article for d in standing])}
        reports = tuple(
            ReportInChannel(
                delivery, articles[delivery.article], _thread(tx, delivery.article, channel)
            )
            for delivery in standing
            if delivery.article in articles
        )
        return ChannelView(comments.mode(settings, default), settings.page, reports, others)


def root_message(store: Store, channel: Channel, article: int) -> MessageRef | None:
    """Where a report stands in a channel, or None if it is not there."""
    with store.read() as tx:
        for delivery in tx.deliveries.of_article(article, channel):
            if delivery.kind == "report" and delivery.message and not delivery.gone:
                return delivery.ref
    return None


def comment(store: Store, number: int) -> Comment | None:
    """A comment by its number, unless it was deleted."""
    with store.read() as tx:
        found = tx.comments.one(number)
    return None if found is None or found.deleted else found


def _thread(tx: Tx, article: int, channel: Channel) -> tuple[ThreadLine, ...]:
    """Comments written in the channel, and the copies that have arrived there."""
    said = tx.comments.under(article)
    if not said:
        return ()
    copies = _copies(tx.deliveries.of_article(article, channel))
    lines: list[ThreadLine] = []
    for comment in said:
        delivery = copies.get(comment.id)
        if comment.origin.channel == channel:
            lines.append(ThreadLine("own", comment))
        elif delivery:
            lines.append(ThreadLine("copy", comment, late=delivery.shown < comment.revision))
    return tuple(lines)


def _copies(deliveries: Sequence[Delivery]) -> dict[int, Delivery]:
    """The copies that a channel has, by comment."""
    return {
        delivery.subject: delivery
        for delivery in deliveries
        if delivery.kind == "comment" and delivery.message and not delivery.gone
    }
