"""A message as Slack shows it: blocks, and a short text for notifications and old clients.

Every text of others is escaped last and kept within Slack's limits here, because neither the SDK
nor Slack's answer says in time what is wrong with a block.
Sources: https://docs.slack.dev/reference/block-kit/blocks and
https://docs.slack.dev/messaging/formatting-message-text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

from adapters.slack import richtext
from adapters.slack.limits import (
    BLOCKS,
    BUTTONS,
    FALLBACK,
    LABEL,
    VALUE,
    WHOLE,
    escape,
    link,
    linkable,
    safe,
    safe_bytes,
)
from adapters.slack.payload import Json
from bot.message import Author, Button, Card, Message
from bot.text import clean_name, clip, one_line, units

PLAIN: Json = {"link_names": False, "parse": "none"}
"""Plain names stay plain; `chat.update` would by default look for mentions and links itself."""
BARE: Json = {"unfurl_links": False, "unfurl_media": False}
"""Links are links, without a preview."""
_PLACES = {"web": "the web"}
_MENTION = re.compile(r"<(?:@[UW][A-Z0-9]{1,30}|!subteam\^S[A-Z0-9]{1,30})>")
_MENTIONS = 5
_COMMENT = 8000
_ANSWER = 6000


def rendered(message: Message, *, named: bool = False, most: int = BLOCKS) -> Json:
    """The `text` and `blocks` of a message; the text is never empty and always escaped. `named`:
    its author stands above it; `most` blocks at most."""
    numbers = count(1)
    blocks = list(_copy(message, named)) if message.author else list(_body(message, numbers))
    told = " ".join([one for one in message.mentions if _MENTION.fullmatch(one)][:_MENTIONS])
    if told:
        blocks.append(_section(told))
    tail = [*_actions(message.buttons, numbers), *_footer(message.footer)]
    text = safe_bytes(_fallback(message, named).strip(), FALLBACK) or "BotBeat"
    shown = [*_fitting(blocks, tail, most), *tail] or [_section(text)]
    return {"text": text, "blocks": shown}


def _fallback(message: Message, named: bool) -> str:
    """One line or a few that say without blocks what the message says."""
    words = richtext.plain(message.text, FALLBACK)
    if message.author and not named:
        return f"{_name(message.author)} ({_place(message.author)}): {words}"
    titles = [_headline(card) for card in message.cards]
    return "\n".join(part for part in (words, *titles) if part)


def _headline(card: Card) -> str:
    head = one_line(card.title) + (f" — {one_line(card.byline)}" if card.byline else "")
    return f"{head} (withdrawn: {one_line(card.withdrawn)})" if card.withdrawn else head


def _name(author: Author) -> str:
    return clip(clean_name(author.name) or "Somebody", 80)


def _place(author: Author) -> str:
    return _PLACES.get(author.platform, author.platform.title())


def named_after(author: Author) -> Json:
    """Who a message seems to be by. The place is part of the name, lest it be taken for that of
    somebody in this workspace."""
    shown = {"username": f"{_name(author)} · via {_place(author)}"}
    picture = linkable(author.picture)
    return {**shown, "icon_url": picture} if picture.startswith("https://") else shown


def _copy(message: Message, named: bool) -> Iterator[Json]:
    """Somebody's comment from elsewhere: the name, the place, and the words as structure."""
    author = message.author or Author("", "")
    name: Json = {"type": "text", "text": _name(author), "style": {"bold": True}}
    address = linkable(author.link)
    if address:
        name = {**name, "type": "link", "url": address}
    said = richtext.sections(message.text, _COMMENT)
    if named and said:
        yield {"type": "rich_text", "elements": said}
        return
    head = [name, {"type": "text", "text": f" · from {_place(author)}\n"}]
    if said and said[0]["type"] == "rich_text_section":
        head += said.pop(0)["elements"]
    first = {"type": "rich_text_section", "elements": head}
    yield {"type": "rich_text", "elements": [first, *said]}


