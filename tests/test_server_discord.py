"""The real client library against the local Discord: what the project will rely on works here.

The library is pointed at the server by its base address and its default gateway, nothing else.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket

from tests.servers import faults
from tests.servers.discord import DiscordServer, Pings


class Follow(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"follow:(?P<word>\w+)"):
    """A button that works after a restart: its custom_id says all there is to know."""

    def __init__(self, word: str) -> None:
        super().__init__(discord.ui.Button(label=f"Follow {word}", custom_id=f"follow:{word}"))
        self.word = word

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["word"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"following {self.word}", ephemeral=True)


class Words(discord.ui.Modal, title="Comment"):
    words: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Words")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"you said {self.words.value}", ephemeral=True)


class Bot(discord.Client):
    """A small bot with a command of each sort, which notes what the gateway tells it."""

    def __init__(self) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
        super().__init__(intents=intents, guild_ready_timeout=0.05, max_messages=None)
        self.tree = app_commands.CommandTree(self)
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.add_dynamic_items(Follow)
        command = app_commands.Command[Any, Any, None](
            name="botbeat", description="Search", callback=search
        )
        command.autocomplete("query")(suggestions)
        self.tree.add_command(command)
        self.tree.add_command(app_commands.ContextMenu(name="Comment", callback=comment))

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No pause between identifies: the server does not ask for one."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.put_nowait(("message", message))

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        self.heard.put_nowait(("edit", event))

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.heard.put_nowait(("delete", event))

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self.heard.put_nowait(("bulk", event))

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        self.heard.put_nowait(("channel", channel))

    async def on_ready(self) -> None:
        self.heard.put_nowait(("ready", None))

    async def next(self, kind: str) -> Any:
        """The next event of this kind; others on the way are dropped."""
        async with asyncio.timeout(20):
            while True:
                name, event = await self.heard.get()
                if name == kind:
                    return event

    def text_channel(self, identity: str) -> discord.TextChannel:
        channel = self.get_channel(int(identity))
        assert isinstance(channel, discord.TextChannel)
        return channel


async def search(interaction: discord.Interaction, query: str) -> None:
    await interaction.response.defer(ephemeral=True)
    await interaction.followup.send(f"3 reports for {query}")


async def comment(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_modal(Words())


async def suggestions(
    interaction: discord.Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed}{end}", value=f"{typed}{end}") for end in "wx"]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    platform = DiscordServer()
    await platform.start()
    monkeypatch.setattr(discord.http.Route, "BASE", platform.url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(platform.gateway_url))
    yield platform
    await platform.stop()


@asynccontextmanager
async def started(server: DiscordServer) -> AsyncIterator[Bot]:
    async with Bot() as client:
        running = asyncio.create_task(client.start(server.token))
        await client.next("ready")
        yield client
        await client.close()
        await running


@pytest.fixture
async def bot(server: DiscordServer) -> AsyncIterator[Bot]:
    async with started(server) as client:
        yield client


async def test_it_connects_and_registers_its_commands(server: DiscordServer, bot: Bot) -> None:
    assert [guild.name for guild in bot.guilds] == ["Readers"]
    assert server.ledger.of("commands")[0].details == {"names": ["botbeat", "Comment"]}
    assert len(server.gateway.identifies) == 1


async def test_a_command_is_deferred_and_followed_up(server: DiscordServer, bot: Bot) -> None:
    ada = server.adds_person("Ada")
    asked = server.slash(server.channel, ada, "botbeat", {"query": "qwen"})
    assert (await asked.answer()).content == "3 reports for qwen"
    assert asked.ephemeral
    assert asked.acknowledged_after is not None
    assert asked.acknowledged_after < 1


async def test_typing_brings_suggestions(server: DiscordServer, bot: Bot) -> None:
    asked = server.autocomplete(server.channel, server.adds_person("Ada"), "botbeat", "query", "q")
    assert [choice["value"] for choice in await asked.suggestions()] == ["qw", "qx"]


async def test_a_message_menu_opens_a_form_and_the_form_is_answered(
    server: DiscordServer, bot: Bot
) -> None:
    ada = server.adds_person("Ada")
    said = server.person_says(server.channel, ada, "report")
    asked = server.message_command(said, ada, "Comment")
    assert (await asked.form())["title"] == "Comment"
    sent = server.submits(asked, {"Words": "Impressive!"})
    assert (await sent.answer()).content == "you said Impressive!"


async def test_a_post_with_a_nonce_comes_back_and_is_posted_once(
    server: DiscordServer, bot: Bot
) -> None:
    channel = bot.text_channel(server.channel.id)
    server.faults.add(faults.accept_then_status(500), call="POST /channels/{channel}/messages")
    nobody = discord.AllowedMentions.none()
    sent = await channel.send("@everyone report", nonce="k1", allowed_mentions=nobody)
    heard = await bot.next("message")
    assert (heard.id, heard.nonce) == (sent.id, "k1")
    entries = server.ledger.of("create")
    assert [(entry.nonce, entry.pings) for entry in entries] == [("k1", Pings())]
    assert len([one for one in server.answers if one.call.startswith("POST /channels")]) == 2


async def test_raw_edits_and_deletions_come_without_a_cache(
    server: DiscordServer, bot: Bot
) -> None:
    ada = server.adds_person("Ada")
    first = server.person_says(server.channel, ada, "hello")
    assert (await bot.next("message")).content == "hello"
    server.person_edits(first, "hello!")
    edit = await bot.next("edit")
    assert (edit.message.content, edit.message.edited_at is not None) == ("hello!", True)
    server.embeds_resolve(first)
    assert (await bot.next("edit")).data["edited_timestamp"]
    server.person_deletes(first)
    assert (await bot.next("delete")).message_id == int(first)
    ids = [server.person_says(server.channel, ada, str(number)) for number in range(3)]
    server.bulk_deletes(*ids)
    assert (await bot.next("bulk")).message_ids == {int(one) for one in ids}


async def test_threads_open_fill_and_wake(server: DiscordServer, bot: Bot) -> None:
    sent = await bot.text_channel(server.channel.id).send("report")
    thread = await sent.create_thread(name="Talk", auto_archive_duration=60)
    assert thread.id == sent.id
    with pytest.raises(discord.HTTPException) as refusal:
        await sent.create_thread(name="Again")
    assert refusal.value.code == 160004
    posted = await thread.send("Ann: hi")
    server.archives(str(thread.id))
    with pytest.raises(discord.HTTPException) as refusal:
        await posted.edit(content="Ann: hi!")
    assert refusal.value.code == 50083
    await thread.edit(archived=False)
    assert (await posted.edit(content="Ann: hi!")).content == "Ann: hi!"
    kinds = [message.type async for message in thread.history(oldest_first=True)]
    assert kinds[0] is discord.MessageType.thread_starter_message


async def test_history_reads_what_was_missed(server: DiscordServer, bot: Bot) -> None:
    ada = server.adds_person("Ada")
    ids = [server.person_says(server.channel, ada, str(number)) for number in range(130)]
    after = discord.Object(int(ids[9]))
    channel = bot.text_channel(server.channel.id)
    found = [one.id async for one in channel.history(after=after, limit=None, oldest_first=True)]
    assert found == [int(one) for one in ids[10:]]


async def test_a_forum_post_is_made_with_its_buttons(server: DiscordServer, bot: Bot) -> None:
    made = server.adds_channel("papers", "forum", tags=("LLM",))
    await bot.next("channel")
    forum = bot.get_channel(int(made.id))
    assert isinstance(forum, discord.ForumChannel)
    post = await forum.create_thread(
        name="Qwen 4", content="report", applied_tags=[forum.available_tags[0]]
    )
    assert post.message.id == post.thread.id
    assert server.ledger.of("thread")[0].content == "report"


async def test_a_layout_of_components_v2_is_posted(server: DiscordServer, bot: Bot) -> None:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(discord.ui.TextDisplay("18 reports")))
    await bot.text_channel(server.channel.id).send(view=view)
    assert server.ledger.of("create")[0].components[0]["components"][0]["content"] == "18 reports"


async def test_a_rate_limit_is_waited_out(server: DiscordServer, bot: Bot) -> None:
    server.faults.add(faults.ratelimited(0.05), call="POST /channels/{channel}/messages")
    await bot.text_channel(server.channel.id).send("report")
    statuses = [one.status for one in server.answers if one.call.startswith("POST /channels")]
    assert statuses == [429, 200]


async def test_a_button_still_works_after_a_restart(server: DiscordServer) -> None:
    async with started(server) as bot:
        view = discord.ui.View(timeout=None)
        view.add_item(Follow("qwen"))
        sent = await bot.text_channel(server.channel.id).send("report", view=view)
    async with started(server):
        asked = server.press(str(sent.id), "Follow qwen", server.adds_person("Ada"))
        assert (await asked.answer()).content == "following qwen"
