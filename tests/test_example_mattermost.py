"""Stories of the example adapter, over real sockets and with the real core: what people see."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.ports import ChatPort, History
from examples.mattermost import create
from tests.mattermost_place import Place, opened
from tests.servers import faults
from tests.waiting import until

TITLE = "Alibaba releases the Qwen 4 AI model"
CREATE, LISTED = "POST posts", "GET channels/{channel}/posts"


@pytest.fixture
async def place(database: str) -> AsyncIterator[Place]:
    async with opened(database) as made:
        yield made


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[Place]:
    """The same, for what does not depend on the database."""
    async with opened(sqlite_url) as made:
        yield made


def test_the_example_is_a_chat_port_and_a_history() -> None:
    chat = create("https://chat.example/", "a token")
    port: ChatPort = chat
    history: History = chat
    assert port.platform == history.platform == "mattermost"


async def test_one_conversation_in_mattermost_and_elsewhere(place: Place) -> None:
    await place.subscribes()
    async with place.running():
        await place.publishes(TITLE)
        report = await place.report(TITLE)
        words = await place.server.says(place.lab, place.ada, "Impressive!", report)
        await place.sees(place.here, "Ada: Impressive!")
        ours = await place.says_here("Is it @channel's?", TITLE)
        await place.sees(lambda: place.under(report), "Is it")
        await place.server.edits(words, "Impressive indeed")
        await place.sees(place.here, "Ada: Impressive indeed")
        await place.server.pins(words)
        await place.server.deletes(words)
        await place.sees(place.here)
        await place.bot.comment_edited(ours, "Is it open?", 2e9)
        await place.sees(lambda: place.under(report), "Is it open?")
        await place.bot.comment_deleted(ours)
        await place.sees(lambda: place.under(report))
    assert [one.verb for one in place.server.state.ledger] == ["create", "create", "edit", "delete"]
    assert not any(one.pings for one in place.server.state.ledger)


@pytest.mark.parametrize(
    "fault", [faults.accept_then_close(), faults.accept_then_html(), faults.refuse_status(503)]
)
async def test_a_report_whose_answer_was_lost_is_posted_once(
    place: Place, fault: faults.Fault
) -> None:
    """Nobody listens, and Mattermost forgets at once what it was sent, so that nothing but the
    look tells of it."""
    place.server.remembers = False
    await place.subscribes()
    place.server.faults.add(fault, call=CREATE)
    async with place.running(listens=False):
        await place.publishes(TITLE)
        await place.settles()
    assert [one.verb for one in place.server.state.ledger] == ["create"]


async def test_a_command_is_answered_in_the_thread_of_who_asked(place: Place) -> None:
    await place.subscribes()
    async with place.running():
        number = await place.publishes(TITLE)
        await place.report(TITLE)
        await place.server.says(place.lab, place.ada, "!botbeats and @botbeat.x are others")
        await place.server.says(place.lab, place.ada, "I like @botbeat")
        for asked, told in (
            (f"!botbeat why {number}", "Posted"),
            ("@botbeat qwen", TITLE),
            ("  !BotBeat", "Type after"),
        ):
            question = await place.server.says(place.lab, place.ada, asked)
            await place.sees(lambda q=question: place.under(q), told)  # type: ignore[misc]  # the loop's own question
    assert len(place.server.state.ledger) == 4  # The report, and three answers.


async def test_what_the_core_could_not_keep_comes_again_on_the_next_socket(place: Place) -> None:
    """Nothing can be read again, so that only the socket tells of it."""
    unread = faults.refuse_status(403)
    place.server.faults.decider = lambda call: unread if call == LISTED else faults.NONE
    await place.subscribes()
    async with place.running():
        await place.publishes(TITLE)
        report = await place.report(TITLE)
        place.unsteady.away = True
        await place.server.says(place.lab, place.ada, "Is anybody there?", report)
        await until(lambda: not place.server.is_listened_to())
        place.unsteady.away = False
        await place.sees(place.here, "Ada: Is anybody there?")
    assert place.server.begun == 1


async def test_what_was_said_while_nobody_listened_is_read_again(place: Place) -> None:
    await place.subscribes()
    async with place.running():
        await place.publishes(TITLE)
        report = await place.report(TITLE)
        gone = await place.server.says(place.lab, place.ada, "Hm.", report)
        await place.sees(place.here, "Ada: Hm.")
    await place.server.drops_sockets(forget=True)
    await place.server.says(place.lab, place.ada, "While you were away", report)
    await place.server.says(place.lab, place.ada, "!botbeat help", report)
    await place.server.deletes(gone)
    async with place.running():
        await place.sees(place.here, "Ada: While you were away")


async def test_a_gap_in_the_events_is_read_again(place: Place) -> None:
    await place.subscribes()
    async with place.running():
        await place.publishes(TITLE)
        report = await place.report(TITLE)
        place.server.loses(place.lab, place.ada, "Lost on the way", report)
        await place.server.says(place.lab, place.ada, "Not lost", report)
        await place.sees(place.here, "Ada: Lost on the way", "Ada: Not lost")


async def test_only_what_people_write_under_something_is_a_comment(quick: Place) -> None:
    await quick.subscribes()
    async with quick.running():
        await quick.publishes(TITLE)
        report, says = await quick.report(TITLE), quick.server.says
        await says(quick.lab, quick.ada, "From a bot", report, props={"from_bot": "true"})
        await says(quick.lab, quick.ada, "From a hook", report, props={"from_webhook": "true"})
        await says(quick.lab, quick.ada, "Ada joined", report, type="system_join_channel")
        await says(quick.lab, quick.ada, "", report)
        await says(quick.lab, quick.ada, "Not under anything")
        await quick.server.garbles()
        await says(quick.lab, quick.ada, "A comment", report)
        await quick.sees(quick.here, "Ada: A comment")
        await quick.settles()
    assert quick.here() == ["Ada: A comment"]
    assert quick.server.begun == 1


async def test_who_does_not_manage_the_channel_is_told_so(quick: Place) -> None:
    grace = quick.server.state.adds_person("Grace")
    quick.server.state.members[quick.lab, grace] = "channel_user"
    async with quick.running():
        for who, asked, told in (
            (quick.ada, "settings managers:admins", "by those who manage the channel"),
            (grace, "subscribe", "Only those who manage this channel"),
            (quick.ada, "subscribe", "Subscri"),
        ):
            question = await quick.server.says(quick.lab, who, f"!botbeat {asked}")
            await quick.sees(lambda q=question: quick.under(q), told)  # type: ignore[misc]  # the loop's own question


@pytest.mark.parametrize(("kind", "shared"), [("P", False), ("G", False), ("O", True)])
async def test_a_channel_that_not_everybody_reads_shares_nothing_by_default(
    sqlite_url: str, kind: str, shared: bool
) -> None:
    async with opened(sqlite_url, default="share") as place:
        closed = place.lab
        place.server.state.channels[closed] |= {"type": kind, "shared": shared}
        await place.subscribes("subscribe")
        async with place.running():
            await place.publishes(TITLE)
            report = await place.report(TITLE)
            await place.server.says(closed, place.ada, "Just among us", report)
            await place.server.says(closed, place.ada, "!botbeat help", report)
            await place.sees(lambda: place.under(report), "Type after")
            await place.settles()
        assert place.here() == []


async def test_our_own_echo_is_a_receipt_where_no_look_finds_it(place: Place) -> None:
    place.server.state.most, place.server.remembers = 0, False
    await place.subscribes()
    place.server.faults.add(faults.accept_then_close(), call=CREATE)
    async with place.running():
        await place.publishes(TITLE)
        await place.settles()
    assert len(place.reports(TITLE)) == 1


async def test_a_refused_token_ends_the_listening_and_is_said_once(
    quick: Place, caplog: pytest.LogCaptureFixture
) -> None:
    quick.server.token = "another one"
    async with quick.listening() as listening:
        await listening
    (line,) = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert "put a new one into MATTERMOST_TOKEN" in line
    assert "another one" not in caplog.text


async def test_a_channel_that_was_closed_while_nobody_listened_shares_nothing(
    sqlite_url: str,
) -> None:
    async with opened(sqlite_url, default="share") as place:
        await place.subscribes("subscribe")
        async with place.running():
            await place.publishes(TITLE)
            report = await place.report(TITLE)
            await place.server.says(place.lab, place.ada, "For all", report)
            await place.sees(place.here, "Ada: For all")
            place.server.state.channels[place.lab]["type"] = "P"
            await place.server.drops_sockets(forget=True)
            await place.server.says(place.lab, place.ada, "Just among us", report)
            await until(lambda: place.server.begun == 2)
            await place.bot.catch_up(place.chat)
            await place.settles()
        assert place.here() == ["Ada: For all"]
