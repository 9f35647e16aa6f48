"""why and help: what happened to a report here, and what one can do."""

from __future__ import annotations

from collections.abc import Callable

from bot import wording
from bot.classify import importance
from bot.commands.ask import Ask
from bot.message import Button, Message
from bot.model import Article, Delivery
from bot.outbox import Hold, Wish
from bot.query import Query, looked_at, parse
from bot.query.meaning import meaning

_HELP = """Type after `/botbeat`:
- **Search** `qwen` · `company:nvidia type:research since:7d`
- **Follow** `subscribe company:alibaba` · `preview type:research` · `list` · `unsubscribe 12`
- **When** `set 12 mode:digest at:09:00 days:mon-fri` · `settings quiet:20:00-08:00 max:10`
- **Rest** `pause 12 until:monday` · `resume 12`
- **Read** `latest` · `show 1842` · `why 1842` · `share 1842` · `status`
- **Tune** `settings comments:share page:on writeup:on`

A space is and, a comma is or, a leading - is not. `"quotes"` keep words together; `qwen*` finds
what begins so. Keys: `company:` `type:` `tag:` `source:` `title:` `lang:` `since:` `until:`
`score:` `is:` `has:`"""


def greet(ask: Ask) -> Message:
    return Message(
        text=_HELP,
        buttons=(
            Button("Latest reports", "latest"),
            Button("Subscriptions here", "list"),
            Button("Settings", "settings"),
        ),
    )


def explain(ask: Ask) -> Message:
    """What became of a report in this channel, in plain words."""
    article = ask.article()
    wish = Wish(article=article.id, kind="report", channel=ask.channel)
    here = sorted(ask.tx.deliveries.listed(wish, 10), key=lambda one: one.part)
    lines = [f"**{wording.escape(article.title)}**", _matters(article)]
    if here:
        lines += _cause(ask, article.id)
        lines += [_told(ask, one) for one in here]
    else:
        lines.append("It was not posted here.")
        lines += _misses(ask, article.id)
    if any(one.state in ("pending", "sending", "unsure") for one in here):
        held = ask.tx.deliveries.holds()
        lines += [paused(one, ask.tx.now) for one in held if one.channel == ask.channel]
    return Message(text="\n".join(lines))


def _matters(article: Article) -> str:
    weighed = importance(article)
    # What was stored before reports were weighed, or comes from a file, has no reasons of ours.
    why = wording.escape("; ".join(weighed.reasons)) if weighed.score == article.score else ""
    return f"Its importance is {article.score:g} of 10" + (f": {why}." if why else ".")


def _told(ask: Ask, delivery: Delivery) -> str:
    if delivery.state != "held" or not delivery.digest:
        return sentence(delivery)
    held = wording.escape(delivery.reason)
    with_it = ask.tx.deliveries.numbered(delivery.digest)
    return f"It came with others, held for {held}. {sentence(with_it) if with_it else ''}".strip()


def sentence(delivery: Delivery, quote: Callable[[str], str] = wording.escape) -> str:
    """The sentence of a delivery's state; `quote` makes foreign words harmless where it stands."""
    reason = quote(delivery.reason.rstrip("."))
    because = f": {reason}." if reason else "."
    when = wording.hour(delivery.changed or delivery.created)
    if delivery.part:
        done = f"was removed {when}" if delivery.state == "shown" else "is being removed"
        return f"It stood here twice; the second copy {done}."
    if delivery.state == "shown":
        return f"It was removed {when}." if delivery.gone else _posted(delivery)
    if delivery.state == "pending":
        return _waits(delivery, because)
    return {
        "sending": "It is being sent right now.",
        "unsure": f"It was sent {wording.hour(delivery.sent_at)}, and the platform did not say "
        f"whether it arrived; BotBeat looks before it sends again{because}{_next(delivery)}",
        "held": f"It is held for {reason or 'a digest'} until {wording.hour(delivery.due)}.",
        "parked": "Nobody can say whether it arrived, and the platform does not let BotBeat "
        f"look, so it is not sent again, {when}{because}",
        "refused": f"The platform refused it, {when}{because}",
        "given up": f"It is not wanted here any more, {when}{because}",
        "expired": f"It was not posted, {when}{because}",
    }[delivery.state]


def paused(hold: Hold, now: float, quote: Callable[[str], str] = wording.escape) -> str:
    """Why nothing is sent to a channel, and when that is tried again."""
    place = "this channel" if hold.scope == "channel" else "this whole workspace or server"
    again = wording.hour(hold.until) if hold.until > now else "now"
    return f"Posting to {place} is paused: {quote(hold.reason.rstrip('.'))}. Next try: {again}."


def _posted(delivery: Delivery) -> str:
    said = f"Posted {wording.hour(delivery.posted)}."
    return said + (f" Now at revision {delivery.shown}." if delivery.shown > 1 else "")


def _waits(delivery: Delivery, because: str) -> str:
    if not delivery.message:
        return f"It is on its way{because}{_next(delivery)}"
    what = "its removal" if delivery.gone else "a newer revision"
    said = f"Posted {wording.hour(delivery.posted)}; {what} is on its way"
    return f"{said}{because}{_next(delivery)}"


def _next(delivery: Delivery) -> str:
    # What waits for its channel is due already; the channel's own sentence says until when.
    if not delivery.attempts or delivery.due <= delivery.changed:
        return ""
    tries = wording.plural(delivery.attempts, "attempt")
    return f" After {tries}, the next one is {wording.hour(delivery.due)}."


def _cause(ask: Ask, article: int) -> list[str]:
    queries = ask.tx.subscriptions.reasons(ask.channel, article)
    if not queries:
        return ["Somebody shared it here."]
    return [
        f"It matched a subscription: {wording.escape(meaning(parse(text, ask.tx.now)))}."
        for text in queries
    ]


def _misses(ask: Ask, number: int) -> list[str]:
    """For each subscription of the channel, the first part that kept the report out."""
    article = ask.tx.articles.one(number)
    assert article is not None
    looked = looked_at(article)
    here = ask.tx.subscriptions.of(ask.channel)
    if not here:
        return ["This channel has no subscription."]
    lines = []
    for one in here:
        query = parse(one.query, ask.tx.now)
        failed = [clause for clause in query.clauses if not clause.matches(looked)]
        if article.followed and not query.takes_any:
            lines.append(
                f"Subscription {one.id} did not match, since only those who follow its source"
                " get it: it is no AI news, or a channel chose that source for itself."
            )
        elif failed:
            told = wording.escape(meaning(Query((failed[0],))))
            lines.append(f"Subscription {one.id} did not match, since it asks that {told}.")
        elif one.made > article.published:
            lines.append(f"Subscription {one.id} matches, but is younger than the report.")
        else:
            lines.append(
                f"Subscription {one.id} matches; it was paused, or the report was not"
                " news any more when it was found."
            )
    return lines
