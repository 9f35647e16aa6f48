"""The local Discord that tests hold: starts, stops, and has a verb for all that people do."""

from typing import Literal

from aiohttp import web

from tests.servers.discord.asks import Asks
from tests.servers.discord.callbacks import Callbacks
from tests.servers.discord.channels import drop_channel
from tests.servers.discord.commands import Commands
from tests.servers.discord.filling import Options
from tests.servers.discord.followups import Followups
from tests.servers.discord.gateway import Gateway
from tests.servers.discord.guilds import Guilds
from tests.servers.discord.interactions import Interaction, Interactions
from tests.servers.discord.messages import Messages
from tests.servers.discord.people import People
from tests.servers.discord.platform import Platform
from tests.servers.discord.rest import PREFIX, Rest
from tests.servers.discord.settings import Settings
from tests.servers.discord.state import Channel, Guild, Message, Place, User, id_of
from tests.servers.discord.threads import Threads


class DiscordServer:
    """One platform with one application. Places and people may be given as records or ids.

    A new one has a server (`guild`) with a text channel (`channel`). Stopping keeps everything;
    starting again uses the same port.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.platform = Platform(settings or Settings())
        self.gateway = Gateway(self.platform)
        self.people = People(self.platform)
        self.interactions = Interactions(self.platform)
        self.asks = Asks(self.interactions)
        self.rest = Rest(self.platform)
        # What a test judges by, and what it can switch.
        self.ledger, self.answers = self.platform.ledger, self.platform.answers
        self.settings, self.faults = self.platform.settings, self.platform.faults
        self.bot = self.platform.bot
        self.port = 0
        self._runner: web.AppRunner | None = None
        self.guild = self.people.add_guild("Readers")
        self.channel = self.adds_channel("news")

    @property
    def token(self) -> str:
        """The bot's token as it is now: Discord resets it after too many identifies."""
        return self.settings.token

    # Where it is

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway"

    async def start(self) -> None:
        self.rest.stopping.clear()
        app = web.Application(client_max_size=26 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.connect)
        for part in (
            Messages(self.platform),
            Threads(self.platform),
            Commands(self.platform),
            Callbacks(self.interactions),
            Followups(self.interactions),
            Guilds(self.platform, lambda: self.gateway_url, lambda: self.gateway.starts_left),
        ):
            self.rest.add(app, part.routes())
        self.rest.refuse_others(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        self.gateway.url = self.gateway_url

    async def stop(self) -> None:
        """Ends every connection at once, without a goodbye."""
        self.rest.stopping.set()
        self.gateway.drop(None)
        if self._runner:
            await self._runner.cleanup()
        self._runner = None

    def time_passes(self, seconds: float) -> None:
        """Moves the platform's clock ahead: windows close, tokens expire. Ids stay real."""
        self.platform.skipped += seconds

    # The places and the people

    def adds_guild(self, name: str) -> Guild:
        return self.people.add_guild(name)

    def adds_channel(
        self,
        name: str,
        kind: Literal["text", "announcement", "forum", "media"] = "text",
        *,
        guild: Place | None = None,
        tags: tuple[str, ...] = (),
        requires_tag: bool = False,
    ) -> Channel:
        place = self._guild(guild)
        return self.people.add_channel(place, name, kind, list(tags), requires_tag=requires_tag)

    def adds_person(self, name: str, *, guild: Place | None = None) -> User:
        user = self.people.add_person(name)
        self.people.enter(self._guild(guild), user)
        return user

    def direct(self, person: User) -> Channel:
        """Where somebody and the bot write to each other."""
        return self.people.direct(person)

    def takes_no_messages(self, person: User) -> None:
        """They closed their direct messages, or blocked the bot."""
        self.people.direct(person).closed = True

    def messages(self, channel: Place) -> list[Message]:
        """What stands in a channel or thread, oldest first."""
        return sorted(self._channel(channel).messages.values(), key=lambda one: int(one.id))

    def message(self, message: Place) -> Message:
        """The message as it is now; LookupError when it is gone."""
        return self._where(message)[1]

    def thread_of(self, message: Place) -> Channel:
        return self._channel(id_of(message))

    # Writing

    def person_says(
        self,
        channel: Place,
        user: User,
        content: str,
        *,
        files: tuple[str, ...] = (),
        reply_to: Place | None = None,
    ) -> str:
        """The id of the new message. `files` are names of attachments."""
        answered = id_of(reply_to) if reply_to is not None else None
        return self.people.says(self._channel(channel), user, content, list(files), answered).id

    def person_edits(self, message: Place, content: str) -> None:
        self.people.edits(*self._where(message), content)

    def person_deletes(self, message: Place) -> None:
        self.people.deletes(*self._where(message))

    def moderator_deletes(self, message: Place) -> None:
        """On the wire the same as an author's deletion: Discord does not say who it was."""
        self.people.deletes(*self._where(message))

    def bulk_deletes(self, *messages: Place) -> None:
        channel = self._where(messages[0])[0]
        self.people.bulk_deletes(channel, [id_of(message) for message in messages])

    def embeds_resolve(self, message: Place) -> None:
        self.people.embeds_resolve(*self._where(message))

    def starts_thread(self, message: Place, user: User, name: str = "A thread") -> Channel:
        return self.people.starts_thread(*self._where(message), user, name)

    def person_posts(self, forum: Place, user: User, name: str, content: str) -> Channel:
        return self.people.posts_in_forum(self._channel(forum), user, name, content)

    def archives(self, thread: Place, *, locked: bool = False) -> None:
        self.people.archives(self._channel(thread), archived=True, locked=locked)

    def locks(self, thread: Place) -> None:
        """Locked but still active: only those with MANAGE_THREADS may write."""
        self.people.archives(self._channel(thread), archived=False, locked=True)

    def deletes_channel(self, channel: Place) -> None:
        """Also for a thread."""
        drop_channel(self.platform, self._channel(channel))

    # Commands, buttons, forms

    def slash(
        self,
        channel: Place,
        user: User,
        name: str,
        options: Options | None = None,
        *,
        subcommand: str | None = None,
    ) -> Interaction:
        return self.asks.slash(self._channel(channel), user, name, options or {}, subcommand)

    def autocomplete(
        self,
        channel: Place,
        user: User,
        name: str,
        option: str,
        typed: str,
        *,
        others: Options | None = None,
        subcommand: str | None = None,
    ) -> Interaction:
        place = self._channel(channel)
        return self.asks.autocomplete(place, user, name, option, typed, others or {}, subcommand)

    def message_command(self, message: Place, user: User, name: str) -> Interaction:
        return self.asks.message_command(*self._where(message), user, name)

    def press(
        self,
        message: Place | Interaction,
        which: str,
        user: User,
        *,
        values: list[str] | None = None,
    ) -> Interaction:
        """`which` is a label or custom_id; an Interaction stands for its answer, seen by `user`."""
        if not isinstance(message, Interaction):
            return self.asks.press(*self._where(message), which, user, values)
        shown = message.answer_message
        if shown is None or (message.ephemeral and message.user is not user):
            raise LookupError(f"{user.name} sees no answer")
        return self.asks.press(message.channel, shown, which, user, values)

    def submits(
        self, asked: Interaction, values: dict[str, str], user: User | None = None
    ) -> Interaction:
        """Sends the form that answered `asked`, with values by label or custom_id."""
        return self.asks.submits(asked, values, user or asked.user)

    # Permissions and presence

    def grants(self, *names: str, to: User | None = None, channel: Place | None = None) -> None:
        """Permissions by Discord's names, to the bot unless a person is given."""
        self._permits(names, to, channel, allow=True)

    def revokes(self, *names: str, to: User | None = None, channel: Place | None = None) -> None:
        self._permits(names, to, channel, allow=False)

    def removes_bot(self, guild: Place | None = None) -> None:
        self.people.removes_bot(self._guild(guild))

    def invites_bot(self, guild: Place | None = None) -> None:
        self.people.invites_bot(self._guild(guild))

    def outage(self, guild: Place | None = None, *, over: bool = False) -> None:
        self.people.outage(self._guild(guild), over=over)

    # The gateway's moods

    def drops(self, code: int | None = None) -> None:
        """Closes the gateway's connections; without a code the TCP connection just ends."""
        self.gateway.drop(code)

    def invalidates(self, *, resumable: bool = False) -> None:
        self.gateway.invalidate(resumable=resumable)

    def asks_to_reconnect(self) -> None:
        self.gateway.ask_to_reconnect()

    def asks_for_heartbeat(self) -> None:
        self.gateway.ask_for_heartbeat()

    def goes_silent(self) -> None:
        self.gateway.go_silent()

    # Finding

    def _guild(self, guild: Place | None) -> Guild:
        return self.guild if guild is None else self.platform.guilds[id_of(guild)]

    def _channel(self, channel: Place) -> Channel:
        found = self.platform.any_channel(id_of(channel))
        if found is None:
            raise LookupError(f"there is no channel {id_of(channel)}")
        return found

    def _where(self, message: Place) -> tuple[Channel, Message]:
        wanted = id_of(message)
        for guild in (*self.platform.guilds.values(), *self.platform.directs.values()):
            for channel in guild.channels.values():
                if wanted in channel.messages:
                    return channel, channel.messages[wanted]
        raise LookupError(f"there is no message {wanted}")

    def _permits(
        self, names: tuple[str, ...], to: User | None, channel: Place | None, *, allow: bool
    ) -> None:
        place = self._channel(channel) if channel is not None else None
        guild = self.platform.guilds[place.guild] if place else self.guild
        self.people.permits(guild, to or self.bot, names, allow=allow, channel=place)
