"""`botbeat …`: what people type in a terminal.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. What goes wrong is one clear line
on stderr, never a traceback.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Annotated

import typer

from adapters.terminal import logs
from adapters.terminal.settings import SettingsError, load

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="AI news in team chat: reports in Slack and Discord, one conversation under each.",
)
db = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(db, name="db")


@app.command()
def demo(
    port_: Annotated[int | None, typer.Argument(metavar="[PORT]", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="The first port to try.")] = None,
    fresh: Annotated[bool, typer.Option(help="Start again with an empty database.")] = False,
) -> None:
    """Two local channels and the report pages: no account, token or key."""
    from adapters.terminal.demo import demo as show

    settings = load()
    chosen = port_ or port
    if chosen:
        settings = settings.model_copy(update={"port": chosen})
    asyncio.run(show(settings, say, fresh=fresh))


@app.command()
def run(
    parts: Annotated[list[str] | None, typer.Argument(help="slack discord web feeds")] = None,
    once: Annotated[bool, typer.Option(help="Collect once, deliver, and end.")] = False,
) -> None:
    """Run the named parts, or everything that is configured."""
    from adapters.terminal.compose import run as run_parts

    settings = load()
    if not parts:
        for part, names in settings.missing().items():
            say(f"{part} is off. To switch it on, set {' and '.join(names)}.")
    asyncio.run(run_parts(settings, parts or [], say, once=once))


@db.command()
def upgrade() -> None:
    """Make the database's tables, or bring them up to date."""
    from storage.engine import connect, database_url
    from storage.engine import upgrade as bring_up_to_date

    engine = connect(database_url(load().database), write=True)
    try:
        done = bring_up_to_date(engine)
    finally:
        engine.dispose()
    say("The database is now up to date." if done else "The database was up to date already.")


def say(line: str) -> None:
    """A line for the person at the terminal."""
    print(line, flush=True)


def main() -> None:
    """Run a command; every expected failure ends with its line and its code."""
    from storage.engine import StoreError

    logs.set_up()
    try:
        app()
    except SettingsError as error:
        _fail(str(error), 2)
    except StoreError as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)


def _fail(line: str, code: int) -> None:
    print(line, file=sys.stderr)
    sys.exit(code)
