"""The local channels: reports as cards, threads that stay in step, answers to one person."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters import web
from bot.message import Message
from bot.model import Channel, MessageRef
from tests.chats import looked_for
from tests.pages import Installation, Page, Reader, installation


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[Installation]:
    async with installation(sqlite_url, demo=True) as house:
        yield house


@pytest.fixture
async def you(house: Installation) -> AsyncIterator[Reader]:
    async with Reader(house.address) as reader:
        yield reader


async def types(you: Reader, text: str, room: str = "ai-news") -> Page:
    return await you.sends(await you.opens("/"), f"/chat/{room}/command", text=text)


async def pane(you: Reader, room: str) -> str:
    return (await you.opens(f"/chat/{room}")).html


async def test_the_first_page_of_the_demo_shows_channels_and_news_side_by_side(
    house: Installation, you: Reader
) -> None:
    for number in range(22):
        house.news(f"Report {number}")
    page = await you.opens("/")
    assert 'id="scroll-ai-news"' in page.html
    assert 'id="scroll-research"' in page.html
    assert page.html.count('<li class="row"') == 20
    assert (await you.opens("/chat")).html.count('<li class="row"') == 20


async def test_a_report_is_in_a_channel_when_it_is_delivered_and_not_before(
    house: Installation, you: Reader
) -> None:
    number = house.news("Qwen 4 released")
    assert "Qwen 4 released" not in await pane(you, "ai-news")
    await house.delivers(number)
    shown = await pane(you, "ai-news")
    assert shown.count("Qwen 4 released</a>") == 1
    assert "Why here?" in shown
    assert "Qwen 4 released" not in await pane(you, "research")


async def test_a_report_opens_beside_the_channels(house: Installation, you: Reader) -> None:
    number = await house.open_report("Qwen 4 released")
    page = await you.opens(f"/?report={number}")
    assert "Key Takeaways" in page.html
    assert 'id="scroll-ai-news"' in page.html
    assert (await you.opens("/?report=12")).status == 404
    assert (await you.opens(f"/?report={'9' * 30}")).status == 200


async def test_the_news_beside_the_channels_can_be_searched(
    house: Installation, you: Reader
) -> None:
    house.news("Qwen 4 released")
    house.news("Gemini 4 released", companies=("google",))
    page = await you.opens("/?q=qwen")
    assert "<mark>Qwen</mark> 4 released" in page.html
    assert "Gemini 4 released" not in page.html


async def test_a_comment_in_one_channel_is_a_copy_in_the_other(
    house: Installation, you: Reader
) -> None:
    number = await house.open_report()
    house.chooses("share", page=True, room="research")
    await house.delivers(number, to="research")
    page = await you.opens("/")
    await you.sends(page, f"/chat/ai-news/reports/{number}/comments", text="Impressive!")
    left, right = await pane(you, "ai-news"), await pane(you, "research")
    assert "Impressive!" in left
    assert "Impressive!" not in right, "a copy is there only once it was delivered"
    await house.settle()
    right = await pane(you, "research")
    assert "You in #ai-news" in right
    assert "Impressive!" in right
    assert "/delete" in left
    assert "/delete" not in right


async def test_an_edit_and_a_deletion_reach_the_other_channel(
    house: Installation, you: Reader
) -> None:
    number = await house.open_report()
    house.chooses("share", page=True, room="research")
    await house.delivers(number, to="research")
    page = await you.sends(
        await you.opens("/"), f"/chat/ai-news/reports/{number}/comments", text="Impresive!"
    )
    await house.settle()
    page = await you.sends(page, "/edit", text="Impressive!")
    assert "an edit is on its way" in await pane(you, "research")
    await house.settle()
    right = await pane(you, "research")
    assert "Impressive!" in right
    assert "an edit is on its way" not in right
    await you.sends(page, "/delete")
    assert "Impressive!" not in await pane(you, "research")


async def test_a_reply_sent_twice_is_one_comment(house: Installation, you: Reader) -> None:
    number = await house.open_report()
    page = await you.opens("/")
    for _ in range(2):
        await you.sends(page, f"/chat/ai-news/reports/{number}/comments", text="Impressive!")
    assert house.comments(number) == ["You in #ai-news: Impressive!"]


async def test_a_channel_without_comments_offers_no_box_for_them(
    house: Installation, you: Reader
) -> None:
    await house.open_report()
    assert "Reply in the thread" in await pane(you, "ai-news")
    house.chooses("off", page=False)
    assert "Reply in the thread" not in await pane(you, "ai-news")


async def test_an_answer_is_for_the_asker_alone(house: Installation, you: Reader) -> None:
    house.news("Qwen 4 released")
    page = await types(you, "/botbeat qwen")
    assert "Only you can see this" in page.html
    assert "1 report" in page.html
    async with Reader(house.address) as somebody:
        other = await somebody.opens("/")
        assert "Only you can see this" not in other.html
    cleared = await you.sends(page, "/chat/ai-news/clear")
    assert "Only you can see this" not in cleared.html


async def test_only_the_newest_answer_is_shown(house: Installation, you: Reader) -> None:
    for number in range(12):
        house.news(f"Qwen number {number} released")
    page = await types(you, "/botbeat qwen")
    assert page.html.count('<div class="answer"') == 1
    page = await you.sends(page, "/chat/ai-news/command", press="page:2 qwen", text="")
    assert page.html.count('<div class="answer"') == 1
    page = await types(you, "/botbeat list")
    assert page.html.count('<div class="answer"') == 1
    assert "<code>list</code>" in page.html
    assert "page:2 qwen</code>" not in page.html


async def test_a_command_in_a_hurry_is_answered_in_its_pane(sqlite_url: str) -> None:
    limits = web.Limits(writes=2, writes_a_second=0.01)
    async with (
        installation(sqlite_url, demo=True, limits=limits) as house,
        Reader(house.address) as you,
    ):
        for _ in range(3):
            page = await types(you, "/botbeat subscribe")
        assert page.status == 200
        assert "Please wait 1" in page.html
        assert "Nothing was changed." in page.html
        assert "<code>/botbeat subscribe</code>" in page.html
        form = page.form("/chat/ai-news/command")
        script = {"Origin": house.address, "Sec-Fetch-Mode": "cors"}
        address = house.address + form.action
        async with you.session.post(address, data=form.fields, headers=script) as answer:
            assert answer.status == 429
            assert "data-problem" in await answer.text()
        pressed = await you.sends(page, "/demo/worker", run="stop")
        assert pressed.status == 429
        assert house.switch.running


@pytest.mark.parametrize("text", ["", "w" * 4001], ids=["empty", "long"])
async def test_a_reply_that_cannot_be_posted_is_refused_in_plain_words(
    house: Installation, you: Reader, text: str
) -> None:
    number = await house.open_report()
    page = await you.opens("/")
    refused = await you.sends(page, f"/chat/ai-news/reports/{number}/comments", text=text)
    assert refused.status == 422
    assert "<h1>That cannot be posted.</h1>" in refused.html
    assert "nothing was stored" in refused.html
    assert house.comments(number) == []


@pytest.mark.parametrize("typed", ["hello there", "", "/weather", "/botbeatqwen"])
async def test_talk_outside_threads_is_answered_with_a_hint(
    house: Installation, you: Reader, typed: str
) -> None:
    page = await types(you, typed)
    assert "/botbeat" in page.html
    assert "begin with" in page.html or "what you look for" in page.html


async def test_after_a_form_the_reader_is_where_they_were(house: Installation, you: Reader) -> None:
    number = await house.open_report()
    page = await you.opens(f"/?report={number}")
    page = await you.sends(page, "/chat/research/command", text="/botbeat help")
    assert f"report={number}" in page.url
    assert "tab=research" in page.url
    page = await you.sends(
        page, "/chat/research/command", text="/botbeat help", back="//evil.example?x=y&q=z"
    )
    assert page.url.startswith(house.address + "/?")
    assert "evil" not in page.url


async def test_the_worker_is_paused_and_resumed_by_a_button(
    house: Installation, you: Reader
) -> None:
    page = await you.opens("/")
    assert "Pause the worker" in page.html
    page = await you.sends(page, "/demo/worker", run="stop")
    assert not house.switch.running
    assert "Resume" in page.html
    page = await you.sends(page, "/demo/worker", run="start")
    assert house.switch.running
    assert "Pause the worker" in page.html


async def test_what_waits_to_be_delivered_is_counted(house: Installation, you: Reader) -> None:
    await house.delivers()
    assert "Nothing waiting" in (await you.opens("/demo/status")).html
    with house.store.write() as tx:
        number = 1
        tx.deliveries.want(house.channel("ai-news"), "report", number, number, 1)
    status = (await you.opens("/demo/status")).html
    assert "1 <span>delivery</span> waiting" in status


@pytest.mark.parametrize("path", ["/chat/nowhere", "/chat/nowhere/command"])
async def test_an_unknown_channel_is_no_channel(
    house: Installation, you: Reader, path: str
) -> None:
    page = await you.opens("/")
    if path.endswith("command"):
        page.form("/chat/ai-news/command")
        address = house.address + path
        token = page.form("/chat/ai-news/command").fields["token"]
        async with you.session.post(
            address, data={"token": token, "text": "x"}, headers={"Origin": house.address}
        ) as answer:
            assert answer.status == 404
    else:
        assert (await you.opens(path)).status == 404


async def test_a_post_to_a_local_channel_has_no_effect_outside(house: Installation) -> None:
    channel = Channel("local", "ai-news")
    for _ in range(2):
        ref = await house.chat.post(channel, Message(), None, "k" * 24)
        assert ref == MessageRef(channel, "k" * 24)
    assert await looked_for(house.chat, channel, None, "k" * 24, 0) is None
    await house.chat.delete(ref)


async def test_an_answer_for_all_is_seen_by_all(house: Installation, you: Reader) -> None:
    house.chat.say("research", Message("Ada subscribed to **qwen**."))
    async with Reader(house.address) as somebody:
        assert "Ada subscribed to <strong>qwen</strong>." in await pane(somebody, "research")


async def test_a_change_is_told_to_all_in_the_channel(house: Installation, you: Reader) -> None:
    await types(you, "/botbeat subscribe company:alibaba")
    async with Reader(house.address) as somebody:
        seen = await pane(somebody, "ai-news")
    assert "changed what BotBeat does here: subscribe company:alibaba" in seen


async def test_without_the_demo_the_channels_have_a_page_of_their_own(sqlite_url: str) -> None:
    async with installation(sqlite_url) as house, Reader(house.address) as reader:
        house.news("Qwen 4 released")
        assert "scroll-ai-news" not in (await reader.opens("/")).html
        page = await reader.opens("/chat")
        assert "scroll-ai-news" in page.html
        assert "Pause the worker" not in page.html
        answer = await reader.sends(page, "/chat/ai-news/command", text="/botbeat qwen")
        assert answer.url.startswith(house.address + "/chat?")
