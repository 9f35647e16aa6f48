"""What stands between the internet and the pages: headers, origins, rates, and plain errors.

Nothing that changes something is done for a form of another site, whatever cookies come along.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.site import SITE, Site, draw

LARGEST_FORM = 16_000
"""Bytes; a comment is far smaller."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    # With `no-referrer` browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = ("GET", "HEAD", "OPTIONS")
_WORDS = {
    400: "That was not understood.",
    403: "That is not allowed.",
    404: "There is nothing at this address.",
    405: "That cannot be done at this address.",
    408: "That took too long.",
    409: "That cannot be posted.",
    411: "That cannot be posted.",
    413: "That cannot be posted.",
    415: "That cannot be posted.",
    422: "That cannot be posted.",
    429: "That was a little fast.",
    500: "Something broke on our side.",
    503: "There is no room just now.",
}
SAYS_SO_ITSELF = "says-so-itself"
"""The name of the routes that answer somebody in a hurry in their own way."""

REFUSAL = web.RequestKey("refusal", str)
"""Where such a route finds in the request why nothing may be done for it."""

_log = logging.getLogger(__name__)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def guard(outside: Collection[str]) -> Middleware:
    """The middleware for all pages but those under the prefixes `outside`.

    Other adapters answer there, to callers that prove who they are in their own way.
    """
    buckets = Buckets()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if any(request.path.startswith(prefix + "/") for prefix in outside):
            return await handler(request)
        try:
            _keep_pace(request, buckets)
            if request.method not in _SAFE:
                refuse_other_sites(request, request.app[SITE].bot.base_url)
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return explain(request, error)
        except ConnectionResetError:
            # The browser went away, which is no fault.
            raise
        except Exception:
            _log.exception("a page failed: %s %s", request.method, request.path)
            return explain(request, web.HTTPInternalServerError())

    return middleware


def explain(request: web.Request, error: web.HTTPException) -> web.Response:
    """The one error page: what happened in a line, and what to do."""
    own = error.text if error.text != f"{error.status}: {error.reason}" else ""
    context = {
        "status": error.status,
        "words": _WORDS.get(error.status, "That did not work."),
        "advice": own or _advice(error.status),
    }
    response = draw(request, "error.html", context, status=error.status, indexed=False)
    for name in ("Retry-After", "Allow"):
        if name in error.headers:
            response.headers[name] = error.headers[name]
    return response


def _advice(status: int) -> str:
    if status == 404:
        return "The report may have been removed, or the address may have lost a letter."
    if status >= 500:
        return "Nothing that was stored before is lost. Go back and try again in a minute."
    return "Go back, reload the page and try once more."


def refuse_other_sites(request: web.Request, base_url: str) -> None:
    """Raise unless a browser says that one of our own pages sent this, or we know no browser did.

    The address is checked too: a name that an attacker points at 127.0.0.1 is not ours.
    https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
    """
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    ours = _is_ours(request.host, base_url)
    if origin is not None:
        ours = ours and urlsplit(origin).netloc == request.host
    if site is not None:
        ours = ours and site == "same-origin"
    if not ours or (origin is None and site is None):
        raise web.HTTPForbidden(text="This form was sent from another site. Nothing was changed.")


def _is_ours(host: str, base_url: str) -> bool:
    if base_url and host == urlsplit(base_url).netloc:
        return True
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Buckets:
    """How much each address has left, the least recently seen ones forgotten first."""

    def __init__(self, most: int = 10_000) -> None:
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._most = most

    def take(self, key: tuple[str, str], burst: float, rate: float) -> float:
        """Take one; 0, or the seconds until there is one again."""
        now = time.monotonic()
        left, since = self._left.pop(key, (burst, now))
        left = min(burst, left + (now - since) * rate)
        self._left[key] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / rate


def _keep_pace(request: web.Request, buckets: Buckets) -> None:
    site = request.app[SITE]
    limits = site.limits
    if request.method in _SAFE:
        wait = buckets.take((address(request, site), "read"), limits.reads, limits.reads_a_second)
    else:
        wait = buckets.take(
            (address(request, site), "write"), limits.writes, limits.writes_a_second
        )
    if wait:
        seconds = int(wait) + 1
        words = f"Please wait {seconds} s and try again. Nothing was changed."
        if not _says_so_itself(request):
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(seconds)}, text=words)
        request[REFUSAL] = words


def _says_so_itself(request: web.Request) -> bool:
    # Our script shows the line beside the box and keeps what was typed there; a browser without
    # it would leave the page for the error.
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return mode == "navigate" and request.match_info.route.name == SAYS_SO_ITSELF


def address(request: web.Request, site: Site) -> str:
    """Who asks: the address that our own proxies saw, never one that the asker wrote."""
    seen = request.remote or ""
    if site.proxies:
        chain = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        seen = chain[-site.proxies].strip() if len(chain) >= site.proxies else seen
    try:
        known = ipaddress.ip_address(seen)
    except ValueError:
        return seen[:64]
    if known.version == 6:
        # One household has a whole /64.
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


async def form_of(request: web.Request) -> Mapping[str, str]:
    """The fields of a small form; raises what the person should read."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType(text="Please use the form on the page.")
    if request.content_length is None:
        raise web.HTTPLengthRequired(text="Please use the form on the page.")
    if request.content_length > LARGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(
            LARGEST_FORM,
            request.content_length,
            text="That is too long to send. Go back and shorten it; nothing was stored.",
        )
    try:
        async with asyncio.timeout(10):
            fields = await request.post()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="The form did not arrive. Please try again.") from None
    return {name: str(value) for name, value in fields.items()}