def _body(message: Message, numbers: Iterator[int]) -> Iterator[Json]:
    said = richtext.sections(message.text, _ANSWER)
    if said:
        yield {"type": "rich_text", "elements": said}
    draw = _full if len(message.cards) == 1 else _compact
    for card in message.cards:
        yield from draw(card, numbers)


def _full(card: Card, numbers: Iterator[int]) -> Iterator[Json]:
    yield _section(_head(card))
    if card.withdrawn:
        yield _section(f"Withdrawn: {safe(one_line(card.withdrawn), 1000)}")
    else:
        points = [f"• {safe(one_line(p), 500)}" for p in card.takeaways[:3] if p.strip()]
        texts = ["\n".join(points), safe(card.summary.strip(), 900)]
        yield from (_section(text) for text in texts if text)
    small = " · ".join(safe(one_line(t), 600) for t in (card.via, card.note) if t.strip())
    yield from _context(small)
    yield from _actions(card.buttons, numbers)


def _compact(card: Card, numbers: Iterator[int]) -> Iterator[Json]:
    """One of several: a section, with its only button beside it, or its buttons below."""
    line = safe(one_line(card.withdrawn or card.summary), 240)
    section = _section("\n".join(part for part in (_head(card), line) if part))
    buttons = list(_actions(card.buttons, numbers))
    if buttons and len(buttons[0]["elements"]) == 1:
        section["accessory"] = buttons.pop()["elements"][0]
    yield section
    yield from buttons


def _head(card: Card) -> str:
    title = f"*{link(card.url, card.title, 300)}*"
    byline = safe(one_line(card.byline), 300)
    # Above the first of a group, which has no other mark in a list of bold headlines.
    heading = f"_{safe(one_line(card.heading), 80)}_" if card.heading else ""
    parts = (heading, f"~{title}~" if card.withdrawn else title, byline)
    return "\n".join(part for part in parts if part)


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> Iterator[Json]:
    if text:
        shown = {"type": "mrkdwn", "text": text, "verbatim": True}
        yield {"type": "context", "elements": [shown]}


def _footer(markdown: str) -> Iterator[Json]:
    yield from _context(richtext.mrkdwn(markdown, 1500))


def _actions(buttons: Sequence[Button], numbers: Iterator[int]) -> Iterator[Json]:
    """A row of buttons. Slack wants each `action_id` once in a message, hence the numbers."""
    shown = [_button(button, next(numbers)) for button in buttons if _works(button)][:BUTTONS]
    if shown:
        yield {"type": "actions", "elements": shown}


def _works(button: Button) -> bool:
    fits = bool(button.command) and units(button.command) <= VALUE
    return bool(one_line(button.label)) and (fits or bool(linkable(button.url)))


def _button(button: Button, number: int) -> Json:
    label = {"type": "plain_text", "text": clip(one_line(button.label), LABEL), "emoji": True}
    shown: Json = {"type": "button", "text": label, "action_id": f"button-{number}"}
    if address := linkable(button.url):
        shown["url"] = address
    else:
        shown["value"] = button.command
    return {**shown, "style": "primary"} if button.primary else shown


def _fitting(blocks: Sequence[Json], tail: Sequence[Json], most: int) -> list[Json]:
    """As many blocks as one message may have beside its tail, saying so when some are left out."""
    room = WHOLE - 400 - sum(map(_size, tail))
    most -= 1 + len(tail)
    kept: list[Json] = []
    for block in blocks:
        room -= _size(block)
        if room < 0 or len(kept) == most:
            return [*kept, *_context(escape("… and more, for which there is no room here."))]
        kept.append(block)
    return kept


def _size(part: object) -> int:
    """What Slack counts of a block: its texts, and a hundred characters for itself."""
    return 100 + sum(units(text) for text in _texts(part))


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _texts(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
