"""`search`: the reports in the database, by the same language as `/botbeat` in a channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from adapters.terminal.judging import company_name
from adapters.terminal.lines import emit
from adapters.terminal.moments import day, iso
from adapters.terminal.opening import configured, opened
from adapters.terminal.outside import Json
from adapters.terminal.speaking import columns, complain, plain, say
from bot.model import Article
from bot.query import Query, QueryError, parse
from bot.query.meaning import meaning


def search(
    words: Annotated[list[str], typer.Argument(metavar="QUERY", show_default=False)],
    as_json: Json = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most lines.")] = 10,
) -> None:
    """Reports that match, best first.

    The words are those of `/botbeat` in a channel: `search "company:alibaba -type:opinion"`.
    """
    try:
        query, found = _found(" ".join(words), limit)
    except QueryError as error:
        # In a channel it is good to hear that no subscription changed; here nothing could.
        complain(str(error).removesuffix(" Nothing was changed."))
        raise typer.Exit(2) from None
    if as_json:
        for article in found:
            emit(_row(article))
    elif found:
        for line in columns([_cells(article) for article in found]):
            say(line)
    else:
        say(f"No report matches: {plain(meaning(query))}.")


def _found(text: str, limit: int) -> tuple[Query, tuple[Article, ...]]:
    with opened(configured(), make=False) as store, store.read() as tx:
        query = parse(text, tx.now)
        if not query.clauses and query.sort == "best":
            query = replace(query, sort="new")
        size = query.limit or limit
        return query, tx.articles.search(query, size, (query.page - 1) * size).articles


def _row(article: Article) -> dict[str, str | int | None]:
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "published": iso(article.published),
        "company": company_name(article.company) if article.company else None,
        "type": article.type,
    }


def _cells(article: Article) -> list[str]:
    company = company_name(article.company) if article.company else "—"
    return [day(article.published) or "", company, article.type, article.title]
