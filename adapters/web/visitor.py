"""Who writes on the pages: a browser with a random cookie, known to the core by its hash only.

The same cookie makes the token that our forms carry, so that no other site can know it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from adapters.web.site import SITE

_YEAR = 365 * 86400


@dataclass(frozen=True, slots=True)
class Visitor:
    """`id` may be stored; `token` goes into forms; the cookie itself is a secret."""

    cookie: str
    new: bool = False

    @property
    def id(self) -> str:
        return _hashed("person", self.cookie)

    @property
    def token(self) -> str:
        return _hashed("form", self.cookie)


def _hashed(what: str, cookie: str) -> str:
    return hashlib.sha256(f"{what}:{cookie}".encode()).hexdigest()[:32]


def visitor(request: web.Request) -> Visitor:
    """Who asks; somebody new if the browser brought no cookie of ours."""
    cookie = request.cookies.get(_name(request), "")
    if re.fullmatch(r"[\w-]{40,64}", cookie):
        return Visitor(cookie)
    return Visitor(secrets.token_urlsafe(32), new=True)


def greet(request: web.Request, response: web.StreamResponse, who: Visitor) -> None:
    """Give somebody new their cookie."""
    if who.new:
        response.set_cookie(
            _name(request),
            who.cookie,
            max_age=_YEAR,
            path="/",
            secure=_is_secure(request),
            httponly=True,
            samesite="Lax",
        )


def writer(request: web.Request, form: Mapping[str, str]) -> Visitor:
    """Who sent this form; raises unless it was made for the same browser."""
    who = visitor(request)
    if who.new or not hmac.compare_digest(form.get("token", "").encode(), who.token.encode()):
        raise web.HTTPForbidden(
            text="This form has expired, or your browser keeps no cookies. Nothing was stored: "
            "go back, reload the page and send it again."
        )
    return who


def _is_secure(request: web.Request) -> bool:
    return request.app[SITE].bot.base_url.startswith("https://")


def _name(request: web.Request) -> str:
    # The prefix makes browsers refuse a cookie that a sister site planted; it needs HTTPS.
    return "__Host-botbeat" if _is_secure(request) else "botbeat"
