"""Discord's forms and the Comment button, with the real core: what is filled in is what happens."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.model import Channel
from tests.discord_place import serving
from tests.discord_process import TITLES, Process, identified, process
from tests.servers import faults
from tests.servers.discord import DiscordServer, Interaction, NotOfferedError, Settings
from tests.servers.discord.state import User
from tests.waiting import until


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """A Discord that does not show us what people write."""
    async with serving(Settings(privileged=0)) as made:
        yield made


async def started(here: Process) -> User:
    """Our bot listens and has its commands; Ada is there."""
    await here.listens()
    await until(lambda: here.server.platform.commands.get(None))
    await identified(here.server)
    return here.server.adds_person("Ada")


def asks(server: DiscordServer, ada: User, text: str) -> Interaction:
    return server.slash(server.channel, ada, "botbeat", {"query": text})


async def said(asked: Interaction) -> str:
    await asked.answer()
    return asked.text


async def test_settings_are_changed_in_a_form_of_two_pages(
    server: DiscordServer, database: str
) -> None:
    async with process(database, server) as here:
        ada = await started(here)
        first = asks(server, ada, "settings")
        assert len((await first.form())["components"]) == 5
        sent = server.submits(first, {"Time zone": "Europe/Berlin", "Comments": "share"})
        assert "Europe/Berlin" in await said(sent)
        assert sent.ephemeral
        rest = server.press(sent, "More settings", ada)
        assert [one["label"] for one in (await rest.form())["components"]] == [
            "The whole write-up",
            "Who may change subscriptions",
        ]
        answer = await said(server.submits(rest, {"Who may change subscriptions": "admins"}))
        assert "those who manage the channel" in answer
        # Nobody may change anything now but those who manage it, by whatever way.
        form = asks(server, ada, "settings")
        await form.form()
        refused = await said(server.submits(form, {"Time zone": "Asia/Tokyo"}))
        assert "Nothing was changed" in refused
        typed = await said(asks(server, ada, "settings managers:everyone"))
        assert "Nothing was changed" in typed
        with here.store.read() as tx:
            kept = tx.channels.place(Channel("discord", server.channel.id)).settings
        assert (kept.zone, kept.managers, kept.comments) == ("Europe/Berlin", "admins", "share")


async def test_a_form_sent_off_after_a_restart_changes_only_what_was_changed_in_it(
    server: DiscordServer, database: str
) -> None:
    async with process(database, server) as here:
        ada = await started(here)
        opened = asks(server, ada, "settings")
        await opened.form()
        await said(asks(server, ada, "settings quiet:20:00-08:00 comments:share"))
    async with process(database, server) as here:
        await here.listens()
        await identified(server, 2)
        sent = server.submits(opened, {"Time zone": "Asia/Tokyo"})
        answer = await said(sent)
        assert "20:00 to 08:00 (Asia/Tokyo)" in answer
        assert "are shown in the other channels" in answer


async def test_a_subscription_is_made_by_form_and_told_what_the_channel_lacks(
    server: DiscordServer, database: str
) -> None:
    async with process(database, server) as here:
        ada = await started(here)
        server.revokes("SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS", channel=server.channel)
        form = asks(server, ada, "form:subscribe")
        await form.form()
        kinds = {"Companies": "alibaba, Mistral AI", "Kinds of news": "open-source,research"}
        answer = await said(server.submits(form, kinds))
        assert "company is Alibaba (Cloud) or Mistral AI" in answer
        assert f"cannot post in \\#{server.channel.name} yet" in answer
        assert "It lacks Send Messages; for comments also Send Messages in Threads." in answer
        assert "What was set is kept" in answer
        assert "1 subscription" in await said(asks(server, ada, "list"))
        server.grants("SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS", channel=server.channel)
        assert "lacks" not in await said(asks(server, ada, "subscribe qwen"))


async def test_what_takes_long_is_answered_in_words(server: DiscordServer, sqlite_url: str) -> None:
    async with process(sqlite_url, server) as here:
        ada = await started(here)
        with here.store.write():
            # Nothing else can be written meanwhile, as a channel's name before each command.
            asked = asks(server, ada, "settings")
            assert await asked.acknowledged(2.9) == 5
        assert "Subscriptions can be changed by anybody here" in await said(asked)


async def test_a_comment_by_form_is_everywhere_once_and_can_be_taken_back(
    server: DiscordServer, database: str
) -> None:
    """docs.discord.com/developers/events/gateway#message-content-intent"""
    other = server.adds_channel("other").id
    async with process(database, server) as here:
        ada = await started(here)
        eve = server.adds_person("Eve")
        for place in (server.channel.id, other):
            await here.subscribes(place)
        await here.publishes(TITLES[0])
        await here.delivers()
        cards = {
            place: next(m for m in server.messages(place) if m.author is server.bot)
            for place in (server.channel.id, other)
        }
        form = server.press(cards[server.channel.id].id, "Comment", ada)
        await form.form()
        with pytest.raises(NotOfferedError, match="must be filled in"):
            server.submits(form, {})
        sent = server.submits(form, {"Your comment": "First line\n\n@everyone **bold**"})
        assert "stands in the report's thread" in await said(sent)
        await here.delivers()
        for card in cards.values():
            (copy,) = [m for m in server.messages(card.id) if m.content]
            assert copy.content.startswith("**[Ada](<")
            assert "(Discord): First line\n\n@\u200beveryone **bold**" in copy.content
        # Catching up finds no message of hers, and takes it for no deleted one.
        await here.bot.catch_up(here.chat)
        await here.delivers()
        assert [m.content for m in server.messages(other)].count("") == 0
        assert len([m for m in server.messages(cards[other].id) if m.content]) == 1
        mark = server.slash(server.channel, eve, "botbeat", {"query": f"unsay:{sent.id}"})
        assert "no such comment" in await said(mark)
        server.press(sent, "Take it back", ada)
        await until(lambda: "taken back" in sent.text)
        await here.delivers()
        for card in cards.values():
            assert not [m for m in server.messages(card.id) if m.content]


