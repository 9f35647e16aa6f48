"""What people do in Slack, as the core hears of it."""

from collections.abc import AsyncIterator

import pytest

from bot.model import Channel, Person
from tests.slack_world import COMMENT, World, world_of


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as made:
        yield made


@pytest.fixture(params=["socket", "http"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with world_of(by_http=request.param == "http") as made:
        yield made


async def test_a_comment_arrives_and_its_author_is_named_afterwards(either: World) -> None:
    root = await either.report()
    ts = either.says("Impressive *stuff* <!channel>", root)
    (told,) = await either.core.hears("posted")
    assert told == (
        ts, root.id, either.ada, "Impressive \\*stuff\\* \\<!channel>", float(ts),
    )  # fmt: skip
    assert await either.core.hears("named") == [(Person("slack", either.ada, "Ada"),)]
    assert await either.core.hears("seen") == [(either.lab, "lab", "public")]
    order = [told[0] for told in either.core.told]
    assert order.index("posted") < min(order.index("named"), order.index("seen"))


async def test_edits_and_deletions_of_a_comment_follow(world: World) -> None:
    root = await world.report()
    ts = world.says("Wow", root)
    await world.core.hears("posted")
    world.slack.person_edits(world.lab, ts, "Wow!")
    assert await world.core.hears("edited") == [(ts, "Wow!", root.id)]
    world.slack.person_deletes(world.lab, ts)
    assert await world.core.hears("deleted") == [(ts, root.id)]


async def test_a_preview_of_a_link_is_no_edit(world: World) -> None:
    root = await world.report()
    ts = world.says("https://page.example/", root)
    world.slack.unfurls(world.lab, ts)
    world.slack.unfurls(world.lab, root.id)
    await world.slack.settled()
    assert not world.core.all("edited")


async def test_a_moderator_who_deletes_a_copy_is_heard(world: World) -> None:
    root = await world.report()
    ref = await world.chat.post(world.channel, COMMENT, root, "k" * 24)
    world.slack.moderator_deletes(world.lab, ref.id)
    assert await world.core.hears("deleted") == [(ref.id, root.id)]


async def test_a_report_deleted_over_its_comments_is_one_deletion(world: World) -> None:
    root = await world.report()
    for number in range(4):
        world.says(f"{number}", root)
    world.slack.moderator_deletes(world.lab, root.id)
    await world.slack.settled()
    assert world.core.all("deleted") == [(root.id, None)]
    assert not world.core.all("edited")
    assert len(world.core.all("posted")) == 4


async def test_talk_outside_threads_is_not_told(world: World) -> None:
    ts = world.slack.person_says(world.lab, world.ada, "lunch?")
    world.slack.person_edits(world.lab, ts, "lunch!")
    world.slack.person_deletes(world.lab, ts)
    await world.slack.settled()
    assert world.core.told == []


@pytest.mark.parametrize(
    ("subtype", "counts"),
    [("thread_broadcast", 1), ("me_message", 1), ("channel_join", 0), ("channel_topic", 0)],
)
async def test_only_what_people_say_is_a_comment(world: World, subtype: str, counts: int) -> None:
    root = await world.report()
    world.says("hello", root, subtype=subtype)
    await world.slack.settled()
    assert len(world.core.all("posted")) == counts


async def test_a_file_is_told_as_a_link(world: World) -> None:
    root = await world.report()
    world.says("see", root, files=[{"name": "a.pdf", "permalink": "https://f.example/a"}])
    ((*_, text, _),) = await world.core.hears("posted")
    assert text == "see\n[file: a.pdf](https://f.example/a)"


async def test_a_private_channel_is_told_as_private_before_its_first_comment(world: World) -> None:
    world.lab = world.slack.adds_channel("secret", kind="private", members=[world.ada])
    world.channel = Channel("slack", world.lab)
    world.says("hush", await world.report())
    await world.core.hears("posted")
    order = [told for told in world.core.told if told[0] in ("seen", "posted")]
    assert order[0] == ("seen", world.lab, "", "private")
    assert (await world.core.hears("seen", 2))[1] == (world.lab, "secret", "private")


async def test_channels_that_close_and_open_are_told(world: World) -> None:
    world.slack.archives(world.lab)
    await world.core.hears("paused")
    world.slack.unarchives(world.lab)
    await world.core.hears("resumed")
    world.slack.removes_bot(world.lab)
    reason = (await world.core.hears("paused", 2))[1][1]
    assert "/invite @BotBeat" in reason
    world.slack.invites_bot(world.lab)
    await world.core.hears("joined")
    world.slack.renames(world.lab, "laboratory")
    await world.slack.settled()
    await world.core.hears("seen", 2)
    assert world.core.all("seen")[-1] == (world.lab, "laboratory", "public")
