"""From what a source offered to a report in the channels that asked for it.

An article and its deliveries are committed in one transaction. One event is one article, however
many sources tell of it; a source that rewrites its article changes the reports in place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bot import classify, correcting
from bot.classify import Headline
from bot.model import Article, Found, Judgement, Page, Sighting, Takeaway, Written
from bot.ports import Entry, Source
from bot.query.language import slug
from bot.sharing import share
from bot.store import Tx

_NEWS = 7 * 86400.0
"""What is older when it is found is stored but posted to nobody."""
_EVENT_DAYS = 3


def clean(text: str) -> str:
    """Text that both databases can store: without NUL and half characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def cleaned(found: Found) -> Found:
    """The same, of all that a source offered."""
    return replace(
        found,
        key=clean(found.key),
        url=clean(found.url),
        title=clean(found.title),
        text=clean(found.text),
        author=clean(found.author),
    )


def offer(tx: Tx, source: Source, found: Sequence[Found]) -> int:
    """Keep what is new of what a source offers; how many entries are."""
    now = tx.believed
    dated = [replace(one, published=min(one.published or now, now)) for one in found]
    if risen := tx.sources.risen(source, dated):
        tx.articles.lock_publishing()
    for number, one, fresh in risen:
        voted(tx, number, source.name, one, fresh=fresh)
    return tx.sources.offer(
        source,
        [cleaned(one) for one in dated],
        fresh=lambda one: is_fresh(one, now, baseline=source.baseline),
    )


def is_fresh(found: Found, now: float, *, baseline: bool) -> bool:
    """Whether an offered article is news: not part of a source's first visit, and not old."""
    return baseline and found.published > now - _NEWS


def judge(entry: Entry, page: Page) -> Judgement:
    found, source = entry.found, entry.source
    return classify.judge(
        found.title, found.url, page.text or found.text, source.name, source.company
    )


def keep_out(tx: Tx, entry: Entry, judgement: Judgement) -> bool:
    """Put aside what is no AI news; False if somebody follows its source, whatever its news."""
    if is_followed(tx, entry.source):
        return False
    reason = "; ".join(judgement.reasons) or "not about AI"
    tx.sources.close_entry(entry, "kept out", reason)
    return True


def is_followed(tx: Tx, source: Source) -> bool:
    return bool(tx.subscriptions.followers(slug(source.name)))


def publish(
    tx: Tx, entry: Entry, judgement: Judgement, written: Written, keys: Sequence[str]
) -> int | None:
    """Store what was written, as a new article or as news of a known one; the article's number.
    None, and nothing is stored, if the entry was rewritten or taken by somebody else meanwhile:
    older words must not replace newer ones.

    `keys` are the identities of what was found: the source's own, the canonical address, the
    title with its day. `written.title` is the headline.
    """
    tx.articles.lock_publishing()
    if not tx.sources.close_entry(entry, "published"):
        return None
    number = _stored(tx, entry, judgement, written, keys)
    tx.sources.close_entry(entry, "published", article=number)
    return number


def _stored(
    tx: Tx, entry: Entry, judgement: Judgement, written: Written, keys: Sequence[str]
) -> int:
    now = tx.believed
    found = entry.found
    published = min(found.published or now, now)
    sighting = Sighting(entry.source.name, found.url, found.discussion, found.points, published)
    written = _cleaned(written, found)
    known = tx.articles.keyed(keys)
    if known is None:
        known = _same_event(tx, found, published, entry.source.name)
    if known is None:
        blank = Article(number_for(published, keys[0]), "", found.url, published)
        article = replace(
            _worded(blank, found, judgement, written),
            sightings=(sighting,),
            lang=found.lang,
            followed=_is_for_followers(entry, judgement),
        )
        article = replace(article, score=classify.importance(article).score)
        number = tx.articles.add(article, keys)
        assert number is not None  # the keys were free, and publishing is locked
        article = replace(article, id=number)
        if entry.fresh:
            share(tx, article)
    else:
        number = known
        better = _updated(tx, known, entry, sighting, judgement, written, keys)
        if better and entry.fresh and better.published > now - _NEWS:
            share(tx, better)
    return number


