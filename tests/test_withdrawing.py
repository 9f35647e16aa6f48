"""A report that turned out to be wrong."""

from __future__ import annotations

from bot.withdrawing import reinstate, withdraw
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
NOVA = "Alibaba releases the Nova AI model"
REASON = "The figures are of last year."


def notes(world: World) -> list[str]:
    under = world.slack.card_of(QWEN).id
    standing = world.slack.chat.standing(world.slack.channel.id, under)
    return [message.text for _, message in standing if message.author is None]


async def withdrawn(world: World, title: str, reason: str = REASON) -> None:
    number = world.number(title)
    with world.store.write() as tx:
        assert withdraw(tx, number, reason)
    await world.settle()


async def test_its_cards_say_so_and_a_note_stands_in_each_thread(world: World) -> None:
    await world.slack.types("subscribe")
    await world.discord.types("subscribe")
    await world.news(QWEN)
    await withdrawn(world, QWEN)
    for side in (world.slack, world.discord):
        (card,) = side.messages()[0].cards
        assert card.withdrawn == REASON
        assert len(side.messages()) == 1
    assert notes(world) == [f"This report was withdrawn: {REASON}"]


async def test_another_reason_changes_the_note_in_place(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN)
    await withdrawn(world, QWEN)
    await withdrawn(world, QWEN, "It is a *hoax*.")
    assert notes(world) == [r"This report was withdrawn: It is a \*hoax\*."]


async def test_it_is_sent_nowhere_any_more(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.discord.types("subscribe")
    await world.news(QWEN, settle=False)
    number = world.number(QWEN)
    await withdrawn(world, QWEN)
    world.clock.now += 86400
    await world.settle()
    assert world.slack.messages() == world.discord.messages() == []
    why = (await world.slack.types(f"why {number}")).text
    assert f"It was withdrawn: {REASON}" in why
    answer = await world.slack.types(f"share {number}")
    assert answer.text == f"This report was withdrawn: {REASON} Nothing was posted."


async def test_a_digest_strikes_it_through(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    await world.news(NOVA)
    world.clock.now += 86400
    await world.settle()
    await withdrawn(world, QWEN)
    (digest,) = world.slack.messages()
    assert {card.title: card.withdrawn for card in digest.cards} == {QWEN: REASON, NOVA: ""}


async def test_what_was_right_after_all_stands_as_before(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN)
    await withdrawn(world, QWEN)
    with world.store.write() as tx:
        assert reinstate(tx, world.number(QWEN))
    await world.settle()
    assert world.slack.messages()[0].cards[0].withdrawn == ""
    assert notes(world) == []
    with world.store.write() as tx:
        assert not reinstate(tx, world.number(QWEN))
        assert not withdraw(tx, 12, REASON)
