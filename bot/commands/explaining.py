"""why and help: what happened to a report here, and what one can do."""

from __future__ import annotations

from bot import wording
from bot.commands.ask import Ask
from bot.model import Button, Delivery, Message
from bot.query import Query, looked_at, parse
from bot.query.meaning import meaning

_HELP = """**Search**  /botbeat qwen · /botbeat company:nvidia type:research since:7d
**Follow**  /botbeat subscribe company:alibaba · list · unsubscribe 12
**Rest**  /botbeat pause 12 until:monday · resume 12
**Read**  /botbeat latest · show 1842 · why 1842
**Tune**  /botbeat settings comments:share page:on
A space is and, a comma is or, a leading - is not.
"Quotes" keep words together; qwen\\* finds what begins so.
Keys: company: type: tag: source: title: lang: since: until: score: is: has:"""


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
    here = [
        delivery
        for delivery in ask.tx.deliveries.of_article(article.id, ask.channel)
        if delivery.kind == "report"
    ]
    lines = [f"**{wording.escape(article.title)}**"]
    if here:
        lines += _cause(ask, article.id)
        lines.append(sentence(here[0]))
        paused = ask.tx.channels.place(ask.channel).settings.paused
        if paused and not here[0].message:
            lines.append(f"Posting to this channel is paused: {wording.escape(paused)}")
    else:
        lines.append("It was not posted here.")
        lines += _misses(ask, article.id)
    return Message(text="\n".join(lines))


def sentence(delivery: Delivery) -> str:
    """The sentence of a delivery's state."""
    reason = wording.escape(delivery.reason.rstrip("."))
    because = f": {reason}." if reason else "."
    if delivery.gone and delivery.state == "shown":
        return "It was removed."
    if delivery.state == "shown":
        said = f"Posted {wording.hour(delivery.posted)}."
        return said + (f" Now at revision {delivery.shown}." if delivery.shown > 1 else "")
    if delivery.message and delivery.state == "pending":
        return f"Posted {wording.hour(delivery.posted)}; a newer revision is on its way{because}"
    return {
        "pending": f"It is on its way{because}",
        "sending": "It is being sent right now.",
        "unsure": "It was sent, and the platform did not say whether it arrived; BotBeat looks "
        f"before it sends again{because}",
        "held": "It is held for a digest or for quiet hours.",
        "parked": "Nobody can say whether it arrived, and the platform does not let BotBeat "
        f"look, so it is not sent again{because}",
        "refused": f"The platform refused it{because}",
        "given up": f"It is not wanted here any more{because}",
        "expired": f"It was not posted{because}",
    }[delivery.state]


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
        failed = [c for c in parse(one.query, ask.tx.now).clauses if not c.matches(looked)]
        if failed:
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
