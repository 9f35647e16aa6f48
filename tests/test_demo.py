"""`botbeat demo` as a process: however many run, each has its own file, port and samples."""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import aiohttp
import pytest

from adapters.terminal.ownfile import own_file
from storage.engine import StoreError
from storage.store import open_store
from tests.test_run import free_port, running

REFUSED = "not on the public internet"
Process = asyncio.subprocess.Process


async def _address(process: Process) -> tuple[str, str]:
    """Where the demo is, and the line that says so."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while line := (await process.stdout.readline()).decode():
            if found := re.search(r"BotBeat is at (\S+)", line):
                return found[1], line
    raise AssertionError("it ended without a word of where it is")


async def _reports(address: str) -> None:
    """Wait until the first page is full of reports."""
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            async with session.get(address) as page:
                if (await page.text()).count("?report=") >= 20:
                    return
            await asyncio.sleep(0.3)


async def _ended(process: Process) -> str:
    """Everything that it still said, after Ctrl+C."""
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), 25)
    assert process.returncode == 0
    return (out + err).decode()


async def test_two_demos_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        demos = [
            await stack.enter_async_context(running(tmp_path, "demo", "--port", "0"))
            for _ in "12"
        ]  # fmt: skip
        places = [await _address(demo) for demo in demos]
        await asyncio.gather(*(_reports(address) for address, _ in places))
        said = [await _ended(demo) for demo in demos]
    assert REFUSED not in "".join(said)
    files = sorted(name for _, line in places for name in re.findall(r"[\w-]+\.db", line))
    assert files == ["demo-2.db", "demo.db"]
    assert len({address for address, _ in places}) == 2
    assert ":8080" not in "".join(address for address, _ in places)


async def test_a_second_start_at_another_port_reads_its_own_samples_alone(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    async with running(tmp_path, "demo", str(first)) as demo:
        await _reports((await _address(demo))[0])
        said = await _ended(demo)
    # Each piece of news is one line, and none of them is in the log besides.
    assert '"event"' not in said
    async with running(tmp_path, "demo", "--port", str(second)) as demo:
        assert demo.stdout is not None
        said, rounds = "", 0
        async with asyncio.timeout(60):
            while rounds < 6 and REFUSED not in said:
                line = (await demo.stdout.readline()).decode()
                said, rounds = said + line, rounds + (" from before" in line or " new" in line)
        said += await _ended(demo)
    assert REFUSED not in said
    store = open_store(f"sqlite:///{tmp_path}/.local/share/botbeat/demo.db")
    with store.read() as tx:
        urls = [source.url for source in tx.sources.all() if "/samples/" in source.url]
    store.close()
    assert len(urls) == 6
    assert all(f":{second}/" in url for url in urls)


def test_starting_afresh_empties_only_the_file_that_is_ours(tmp_path: Path) -> None:
    with own_file(tmp_path, fresh=False) as kept:
        kept.write_text("the first demo's")
        (tmp_path / "demo-2.db").write_text("an old demo's")
        with own_file(tmp_path, fresh=True) as ours:
            assert (ours.name, ours.exists()) == ("demo-2.db", False)
        assert kept.read_text() == "the first demo's"
    with own_file(tmp_path, fresh=True) as again:
        assert again == kept
        assert not again.exists()


def test_a_tenth_demo_is_refused(tmp_path: Path) -> None:
    with ExitStack() as stack:
        for _ in range(9):
            stack.enter_context(own_file(tmp_path, fresh=False))
        tenth = own_file(tmp_path, fresh=False)
        with pytest.raises(StoreError, match="9 demos run already"):
            stack.enter_context(tenth)