async def test_a_comment_is_refused_where_comments_are_off(
    server: DiscordServer, sqlite_url: str
) -> None:
    async with process(sqlite_url, server) as here:
        ada = await started(here)
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        await here.delivers()
        card = next(m for m in server.messages(server.channel) if m.author is server.bot)
        form = server.press(card.id, "Comment", ada)
        await form.form()
        await said(asks(server, ada, "settings comments:off"))
        assert "Comments are off" in await said(server.submits(form, {"Your comment": "Nice"}))
        again = server.press(card.id, "Comment", ada)
        await until(lambda: again.followups)
        assert "Comments are off" in again.followups[0].content
        await here.publishes(TITLES[1])
        await here.delivers()
        newest = [m for m in server.messages(server.channel) if m.author is server.bot][-1]
        with pytest.raises(NotOfferedError, match="nothing to press"):
            server.press(newest.id, "Comment", ada)


@pytest.mark.parametrize(("privileged", "shown"), [(0, True), (1 << 15, False)])
async def test_only_where_messages_cannot_be_read_is_there_a_button_and_a_word_of_it(
    sqlite_url: str, privileged: int, shown: bool
) -> None:
    """docs.discord.com/developers/resources/application#application-object-application-flags"""
    async with (
        serving(Settings(privileged=privileged)) as server,
        process(sqlite_url, server) as here,
    ):
        ada = await started(here)
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        await here.delivers()
        card = next(m for m in server.messages(server.channel) if m.author is server.bot)
        labels = [one["label"] for row in card.components for one in row["components"]]
        assert ("Comment" in labels) is shown
        assert ("Message Content intent" in await said(asks(server, ada, "status"))) is shown


async def test_the_forms_for_managers_know_each_part_of_the_grammar(
    server: DiscordServer, sqlite_url: str
) -> None:
    async with process(sqlite_url, server) as here:
        ada = await started(here)
        server.grants("MANAGE_CHANNELS", to=ada, channel=server.channel)

        async def does(verb: str, **options: str) -> str:
            given = server.slash(server.channel, ada, "botbeat-subs", options, subcommand=verb)
            return await said(given)

        chosen = {"filters": "qwen", "company": "Mistral AI,alibaba", "type": "research"}
        answer = await does("subscribe", **chosen, mode="digest", at="08:30", comments="share")
        assert "company is Mistral AI or Alibaba (Cloud)" in answer
        assert "in a digest each day at 08:30" in answer
        assert "Monday" in await does("set", subscription="1", mode="weekly")
        assert "Asia/Tokyo" in await does("settings", tz="Asia/Tokyo", quiet="20:00-08:00")
        assert "Message Content intent" in await does("status")
        assert "subscribe company:alibaba" in await does("help")
        for verb in ("preview", "latest"):
            assert "botbeat" not in await does(verb, company="openai")
        offered = server.autocomplete(server.channel, ada, "botbeat", "company", "aliba")
        assert {"name": "Alibaba (Cloud) (company)", "value": "alibaba"} in (
            await offered.suggestions()
        )
        both = {"query": "qwen", "type": "research"}
        await said(server.slash(server.channel, ada, "botbeat", both))


async def test_a_report_is_posted_though_nobody_knows_what_may_be_read(
    server: DiscordServer, sqlite_url: str
) -> None:
    server.faults.add(*[faults.refuse_status(503)] * 9, call="GET /applications/@me")
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        await here.worker.deliver_due()
        assert len(here.reports(server.channel.id)) == 1
