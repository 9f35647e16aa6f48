"""When two addresses, or two offers, are one article, and when they are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.feeds.canonical import canonical, keys, untracked
from bot.model import Found

POST = "https://news.example/post"
SOURCE = "https://news.example/feed.xml"
FOUND = Found(
    key="n-1",
    url=POST,
    title="Alibaba releases Qwen 4 with open weights",
    published=1_777_000_000,
)


@pytest.mark.parametrize(
    "same",
    [
        "http://news.example/post", "https://www.news.example/post", "https://NEWS.example:443/post",
        "http://news.example:80/post/", "https://news.example//a/../post",
        " https://news.example/post ",
        "https://news.example/post?utm_source=rss&utm_medium=feed", "https://news.example/post?ref=hn",
        "https://news.example/post?fbclid=x&gclid=y&mc_cid=z", "https://news.example/post#comments",
        "https://news.example/post#:~:text=open%20weights", "https://news.example/post?source=rss-a",
        "https://news.example/post/amp", "https://news.example/post?amp=1", "https://amp.news.example/post",
        "https://www.google.com/amp/s/news.example/post",
        "https://news-example.cdn.ampproject.org/c/s/news.example/post",
        "https://news.example/post#.VtCA1eS6FaQ", "https://news.example./post",
    ],
)  # fmt: skip
def test_one_article_has_one_address(same: str) -> None:
    assert canonical(same) == POST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/?p=1", "https://a.example/?p=2"),
        ("https://a.example/?2026-05-30", "https://a.example/?2026-05-31"),
        ("https://a.example/news?uid=1", "https://a.example/news?uid=2"),
        ("https://a.example/log#v1.2", "https://a.example/log#v1.3"),
        ("https://a.example/?source=openai", "https://a.example/?source=google"),
        ("https://a.example/Post", "https://a.example/post"),
        ("https://a.example:8443/x", "https://a.example/x"),
        ("https://blog.a.example/x", "https://a.example/x"),
        ("https://youtu.be/aaaaaaaaaaa", "https://youtu.be/bbbbbbbbbbb"),
    ],
)
def test_two_articles_stay_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://arxiv.org/pdf/2401.00001v3.pdf", "https://arxiv.org/abs/2401.00001"),
        ("http://export.arxiv.org/abs/2401.00001v1", "https://arxiv.org/abs/2401.00001"),
        ("https://arxiv.org/html/2401.00001v2/", "https://arxiv.org/abs/2401.00001"),
        ("https://huggingface.co/papers/2401.00001", "https://arxiv.org/abs/2401.00001"),
        ("https://arxiv.org/abs/cs/0501001v2", "https://arxiv.org/abs/cs/0501001"),
        ("https://twitter.com/a/status/1?s=20&t=x", "https://x.com/a/status/1"),
        ("https://youtu.be/dQw4w9WgXcQ?si=a", "https://youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://m.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "https://youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://a.example/?b=2&a=1", "https://a.example/?a=1&b=2"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://a.example", "https://a.example/"),
    ],
)  # fmt: skip
def test_well_known_sites_have_one_form(url: str, known: str) -> None:
    assert canonical(url) == known
    assert canonical(known) == known


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://a.example/", "javascript:alert(1)", "http://[::1", "https://", "http://a:b"],
)
def test_what_is_no_web_address_has_no_canonical_one(url: str) -> None:
    assert canonical(url) == ""


def meets(one: Found, other: Found, *sources: str) -> bool:
    """Whether a known article is recognised in another offer."""
    here, there = (sources or (SOURCE, SOURCE))[:2]
    return not set(keys(one, here)).isdisjoint(keys(other, there))


def test_an_article_is_known_again_by_any_of_its_identities() -> None:
    assert meets(FOUND, replace(FOUND, key="other guid", title="Another title"))
    assert meets(FOUND, replace(FOUND, url="https://moved.example/", title="Another title"))
    assert meets(FOUND, replace(FOUND, key="other guid", url="https://moved.example/x"))


def test_a_feed_that_moves_to_https_posts_nothing_again() -> None:
    old = replace(FOUND, url="", title="Qwen 4")
    assert meets(old, old, "http://www.news.example/feed.xml", SOURCE)


def test_a_guid_means_something_in_its_own_feed_only() -> None:
    other = Found(key="n-1", url="https://other.example/x", title="Rain", published=1)
    assert not meets(FOUND, other, SOURCE, "https://other.example/feed")


def test_short_titles_are_shared_by_different_articles() -> None:
    one = Found(key="1", url="https://a.example/v2", title="Release v2", published=1_777_000_000)
    other = replace(one, key="2", url="https://b.example/v2")
    assert not meets(one, other, "https://a.example/feed", "https://b.example/feed")
    assert meets(
        one, replace(other, title="release V2"), "https://a.example/feed", "https://a.example/feed"
    )
    assert not meets(one, replace(other, published=1_777_000_060), SOURCE, SOURCE)


def test_the_same_headline_on_another_day_is_another_article() -> None:
    later = replace(FOUND, key="2", url="https://b.example/x", published=1_777_000_000 + 86400)
    assert not meets(FOUND, later)


def test_a_new_version_of_a_paper_is_the_same_paper() -> None:
    first = Found(key="oai:arXiv.org:2203.01250v1", url="", title="A", published=0)
    assert meets(first, replace(first, key="oai:arXiv.org:2203.01250v3", title="B"))


def test_a_front_page_and_a_missing_date_identify_nothing() -> None:
    found = Found(
        key="", url="https://a.example/", title="A title of five or six words", published=0
    )
    assert keys(found, SOURCE) == ()


def test_where_the_page_was_found_in_the_end_is_an_identity_too() -> None:
    through = replace(FOUND, key="2", url="https://short.example/x", title="Other")
    assert set(keys(FOUND, SOURCE)) & set(keys(through, SOURCE, page_url=POST))


def test_identities_are_short_whatever_was_found() -> None:
    long = Found(
        key="k" * 5000, url="https://a.example/" + "a" * 1900, title="t " * 900, published=9e99
    )
    assert all(len(key) <= 404 for key in keys(long, SOURCE))


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://a.example/x?utm_source=rss&id=7&fbclid=9", "https://a.example/x?id=7"),
        ("https://a.example/x?utm_source=rss#part", "https://a.example/x#part"),
        ("https://www.a.example/x/?q=a%20b", "https://www.a.example/x/?q=a%20b"),
        ("http://a.example/?p=1&&x", "http://a.example/?p=1&&x"),
        ("https://[half/?utm_id=1", "https://[half/?utm_id=1"),
        ("", ""),
    ],
)
def test_a_link_is_shown_as_it_was_written_but_for_its_trackers(link: str, shown: str) -> None:
    assert untracked(link) == shown
