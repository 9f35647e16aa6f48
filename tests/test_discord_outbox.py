"""Discord and the outbox: whatever becomes of the answers, each report stands once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from adapters.discord import rest
from bot.model import Channel, MessageRef, Person
from bot.outbox import Wish
from bot.outcomes import Timing
from tests.discord_place import CREATE, THREAD, serving
from tests.discord_process import TITLES, identified, process
from tests.servers import faults
from tests.servers.discord import DiscordServer, Settings
from tests.servers.discord.platform import Event
from tests.waiting import until


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "SOON", 0.1)


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with serving(Settings(nonce_window=120)) as made:
        yield made


@pytest.mark.parametrize("window", [120, 0])
async def test_with_answers_lost_and_broken_each_report_stands_once(
    server: DiscordServer, sqlite_url: str, window: float
) -> None:
    """Of all posts 30 % are kept but never answered, and 30 % kept but answered with an error.
    Before anything is sent again it is looked for, so that it does not matter whether Discord
    still knows the nonce."""
    server.settings.nonce_window = window
    places = [server.adds_channel(f"news-{n}").id for n in range(10)]
    chance = random.Random(7)

    def decide(call: str) -> faults.Fault:
        if call != CREATE:
            return faults.NONE
        lost, broken = faults.accept_then_close(), faults.accept_then_status(503)
        return chance.choices([lost, broken, faults.NONE], [3, 3, 4])[0]

    server.faults.decider = decide
    async with process(sqlite_url, server) as here:
        await here.subscribes(*places)
        for title in TITLES:
            await here.publishes(title)
        await here.delivers()
        for place in places:
            assert len(here.reports(place)) == len(TITLES)
        assert Counter(here.states()) == {"shown": 50}
    assert len(server.ledger.of("create")) == 50


async def test_a_copy_of_a_comment_is_found_when_discord_has_forgotten_its_nonce(
    server: DiscordServer, sqlite_url: str
) -> None:
    """It is known by the link behind its author's name, which the core made for this delivery."""
    server.settings.nonce_window = 0
    here_too = server.adds_channel("more-news").id
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id, here_too)
        await here.publishes(TITLES[0])
        await here.delivers()
        report = next(m for m in server.messages(here_too) if m.author is server.bot)
        ref = MessageRef(Channel("discord", here_too), report.id)
        said = MessageRef(ref.channel, f"{report.id}/1")
        server.faults.add(faults.NONE, faults.accept_then_close(), call=CREATE)
        author = Person("discord", "7", "Grace")
        await here.bot.comment_posted(said, ref, author, "Impressive!", report.at + 1)
        await here.delivers()
        with here.store.read() as tx:
            assert tx.deliveries.counted(Wish(kind="comment")) == {"shown": 1}
    told = [one for one in server.ledger.of("create") if "Impressive!" in one.content]
    assert len(told) == 1


@pytest.mark.parametrize("status", [500, 502, 504, 524])
async def test_the_librarys_own_repetition_adds_nothing(
    server: DiscordServer, sqlite_url: str, status: int
) -> None:
    places = [server.adds_channel(f"news-{n}").id for n in range(5)]
    server.faults.add(*5 * [faults.accept_then_status(status)], call=CREATE)
    async with process(sqlite_url, server) as here:
        await here.subscribes(*places)
        await here.publishes(TITLES[0])
        await here.delivers()
        assert [len(here.reports(place)) for place in places] == [1] * 5
    assert len(server.ledger.of("create")) == 5
    assert len([one for one in server.answers if one.call == CREATE]) == 10


