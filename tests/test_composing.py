"""What is sent at the same time is read together, and stays apart where something is wrong."""

from __future__ import annotations

from sqlalchemy import text

from tests.test_outbox_plans import overheard
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
OPENAI = "OpenAI raises five billion dollars for data centers"


async def test_a_report_to_many_channels_is_read_once(world: World) -> None:
    await world.channels(20)
    await world.news(QWEN, settle=False)
    with overheard() as asked:
        assert await world.worker.deliver_due() == 20
    assert len([said for said, _ in asked if "article.takeaways" in said]) == 1
    assert [post.message.cards[0].title for post in world.slack.chat.posts.values()] == [QWEN] * 20


async def test_each_of_what_is_read_together_has_what_is_its_own(world: World) -> None:
    """Which report it is, whom it mentions, and whether people may comment."""
    await world.slack.types("subscribe mention:<@U2>")
    await world.lounge.types("subscribe")
    await world.lounge.types("settings comments:off")
    await world.discord.types("subscribe openai")
    await world.news(QWEN, settle=False)
    await world.news(OPENAI, settle=False)
    await world.settle()
    sides = (world.slack, world.lounge, world.discord)
    assert [side.reports() for side in sides] == [[QWEN, OPENAI], [QWEN, OPENAI], [OPENAI]]
    assert [{one.mentions for one in side.messages()} for side in sides] == [
        {("<@U2>",)},
        {()},
        {()},
    ]
    assert [{one.discussed for one in side.messages()} for side in sides] == [
        {True},
        {False},
        {True},
    ]


async def test_a_report_that_cannot_be_read_holds_up_no_other(world: World) -> None:
    """Somebody changed its row by hand."""
    await world.slack.types("subscribe qwen")
    await world.discord.types("subscribe openai")
    await world.news(QWEN, settle=False)
    await world.news(OPENAI, settle=False)
    number, slack = world.number(QWEN), world.slack.channel
    with world.store._writer.begin() as connection:
        changed = text("UPDATE article SET takeaways = '[1]' WHERE id = :number")
        connection.execute(changed, {"number": number})
    await world.worker.deliver_due()
    assert world.discord.reports() == [OPENAI]
    await world.settle()
    assert world.slack.reports() == []
    with world.store.read() as tx:
        (delivery,) = tx.deliveries.of_article(number, slack)
    assert delivery.state == "refused"
    assert delivery.reason.startswith("BotBeat could not")
