"""What docs/privacy.md says is so: it is the page /privacy, its figures are those of the code, and
each line of its table names a test that there is.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from html import unescape
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Table, select

from adapters import web
from adapters.slack.manifest import manifest
from adapters.terminal.settings import Settings
from adapters.web import visitor
from adapters.writer import judging, llm
from bot import catchup, comments, forgetting
from bot.bot import Bot
from bot.commands import too_long
from bot.model import ChannelSettings
from storage import deliveries
from storage import schema as t
from storage.columns import metadata
from storage.rows import Session
from storage.store import SqlStore, open_store
from tests.processes import free_port, program
from tests.world import World

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
SAID, _, SHOWN_BY = TEXT.partition("<!-- tests -->")
DAY = 86400
QWEN = "Qwen 4 released"


@pytest.fixture
async def shared(world: World) -> World:
    """A report in two channels that share their comments."""
    for side in (world.slack, world.discord):
        await side.types("subscribe comments:share page:on")
    await world.news(QWEN)
    return world


@asynccontextmanager
async def pages(database: str, keep_days: int) -> AsyncIterator[str]:
    """The address of a deployment that keeps comments for so long."""
    with closing(open_store(database)) as store:
        app = web.create(Bot(store), keep_days=keep_days)
        async with web.serve(app, "127.0.0.1", 0) as address:
            yield address


async def opened(address: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(address) as page:
        assert page.status == 200
        return await page.text()


def plain(html: str) -> str:
    """What is read of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def passages(markdown: str) -> list[str]:
    """The headings, paragraphs and points of a text, as they are read."""
    bare = re.sub(r"<!--.*?-->|[`#]", "", markdown)
    linked = re.sub(r"\[([^]]+)\]\([^)]+\)", r" \1 ", bare)
    parts = [" ".join(part.split()) for part in re.split(r"\n\n|^- ", linked, flags=re.M)]
    return [part for part in parts if part]


def told(words: str) -> bool:
    """Whether the text says so, wherever its lines break."""
    return words in " ".join(re.sub(r"<!--.*?-->", "", SAID).split())


def rows(store: SqlStore, table: Table) -> list[str]:
    with store.read() as tx:
        session = tx.__dict__["_session"]
        assert isinstance(session, Session)
        return [str(row) for row in session.connection.execute(select(table))]


async def test_the_page_is_the_text_of_the_documents(sqlite_url: str) -> None:
    async with pages(sqlite_url, 180) as address:
        html = await opened(f"{address}/privacy")
    read = re.sub(r" (?=[.,:;])", "", plain(html))
    all_of_it = [re.sub(r" (?=[.,:;])", "", one) for one in passages(SAID)]
    assert len(all_of_it) > 30
    assert [one for one in all_of_it if one not in read] == []
    headings = re.findall(r"^#+ (.*)$", SAID, re.M)
    assert re.findall(r"<h[12]>(.*?)</h[12]>", html) == headings
    assert '<a href="/contact">Contact Us</a>' in html
    # What is for those who read the code stays there.
    assert "test_" not in html
    assert "&lt;!--" not in html


@pytest.mark.parametrize(
    ("days", "words"), [(7, "are kept for 7 days"), (0, "are kept until they are deleted")]
)
async def test_the_page_says_how_long_this_deployment_keeps_comments(
    sqlite_url: str, days: int, words: str
) -> None:
    async with pages(sqlite_url, days) as address:
        read = plain(await opened(f"{address}/privacy"))
    assert f"Comments {words} after they were written" in read
    assert "180" not in read


