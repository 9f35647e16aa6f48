"""`/metrics` for Prometheus, at an address of its own that is off unless it is configured.

What is told are levels, read from the database when they are asked for, so that every process
tells the same of what they share, and a restart forgets nothing. No label has a word from outside:
only platforms, states and parts of ours. Source: https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from adapters.web.health import Health, Shared, add_to
from bot.figures import Figures, measured
from bot.health import Process
from bot.store import Store, StoreAway

log = logging.getLogger(__name__)

_LASTS = 10.0
"""Counting all deliveries is not free; however often one asks, they are counted so often."""
_PATIENCE = 8.0
"""A scrape is given up after 10 s, unless Prometheus is told otherwise."""
_Labels = TypeVar("_Labels", bound=tuple[str, ...])


def application(process: Process) -> web.Application:
    """What that address shows: the metrics, and how this process is."""
    app = web.Application()
    add_to(app, Health(process))
    app.router.add_get("/metrics", Metrics(process).answer)
    return app


class Levels(Collector):
    """The levels as the last look found them. `figures` is None while the database is away."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.figures: Figures | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = self.figures is not None
        yield _gauge("database_up", "Whether the database answers.", {(): float(up)})
        if self.figures:
            yield from _deliveries(self.figures)
            yield from _news(self.figures)
        yield _gauge(
            "socket_silence_seconds",
            "For how long the platform has said nothing on a socket of this process.",
            _known(self._process.silences()),
            ("platform",),
        )


class Metrics:
    """Answers a scrape with what is true at that moment, or was a few seconds ago."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._shared = Shared(self._look, _LASTS, _PATIENCE)
        self._levels = Levels(process)
        self._registry = CollectorRegistry()
        self._registry.register(self._levels)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    async def answer(self, request: web.Request) -> web.Response:
        figures = await self._figures()
        # Nothing may come between these two: another scrape has other figures.
        self._levels.figures = figures
        text = generate_latest(self._registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _figures(self) -> Figures | None:
        if self._process.store is None:
            return None
        try:
            return await self._shared.seen(self._process.store)
        except (StoreAway, TimeoutError) as error:
            log.warning("no levels to be measured: %s", error or "the database did not answer")
        except Exception:
            log.exception("no levels to be measured")
        return None

    def _look(self, store: Store) -> Figures:
        return measured(store, [*self._process.roles.values()])


def _deliveries(figures: Figures) -> Iterator[GaugeMetricFamily]:
    waiting = figures.waiting
    platforms = dict.fromkeys(((name,) for name, _ in figures.deliveries), 0.0)
    yield _gauge(
        "deliveries",
        "Messages by what became of them.",
        figures.deliveries,
        ("platform", "state"),
    )
    yield _gauge(
        "delivery_oldest_due_age_seconds",
        "For how long the oldest message that may be sent has waited.",
        platforms | {(one.platform,): one.due for one in waiting},
        ("platform",),
    )
    yield _gauge(
        "deliveries_failing",
        "Messages that were tried three times or more and are not there.",
        platforms | {(one.platform,): float(one.failing) for one in waiting},
        ("platform",),
    )
    yield _gauge(
        "channels_paused",
        "Channels to which nothing is sent for now, by themselves or with their whole install.",
        figures.paused,
        ("platform", "scope"),
    )


def _news(figures: Figures) -> Iterator[GaugeMetricFamily]:
    yield _gauge("sources", "Sources by whether they answer.", _each(figures.sources), ("state",))
    if figures.answered is not None:
        age = {(): figures.answered}
        yield _gauge("source_last_answer_age_seconds", "Since any source last answered.", age)
    yield _gauge("entries_open", "What was found and is not written yet.", {(): figures.entries})
    for name, number in zip(figures.sizes._fields, figures.sizes, strict=True):
        yield _gauge(name, f"How many {name} are kept.", {(): number})
    spent = {(str(hours),): float(one.tokens) for hours, one in figures.spent.items()}
    yield _gauge(
        "model_tokens", "What a language model has spent in so many hours.", spent, ("hours",)
    )
    yield _gauge(
        "lease_unrenewed_seconds",
        "For how long a role has not been renewed; absent while nobody has it.",
        _known(figures.leases),
        ("role",),
    )


def _gauge(
    name: str, about: str, values: Mapping[_Labels, float], labels: Iterable[str] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"botbeat_{name}", about, labels=[*labels])
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _each(counted: Mapping[str, int]) -> dict[tuple[str], float]:
    return {(name,): float(number) for name, number in counted.items()}


def _known(found: Mapping[str, float | None]) -> dict[tuple[str], float]:
    return {(name,): value for name, value in found.items() if value is not None}
