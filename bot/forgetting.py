"""What is kept no longer, and is removed once an hour."""

from __future__ import annotations

from bot import comments
from bot.store import Tx

REMOVED_KEPT = 30 * 86400.0
"""So many seconds after a channel was removed it may come back to what it had."""
_CALM = 86400.0


def forget(tx: Tx) -> int:
    """Remove it; how many rows went. Nothing is removed on the word of a clock that jumped a
    moment ago."""
    now = tx.believed
    if not tx.calm(_CALM):
        return 0
    return tx.desk.forget(
        now - comments.WAITING_KEPT,
        now - comments.DELETED_KEPT,
        now - comments.KEPT,
        now - REMOVED_KEPT,
    )
