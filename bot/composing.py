"""What deliveries should show now.

Those that are sent at the same time are read together: a hundred reports of one article cost
little more than one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot import comments, digest, notices, wording
from bot.message import Message
from bot.model import Article, Comments, Delivery
from bot.store import Store, StoreAway, Tx
from bot.tasks import Tasks

_ABOUT_AN_ARTICLE = ("report", "writeup", "note")


class Composer:
    """Answers all who ask at about the same time from one transaction."""

    def __init__(self, store: Store, base_url: str, default: Comments) -> None:
        self._store = store
        self._base_url = base_url
        self._default: Comments = default
        self._asked: list[tuple[Delivery, asyncio.Future[Message | None]]] = []
        self._tasks = Tasks()

    async def composed(self, delivery: Delivery) -> Message | None:
        """None if since the claim the channel was held, as it asked another worker for patience,
        or something else is wanted: the next claim knows it. Raises StoreAway, and whatever is
        wrong with this delivery alone."""
        answer: asyncio.Future[Message | None] = asyncio.get_running_loop().create_future()
        self._asked.append((delivery, answer))
        if len(self._asked) == 1:
            # All who were claimed together ask before this task begins.
            self._tasks.start(self._answer())
        return await answer

    async def _answer(self) -> None:
        asked, self._asked = self._asked, []
        told = await asyncio.to_thread(self._read, [delivery for delivery, _ in asked])
        for (_, answer), message in zip(asked, told, strict=True):
            if answer.done():
                continue  # Who asked was cancelled.
            if isinstance(message, Exception):
                answer.set_exception(message)
            else:
                answer.set_result(message)

    def _read(self, deliveries: Sequence[Delivery]) -> Sequence[Message | Exception | None]:
        try:
            with self._store.read() as tx:
                return self._composed(tx, deliveries)
        except StoreAway as error:
            return [error] * len(deliveries)
        except Exception as error:
            if len(deliveries) == 1:
                return [error]
            # It is the fault of one of them: the others must go on.
            return [told for one in deliveries for told in self._read([one])]

    def _composed(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[Message | None]:
        channels = {one.channel for one in deliveries}
        places = tx.channels.several(channels)
        messages = compose(tx, deliveries, self._base_url)
        held = tx.deliveries.on_hold(channels)
        # Read last, lest newer words are taken for those of the claim.
        now = tx.deliveries.several([one.key for one in deliveries])
        wished = {(one.key, one.wanted, one.gone) for one in now.values()}

        def shown(one: Delivery, message: Message) -> Message | None:
            resting = one.channel in held and not one.probing
            if resting or (one.key, one.wanted, one.gone) not in wished:
                return None
            settings = places[one.channel].settings
            discussed = comments.mode(settings, self._default) != "off"
            return replace(message, discussed=discussed) if one.kind == "report" else message

        return list(map(shown, deliveries, messages))


def compose(tx: Tx, deliveries: Sequence[Delivery], base_url: str) -> list[Message]:
    """What these deliveries should show; what some of them have in common is read once."""
    numbers = {one.article for one in deliveries if one.kind in _ABOUT_AN_ARTICLE}
    articles = {one.id: one for one in tx.articles.many([*numbers])} if numbers else {}
    copied = {one.subject for one in deliveries if one.kind == "comment"}
    said = {number: tx.comments.one(number) for number in copied}
    reports = [one for one in deliveries if one.kind == "report"]
    told = {
        number: tx.subscriptions.mentions(
            number, [one.channel for one in reports if one.article == number]
        )
        for number in {one.article for one in reports}
    }

    def message(one: Delivery) -> Message:
        if one.kind == "comment":
            comment = said[one.subject]
            assert comment is not None
            return wording.copied(comment, one.key, base_url)
        if one.kind == "digest":
            return digest.compose(tx, one, base_url)
        if one.kind == "notice":
            return notices.compose(tx, one, base_url)
        article = articles[one.article]
        if one.kind == "report":
            mentions = tuple(told[one.article][one.channel])
            return replace(wording.report(article, base_url), mentions=mentions)
        return _under_its_report(article, one, base_url)

    return [message(one) for one in deliveries]


def _under_its_report(article: Article, delivery: Delivery, base_url: str) -> Message:
    if delivery.kind == "writeup":
        return wording.writeup(article)
    if delivery.subject < 0:
        return wording.changed(article)
    return wording.missed(article, delivery.wanted, base_url)