async def test_without_the_text_the_start_fails_in_one_line(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for part in ("adapters", "bot", "storage"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    port = str(free_port())
    async with program(tmp_path, "run", "web", PYTHONPATH=str(copy), PORT=port) as running:
        assert await running.ended() == 1
    assert running.logged == [f"No such file or directory: {copy}/docs/privacy.md"]


def test_the_page_says_what_holds_in_the_code() -> None:
    assert told(f"kept for {comments.KEPT / DAY:.0f} days")
    assert told(f"remembered for {comments.DELETED_KEPT / DAY:.0f} days")
    assert told(f"deleted {forgetting.REMOVED_KEPT / DAY:.0f} days later")
    assert told("for one day at most") is (comments.WAITING_KEPT == DAY)
    assert told("for ten minutes at most") is (deliveries._ARRIVING == 600)
    assert told(f"in the last {catchup.WINDOW / DAY:.0f} days")
    assert told(f"first {llm.TEXT_BUDGET:,} characters of its text")
    assert told(f"the first {judging._TEXT:,} characters")
    assert told("lasts a year") is (visitor._YEAR == 365 * DAY)
    usual = Settings.model_fields["botbeat_comments"].default
    assert told(f"`comments:{usual}`, which holds unless something else was chosen")
    assert told("`page:off` holds unless something else was chosen") is not ChannelSettings().page


def test_each_line_of_the_table_names_tests_that_there_are() -> None:
    lines = re.findall(r"^\| (?!what is said)\w.* \| (test_.*?) \|$", SHOWN_BY, re.M)
    assert len(lines) > 15
    tests = "\n".join(file.read_text() for file in (ROOT / "tests").glob("test_*.py"))
    named = [name for line in lines for name in line.split(", ")]
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_slack_tells_nothing_of_direct_messages() -> None:
    asked = manifest()
    scopes = asked["oauth_config"]["scopes"]["bot"]
    events = asked["settings"]["event_subscriptions"]["bot_events"]
    assert [one for one in (*scopes, *events) if re.search(r"\bm?p?im\b", one)] == []


async def test_a_search_is_kept_only_where_a_button_has_no_room_for_it(shared: World) -> None:
    short, long = "zorblatt", "grumblefisk " * 9
    await shared.slack.types(short)
    answer = await shared.slack.types(f"preview {long}")
    assert not too_long(answer)
    holding = {
        word: [
            table.name
            for table in metadata.sorted_tables
            if any(word in row for row in rows(shared.store, table))
        ]
        for word in (short, "grumblefisk")
    }
    assert holding == {short: [], "grumblefisk": ["button"]}


async def test_deleting_erases_the_words_at_once(shared: World) -> None:
    said = await shared.slack.says("A slip of the tongue", under=QWEN)
    assert any("A slip of" in row for row in rows(shared.store, t.comment))
    await shared.slack.deletes(said, settle=False)
    for table in metadata.sorted_tables:
        assert [row for row in rows(shared.store, table) if "A slip of" in row] == []
    await shared.settle()
    assert shared.discord.thread(QWEN) == []
    assert shared.web.comments(QWEN) == []


async def test_names_and_changes_outlive_the_comments(shared: World) -> None:
    await shared.slack.says("Impressive!", under=QWEN, by="Grace")
    before = {table.name: rows(shared.store, table) for table in (t.person, t.audit)}
    assert any("Grace" in row for row in before["person"])
    assert before["audit"]
    shared.clock.now += 181 * DAY
    await shared.bot.forget()
    assert rows(shared.store, t.comment) == []
    for table in (t.person, t.audit):
        assert rows(shared.store, table) == before[table.name]


def test_only_these_files_can_reach_the_outside() -> None:
    reaching = re.compile(
        r"ClientSession\(|AsyncWebClient\(|AsyncWebhookClient\(|AsyncApp\(|HTTPClient\("
        r"|\(discord\.Client\)|(open|create)_connection\(|http\.client|urllib\.request|urlopen"
        r"|socket\.socket\(|^\s*(?:from|import) (?:requests|httpx|urllib3|smtplib|websockets)\b",
        re.M,
    )
    found = {
        file.relative_to(ROOT).as_posix()
        for part in ("adapters", "bot", "storage")
        for file in (ROOT / part).rglob("*.py")
        if reaching.search(file.read_text(encoding="utf-8"))
    }
    assert found == {
        # Slack and Discord.
        *("adapters/slack/api.py", "adapters/slack/listen.py", "adapters/slack/sockets.py"),
        *("adapters/discord/rest.py", "adapters/discord/gateway.py"),
        # The sources of news; `botbeat demo` looks whether it reaches three of them.
        *("adapters/feeds/fetch.py", "adapters/feeds/addresses.py", "adapters/terminal/demo.py"),
        # The language model, and whether it and the platforms take what is configured.
        *("adapters/writer/model.py", "adapters/terminal/credentials.py"),
    }
