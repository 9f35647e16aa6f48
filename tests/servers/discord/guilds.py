"""REST: the bot itself, its application, the gateway's address, and what is in a guild.

Sources: docs.discord.com/developers/resources/guild, /resources/user, /resources/application and
docs.discord.com/developers/events/gateway#get-gateway-bot.
"""

from collections.abc import Callable

from aiohttp import web

from tests.servers.discord.platform import Platform
from tests.servers.discord.refusals import Refusal
from tests.servers.discord.requests import Route, answer
from tests.servers.discord.settings import GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT
from tests.servers.discord.shapes import (
    channel_json,
    guild_json,
    member_json,
    role_json,
    thread_member_json,
    user_json,
)
from tests.servers.discord.state import Json

# "Limited" flags: what an application below the review threshold gets from the portal's switches.
FLAGS = {GUILD_PRESENCES: 1 << 13, GUILD_MEMBERS: 1 << 15, MESSAGE_CONTENT: 1 << 19}


class Guilds:
    def __init__(
        self, platform: Platform, gateway: Callable[[], str], starts_left: Callable[[], int]
    ) -> None:
        self.platform, self.gateway, self.starts_left = platform, gateway, starts_left

    def routes(self) -> list[Route]:
        guild = "/guilds/{guild}"
        return [
            ("GET", "/gateway", self.address),
            ("GET", "/gateway/bot", self.address),
            ("GET", "/users/@me", self.me),
            ("GET", "/users/@me/guilds", self.mine),
            ("GET", "/users/{user}", self.user),
            ("GET", "/applications/@me", self.application),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", guild, self.fetch),
            ("GET", guild + "/channels", self.channels),
            ("GET", guild + "/roles", self.roles),
            ("GET", guild + "/members/{user}", self.member),
            ("GET", guild + "/threads/active", self.active_threads),
        ]

    async def address(self, request: web.Request) -> web.Response:
        if not request.path.endswith("/bot"):
            return answer({"url": self.gateway()})
        limit = {
            "total": self.platform.settings.session_starts,
            "remaining": self.starts_left(),
            "reset_after": 24 * 3600 * 1000,
            "max_concurrency": 1,
        }
        return answer({"url": self.gateway(), "shards": 1, "session_start_limit": limit})

    async def me(self, request: web.Request) -> web.Response:
        return answer({**user_json(self.platform.bot), "verified": True, "mfa_enabled": False})

    async def mine(self, request: web.Request) -> web.Response:
        present = [guild for guild in self.platform.guilds.values() if guild.present]
        return answer([{"id": guild.id, "name": guild.name, "owner": False} for guild in present])

    async def user(self, request: web.Request) -> web.Response:
        found = self.platform.users.get(request.match_info["user"])
        if found is None:
            raise Refusal(10013)
        return answer(user_json(found))

    async def application(self, request: web.Request) -> web.Response:
        return answer(application_json(self.platform))

    async def fetch(self, request: web.Request) -> web.Response:
        return answer(guild_json(self.platform.guild(request.match_info["guild"])))

    async def channels(self, request: web.Request) -> web.Response:
        guild = self.platform.guild(request.match_info["guild"])
        here = [place for place in guild.channels.values() if not place.thread]
        places = [place for place in here if not self.platform.is_hidden(place)]
        return answer([channel_json(place, self.platform.bot.id) for place in places])

    async def roles(self, request: web.Request) -> web.Response:
        guild = self.platform.guild(request.match_info["guild"])
        pairs = enumerate(guild.roles.values())
        return answer([role_json(role, place) for place, role in pairs])

    async def member(self, request: web.Request) -> web.Response:
        guild = self.platform.guild(request.match_info["guild"])
        wanted = request.match_info["user"]
        wanted = self.platform.bot.id if wanted == "@me" else wanted
        if wanted not in guild.members:
            raise Refusal(10007)
        return answer(member_json(guild.members[wanted]))

    async def active_threads(self, request: web.Request) -> web.Response:
        guild, bot = self.platform.guild(request.match_info["guild"]), self.platform.bot.id
        active = [
            place
            for place in guild.channels.values()
            if place.thread
            and not place.thread.archived
            and self.platform.allowed(place, "VIEW_CHANNEL")
        ]
        active.sort(key=lambda place: int(place.id), reverse=True)
        joined = [place for place in active if place.thread and bot in place.thread.members]
        members = [thread_member_json(place, bot) for place in joined]
        return answer({"threads": [channel_json(one, bot) for one in active], "members": members})


def application_json(platform: Platform) -> Json:
    """The application; its flags say which privileged intents the portal has switched on."""
    owner = {"id": "1", "username": "owner", "discriminator": "0", "avatar": None}
    granted = [flag for bit, flag in FLAGS.items() if platform.settings.privileged & bit]
    return {
        "id": platform.bot.id,
        "name": platform.bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_json(platform.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": sum(granted),
        "owner": owner,
        "team": None,
        "interactions_endpoint_url": None,
        "redirect_uris": [],
        "approximate_guild_count": len(platform.guilds),
    }
