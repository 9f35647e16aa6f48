"""Lists of reports: the newest, a search, a company's; as a page and as the demo's third pane."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from re import Pattern
from urllib.parse import urlencode

from aiohttp import web

from adapters.web import marks
from adapters.web.site import SITE, draw
from adapters.web.words import machine_day
from bot import catalogue, reading
from bot.model import TYPES, Article
from bot.query.language import slug
from bot.wording import plural

MOST_COUNTED = 10_000
TYPE_SLUGS = {slug(name): name for name in TYPES}


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of reports and what was asked: every link of it is made here."""

    front: reading.Front
    q: str = ""
    company: str = ""
    type: str = ""
    home: str = "/"

    @property
    def pattern(self) -> Pattern[str] | None:
        return marks.searched(self.front.query)

    @property
    def count(self) -> str:
        """How many reports match, as people say it; the store counts no further than its cap."""
        total = self.front.total
        return f"{total:,}+ reports" if total >= MOST_COUNTED else plural(total, "report")

    def days(self) -> list[tuple[float, list[Article]]]:
        """The reports by day of publication; in another order than by time, one list."""
        if self.front.query.sort != "new":
            return [(0, list(self.front.articles))]
        groups = groupby(self.front.articles, lambda one: machine_day(one.published))
        days = [list(articles) for _, articles in groups]
        return [(articles[0].published, articles) for articles in days]

    def address(self, path: str = "", **changes: str | int) -> str:
        """This list with something changed; without a `page` among the changes, its first."""
        asked = {"q": self.q, "company": self.company, "type": self.type, **changes}
        kept = {name: value for name, value in asked.items() if value}
        return (path or self.home) + (f"?{urlencode(kept)}" if kept else "")


async def listing(request: web.Request, home: str, company: str = "") -> Listing:
    """The list that an address asks for."""
    site = request.app[SITE]
    asked = request.query
    q = asked.get("q", "").strip()
    company = company or slug(asked.get("company", ""))[:80]
    kind = asked.get("type", "")
    kind = kind if kind in TYPE_SLUGS else ""
    terms = [q, f"company:{company}" if company else "", f"type:{kind}" if kind else ""]
    text = " ".join(term for term in terms if term)
    front = await site.ask(reading.front, site.bot.store, text, page_of(request))
    return Listing(front, q, company, kind, home)


def page_of(request: web.Request) -> int:
    """The page that a link names, or 0: then it is the search's own `page:`, or the first."""
    number = request.query.get("page", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


async def latest(request: web.Request) -> web.Response:
    shown = await listing(request, "/")
    return draw(request, "latest.html", await _surroundings(request, shown))


async def search(request: web.Request) -> web.Response:
    shown = await listing(request, "/search")
    context = await _surroundings(request, shown)
    return draw(request, "search.html", context, indexed=False)


async def part(request: web.Request) -> web.Response:
    """The list on its own, for a page that is open while something changes."""
    home = request.query.get("at", "/")
    pane = "pane" in request.query
    shown = await listing(request, home if home in ("/", "/search", "/chat") else "/")
    return draw(request, "_list.html", {"list": shown, "pane": pane}, indexed=False)


async def company(request: web.Request) -> web.Response:
    """A company's reports; 404 for a name that neither the catalogue nor a report knows."""
    name = request.match_info["slug"]
    known = catalogue.company(name)
    shown = await listing(request, f"/companies/{name}", company=name)
    if not known and not shown.front.total:
        raise web.HTTPNotFound(text=f"No report names a company “{name[:60]}”.")
    context = {"list": shown, "pane": False, "name": name, "company": known, "types": TYPE_SLUGS}
    return draw(request, "company.html", context)


async def companies(request: web.Request) -> web.Response:
    counted = await request.app[SITE].companies()
    return draw(request, "companies.html", {"companies": counted})


async def _surroundings(request: web.Request, shown: Listing) -> dict[str, object]:
    return {
        "list": shown,
        "pane": False,
        "types": TYPE_SLUGS,
        "companies": (await request.app[SITE].companies())[:12],
    }
