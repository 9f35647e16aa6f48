"""Reading requests and writing answers: JSON bodies, uploads, query numbers.

Answers carry exactly `application/json`: clients compare the header as a whole.
"""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.servers.discord.refusals import Form, Refusal
from tests.servers.discord.snowflake import Snowflakes
from tests.servers.discord.state import Json

Route = tuple[str, str, Callable[[web.Request], Awaitable[web.Response]]]

RAW = web.RequestKey("raw", bytes)
FILES = web.RequestKey("files", list[str])
_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


def answer(data: object, status: int = 0) -> web.Response:
    """200 with JSON, or 204 with nothing for None, unless a status is given."""
    if data is None:
        return web.Response(status=status or 204)
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status or 200, content_type="application/json")


async def read(request: web.Request) -> None:
    """Takes the whole body in before anything is decided about it."""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        uploads = [part for part in form.values() if isinstance(part, web.FileField)]
        for part in uploads:
            part.file.close()
        request[FILES] = [part.filename for part in uploads]
        payload = form.get("payload_json", "{}")
        request[RAW] = payload.encode() if isinstance(payload, str) else b"{}"
    else:
        request[RAW] = await request.read()


async def parsed(request: web.Request) -> object:
    """The JSON of the body: 50035 for a wrong content type, 50109 for broken JSON."""
    if request.content_type not in _TYPES:
        form = Form()
        message = f'Expected "Content-Type" header to be one of {_TYPES}.'
        form.add((), "CONTENT_TYPE_INVALID", message)
        form.check()
    try:
        return json.loads(request[RAW])
    except ValueError:
        raise Refusal(50109) from None


async def json_of(request: web.Request) -> Json:
    body = await parsed(request)
    if isinstance(body, dict):
        return body
    form = Form()
    form.model(())
    raise Refusal(50035, errors=form.errors)


def files_of(request: web.Request, ids: Snowflakes) -> list[Json]:
    """The uploads of a request as attachments."""
    return [attachment(ids.next(), name) for name in request.get(FILES, [])]


def attachment(identity: str, name: str) -> Json:
    """Links to attachments are signed and expire on Discord; here they lead nowhere."""
    path = f"attachments/{identity}/{name}?ex=0&is=0&hm=0"
    return {
        "id": identity,
        "filename": name,
        "size": 1,
        "url": f"https://cdn.invalid/{path}",
        "proxy_url": f"https://media.invalid/{path}",
    }


def limit_of(request: web.Request, usual: int = 50, most: int = 100) -> int:
    given = request.query.get("limit", str(usual))
    form = Form()
    if not given.lstrip("-").isdecimal():
        form.number(("limit",), given, 1, most)
    else:
        form.number(("limit",), int(given), 1, most)
    form.check()
    return int(given)
