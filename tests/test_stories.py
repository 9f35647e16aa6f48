"""What BotBeat is for, told as stories. Read this first."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture(params=["", "with a restart in between"])
def restart(request: pytest.FixtureRequest, world: World) -> Restart:
    return Restart(world, bool(request.param))


class Restart:
    """Each story is told twice: as it is, and with everything restarted at each step."""

    def __init__(self, world: World, really: bool) -> None:
        self._world = world
        self._really = really

    def __call__(self) -> None:
        if self._really:
            self._world.restarts()


async def test_a_new_report_reaches_both_platforms(world: World, restart: Restart) -> None:
    await world.slack.types("subscribe")
    await world.discord.types("subscribe")
    restart()
    await world.news("Qwen 4 model released by Alibaba", settle=False)
    restart()
    await world.settle()
    assert world.slack.reports() == ["Qwen 4 model released by Alibaba"]
    assert world.discord.reports() == ["Qwen 4 model released by Alibaba"]


async def test_a_corrected_headline_edits_both_cards(world: World, restart: Restart) -> None:
    await world.slack.types("subscribe")
    await world.discord.types("subscribe")
    await world.news("Qwen 4 model relaesed by Alibaba", key="q4")
    restart()
    await world.news("Qwen 4 model released by Alibaba", key="q4")
    assert world.slack.reports() == ["Qwen 4 model released by Alibaba"]
    assert world.discord.reports() == ["Qwen 4 model released by Alibaba"]
    assert [post.edits for post in world.slack.chat.posts.values()] == [1]
    assert [post.edits for post in world.discord.chat.posts.values()] == [1]


async def test_a_search_is_answered_on_both_platforms(world: World, restart: Restart) -> None:
    await world.news("Qwen 4 model released by Alibaba")
    await world.news("Mistral AI model Large 4 is out", source="Mistral blog")
    restart()
    for side in (world.slack, world.discord):
        answer = await side.types("qwen")
        assert [card.title for card in answer.cards] == ["Qwen 4 model released by Alibaba"]
        assert not answer.public
        assert side.reports() == []


async def test_a_channel_gets_only_the_company_it_subscribed_to(
    world: World, restart: Restart
) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.discord.types("subscribe company:mistral")
    restart()
    await world.news("Alibaba releases the Qwen 4 model")
    await world.news("Mistral AI releases the model Large 4", source="Mistral blog")
    assert world.slack.reports() == ["Alibaba releases the Qwen 4 model"]
    assert world.discord.reports() == ["Mistral AI releases the model Large 4"]


async def test_shared_comments_go_all_ways_round(world: World, restart: Restart) -> None:
    await world.slack.types("subscribe comments:share page:on")
    await world.discord.types("subscribe comments:share page:on")
    report = await world.news("Qwen 4 model released by Alibaba")
    restart()
    in_slack = await world.slack.says("Impressive!", by="Ada", under=report)
    restart()
    in_discord = await world.discord.says("At last.", by="Grace", under=report)
    restart()
    on_page = await world.web.says("Is it open?", by="Edsger", under=report)
    assert world.discord.thread(report) == ["Ada (slack): Impressive!", "Edsger (web): Is it open?"]
    assert world.slack.thread(report) == ["Grace (discord): At last.", "Edsger (web): Is it open?"]
    assert world.web.comments(report) == [
        "Ada: Impressive!",
        "Grace: At last.",
        "Edsger: Is it open?",
    ]
    restart()
    await world.slack.edits(in_slack, "Impressive indeed!")
    assert world.discord.thread(report)[0] == "Ada (slack): Impressive indeed!"
    assert world.web.comments(report)[0] == "Ada: Impressive indeed!"
    restart()
    await world.discord.deletes(in_discord)
    assert world.slack.thread(report) == ["Edsger (web): Is it open?"]
    await world.discord.deletes(on_page)
    await world.slack.deletes(in_slack)
    assert world.slack.thread(report) == []
    assert world.discord.thread(report) == []
    assert world.web.comments(report) == []


async def test_by_default_a_comment_stays_where_it_was_written(
    world: World, restart: Restart
) -> None:
    await world.slack.types("subscribe")
    answer = await world.discord.types("subscribe")
    assert "stay here" in answer.text
    report = await world.news("Qwen 4 model released by Alibaba")
    restart()
    await world.slack.says("Between us.", under=report)
    assert world.discord.thread(report) == []
    assert world.web.comments(report) == []
