"""`import`: articles in bulk, from a file of JSON lines into the database, posted to nobody.

Each transaction holds some hundred articles, so that memory stays as small for a million lines
as for one, and what was interrupted goes on where it was by running it again.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from adapters.terminal.lines import BrokenLine, rows
from adapters.terminal.opening import configured, opened
from adapters.terminal.speaking import complain, say
from bot.articles import store_old
from bot.wording import plural

if TYPE_CHECKING:
    from adapters.terminal.imported import Imported
    from storage.store import SqlStore

BATCH = 500
NAMED = 10
"""So many broken lines are named; a file of another kind would name them all."""


@dataclass(slots=True)
class Count:
    """What became of the lines. `broken` is told of the first ones only."""

    new: int = 0
    known: int = 0
    kept_out: int = 0
    undated: int = 0
    broken: int = 0
    complaints: list[str] = field(default_factory=list)

    def breaks(self, number: int, error: BrokenLine) -> None:
        self.broken += 1
        if self.broken <= NAMED:
            self.complaints.append(f"line {number}: {error}")


def bring_in(
    file: Annotated[
        str, typer.Argument(metavar="FILE.jsonl", show_default=False, help="One article a line.")
    ],
) -> None:
    """Store articles from a file of JSON lines; twice changes nothing.

    A line has a `title`, and if there are `url date source company type tags summary text`. What
    is missing is judged by the headline. Nothing is posted anywhere.
    """
    settings = configured()
    with open(file, "rb") as stream, opened(settings, make=True) as store:
        count = _bring_in(store, stream)
    for complaint in count.complaints:
        complain(complaint)
    if count.broken > NAMED:
        complain(f"… and {count.broken - NAMED:,} more broken lines.")
    say(_outcome(count))
    if count.broken:
        raise typer.Exit(1)


def _bring_in(store: SqlStore, stream: BinaryIO) -> Count:
    count = Count()
    lines = _articles(stream, count, time.time())
    with _progress(stream) as advance:
        while batch := list(islice(lines, BATCH)):
            with store.write() as tx:
                tx.articles.lock_publishing()
                new = store_old(tx, [(one.article, one.keys) for one in batch])
            count.new += new
            count.known += len(batch) - new
            advance()
    return count


@contextmanager
def _progress(stream: BinaryIO) -> Iterator[Callable[[], None]]:
    """A bar by the bytes that were read, for people and not for logs."""
    if not (sys.stderr.isatty() and stream.seekable()):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    shown = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=os.fstat(stream.fileno()).st_size)
        yield lambda: bar.update(task, completed=stream.tell())


def _articles(stream: BinaryIO, count: Count, now: float) -> Iterator[Imported]:
    from adapters.terminal.imported import imported

    for number, row in rows(stream):
        try:
            if isinstance(row, BrokenLine):
                raise row
            one = imported(row, now)
        except BrokenLine as error:
            count.breaks(number, error)
            continue
        if one is None:
            count.kept_out += 1
        else:
            count.undated += not one.dated
            yield one


def _outcome(count: Count) -> str:
    told = f"{count.new:,} new, {count.known:,} known, {count.broken:,} broken."
    if count.kept_out:
        told += f" {plural(count.kept_out, 'line')} said to be no AI news, or none at all."
    if count.undated:
        told += f" {plural(count.undated, 'line')} without a date, dated today."
    return told
