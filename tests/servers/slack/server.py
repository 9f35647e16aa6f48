"""A Slack on this machine, for the real slack_sdk and slack_bolt to talk to.

It refuses what Slack refuses, sends what Slack sends, can fail in every way a network can, and
keeps a ledger of what it accepted. It knows nothing of BotBeat.
"""

import asyncio
from collections.abc import Iterable
from types import TracebackType

from aiohttp import web

from tests.servers.faults import Faults
from tests.servers.slack.answers import Answers
from tests.servers.slack.delivery import Deliveries, Outcome, Parcel
from tests.servers.slack.gestures import Gestures
from tests.servers.slack.http_events import HttpDoor
from tests.servers.slack.ledger import Accepted
from tests.servers.slack.people import People
from tests.servers.slack.socket_mode import SocketDoor
from tests.servers.slack.state import Channel, Kind, Modes, State, Team, Token, User
from tests.servers.slack.web_api import BODY_AT_MOST, WebApi

SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "chat:write.customize",
        "chat:write.public",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "metadata.message:read",
        "users:read",
    }
)


class SlackServer:
    """`ledger` is what took effect, `answers` what callers were told, `attempts` what was sent.

    The verbs are those of `People` and `Gestures`; `modes` and `faults` say how it misbehaves.
    A stop and a start keep everything, the port too: that is an outage.
    """

    def __init__(self, modes: Modes | None = None, scopes: Iterable[str] = SCOPES) -> None:
        self.state = State(modes or Modes())
        self.modes, self.faults = self.state.modes, Faults()
        self.ledger, self.answers = self.state.ledger, self.state.answers
        self.attempts = self.state.attempts
        self.sockets = SocketDoor(self.state)
        self.http = HttpDoor(self.state, "the-signing-secret")
        self.deliveries = Deliveries(self.state, self)
        replies = Answers(self.state, self.deliveries.tell)
        self.web_api = WebApi(self.state, replies, self.deliveries, self.faults)
        self.people = People(self.state, self.deliveries.tell)
        self.gestures = Gestures(self.state, replies, self.deliveries)
        self._scopes = frozenset(scopes)
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._name_verbs()
        self.team = self.adds_team("Acme")
        self.bot_token = self.token_of(self.team)
        self.bot_user = self.state.teams[self.team].bot_user
        self.app_token = "xapp-1-test"
        app = Token(self.app_token, "app", self.team, "", frozenset({"connections:write"}))
        self.state.tokens[self.app_token] = app

    def _name_verbs(self) -> None:
        """Let a test say `slack.person_says(…)`."""
        self.person_says, self.person_edits = self.people.says, self.people.edits
        self.person_deletes = self.moderator_deletes = self.people.deletes
        self.unfurls, self.message = self.people.unfurls, self.people.message
        self.archives, self.unarchives = self.people.archives, self.people.unarchives
        self.renames, self.shares = self.people.renames, self.people.shares
        self.deletes_channel = self.people.deletes_channel
        self.invites_bot, self.removes_bot = self.people.invites_bot, self.people.removes_bot
        self.revokes, self.uninstalls = self.people.revokes, self.people.uninstalls
        self.opens_home = self.people.opens_home
        self.slash, self.press = self.gestures.slash, self.gestures.press
        self.submit, self.closes = self.gestures.submit, self.gestures.closes
        self.shortcut = self.gestures.shortcut
        self.settled = self.deliveries.settled

    @property
    def url(self) -> str:
        """Where the Web API is, for `AsyncWebClient(base_url=…)`."""
        return f"http://{self.state.address}/api/"

    @property
    def signing_secret(self) -> str:
        """Change it in `http.secret`, as an administrator does."""
        return self.http.secret

    async def start(self) -> None:
        app = web.Application(client_max_size=BODY_AT_MOST)
        app.router.add_route("*", "/api/{method}", self.web_api.answer)
        app.router.add_post("/response/{key}", self.web_api.answer_response_url)
        app.router.add_get("/link/", self.sockets.serve)
        # What is still being answered when the platform goes down gets no answer.
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.state.address = f"127.0.0.1:{self._port}"
        await self.http.open()
        self.deliveries.up()

    async def stop(self) -> None:
        """Go down. Sockets break, and what was on its way waits for the next start."""
        await self.deliveries.pause()
        await self.http.close()
        self.sockets.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> "SlackServer":
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def hand_over(self, parcel: Parcel, number: int, reason: str) -> Outcome:
        """By HTTP once the app has given an address, else by Socket Mode."""
        door = self.http if self.http.urls else self.sockets
        return await door.hand_over(parcel, number, reason)

    def calls_app_at(self, url: str, commands: str = "", interactions: str = "") -> None:
        """Send events to this address, and the rest there too unless it has its own."""
        self.http.urls = {
            "events_api": url,
            "slash_commands": commands or url,
            "interactive": interactions or url,
        }

    def adds_team(self, name: str) -> str:
        """A workspace with the app installed; its id."""
        team = Team(self.state.new_id("T"), name, name.lower(), "", self.state.new_id("B"))
        self.state.teams[team.id] = team
        team.bot_user = self.adds_user("botbeat", "BotBeat", team=team.id, is_bot=True)
        value = f"xoxb-{team.id}"
        self.state.tokens[value] = Token(value, "bot", team.id, team.bot_user, self._scopes)
        return team.id

    def token_of(self, team: str) -> str:
        token = self.state.bot_token(team)
        assert token is not None
        return token.value

    def adds_user(
        self,
        name: str,
        display_name: str = "",
        *,
        team: str = "",
        is_bot: bool = False,
        hidden: bool = False,
    ) -> str:
        """A person, who may be of another organisation (a team unknown here); the id."""
        user = User(
            id=self.state.new_id("U"),
            team=team or self.team,
            name=name.lower(),
            display_name=display_name or name,
            real_name=name,
            image=f"https://avatars.example/{name}.png",
            is_bot=is_bot,
            hidden=hidden,
        )
        self.state.users[user.id] = user
        return user.id

    def adds_channel(
        self,
        name: str,
        *,
        kind: Kind = "public",
        members: Iterable[str] = (),
        bot: bool = True,
        shared_with: Iterable[str] = (),
        team: str = "",
    ) -> str:
        """A channel, with the bot as a member unless it is not invited; its id."""
        team = team or self.team
        inside = set(members) | ({self.state.teams[team].bot_user} if bot else set())
        channel = Channel(self.state.new_id("C"), name, team, kind, inside)
        channel.shared_with.update(shared_with)
        self.state.channels[channel.id] = channel
        return channel.id

    def passes(self, seconds: float) -> None:
        """Move the platform's clock ahead."""
        self.state.shift += seconds

    async def written(self, count: int, timeout: float = 20) -> list[Accepted]:
        """Wait until the ledger holds that many writes."""
        async with asyncio.timeout(timeout):
            while len(self.ledger) < count:
                self.state.wrote.clear()
                await self.state.wrote.wait()
        return self.ledger
