"""The gateway: identify, heartbeat, resume, dispatch, and every way to end a connection.

Sources: docs.discord.com/developers/events/gateway and
docs.discord.com/developers/topics/opcodes-and-status-codes#gateway.
"""

import asyncio
import json
import secrets

from aiohttp import WSMsgType, web

from tests.servers.discord import intents, shapes
from tests.servers.discord.guilds import application_json
from tests.servers.discord.platform import Event, Platform
from tests.servers.discord.sessions import Link, Session, Wire
from tests.servers.discord.settings import MESSAGE_CONTENT, PRIVILEGED
from tests.servers.discord.state import Json

HEARTBEAT, IDENTIFY, RESUME, MEMBERS = 1, 2, 6, 8
IGNORED = (3, 4, 31, 43)  # Presence and voice, which tests have no use for.
RECONNECT, INVALID_SESSION, HELLO, ACK = 7, 9, 10, 11

DECODE, UNAUTHENTICATED, WRONG_TOKEN, TWICE = 4002, 4003, 4004, 4005
WRONG_SEQUENCE, TOO_FAST, WRONG_SHARD, MUST_SHARD = 4007, 4008, 4010, 4011
WRONG_VERSION, WRONG_INTENTS, FORBIDDEN_INTENTS = 4012, 4013, 4014
# After these the session is gone: a resume finds nothing.
ENDS_SESSION = (4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014)
# Closed like this by the bot, a session is over; any other end leaves it to be resumed.
GOODBYES = (1000, 1001)
DAY = 24 * 3600.0
PAYLOAD_BYTES, SENDS, SENDS_SECONDS = 4096, 120, 60.0


