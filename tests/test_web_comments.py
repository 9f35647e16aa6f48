"""What people write on a report's page: stored once, shown safely, theirs to change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from bot import reading
from bot.model import MessageRef, Person
from tests.pages import Installation, Page, Reader, installation


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[Installation]:
    async with installation(sqlite_url) as house:
        yield house


@pytest.fixture
async def ada(house: Installation) -> AsyncIterator[Reader]:
    async with Reader(house.address) as reader:
        yield reader


async def says(who: Reader, number: int, text: str, name: str = "Ada", **fields: str) -> Page:
    page = await who.opens(f"/reports/{number}")
    return await who.sends(page, "/comments", text=text, name=name, **fields)


async def test_a_comment_is_on_the_page_and_in_the_channel(
    house: Installation, ada: Reader
) -> None:
    number = await house.open_report()
    page = await says(ada, number, "Impressive!")
    assert page.url.endswith(f"/reports/{number}")
    assert house.comments(number) == ["Ada: Impressive!"]
    assert "Impressive!" in page.html
    await house.settle()
    (report,) = reading.channel_view(house.store, house.channel("ai-news")).reports
    assert [(line.kind, line.comment.text) for line in report.thread] == [("copy", "Impressive!")]


async def test_a_form_sent_twice_is_one_comment(house: Installation, ada: Reader) -> None:
    number = await house.open_report()
    page = await ada.opens(f"/reports/{number}")
    await asyncio.gather(
        *(ada.sends(page, "/comments", text="Impressive!", name="Ada") for _ in range(4))
    )
    assert house.comments(number) == ["Ada: Impressive!"]


async def test_its_author_edits_and_deletes_a_comment(house: Installation, ada: Reader) -> None:
    number = await house.open_report()
    page = await says(ada, number, "Impresive!")
    page = await ada.sends(page, "/edit", text="Impressive!")
    assert house.comments(number) == ["Ada: Impressive!"]
    assert "edited" in page.html
    page = await ada.sends(page, "/delete")
    assert house.comments(number) == []
    assert "Impressive!" not in page.html


async def test_nobody_else_can_change_a_comment(house: Installation, ada: Reader) -> None:
    number = await house.open_report()
    hers = await says(ada, number, "Mine.")
    async with Reader(house.address) as bob:
        his = await bob.opens(f"/reports/{number}")
        assert "/edit" not in his.html
        token = his.form("/comments").fields["token"]
        for action in ("/edit", "/delete"):
            refused = await bob.sends(hers, action, text="Not mine.", token=token)
            assert refused.status == 403
            assert "Only its author" in refused.html
    assert house.comments(number) == ["Ada: Mine."]


async def test_the_name_is_remembered_for_the_next_comment(
    house: Installation, ada: Reader
) -> None:
    number = await house.open_report()
    await says(ada, number, "First.", name="Ada Lovelace")
    page = await ada.opens(f"/reports/{number}")
    assert page.form("/comments").fields["name"] == "Ada Lovelace"


@pytest.mark.parametrize(
    ("text", "name", "answer"),
    [
        ("  ", "Ada", "Write something first"),
        ("Words.", " ", "Add the name"),
        ("Words.", "A" * 61, "at most 60 characters"),
        ("w" * 4001, "Ada", "4,001 characters; a comment has at most 4,000"),
    ],
    ids=["no words", "no name", "long name", "long comment"],
)
async def test_what_cannot_be_stored_stays_in_the_box(
    house: Installation, ada: Reader, text: str, name: str, answer: str
) -> None:
    number = await house.open_report()
    page = await says(ada, number, text, name)
    assert page.status == 422
    assert answer in page.html
    assert page.form("/comments").fields["text"].strip() == text.strip()
    assert house.comments(number) == []
    stored = await ada.sends(page, "/comments", text="Words.", name="Ada")
    assert stored.status == 200
    assert house.comments(number) == ["Ada: Words."]


async def test_a_report_that_no_channel_shares_takes_no_comments(
    house: Installation, ada: Reader
) -> None:
    open_one = await house.open_report()
    form = await ada.opens(f"/reports/{open_one}")
    house.chooses("read", page=False)
    assert "Post comment" not in (await ada.opens(f"/reports/{open_one}")).html
    refused = await ada.sends(form, "/comments", text="Hello?", name="Ada")
    assert refused.status == 409
    assert house.comments(open_one) == []


@pytest.mark.parametrize(
    ("comments", "page", "shown"),
    [("share", True, True), ("share", False, False), ("read", True, False)],
)
async def test_words_from_a_channel_stand_on_the_page_only_if_it_chose_so(
    house: Installation, ada: Reader, comments: str, page: bool, shown: bool
) -> None:
    number = await house.open_report()
    house.chooses("share", page=True)
    await house.bot.comment_posted(
        MessageRef(house.channel("ai-news"), "m1"),
        house.root(number, "ai-news"),
        Person("local", "grace", "Grace"),
        "Only among us.",
        time.time(),
    )
    house.chooses("share" if comments == "share" else "read", page=page)
    answer = await ada.opens(f"/reports/{number}")
    assert ("Only among us." in answer.html) is shown
    assert ("Grace" in answer.html) is shown
    assert (answer.headers.get("X-Robots-Tag") == "noindex") is shown


async def test_each_comment_has_its_own_address(house: Installation, ada: Reader) -> None:
    number = await house.open_report()
    page = await says(ada, number, "Impressive!")
    view = reading.report(house.store, number)
    assert view is not None
    assert f'id="c-{view.comments[0].key}"' in page.html


async def test_the_cookie_is_nothing_that_can_be_read_from_the_database(
    house: Installation, ada: Reader
) -> None:
    number = await house.open_report()
    page = await says(ada, number, "Impressive!")
    (cookie,) = ada.session.cookie_jar
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    view = reading.report(house.store, number)
    assert view is not None
    assert view.comments[0].author.id not in cookie.value
    assert cookie.value not in page.html
    assert view.comments[0].author.id not in page.html


async def test_over_https_the_cookie_stays_there(sqlite_url: str) -> None:
    async with (
        installation(sqlite_url, base_url="https://news.example") as house,
        Reader(house.address) as reader,
    ):
        number = await house.open_report()
        cookie = (await reader.opens(f"/reports/{number}")).headers["Set-Cookie"]
        assert cookie.startswith("__Host-botbeat=")
        assert "Secure" in cookie
