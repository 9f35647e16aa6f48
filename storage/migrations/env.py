"""Runs the migrations on the connection that `storage.engine.upgrade` hands over."""

from __future__ import annotations

from typing import Any

from alembic import context

from storage import schema


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    # The full-text index is raw SQL of either database; autogenerate must not drop it.
    return not (kind == "table" and name is not None and name.startswith("article_index"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.delivery.metadata,
    render_as_batch=True,
    include_object=_ours,
)
with context.begin_transaction():
    context.run_migrations()
