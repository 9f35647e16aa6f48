"""What a channel gets, and what all channels get, as a list."""

from __future__ import annotations

from dataclasses import replace

from tests.world import World


async def test_a_thousand_subscriptions_are_listed_page_by_page(world: World) -> None:
    await world.slack.has_a_thousand_subscriptions()
    answer = await world.slack.types("list")
    assert answer.text.startswith("**1,000 subscriptions in this channel**")
    assert answer.text.count("\n") == 15
    assert answer.footer == "Page 1 of 67"
    second = await world.slack.presses(answer, "More")
    assert second.text.splitlines()[1].startswith("• 16: it says “word14”")
    last = await world.slack.types("list page:99999")
    assert last.footer == "Page 67 of 67"
    for odd in ("list page:0", "list page:x", "list page:" + "9" * 500):
        assert "1,000 subscriptions" in (await world.slack.types(odd)).text


async def test_who_manages_sees_what_all_channels_get(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.discord.types("subscribe type:research mode:weekly")
    answer = await world.slack.types("list all")
    assert [line.split(" · ")[:2] for line in answer.text.splitlines()] == [
        ["**C1** (slack)"],
        ["• 1: company is Alibaba (Cloud)", "at once"],
        ["**900** (discord)"],
        ["• 2: type is Research", "in a digest Monday at 09:00 (UTC)"],
    ]
    refused = await world.slack.types("list all", manages=False)
    assert refused.text == "Only those who manage this channel can see what all channels get."


async def test_what_a_private_channel_gets_is_shown_only_there(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    with world.store.write() as tx:
        settings = tx.channels.place(world.slack.channel).settings
        tx.channels.choose(world.slack.channel, replace(settings, visibility="private"))
    assert "Alibaba" in (await world.slack.types("list all")).text
    elsewhere = (await world.discord.types("list all")).text
    assert "Alibaba" not in elsewhere
    assert "1 private channel not shown here." in elsewhere


async def test_unsubscribing_by_words_that_several_have_asks_which(world: World) -> None:
    await world.slack.types("subscribe company:alibaba type:research")
    await world.slack.types("subscribe company:alibaba -type:funding-business")
    await world.slack.types("subscribe company:nvidia")
    answer = await world.slack.types("unsubscribe company:alibaba")
    assert answer.text.splitlines()[0] == "Which of them? Nothing was changed."
    assert [button.label for button in answer.buttons] == ["Remove 1", "Remove 2"]
    await world.slack.presses(answer, "Remove 2")
    left = (await world.slack.types("list")).text
    assert "Research" in left
    assert "Funding" not in left
    # Just these words name one alone.
    await world.slack.types("subscribe company:alibaba")
    assert "is off" in (await world.slack.types("unsubscribe company:alibaba")).text


async def test_a_list_says_what_there_was_where_nothing_came(world: World) -> None:
    await world.slack.types("subscribe company:nvidia")
    assert "nothing was reported since" in (await world.slack.types("list")).text
    world.clock.now += 3600
    await world.news("Alibaba releases the Qwen 4 AI model")
    await world.news("OpenAI raises five billion dollars for AI data centers")
    assert "none of the 2 reports since was for it" in (await world.slack.types("list")).text
