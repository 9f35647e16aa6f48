"""`deliveries`: what became of reports, for people and for programs, on either database."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.model import ChannelSettings, MessageRef
from bot.ports import DeliveryError
from bot.wording import hour
from tests.terminal import Terminal
from tests.world import World

FIRST, SECOND = "Qwen 4 model released", "Llama 5 model released"


@dataclass
class Desk:
    """Somebody at a terminal of a deployment whose channels are called lab and news."""

    terminal: Terminal
    world: World


@pytest.fixture
async def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> AsyncIterator[Desk]:
    terminal = Terminal(tmp_path, monkeypatch)
    terminal.sets(DATABASE_URL=database)
    world = World(database)
    # The terminal goes by the database's own clock.
    world.clock.now = time.time()
    with world.store.write() as tx:
        tx.channels.choose(world.slack.channel, ChannelSettings("lab", comments="share"))
        tx.channels.choose(world.discord.channel, ChannelSettings("news", comments="share"))
    for side in (world.slack, world.discord):
        await side.types("subscribe")
    yield Desk(terminal, world)
    world.close()


async def test_each_report_and_channel_has_its_sentence_and_there_is_a_sum(desk: Desk) -> None:
    await desk.world.news(FIRST)
    said = desk.terminal.types("deliveries")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "2 shown."
    number = desk.world.number(FIRST)
    for place in ("lab (slack)", "news (discord)"):
        at = lines.index(f"Report {number} in {place}: {FIRST}")
        assert lines[at + 1] == f"  Posted {hour(desk.world.clock.now)}."


async def test_what_is_not_as_it_should_be_comes_first(desk: Desk) -> None:
    desk.world.slack.chat.fails_next(DeliveryError("too long for Slack", permanent=True))
    refused = hour(desk.world.clock.now)
    await desk.world.news(FIRST)
    desk.world.clock.now += 60
    await desk.world.news(SECOND)
    rows = desk.terminal.types("deliveries", "--json").rows
    assert [row["state"] for row in rows] == ["refused", "shown", "shown", "shown"]
    assert rows[0]["reason"] == "too long for Slack"
    assert rows[0]["said"] == f"The platform refused it, {refused}: too long for Slack."
    assert [row["title"] for row in rows[1:3]] == [SECOND, SECOND]
    assert desk.terminal.types("deliveries").out.startswith("3 shown, 1 refused.\n")


async def test_a_paused_channel_says_why_and_when_it_is_tried_next(desk: Desk) -> None:
    refusal = DeliveryError("BotBeat was removed", permanent=True, scope="channel")
    desk.world.slack.chat.fails_next(refusal)
    await desk.world.news(FIRST, settle=False)
    await desk.world.worker.deliver_due()
    again = hour(desk.world.clock.now + 600)
    told = f"Posting to this channel is paused: BotBeat was removed. Next try: {again}."
    assert f"lab (slack): {told}" in desk.terminal.types("deliveries").out.splitlines()
    (row,) = desk.terminal.types("deliveries", "--channel", "#Lab", "--json").rows
    assert row["said"] == "It is on its way: BotBeat was removed."
    assert (row["state"], row["paused"]) == ("pending", told)
    assert told in (await desk.world.slack.types(f"why {desk.world.number(FIRST)}")).text


async def test_copies_of_comments_are_named_and_never_quoted(desk: Desk) -> None:
    await desk.world.news(FIRST)
    await desk.world.slack.says("A secret of ours", under=FIRST)
    number = desk.world.number(FIRST)
    for more in ((), ("--json",)):
        said = desk.terminal.types("deliveries", str(number), *more)
        assert "comment" in said.out
        assert "secret" not in said.out + said.err
    assert f"A comment under report {number} in news (discord): {FIRST}" in (
        desk.terminal.types("deliveries", f"https://b.example/reports/{number}").out.splitlines()
    )


async def test_a_second_copy_that_is_being_removed_is_told(desk: Desk) -> None:
    await desk.world.news(FIRST)
    with desk.world.store.write() as tx:
        (known,) = tx.deliveries.of_article(desk.world.number(FIRST), desk.world.slack.channel)
        assert tx.deliveries.second(known.key, MessageRef(known.channel, "another"))
    told = "It stood here twice; the second copy is being removed."
    assert told in desk.terminal.types("deliveries", "--channel", "C1").out
    assert told in (await desk.world.bot.command(
        desk.world.slack.channel, desk.world.slack._person("Ada"), f"why {known.article}"
    )).text  # fmt: skip


async def test_it_can_be_asked_by_state_and_time(desk: Desk) -> None:
    desk.world.clock.now -= 3 * 86400
    await desk.world.news(FIRST)
    desk.world.clock.now += 3 * 86400
    desk.world.slack.chat.blind = "no right to read"
    desk.world.slack.chat.fails_next(DeliveryError("no answer", unsure=True))
    await desk.world.news(SECOND)
    (row,) = desk.terminal.types("deliveries", "--state", "Parked", "--json").rows
    assert (row["title"], row["reason"], row["next"]) == (SECOND, "no right to read", None)
    since = desk.terminal.types("deliveries", "--since", "1d", "--json").rows
    assert {row["title"] for row in since} == {SECOND}
    one = desk.terminal.types("deliveries", "--limit", "1").out
    assert one.startswith("3 shown, 1 parked. Here are 1 of them; --limit shows more.\n")
    none = desk.terminal.types("deliveries", "--state", "expired")
    assert (none.code, none.out) == (0, "Nothing was to be delivered so.\n")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--state", "parkd"), 2, "Unknown state “parkd”. Did you mean: parked,"),
        (("--since", "someday"), 2, "is no time I know"),
        (("--channel", "labb"), 1, "There is no channel “labb”. Did you mean: lab, news?"),
        (("77",), 1, "There is no report “77”."),
        (("qwen",), 1, "There is no report “qwen”."),
        (("9" * 19,), 1, "There is no report"),
        (("--limit", "0"), 2, "--limit"),
    ],
)
async def test_what_is_not_known_is_one_line_with_what_is_near(
    desk: Desk, words: tuple[str, ...], code: int, told: str
) -> None:
    said = desk.terminal.types("deliveries", *words)
    (line,) = said.complaints
    assert (said.code, said.out) == (code, "")
    assert told in line


async def test_two_channels_of_one_name_are_told_apart_by_their_ids(desk: Desk) -> None:
    with desk.world.store.write() as tx:
        tx.channels.choose(desk.world.discord.channel, ChannelSettings("lab"))
    said = desk.terminal.types("deliveries", "--channel", "lab")
    assert said.complaints == [
        "Several channels are called “lab”. Give an id: C1 (slack), 900 (discord)."
    ]
    assert desk.terminal.types("deliveries", "--channel", "900").code == 0
