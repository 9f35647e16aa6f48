"""Mattermost on this machine, as far as a bot needs it: the calls, and the socket for events.

`state` has what it knows and a ledger of what it accepted; `faults` lose answers. Sources:
https://docs.mattermost.com/api/reference/mattermost-api, and the server's own api4/post.go,
api4/websocket.go and app/platform/web_conn.go.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiohttp import web

from tests.servers.faults import Faults, no_faults, play
from tests.servers.mattermost_state import Json, Refused, State, new_id

Handler = Callable[[web.Request], Awaitable[Any]]


@dataclass
class Connection:
    """A socket's events so far, which another socket can go on with; the socket itself, if any."""

    id: str
    events: list[Json] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


class MattermostServer:
    """`remembers`: a `pending_post_id` that comes again gives the first post. `begun` counts the
    connections that went on with none before."""

    def __init__(self) -> None:
        self.state = State()
        self.faults: Faults = no_faults()
        self.token, self.remembers = new_id(), True
        self.connections: dict[str, Connection] = {}
        self.begun = 0
        self._pending: dict[str, str] = {}

    async def __aenter__(self) -> MattermostServer:
        calls: dict[str, Handler] = {
            "POST posts": self._create,
            "GET posts/{post}": self._one,
            "GET posts/{post}/thread": self._thread,
            "PUT posts/{post}/patch": self._patch,
            "DELETE posts/{post}": self._delete,
            "GET channels/{channel}": self._channel,
            "GET channels/{channel}/posts": self._since,
            "GET channels/{channel}/members/{user}": self._member,
            "POST users/ids": self._people,
            "GET users/me": self._own,
        }
        app = web.Application()
        for name, handler in calls.items():
            method, path = name.split()
            app.router.add_route(method, f"/api/v4/{path}", partial(self._answer, name, handler))
        app.router.add_get("/api/v4/websocket", self._listen)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drops_sockets()
        await self._runner.cleanup()

    # What a test does.

    async def says(self, channel: str, person: str, text: str, root: str = "", **more: Any) -> str:
        post = self.state.adds(channel, person, text, root, more)
        await self._tell("posted", post)
        return str(post["id"])

    async def edits(self, post: str, text: str) -> None:
        now = self.state.now()
        self.state.posts[post] |= {"message": text, "edit_at": now, "update_at": now}
        await self._tell("post_edited", self.state.posts[post])

    async def pins(self, post: str) -> None:
        """Told of as an edit as well."""
        self.state.posts[post]["update_at"] = self.state.now()
        await self._tell("post_edited", self.state.posts[post])

    async def deletes(self, post: str) -> None:
        """By the author or a moderator; what stands under it goes too, without an event."""
        for one in self.state.posts.values():
            if post in (one["id"], one["root_id"]) and not one["delete_at"]:
                one["delete_at"] = one["update_at"] = self.state.now()
        await self._tell("post_deleted", self.state.posts[post])

    def loses(self, channel: str, person: str, text: str, root: str) -> None:
        """Somebody says something, and the event gets lost."""
        self.state.adds(channel, person, text, root, {})
        for one in self.connections.values():
            one.events.append({})

    async def garbles(self) -> None:
        """An event comes that makes no sense."""
        for one in list(self.connections.values()):
            await self._send(one, "posted", {}, "")

    async def drops_sockets(self, *, forget: bool = False) -> None:
        """All sockets end; `forget`: none can be gone on with."""
        there = list(self.connections.values())
        if forget:
            self.connections.clear()
        for one in there:
            if one.socket is not None:
                await one.socket.close()

    def is_listened_to(self) -> bool:
        return any(one.socket and not one.socket.closed for one in self.connections.values())

    # What the bot asks.

    def _may(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    async def _answer(
        self, name: str, handler: Handler, request: web.Request
    ) -> web.StreamResponse:
        """One call, by the name that `faults` know it under."""
        fault = self.faults.next(name)

        async def keep() -> web.Response:
            try:
                if not self._may(request):
                    raise Refused(401, "api.context.session_expired.app_error")
                return web.json_response(await handler(request))
            except Refused as error:
                body = {"id": error.name, "message": "No.", "status_code": error.status}
                return web.json_response(body, status=error.status)

        def slow_down() -> web.Response:
            waits = {"X-RateLimit-Reset": "9", "Retry-After": f"{fault.seconds:.0f}"}
            return web.Response(status=429, text="limit exceeded", headers=waits)

        return await play(request, fault, keep, slow_down)

    async def _create(self, request: web.Request) -> Json:
        asked = await request.json()
        if not {"channel_id", "message"} <= {*asked}:
            raise Refused(400, "api.context.invalid_body_param.app_error")
        channel = self.state.channel(asked["channel_id"])
        if channel["delete_at"]:
            raise Refused(400, "api.post.create_post.can_not_post_to_deleted.error")
        known = self._pending.get(asked.get("pending_post_id") or "")
        if known and self.remembers:
            return self.state.posts[known]
        root = self.state.root(asked.get("root_id") or "", channel)
        more = {"props": {**(asked.get("props") or {}), "from_bot": "true"}}
        text = self.state.short(asked["message"])
        post = self.state.adds(channel["id"], self.state.bot, text, root, more)
        self._pending[asked.get("pending_post_id") or post["id"]] = post["id"]
        self.state.note("create", post)
        await self._tell("posted", post)
        return post

    async def _patch(self, request: web.Request) -> Json:
        post = self.state.post(request.match_info["post"], missing=403, own=True)
        asked = await request.json()
        post["props"] = asked.get("props", post["props"])
        await self.edits(post["id"], self.state.short(asked.get("message", post["message"])))
        self.state.note("edit", post)
        return post

    async def _delete(self, request: web.Request) -> Json:
        post = self.state.post(request.match_info["post"], own=True)
        await self.deletes(post["id"])
        self.state.note("delete", post)
        return {"status": "OK"}

    async def _one(self, request: web.Request) -> Json:
        return self.state.post(request.match_info["post"])

    async def _thread(self, request: web.Request) -> Json:
        root = self.state.post(request.match_info["post"])
        here = self.state.standing(root["channel_id"])
        under = [one for one in here if root["id"] in (one["id"], one["root_id"])]
        return self.state.listed(under)

    async def _since(self, request: web.Request) -> Json:
        """Also what was deleted since."""
        channel = self.state.channel(request.match_info["channel"])
        since = int(request.query["since"])
        changed = [one for one in self.state.posts.values() if one["update_at"] > since]
        here = [one for one in changed if one["channel_id"] == channel["id"]]
        here.sort(key=lambda one: -int(one["create_at"]))
        return self.state.listed(here[: self.state.most])

    async def _channel(self, request: web.Request) -> Json:
        return self.state.channel(request.match_info["channel"])

    async def _member(self, request: web.Request) -> Json:
        who = request.match_info["channel"], request.match_info["user"]
        if who not in self.state.members:
            raise Refused(404, "app.channel.get_member.missing.app_error")
        return {"roles": self.state.members[who]}

    async def _people(self, request: web.Request) -> list[Json]:
        users = self.state.users
        return [users[number] for number in await request.json() if number in users]

    async def _own(self, request: web.Request) -> Json:
        return self.state.users[self.state.bot]

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        if not self._may(request):
            raise web.HTTPUnauthorized
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        place = int(request.query.get("sequence_number") or 0)
        found = self.connections.get(request.query.get("connection_id", ""))
        if found is None or not 0 < place <= len(found.events):
            found, place = Connection(new_id()), 0
            self.connections[found.id] = found
            self.begun += 1
            await self._send(found, "hello", {"connection_id": found.id}, "")
        while place < len(found.events):  # More may come meanwhile.
            await socket.send_json(found.events[place])
            place += 1
        found.socket = socket
        async for _ in socket:
            pass
        if found.socket is socket:
            found.socket = None
        return socket

    async def _tell(self, event: str, post: Json) -> None:
        if (post["channel_id"], self.state.bot) in self.state.members:
            for one in list(self.connections.values()):
                await self._send(one, event, {"post": json.dumps(post)}, post["channel_id"])

    async def _send(self, to: Connection, event: str, data: Json, channel: str) -> None:
        place = {"broadcast": {"channel_id": channel}, "seq": len(to.events)}
        to.events.append({"event": event, "data": data, **place})
        if to.socket is not None and not to.socket.closed:
            await to.socket.send_json(to.events[-1])
