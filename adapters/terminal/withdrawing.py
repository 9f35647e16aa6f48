"""`withdraw`: say of a report that it is wrong, wherever it was posted."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.terminal.opening import configured, opened
from adapters.terminal.speaking import complain, say
from bot.withdrawing import reinstate
from bot.withdrawing import withdraw as withdraw_it


def withdraw(
    number: Annotated[int, typer.Argument(metavar="N", help="From the address of its page.")],
    reason: Annotated[str, typer.Argument(help="What is wrong, for its readers.")] = "",
    undo: Annotated[bool, typer.Option(help="It was right after all.")] = False,
) -> None:
    """Strike a report through wherever it was posted, with the reason; it is sent nowhere else."""
    if not undo and not reason.strip():
        complain('Say what is wrong: botbeat withdraw 1842 "The figures are of last year".')
        raise typer.Exit(2)
    with opened(configured(), make=False) as store, store.write() as tx:
        done = reinstate(tx, number) if undo else withdraw_it(tx, number, reason)
    if not done:
        complain(f"Nothing was changed: there is no report {number}, or it is like this already.")
        raise typer.Exit(1)
    say("Its cards are being changed; what was not sent yet stays unsent.")
