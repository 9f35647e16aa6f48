"""`botbeat …`: what people type in a terminal.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 78 a configuration under which
what is kept would be lost. What goes wrong is one clear line on stderr, never a traceback.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from adapters.terminal import (
    connect,
    doctor,
    importing,
    judging,
    ledger,
    logs,
    outside,
    rules,
    searching,
    sources,
    standing,
    withdrawing,
)
from adapters.terminal.opening import address, configured
from adapters.terminal.settings import SettingsError
from adapters.terminal.speaking import complain, say

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="AI news in team chat: reports in Slack and Discord, one conversation under each.",
)
db = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(db, name="db")
app.add_typer(connect.app, name="connect")
app.add_typer(connect.in_slack, name="slack")
app.add_typer(sources.app, name="sources")
app.add_typer(rules.app, name="subscriptions")
app.command()(outside.fetch)
app.command()(outside.extract)
app.command()(judging.classify)
app.command("same-event")(judging.same_event)
app.command("import")(importing.bring_in)
app.command()(searching.search)
app.command()(ledger.deliveries)
app.command()(withdrawing.withdraw)
app.command()(standing.status)
app.command()(doctor.doctor)


@app.callback()
def quiet(context: typer.Context) -> None:
    """Only what runs for long tells what it does; the others' answers stand alone."""
    if context.invoked_subcommand not in ("run", "demo"):
        logging.getLogger().setLevel(logging.WARNING)
    # `run` and `demo` say what it reports as lines of their own.
    logging.getLogger("adapters.feeds.collect").setLevel(logging.WARNING)


@app.command()
def demo(
    port_: Annotated[
        int | None, typer.Argument(min=0, max=65535, metavar="[PORT]", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The first port to try; 0 takes any.")
    ] = None,
    fresh: Annotated[bool, typer.Option(help="Start again with an empty database.")] = False,
) -> None:
    """Two local channels and the report pages: no account, token or key."""
    from adapters.terminal.demo import demo as show

    settings = configured(lasting=False)
    chosen = port if port_ is None else port_
    if chosen is not None:
        settings = settings.model_copy(update={"port": chosen})
    # Ctrl+C is how one ends it, not a failure.
    with suppress(KeyboardInterrupt):
        asyncio.run(show(settings, say, fresh=fresh))


@app.command()
def run(
    parts: Annotated[list[str] | None, typer.Argument(help="slack discord web feeds")] = None,
    once: Annotated[bool, typer.Option(help="Collect once, deliver, and end.")] = False,
) -> None:
    """Run the named parts, or everything that is configured."""
    from adapters.terminal.compose import run as run_parts
    from adapters.terminal.compose import run_once

    settings = configured()
    if not parts:
        for part, names in settings.missing().items():
            say(f"{part} is off. To switch it on, set {' and '.join(names)}.")
    if not once:
        asyncio.run(run_parts(settings, parts or [], say))
    elif not asyncio.run(run_once(settings, parts or [], say)):
        complain("Every source that was visited failed. `botbeat sources list` says why.")
        raise typer.Exit(1)


@db.command()
def upgrade() -> None:
    """Make the database's tables, or bring them up to date."""
    from storage.engine import connect as connected
    from storage.engine import upgrade as bring_up_to_date

    engine = connected(address(configured()), write=True)
    try:
        done = bring_up_to_date(engine)
    finally:
        engine.dispose()
    say("The database is now up to date." if done else "The database was up to date already.")


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run what was typed; every expected failure ends with its line and its code."""
    logs.set_up()
    try:
        sys.exit(app(args=words, prog_name="botbeat", standalone_mode=False))
    except typer.Abort:
        complain("Stopped.")
        sys.exit(1)
    except typer.TyperException as error:
        # Where a group stands alone, its help was shown, and nothing is left to say.
        if told := error.format_message().strip():
            complain(f"{told.rstrip('.')}. `botbeat --help` shows all commands.")
        sys.exit(error.exit_code)
    except Exception as error:
        complain(_line(error))
        sys.exit(error.code if isinstance(error, SettingsError) else 1)


def _line(error: Exception) -> str:
    """What went wrong, for people. A bug is told by its kind and place, as its own words may
    hold a secret or somebody's comment."""
    from sqlalchemy.exc import DatabaseError

    from bot.store import StoreAway
    from storage.engine import StoreError, plain

    if isinstance(error, DatabaseError):
        return plain(error)
    if isinstance(error, SettingsError | StoreError | StoreAway):
        return str(error)
    if isinstance(error, OSError):
        named = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{named}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"BotBeat has a bug: {type(error).__name__} in {Path(place.filename).name}, line "
        f"{place.lineno}. Please report it; what was committed before is kept."
    )
