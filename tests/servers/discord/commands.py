"""REST: the application's commands, global and per guild.

Source: docs.discord.com/developers/interactions/application-commands#endpoints.
"""

from aiohttp import web

from tests.servers.discord.definitions import command_of, refuse_duplicates
from tests.servers.discord.ledger import Accepted
from tests.servers.discord.platform import Platform
from tests.servers.discord.refusals import Form, Refusal
from tests.servers.discord.requests import Route, answer, json_of, parsed
from tests.servers.discord.state import Json


class Commands:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def routes(self) -> list[Route]:
        table: list[Route] = []
        for place in ("", "/guilds/{guild}"):
            base = "/applications/{application}" + place + "/commands"
            table += [
                ("GET", base, self.listing),
                ("PUT", base, self.overwrite),
                ("POST", base, self.create),
                ("GET", base + "/{command}", self.fetch),
                ("PATCH", base + "/{command}", self.edit),
                ("DELETE", base + "/{command}", self.delete),
            ]
        return table

    async def listing(self, request: web.Request) -> web.Response:
        return answer(list(self._of(request).values()))

    async def overwrite(self, request: web.Request) -> web.Response:
        """Replaces all; a command that keeps its type and name keeps its id."""
        form = Form()
        bodies = form.dictionaries((), await parsed(request), 130)
        commands = [command_of(body, form, (place,)) for place, body in enumerate(bodies)]
        form.check()
        refuse_duplicates(commands)
        before = self._of(request)
        stored = [self._stored(request, command, _same(before, command)) for command in commands]
        self._keep(request, {command["id"]: command for command in stored})
        return answer(stored)

    async def create(self, request: web.Request) -> web.Response:
        """Creating a name anew replaces it (200); a new name is created (201)."""
        command = await self._checked(request, {})
        before = self._of(request)
        old = _same(before, command)
        stored = self._stored(request, command, old)
        refuse_duplicates([*(other for other in before.values() if other is not old), stored])
        self._keep(request, {**before, stored["id"]: stored})
        return answer(stored, 200 if old else 201)

    async def fetch(self, request: web.Request) -> web.Response:
        return answer(self._one(request))

    async def edit(self, request: web.Request) -> web.Response:
        old = self._one(request)
        command = await self._checked(request, old)
        stored = self._stored(request, command, old)
        self._keep(request, {**self._of(request), old["id"]: stored})
        return answer(stored)

    async def delete(self, request: web.Request) -> web.Response:
        gone = self._one(request)["id"]
        kept = {name: one for name, one in self._of(request).items() if name != gone}
        self._keep(request, kept)
        return answer(None)

    async def _checked(self, request: web.Request, old: Json) -> Json:
        form = Form()
        command = command_of({**old, **await json_of(request)}, form)
        form.check()
        return command

    def _scope(self, request: web.Request) -> str | None:
        if request.match_info["application"] != self.platform.bot.id:
            raise Refusal(20012)
        guild = request.match_info.get("guild")
        if guild is not None and (
            guild not in self.platform.guilds or not self.platform.guilds[guild].present
        ):
            raise Refusal(50001)
        return guild

    def _of(self, request: web.Request) -> dict[str, Json]:
        return self.platform.commands.get(self._scope(request), {})

    def _one(self, request: web.Request) -> Json:
        found = self._of(request).get(request.match_info["command"])
        if found is None:
            raise Refusal(10063)
        return found

    def _stored(self, request: web.Request, command: Json, old: Json | None) -> Json:
        guild = self._scope(request)
        identity = old["id"] if old else self.platform.ids.next()
        extra: Json = {"guild_id": guild} if guild else {}
        return {
            **command,
            **extra,
            "id": identity,
            "application_id": self.platform.bot.id,
            "version": self.platform.ids.next(),
        }

    def _keep(self, request: web.Request, commands: dict[str, Json]) -> None:
        self.platform.commands[self._scope(request)] = commands
        names: Json = {"names": [command["name"] for command in commands.values()]}
        now = self.platform.now()
        self.platform.ledger.append(Accepted("commands", "", now, details=names))


def _same(commands: dict[str, Json], wanted: Json) -> Json | None:
    key = (wanted["type"], wanted["name"])
    found = [one for one in commands.values() if (one["type"], one["name"]) == key]
    return found[0] if found else None