class Gateway:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.links: list[Link] = []
        self.identifies: list[float] = []
        self.resumes: list[float] = []
        self.closes: list[int] = []
        self.too_early = 0
        platform.listeners.append(self.dispatch)

    @property
    def starts_left(self) -> int:
        since = self.platform.now() - DAY
        used = sum(moment > since for moment in self.identifies)
        return max(0, self.platform.settings.session_starts - used)

    # Connections

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0, autoclose=False)
        await socket.prepare(request)
        compressed = request.query.get("compress") == "zlib-stream"
        link = Link(Wire(socket, compressed=compressed), request.transport)
        self.links.append(link)
        pump = asyncio.create_task(link.wire.pump())
        try:
            if request.query.get("v") not in ("9", "10"):
                self._end(link, WRONG_VERSION)
            else:
                interval = int(self.platform.settings.heartbeat_seconds * 1000)
                link.wire.send({"op": HELLO, "d": {"heartbeat_interval": interval}})
            await self._listen(link)
        finally:
            pump.cancel()
            self._forget(link)
        return socket

    async def _listen(self, link: Link) -> None:
        """Reads until the end. Who sends no heartbeat for two intervals is dropped."""
        patience = self.platform.settings.heartbeat_seconds * 2
        while True:
            try:
                message = await link.wire.socket.receive(timeout=patience)
            except TimeoutError:
                link.ended = True
                await link.wire.socket.close(code=4000)
                return
            if message.type is WSMsgType.TEXT:
                self._read(link, message.data)
            elif message.type is WSMsgType.BINARY:
                self._read(link, message.data.decode())
            else:
                # The session ends before the goodbye is returned, so that nobody can resume it.
                if message.type is WSMsgType.CLOSE and message.data in GOODBYES and not link.ended:
                    self._drop_session(link)
                await link.wire.socket.close()
                return

    def _drop_session(self, link: Link) -> None:
        if link.session:
            self.sessions.pop(link.session.id, None)

    def _forget(self, link: Link) -> None:
        """The connection is gone; its session stays for a resume."""
        self.links.remove(link)
        if link.session and link.session.wire is link.wire:
            link.session.wire = None

    def _read(self, link: Link, text: str) -> None:
        if link.wire.silent:
            return
        if len(text.encode()) > PAYLOAD_BYTES:
            self._end(link, DECODE)
            return
        if self._too_fast(link):
            self._end(link, TOO_FAST)
            return
        try:
            payload = json.loads(text)
            code, data = payload["op"], payload.get("d")
        except (ValueError, TypeError, KeyError):
            self._end(link, DECODE)
            return
        self._obey(link, code, data)

    def _too_fast(self, link: Link) -> bool:
        now = self.platform.now()
        link.times.append(now)
        while now - link.times[0] > SENDS_SECONDS:
            link.times.popleft()
        return len(link.times) > SENDS

    def _obey(self, link: Link, code: int, data: object) -> None:
        if code == HEARTBEAT:
            link.heartbeats += 1
            link.wire.send({"op": ACK})
        elif code == IDENTIFY and isinstance(data, dict):
            self._identify(link, data)
        elif code == RESUME and isinstance(data, dict):
            self._resume(link, data)
        elif link.session is None:
            self._end(link, UNAUTHENTICATED)
        elif code == MEMBERS and isinstance(data, dict):
            self._members(link.session, data)
        elif code not in IGNORED:
            self._end(link, 4001)

    # Starting and resuming

    def _identify(self, link: Link, data: Json) -> None:
        refusal = TWICE if link.session else self._refusal(data)
        if refusal:
            self._end(link, refusal)
            return
        now = self.platform.now()
        gap = self.platform.settings.identify_seconds
        if self.identifies and now - self.identifies[-1] < gap:
            self.too_early += 1
            link.wire.send({"op": INVALID_SESSION, "d": False})
            return
        self.identifies.append(now)
        number, count = data.get("shard") or (0, 1)
        session = Session(secrets.token_hex(16), data["intents"], (number, count))
        session.wire, link.session = link.wire, session
        self.sessions[session.id] = session
        self._greet(session)

    def _refusal(self, data: Json) -> int:
        """The close code an identify earns; 0 when it is fine.

        With no session start left Discord resets the token, so the token is wrong from then on.
        """
        settings, shard = self.platform.settings, data.get("shard") or [0, 1]
        asked = data.get("intents")
        if not self.starts_left:
            settings.token = secrets.token_hex(16)
        if data.get("token") != settings.token:
            return WRONG_TOKEN
        if not isinstance(asked, int) or asked < 0 or asked & ~intents.KNOWN:
            return WRONG_INTENTS
        if asked & PRIVILEGED & ~settings.privileged:
            return FORBIDDEN_INTENTS
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            return WRONG_SHARD
        guilds = len(self.platform.guilds) / shard[1]
        return MUST_SHARD if guilds > settings.sharding_required_above else 0

    def _greet(self, session: Session) -> None:
        """READY names the guilds as unavailable; each then comes with GUILD_CREATE."""
        platform = self.platform
        present = [guild for guild in platform.guilds.values() if guild.present]
        mine = [guild for guild in present if session.takes(guild.id)]
        application = application_json(platform)
        ready: Json = {
            "v": 10,
            "user": shapes.user_json(platform.bot),
            "guilds": [{"id": guild.id, "unavailable": True} for guild in mine],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": platform.bot.id, "flags": application["flags"]},
            "private_channels": [],
            "relationships": [],
        }
        session.dispatch("READY", ready)
        for guild in mine:
            if guild.available and intents.wanted("GUILD_CREATE", session.intents):
                shape = platform.guild_create_json(guild)
                session.dispatch("GUILD_CREATE", shape)

    def _resume(self, link: Link, data: Json) -> None:
        session = self.sessions.get(str(data.get("session_id")))
        if data.get("token") != self.platform.settings.token:
            self._end(link, WRONG_TOKEN)
        elif session is None:
            link.wire.send({"op": INVALID_SESSION, "d": False})
        elif not isinstance(data.get("seq"), int) or data["seq"] > session.sequence:
            self._end(link, WRONG_SEQUENCE)
        else:
            self.resumes.append(self.platform.now())
            session.wire, link.session = link.wire, session
            for payload in session.replay(data["seq"]):
                link.wire.send(payload)
            resumed: Json = {"op": 0, "t": "RESUMED", "s": session.sequence, "d": {}}
            link.wire.send(resumed)

    def _members(self, session: Session, data: Json) -> None:
        guild = self.platform.guilds[str(data["guild_id"])]
        members = [shapes.member_json(member) for member in guild.members.values()]
        chunk: Json = {"guild_id": guild.id, "members": members}
        chunk |= {"chunk_index": 0, "chunk_count": 1, "nonce": data.get("nonce")}
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    # Dispatching

    def dispatch(self, event: Event) -> None:
        """Sends an event to the sessions that asked for it and may see it."""
        if event.guild and not self._reaches(event):
            return
        for session in tuple(self.sessions.values()):
            direct = event.channel in self.platform.directs
            wanted = intents.wanted(event.name, session.intents, direct=direct)
            if not session.takes(event.guild) or not wanted:
                continue
            hidden = event.private and not session.intents & MESSAGE_CONTENT
            session.dispatch(event.name, shapes.redacted(event.data) if hidden else event.data)

    def _reaches(self, event: Event) -> bool:
        guild = self.platform.guilds[event.guild or ""]
        if event.name == "GUILD_DELETE":
            return True
        if not (guild.present and guild.available):
            return False
        channel = guild.channels.get(event.channel or "")
        if channel is None or event.name not in intents.ONLY_IN_VIEW:
            return True
        return self.platform.allowed(channel, "VIEW_CHANNEL")

    # Ending connections, for tests

    def _end(self, link: Link, code: int) -> None:
        self.closes.append(code)
        link.ended = True
        if code in ENDS_SESSION:
            self._drop_session(link)
        link.wire.close(code)

    def drop(self, code: int | None) -> None:
        """Closes every connection with a code; None cuts them without one."""
        for link in tuple(self.links):
            if code is not None:
                self._end(link, code)
            elif link.transport is not None:
                link.ended = True
                link.transport.abort()

    def invalidate(self, *, resumable: bool) -> None:
        for link in self.links:
            if not resumable:
                self._drop_session(link)
            link.wire.send({"op": INVALID_SESSION, "d": resumable})

    def ask_to_reconnect(self) -> None:
        for link in self.links:
            link.wire.send({"op": RECONNECT, "d": None})

    def ask_for_heartbeat(self) -> None:
        for link in self.links:
            link.wire.send({"op": HEARTBEAT, "d": None})

    def go_silent(self) -> None:
        """The connections stay open, but nothing is read or sent on them any more."""
        for link in self.links:
            link.wire.silent = True
