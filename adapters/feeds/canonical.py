"""When two addresses are one article: the identities under which an article is known.

Any identity that was seen before makes an article a known one, so a false one loses news. What
might tell two articles apart therefore stays: parameters that no tracker is known to use, and
fragments, by which release notes name their entries.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from w3lib.url import canonicalize_url

from adapters.feeds import arxiv
from bot.model import Found
from bot.query.text import tokens

_PREFIXES = (
    "utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "_hs", "mc_", "ga_", "at_", "wt.",
    "vero_", "oly_", "itm_", "guce_", "__twitter",
)  # fmt: skip
_TRACKERS = frozenset(
    ("fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid",
     "ttclid", "igshid", "igsh", "mkt_tok", "ref", "ref_src", "ref_url", "referrer", "cmp",
     "cmpid", "cmpcid", "ncid", "icid", "ito", "guccounter", "smid", "smtyp", "srnd", "sref",
     "spm", "taid", "s_cid", "share_source", "embedded-checkout", "amp", "outputtype", "feedtype",
     "feedname", "xtor", "__source", "leadsource", "rss", "share_id", "trk", "trkinfo")
)  # fmt: skip
_TRACKERS_AT = {
    "x.com": frozenset({"s", "t"}),
    "youtube.com": frozenset({"si", "feature", "pp", "ab_channel"}),
    "open.spotify.com": frozenset({"si"}),
}
# Medium's own feeds mark their links; elsewhere `source` may name the article.
_SOURCE_OF_FEED = re.compile(r"rss|feed|twitter|facebook|newsletter|email", re.IGNORECASE)
_HOSTS = {
    "twitter.com": "x.com", "mobile.twitter.com": "x.com", "mobile.x.com": "x.com",
    "m.youtube.com": "youtube.com", "export.arxiv.org": "arxiv.org", "old.reddit.com": "reddit.com",
}  # fmt: skip
_ARXIV_PATH = re.compile(rf"/(?:abs|pdf|html|papers)/{arxiv.ID}(?:\.pdf)?/?$", re.ASCII)
_AMP_CACHE = re.compile(r"/(?:amp|c|v)/s/([^/]+\.[^/]+)(/.*)?$")
_AMP_END = re.compile(r"(?<=.)(?:/amp|\.amp|/amp\.html|\.amp\.html)$")
# Where a fragment says how one came, or which part of the page to show.
_NO_IDENTITY = re.compile(r":~:|(?:utm_|tk\.|xtor|ref|rss|comments?\b|respond\b|top\b|\.)", re.I)
# So many words are hardly the title of two articles of one day; `Release v2` may well be.
_OWN_WORDS = 5


def canonical(url: str) -> str:
    """The address without what changes from one link to the next; empty if it is no web address."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        if parts.scheme.lower() not in ("http", "https") or not host:
            return ""
        path, query, fragment = parts.path, parts.query, parts.fragment
        cached = _AMP_CACHE.match(path)
        if cached and (host.endswith(".cdn.ampproject.org") or host.startswith("www.google.")):
            host, path = cached[1].lower(), cached[2] or "/"
        host = _host(host)
        known = _rewritten(host, path, query)
        if known:
            return known
        site = host if port in (None, 80, 443) else f"{host}:{port}"
        whole = f"https://{site}{_path(path)}?{_query(host, query)}#{_fragment(fragment)}"
        return canonicalize_url(whole, keep_fragments=True)
    except ValueError:
        return ""


def untracked(url: str) -> str:
    """The same address without what only says how one came to it."""
    try:
        parts = urlsplit(url)
        if not parts.query:
            return url
        kept = _query(_host(parts.hostname or ""), parts.query)
        # What has no trackers stays as it was written, to the letter.
        whole = len(parse_qsl(parts.query, keep_blank_values=True))
        same = whole == len(parse_qsl(kept, keep_blank_values=True))
        return url if same else parts._replace(query=kept).geturl()
    except ValueError:
        return url


def keys(found: Found, source_url: str, page_url: str = "") -> tuple[str, ...]:
    """All identities of an article: by its source, by its address, by its title and time.

    `page_url` is where its page was found in the end.
    """
    source = canonical(source_url) or source_url
    guid = arxiv.number(found.key) or found.key
    known = [f"guid {_hash(source, guid)}"] if guid else []
    known += [_url_key(address) for url in (found.url, page_url) if (address := canonical(url))
              and _names_an_article(address)]  # fmt: skip
    title = tokens(found.title)
    if found.published and title:
        day = datetime.fromtimestamp(min(found.published, 4e9), UTC).strftime("%Y-%m-%d")
        own = len(title) >= _OWN_WORDS
        where = day if own else f"{source} {found.published:.0f}"
        known.append(f"title {_hash(where, ' '.join(title))}")
    return tuple(dict.fromkeys(known))


def _host(host: str) -> str:
    host = host.lower()
    for prefix in ("www.", "amp."):
        host = host.removeprefix(prefix) if host.count(".") > 1 else host
    return _HOSTS.get(host, host)


def _rewritten(host: str, path: str, query: str) -> str:
    paper = _ARXIV_PATH.match(path) if host in ("arxiv.org", "huggingface.co") else None
    if paper:
        return f"https://arxiv.org/abs/{paper[1]}"
    video = path.strip("/") if host == "youtu.be" else ""
    if host == "youtube.com" and path == "/watch":
        video = dict(parse_qsl(query)).get("v", "")
    return f"https://youtube.com/watch?v={video}" if re.fullmatch(r"[\w-]{6,20}", video) else ""


def _path(path: str) -> str:
    clean = urljoin("https://x/", re.sub(r"/+", "/", path) or "/").removeprefix("https://x")
    return _AMP_END.sub("", clean.rstrip("/")) or "/"


def _query(host: str, query: str) -> str:
    here = _TRACKERS_AT.get(host, frozenset())
    kept = [
        (name, value)
        for name, value in parse_qsl(query.replace("&amp;", "&"), keep_blank_values=True)
        if not _is_tracker(name.lower(), value) and name.lower() not in here
    ]
    return urlencode(kept)


def _is_tracker(name: str, value: str) -> bool:
    if name in ("source", "from", "partner", "mod"):
        return bool(_SOURCE_OF_FEED.match(value))
    return name in _TRACKERS or name.startswith(_PREFIXES)


def _fragment(fragment: str) -> str:
    return "" if _NO_IDENTITY.match(fragment) else fragment.partition(":~:")[0]


def _names_an_article(address: str) -> bool:
    """A front page is not the identity of what stood on it one day."""
    parts = urlsplit(address)
    return bool(parts.path.strip("/") or parts.query or parts.fragment)


def _url_key(address: str) -> str:
    bare = address.removeprefix("https://")
    return f"url {bare}" if len(bare) <= 400 else f"url {_hash(bare)}"


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
