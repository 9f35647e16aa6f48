"""What a language model may cost: so much an hour and a day, however many processes there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import cast

import pytest

from adapters.writer import Llm
from bot.budget import Budget
from bot.model import Written
from bot.store import Spent, Store, StoreAway, Tx
from storage.store import SqlStore, open_store
from tests.article import FOUND, PAGE
from tests.servers.model import ModelServer, Reply
from tests.world import Clock

HOUR = 3600.0


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(database: str, clock: Clock) -> AsyncIterator[SqlStore]:
    opened = open_store(database, clock)
    yield opened
    opened.close()


def writer(model: ModelServer, budget: Budget) -> Llm:
    return Llm(model.url, model.key, "tern-mini", deadline=5, budget=budget)


async def write(by: Llm, nth: int) -> Written:
    page = replace(PAGE, text=f"{PAGE.text} Number {nth} of its kind was seen on Monday.")
    return await by.write(FOUND, page, ["harbor-labs"])


def spent(store: SqlStore, hours: int = 1) -> Spent:
    with store.read() as tx:
        return tx.desk.spent(hours)


async def test_what_is_over_the_budget_is_extracted_and_the_next_hour_is_another(
    store: SqlStore, clock: Clock, model: ModelServer
) -> None:
    by = writer(model, Budget(store, per_hour=4000, per_day=100_000))
    told = [(await write(by, nth)).writer for nth in range(6)]
    assert told[0] == told[1] == "tern-mini"
    assert told[-1] == "extract"
    assert spent(store) == (told.count("tern-mini"), 900 * told.count("tern-mini"))
    assert len(model.ledger) == told.count("tern-mini")
    clock.now += HOUR
    assert (await write(by, 7)).writer == "tern-mini"
    assert spent(store, 24)[1] == spent(store)[1] + 900 * told.count("tern-mini")


async def test_a_day_has_a_budget_too(store: SqlStore, clock: Clock, model: ModelServer) -> None:
    by = writer(model, Budget(store, per_hour=100_000, per_day=5000))
    told = []
    for nth in range(6):
        told.append((await write(by, nth)).writer)
        clock.now += HOUR
    assert told[:2] == ["tern-mini", "tern-mini"]
    assert told[-1] == "extract"
    clock.now += 24 * HOUR
    assert (await write(by, 7)).writer == "tern-mini"


async def test_many_processes_have_one_budget(
    store: SqlStore, database: str, model: ModelServer
) -> None:
    others = [open_store(database) for _ in range(3)]
    budgets = [Budget(one, per_hour=10_000, per_day=10_000) for one in others]
    taken = await asyncio.gather(*(budgets[nth % 3].take(1000) for nth in range(30)))
    assert sum(map(bool, taken)) == 10
    for one in others:
        one.close()


async def test_what_was_set_aside_is_put_right_in_its_own_hour(
    store: SqlStore, clock: Clock
) -> None:
    """Else the next hour could spend what the one before did not."""
    budget = Budget(store, per_hour=10_000, per_day=100_000)
    hour = await budget.take(9000)
    clock.now += HOUR
    assert await budget.take(1000)
    await budget.correct(hour, -8000)
    assert spent(store) == (1, 1000)
    assert spent(store, 2) == (2, 2000)


async def test_an_article_is_not_read_twice(store: SqlStore, model: ModelServer) -> None:
    by = writer(model, Budget(store, per_hour=100_000, per_day=100_000))
    assert await write(by, 1) == await write(by, 1)
    assert len(model.ledger) == 1
    assert spent(store) == (1, 900)


@pytest.mark.parametrize("tokens", [None, -5, "many", 10**18])
async def test_a_cost_that_makes_no_sense_is_what_was_set_aside(
    store: SqlStore, model: ModelServer, tokens: object
) -> None:
    model.will(Reply(tokens=tokens))
    by = writer(model, Budget(store, per_hour=100_000, per_day=100_000))
    assert (await write(by, 1)).writer == "tern-mini"
    assert 1500 < spent(store)[1] < 10_000


async def test_an_answer_that_fails_costs_what_was_set_aside(
    store: SqlStore, model: ModelServer
) -> None:
    model.will(Reply(status=500), Reply(status=500))
    by = writer(model, Budget(store, per_hour=100_000, per_day=100_000))
    assert (await write(by, 1)).writer == "extract"
    assert spent(store)[1] > 1500


async def test_while_the_database_is_away_nothing_is_spent(model: ModelServer) -> None:
    class Away:
        def write(self) -> AbstractContextManager[Tx]:
            raise StoreAway("the database does not answer")

    by = writer(model, Budget(cast(Store, Away()), per_hour=100_000, per_day=100_000))
    assert (await write(by, 1)).writer == "extract"
    assert model.ledger == []