def voted(tx: Tx, number: int, source: str, found: Found, *, fresh: bool) -> None:
    """More people have voted for it there: it may matter enough now for those who waited for
    that. A report is not edited for it."""
    article = tx.articles.one(number)
    if article is None:
        return
    seen = tuple(
        replace(one, points=found.points) if one.source == source else one
        for one in article.sightings
    )
    better = replace(article, sightings=seen)
    better = replace(better, score=classify.importance(better).score)
    tx.articles.revise(better, ())
    if fresh and better.score > article.score and better.published > tx.believed - _NEWS:
        share(tx, better)


def store_old(tx: Tx, articles: Sequence[tuple[Article, Sequence[str]]]) -> int:
    """Store articles from a file, posting none; how many are new."""
    return tx.articles.add_all(articles)


def _cleaned(written: Written, found: Found) -> Written:
    return replace(
        written,
        title=clean(written.title or found.title),
        takeaways=tuple(
            Takeaway(clean(take.text), clean(take.quote)) for take in written.takeaways
        ),
        summary=clean(written.summary),
        opinion=clean(written.opinion),
    )


def number_for(published: float, key: str) -> int:
    """The number of a new article: its time in the high bits, so that order is time."""
    return (int(published) << 20) | _hash(key)


def _same_event(tx: Tx, found: Found, published: float, source: str) -> int | None:
    here = Headline(found.title, found.url, published, source)
    for number, there in tx.articles.near(published, _EVENT_DAYS):
        if classify.same_event(here, there):
            return number
    return None


def _is_for_followers(entry: Entry, judgement: Judgement) -> bool:
    """Whether it is for those alone who follow its source: it is no AI news, or a channel has
    chosen the source for itself."""
    return not judgement.is_ai or entry.source.channel is not None


def _worded(article: Article, found: Found, judgement: Judgement, written: Written) -> Article:
    """The article in the words and with the judgement of its newest version."""
    return replace(
        article,
        title=written.title,
        source_title=clean(found.title),
        url=found.url,
        companies=judgement.companies,
        type=judgement.type,
        takeaways=written.takeaways,
        summary=written.summary,
        opinion=written.opinion,
        tags=judgement.tags,
        writer=written.writer,
    )


def _updated(
    tx: Tx,
    number: int,
    entry: Entry,
    sighting: Sighting,
    judgement: Judgement,
    written: Written,
    keys: Sequence[str],
) -> Article | None:
    """Another source tells of a known article, or its own source has rewritten it: the article,
    if that changes it, or makes it matter more."""
    article = tx.articles.one(number)
    assert article is not None
    first = article.sightings[0].source if article.sightings else ""
    is_new = sighting.source not in {seen.source for seen in article.sightings}
    if sighting.source == first:
        better = _worded(article, entry.found, judgement, written)
    else:
        better = article
    # What somebody else tells, too, is for everybody.
    open_to_all = not _is_for_followers(entry, judgement)
    better = replace(better, followed=article.followed and not open_to_all)
    changed = better != article or is_new
    score = _score(better, sighting)
    revision = article.revision + changed
    better = replace(better, sightings=(sighting,), revision=revision, score=score)
    material = correcting.is_material(article, better)
    if material:
        better = replace(better, corrected=article.title)
    tx.articles.revise(better, keys)
    if not changed:
        # Nothing that a report shows, but more may want it now.
        return better if score > article.score else None
    tx.deliveries.raise_wanted("report", number, better.revision)
    tx.deliveries.raise_wanted("writeup", number, better.revision)
    if material:
        correcting.tell(tx, better)
    return better


def _score(article: Article, sighting: Sighting) -> float:
    """How much it matters, now that it was found there, too."""
    others = [one for one in article.sightings if one.source != sighting.source]
    return classify.importance(replace(article, sightings=(*others, sighting))).score


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:3]) >> 4