async def test_a_repetition_that_comes_too_late_is_not_made_blindly(
    server: DiscordServer, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library repeats after a second; here a nonce is sure to be known for half a second."""
    monkeypatch.setattr(rest, "REPEATED", 0.5)
    server.settings.nonce_window = 0.5
    server.faults.add(faults.accept_then_status(502), call=CREATE)
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        await here.delivers()
        assert here.states() == ["shown"]
    assert len([one for one in server.answers if one.call == CREATE]) == 1


async def test_the_librarys_repetition_ends_in_time_and_leaves_the_rest_to_the_outbox(
    server: DiscordServer, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "SECONDS", 2.5)
    server.faults.add(*9 * [faults.accept_then_status(504)], call=CREATE)
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        async with asyncio.timeout(6):
            await here.worker.deliver_due()
        assert here.states() == ["unsure: Discord could not be reached (TimeoutError)."]
        await here.delivers()
        assert here.states() == ["shown"]
    assert len(server.ledger.of("create")) == 1
    assert len([one for one in server.answers if one.call == CREATE]) == 2


async def test_where_history_may_not_be_read_nothing_is_sent_again(
    server: DiscordServer, sqlite_url: str
) -> None:
    server.settings.nonce_window = 0
    server.revokes("READ_MESSAGE_HISTORY", channel=server.channel)
    server.faults.add(faults.accept_then_close(), call=CREATE)
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        await here.delivers()
        (state,) = here.states()
        assert state.startswith("parked: ")
        assert "it lacks Read Message History" in state
    assert len(server.ledger.of("create")) == 1


async def test_a_report_deleted_between_two_attempts_is_not_posted_again(
    server: DiscordServer, sqlite_url: str
) -> None:
    server.faults.add(faults.accept_then_status(502), call=CREATE)

    def moderate(event: Event) -> None:
        """A moderator is quicker than the library, which waits for a second."""
        if event.name == "MESSAGE_CREATE":
            server.moderator_deletes(event.data["id"])

    server.platform.listeners.append(moderate)
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        # It ends here: later Discord would have forgotten the nonce.
        await here.worker.deliver_due()
        assert here.reports(server.channel.id) == []
        assert here.states() == [
            "refused: Somebody deleted this message on Discord; it is not posted again."
        ]
    assert len(server.ledger.of("create")) == 1


async def test_nothing_is_ever_posted_by_a_webhook(server: DiscordServer, sqlite_url: str) -> None:
    """A webhook's message has no nonce; ours are the bot's own, each with its key."""
    second = server.adds_channel("second")
    ada = server.adds_person("Ada")
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id, second.id)
        await here.listens()
        await identified(server)
        await here.publishes(TITLES[0])
        await here.delivers()
        report = server.messages(server.channel)[0]
        server.person_says(server.starts_thread(report, ada), ada, "Impressive!")
        await until(here.comments)
        await here.delivers()
    created = server.ledger.of("create")
    assert len(created) == 3
    assert len({entry.nonce for entry in created}) == 3
    assert all(len(str(entry.nonce)) == 24 for entry in created)
    assert not [one for one in server.answers if "webhook" in one.call]


async def test_a_thread_whose_opening_was_not_answered_is_one_thread_and_comments_flow(
    server: DiscordServer, sqlite_url: str
) -> None:
    second = server.adds_channel("second")
    ada = server.adds_person("Ada")
    server.faults.add(faults.accept_then_close(), call=THREAD)
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id, second.id)
        await here.listens()
        await identified(server)
        await here.publishes(TITLES[0])
        await here.delivers()
        thread = server.starts_thread(server.messages(server.channel)[0], ada)
        for number in range(5):
            server.person_says(thread, ada, f"No {number}")
        await until(lambda: len(here.comments()) == 5)
        await here.delivers()
        copies = here.reports(server.messages(second)[0].id)
    assert [copy[-4:] for copy in copies] == [f"No {number}" for number in range(5)]
    assert len(server.ledger.of("thread")) == 1


@pytest.mark.parametrize("code", [50013, 50001, 10003, 10004, 50024])
async def test_a_channel_that_refuses_us_is_asked_once_and_tried_again_later(
    server: DiscordServer, sqlite_url: str, code: int
) -> None:
    server.faults.add(faults.Fault("refused", error=str(code)), call=CREATE)
    timing = Timing(settle=0.2, probe=1.5)
    async with process(sqlite_url, server, timing=timing) as here:
        await here.subscribes(server.channel.id)
        for title in TITLES[:3]:
            await here.publishes(title)
        for _ in range(30):
            await here.worker.deliver_due()
        assert len([one for one in server.answers if one.call == CREATE]) == 1
        assert {state.split(":")[0] for state in here.states()} == {"pending"}
        # The probe goes after a while, and heals what Discord never told us of.
        await here.delivers()
        assert here.states() == ["shown"] * 3


async def test_a_permission_given_back_resumes_the_channel_at_once(
    server: DiscordServer, sqlite_url: str
) -> None:
    server.revokes("SEND_MESSAGES", channel=server.channel)
    patient = Timing(settle=0.2, probe=600)
    async with process(sqlite_url, server, timing=patient) as here:
        await here.subscribes(server.channel.id)
        await here.listens()
        await identified(server)
        await here.publishes(TITLES[0])
        for _ in range(10):
            await here.worker.deliver_due()
        (state,) = here.states()
        assert "Send Messages" in state
        server.grants("SEND_MESSAGES", channel=server.channel)
        await here.delivers()
        assert len(here.reports(server.channel.id)) == 1


async def test_an_outage_of_servers_deletes_nothing_and_holds_nothing(
    server: DiscordServer, sqlite_url: str
) -> None:
    guilds = [server.adds_guild(f"Readers {n}") for n in range(20)]
    places = [server.adds_channel("news", guild=guild).id for guild in guilds]
    async with process(sqlite_url, server) as here:
        await here.subscribes(*places)
        await here.listens()
        await identified(server)
        for guild in guilds:
            server.outage(guild)
        for guild in guilds:
            server.outage(guild, over=True)
        server.removes_bot(guilds[0])
        await until(here.held)
        # In the first two seconds it may say that the channel was removed, too.
        [(place, reason)] = here.held().items()
        assert place == places[0]
        assert reason.startswith("BotBeat was removed from the server")
        await here.publishes(TITLES[0])
        for _ in range(10):
            await here.worker.deliver_due()
        assert [len(here.reports(place)) for place in places] == [0] + [1] * 19
        # For two seconds the library takes every server for one it has been in before.
        await asyncio.sleep(2.2)
        server.invites_bot(guilds[0])
        await here.delivers()
        assert len(here.reports(places[0])) == 1
