"""search, latest, show, related and share: finding reports and bringing one into the channel."""

from __future__ import annotations

from dataclasses import replace

from bot import catalogue, wording
from bot import related as readings
from bot.commands.ask import Ask, Refusal
from bot.commands.following import must_follow
from bot.message import Button, Message
from bot.model import Article
from bot.query import Query, parse
from bot.query.meaning import meaning

PAGE = 5


def search(ask: Ask) -> Message:
    query = parse(ask.text, ask.tx.now)
    must_follow(ask, query)
    return _listed(ask, query, "search")


def latest(ask: Ask) -> Message:
    query = replace(parse(ask.text, ask.tx.now), sort="new")
    must_follow(ask, query)
    return _listed(ask, query, "latest")


def show(ask: Ask) -> Message:
    article = ask.article()
    card = wording.card(article, ask.base_url)
    # The whole report, not only what a channel's card has room for.
    full = replace(
        card,
        takeaways=tuple(take.text for take in article.takeaways),
        summary=wording.clip(article.summary, 1500),
        buttons=(*card.buttons, Button("Share here", f"share {article.id}")),
    )
    return Message(cards=(full,))


def related(ask: Ask) -> Message:
    """What else there is on the company of a report, and on its subject from other companies."""
    article = ask.article()
    found = {
        one.id: one
        for one in (*readings.more(ask.tx, article), *readings.suggested(ask.tx, article))
    }
    if not found:
        return Message(text=f"No report is like {wording.escape(article.title)} so far.")
    return Message(
        text=f"**Related to** {wording.escape(article.title)}",
        cards=tuple(
            wording.compact(one, ask.base_url, (Button("Share", f"share {one.id}"),))
            for one in list(found.values())[:PAGE]
        ),
    )


def share(ask: Ask) -> Message:
    """Post a report here for everybody, unless it is here already."""
    ask.must_manage()
    article = ask.article()
    if article.withdrawn:
        reason = wording.escape(article.withdrawn.rstrip("."))
        raise Refusal(f"This report was withdrawn: {reason}. Nothing was posted.")
    if ask.tx.deliveries.want(
        ask.channel, "report", article.id, article.id, article.revision, again=True
    ):
        ask.tx.desk.note(ask.channel, ask.person, f"share {article.id}")
        return Message(text=f"On its way: {wording.escape(article.title)}")
    return Message(
        text=f"{wording.escape(article.title)} is in this channel already.",
        buttons=(Button("Why here?", f"why {article.id}"),),
    )


def _listed(ask: Ask, query: Query, verb: str) -> Message:
    size = query.limit or PAGE
    found = ask.tx.articles.search(query, size, (query.page - 1) * size)
    if not found.articles:
        return _nothing(ask, query, found.total)
    pages = -(-found.total // size)
    order = "newest first" if query.sort == "new" else "best and newest first"
    about = f" where {meaning(query)}" if query.clauses else ""
    return Message(
        text=f"**{wording.plural(found.total, 'report')}**{wording.escape(about)}, {order}",
        cards=tuple(
            wording.compact(article, ask.base_url, (Button("Share", f"share {article.id}"),))
            for article in found.articles
        ),
        buttons=(*_paging(query, pages, verb), *_offers(query)),
        footer=f"Page {query.page} of {pages} · only you see this",
        replace=query.page > 1,
    )


def _paging(query: Query, pages: int, verb: str) -> list[Button]:
    buttons = []
    for label, page in (("← Newer", query.page - 1), ("Older →", query.page + 1)):
        if 1 <= page <= pages:
            text = str(replace(query, page=page, sort="best" if verb == "latest" else query.sort))
            # The page is always said, so that going back to the first one replaces as well.
            text = text if page > 1 else f"{text} page:1".strip()
            buttons.append(Button(label, f"{verb} {text}"))
    return buttons


def _offers(query: Query) -> list[Button]:
    standing = replace(
        query,
        page=1,
        limit=0,
        sort="best",
        clauses=tuple(
            clause for clause in query.clauses if clause.terms[0].key not in ("since", "until")
        ),
    )
    if not standing.clauses:
        return []
    label = wording.clip(str(standing), 40)
    offers = [Button(f"Subscribe to “{label}”", f"subscribe {standing}", primary=True)]
    plain = [clause.terms[0] for clause in query.clauses if clause.terms[0].key == ""]
    company = catalogue.resolve(plain[0].value) if len(plain) == 1 == len(query.clauses) else None
    if company:
        offers.append(Button(f"Only about {wording.company(company)}", f"company:{company}"))
    return offers


def _nothing(ask: Ask, query: Query, total: int) -> Message:
    if total:
        return Message(
            text=f"There are no more: {wording.plural(total, 'report')} in all.",
            buttons=(Button("First page", f"search {query.on_page(1)} page:1"),),
        )
    closest = _closest(ask, query)
    hint = " Closest: " + ", ".join(wording.company(slug) for slug in closest) if closest else ""
    buttons = [Button(wording.company(slug), f"company:{slug}") for slug in closest]
    if not query.clauses:
        return Message(text="There is no report yet; the first ones come as sources are visited.")
    return Message(
        text=f"No report matches: {wording.escape(meaning(query))}.{wording.escape(hint)}",
        buttons=(*buttons, *_offers(query)[:1]),
    )


def _closest(ask: Ask, query: Query) -> list[str]:
    """Companies with a name like what was searched, and with reports."""
    names = ask.tx.articles.names()
    words = [
        term.value
        for clause in query.clauses
        for term in clause.terms
        if term.key in ("", "title", "company") and not clause.negated
    ]
    found = [slug for word in words for slug in catalogue.nearest(word) if slug in names]
    return list(dict.fromkeys(found))[:3]


def newest(ask: Ask, query: Query, limit: int) -> tuple[Article, ...]:
    """The newest reports that a query finds."""
    return ask.tx.articles.search(replace(query, sort="new"), limit, 0).articles
