"""Services with answers of their own: GitHub's releases, Hugging Face's papers, and arXiv."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.feeds.canonical import canonical, keys
from adapters.feeds.feed import Feed, NotAFeed
from adapters.feeds.parse import parse
from adapters.feeds.services import better
from bot.model import Found

RELEASES = "https://api.github.com/repos/example/qwen-serve/releases?per_page=30"
PAPERS = "https://huggingface.co/api/daily_papers?limit=50"
ARXIV = "https://export.arxiv.org/api/query?search_query=cat:cs.CL"


def release(**changes: Any) -> dict[str, Any]:
    return {
        "id": 9, "tag_name": "v4.0.0", "name": "v4.0.0", "draft": False, "prerelease": False,
        "html_url": "https://github.com/example/qwen-serve/releases/tag/v4.0.0",
        "published_at": "2026-04-24T03:06:40Z", "created_at": "2026-04-23T03:06:40Z",
        "body": "## Highlights\r\n* **Fast**: see [the notes](https://a.example/n).\r\n\r\nThanks!",
        "author": {"login": "ada"},
    } | changes  # fmt: skip


def paper(**changes: Any) -> dict[str, Any]:
    inner = {
        "id": "2604.01234", "title": "Open weights\n at scale", "summary": "We show it.",
        "authors": [{"name": "Ada"}, {"name": "Grace"}], "upvotes": 41,
        "submittedOnDailyAt": "2026-04-24T03:06:40.000Z", "publishedAt": "2026-04-01T00:00:00Z",
    } | changes  # fmt: skip
    return {"title": "outside", "publishedAt": "2026-04-01T00:00:00Z", "paper": inner}


def read(data: object, url: str) -> Feed:
    return parse(json.dumps(data).encode(), url, "application/json")


def test_a_release_is_news_under_the_name_of_its_project() -> None:
    feed = read([release()], RELEASES)
    assert (feed.title, feed.link) == (
        "example/qwen-serve releases",
        "https://github.com/example/qwen-serve/releases",
    )
    assert feed.entries == (
        Found(
            key="v4.0.0",
            url="https://github.com/example/qwen-serve/releases/tag/v4.0.0",
            title="qwen-serve v4.0.0",
            published=1_777_000_000,
            text="Highlights\nFast: see the notes.\nThanks!",
            author="ada",
        ),
    )
    assert read([release(name="Qwen-Serve 4")], RELEASES).entries[0].title == "Qwen-Serve 4"
    assert read([release(name=None)], RELEASES).entries[0].title == "qwen-serve v4.0.0"


def test_drafts_and_previews_are_no_releases() -> None:
    feed = read([release(draft=True), release(prerelease=True, tag_name="v5-rc1")], RELEASES)
    assert feed.entries == ()


def test_a_daily_paper_is_the_paper_with_its_votes() -> None:
    (found,) = read([paper()], PAPERS).entries
    assert found == Found(
        key="2604.01234",
        url="https://arxiv.org/abs/2604.01234",
        title="Open weights at scale",
        published=1_777_000_000,
        text="We show it.",
        author="Ada, Grace",
        lang="en",
        discussion="https://huggingface.co/papers/2604.01234",
        points=41,
    )
    elsewhere = Found("oai:arXiv.org:2604.01234v2", "http://arxiv.org/abs/2604.01234v2", "", 0)
    assert set(keys(found, PAPERS)) & set(keys(elsewhere, "https://rss.arxiv.org/rss/cs.CL"))


@pytest.mark.parametrize("url", [RELEASES, PAPERS])
@pytest.mark.parametrize(
    "data",
    [{"message": "API rate limit exceeded"}, "text", 7, None, {"version": "jsonfeed.org"}],
)
def test_another_answer_is_refused_in_plain_words(url: str, data: object) -> None:
    with pytest.raises(NotAFeed, match=r"it is (not a list of|neither)"):
        read(data, url)


@pytest.mark.parametrize("url", [RELEASES, PAPERS])
def test_rows_that_make_no_sense_are_left_out(url: str) -> None:
    odd: list[object] = [None, 7, "x", [], {}, {"paper": 3}, {"paper": {"id": "../../x"}}]
    odd += [release(html_url="javascript:alert(1)"), paper(id="not a number")]
    assert read(odd, url).entries == ()
    strange = {"published_at": 5, "created_at": [], "body": {}, "author": [], "name": 3}
    assert [one.title for one in read([release(**strange)], RELEASES).entries] == [
        "qwen-serve v4.0.0"
    ]
    (found,) = read([paper(upvotes="many", authors="Ada", summary=None)], PAPERS).entries
    assert (found.points, found.author) == (0, "")


@pytest.mark.parametrize(
    ("known", "meant"),
    [
        ("https://github.com/example/qwen-serve", RELEASES),
        ("https://www.github.com/example/qwen-serve/", RELEASES),
        ("https://github.com/example/qwen-serve/releases", RELEASES),
        ("https://github.com/example/qwen-serve/releases.atom", RELEASES),
        ("https://huggingface.co/papers", PAPERS),
        (
            "https://arxiv.org/list/cs.CL/recent",
            f"{ARXIV}&sortBy=submittedDate&sortOrder=descending&max_results=50",
        ),
        ("https://github.com/topics/llm", "https://github.com/topics/llm"),
        ("https://github.com/example/x/issues", "https://github.com/example/x/issues"),
        ("https://huggingface.co/papers/2604.01234", "https://huggingface.co/papers/2604.01234"),
        ("https://blog.example/releases", "https://blog.example/releases"),
        ("https://[half/a/b", "https://[half/a/b"),
    ],
)
def test_an_address_that_people_know_leads_to_the_one_for_programs(known: str, meant: str) -> None:
    assert better(known) == meant


def listing(*items: str) -> bytes:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom">'
        f"<channel><title>cs.CL updates on arXiv.org</title>{''.join(items)}</channel></rss>"
    ).encode()


def announced(number: str, kind: str) -> str:
    return (
        f"<item><title>Paper {number}</title><link>https://arxiv.org/abs/{number}</link>"
        f"<guid isPermaLink='false'>oai:arXiv.org:{number}</guid>"
        f"<arxiv:announce_type>{kind}</arxiv:announce_type></item>"
    )


def test_a_new_version_of_an_old_paper_is_no_news() -> None:
    items = [announced(f"2604.0123{n}v{n}", kind) for n, kind in
             enumerate(("new", "cross", "replace", "replace-cross"), 1)]  # fmt: skip
    feed = parse(listing(*items), "https://rss.arxiv.org/rss/cs.CL")
    assert [one.key for one in feed.entries] == ["2604.01231", "2604.01232"]


def atom(entry: str) -> bytes:
    head = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv</title>'
    return f"{head}{entry}</feed>".encode()


def test_a_paper_is_the_same_whatever_its_version() -> None:
    """https://info.arxiv.org/help/api/user-manual.html"""
    for version in (1, 3):
        number = f"http://arxiv.org/abs/2604.01234v{version}"
        entry = f"<entry><id>{number}</id><title>Open</title><link href='{number}'/></entry>"
        (found,) = parse(atom(entry), ARXIV).entries
        assert found.key == "2604.01234"
        assert canonical(found.url) == "https://arxiv.org/abs/2604.01234"


def test_an_error_that_comes_as_an_entry_is_none() -> None:
    error = (
        "<entry><id>http://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title>"
        "<summary>incorrect id format for 1234</summary></entry>"
    )
    with pytest.raises(NotAFeed, match="arXiv says: incorrect id format for 1234"):
        parse(atom(error), ARXIV)
    assert parse(atom(error), "https://blog.example/feed").entries[0].title == "Error"
