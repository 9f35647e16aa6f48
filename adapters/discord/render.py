"""`Message` to the JSON of a Discord message, within Discord's limits.

The rule: nothing we send can ping, and every delivery carries its key where `marks_of` finds it:
in a card's button, or behind the name of a comment's author. A headline stands in the content,
not only in the embed, since a notification shows nothing else.
Limits: https://docs.discord.com/developers/resources/message#embed-object-embed-limits.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.discord.markdown import escape, masked, size, to_discord, web
from bot.message import Author, Button, Card, Message

log = logging.getLogger(__name__)
Json = dict[str, Any]

CONTENT, DESCRIPTION, BYLINE, FOOTER = 2000, 4096, 256, 1000
HEADLINE, SMALL_PRINT = 1200, 400
BUTTONS, ROW, LABEL, URL, CUSTOM_ID, THREAD_NAME = 25, 5, 80, 512, 100, 100
MENTION_NOBODY: Json = {"parse": [], "replied_user": False}
_MENTION = re.compile(r"<@[&!]?\d{1,20}>")
_MENTIONS = 5
PREFIX = "bb:"
_MARK = re.compile(r"^bb:.*\|([a-z2-7]{24})\.\d+$")
_COPY = re.compile(r"\*\*\[(?:[^*\\]|\\.)*\]\(<[^>]*\?copy=([a-z2-7]{24})#[^>]*>\)\*\* ")


def payload(message: Message, key: str = "") -> Json:
    """The body of a create or an edit. An edit needs all of it: what is left out would stay, and
    without `allowed_mentions` it would ping."""
    body: Json = {"content": "", "embeds": [], "components": [], "allowed_mentions": MENTION_NOBODY}
    if message.author:
        return {**body, "content": comment(message.author, message.text)}
    rest = ""
    if len(message.cards) == 1:
        rest = "\n" + headline(message.cards[0])
        body["embeds"] = _report(message.cards[0])
    elif message.cards:
        body["embeds"] = [{"description": _listing(message.cards)}]
    if small := _fitting(message.footer, _own, SMALL_PRINT):
        rest += f"\n-# {small}"
    # Last, as the first line is what the thread is called.
    told = [one for one in message.mentions if _MENTION.fullmatch(one)][:_MENTIONS]
    if told:
        rest += "\n" + " ".join(told)
        body["allowed_mentions"] = _pinged(told)
    content = _fitting(message.text, lambda text, more: _own(text, more) + rest)
    return body | {"content": content.strip(), "components": _rows(message, key)}


def _pinged(told: Sequence[str]) -> Json:
    """Only these are pinged, whatever else the message says.
    https://docs.discord.com/developers/resources/message#allowed-mentions-object"""
    roles = [one[3:-1] for one in told if one.startswith("<@&")]
    users = [one.strip("<@!>") for one in told if not one.startswith("<@&")]
    return {**MENTION_NOBODY, "roles": roles, "users": users}


def marks_of(sent: Json) -> str:
    """All that says on a message of ours that Discord shows which delivery it is: the key is in it.
    Empty when Discord does not say."""
    rows = sent.get("components") or []
    marks = [str(part.get("custom_id", "")) for row in rows for part in row["components"]]
    # Only the author's own link counts: people may write the link of another comment.
    if link := _COPY.match(str(sent.get("content", ""))):
        marks.append(PREFIX + link[1])
    if sent.get("nonce"):
        marks.append(PREFIX + str(sent["nonce"]))
    return " ".join(mark for mark in marks if mark.startswith(PREFIX))


def key_of(sent: Json) -> str:
    """The key that a message of ours shows; empty when it shows none."""
    rows = sent.get("components") or []
    marks = [str(part.get("custom_id", "")) for row in rows for part in row["components"]]
    link = _COPY.match(str(sent.get("content", "")))
    found = [mark[1] for text in marks if (mark := _MARK.search(text))]
    return link[1] if link else next(iter(found), "")


def command_of(custom_id: str) -> str:
    """The command that a button of ours carries; empty for other buttons."""
    ours = custom_id.startswith(PREFIX)
    return custom_id.removeprefix(PREFIX).rpartition("|")[0] if ours else ""


def thread_name(sent: Json) -> str:
    """What the thread under a report is called, from the report as Discord shows it."""
    first = str(sent.get("content", "")).split("\n")[0]
    words = re.sub(r"\]\(<[^>]*>\)", "", first).replace("\u200b", "").strip("*~[ ")
    return clip(re.sub(r"\\([^\w\s])", r"\1", words), THREAD_NAME) or "Comments"


def clip(text: str, limit: int) -> str:
    """Plain text cut to `limit` with an ellipsis."""
    if size(text) <= limit:
        return text
    while size(text) > limit - 1:
        text = text[: limit - 1] if len(text) > limit - 1 else text[:-1]
    return text.rstrip() + "…"


def headline(card: Card) -> str:
    title = clip(card.title, 250) or "Untitled"
    if card.withdrawn:
        return f"~~**{escape(title)}**~~\nWithdrawn: {escape(clip(card.withdrawn, 200))}"
    link = masked(title, card.url)
    # An address too long to stand here is still behind the button that opens the original.
    return link if size(link) <= HEADLINE else f"**{escape(title)}**"


def comment(author: Author, text: str) -> str:
    """A copy: who wrote it and where, then their words, cut to fit with a link to the rest."""
    # A name that looks like an address could not be a link, and the link carries the key.
    name = clip(author.name, 80).replace("://", " ").strip() or "Someone"
    link = author.link if web(author.link) else ""
    head = f"{masked(name, link)} ({escape(author.platform.capitalize())}):"
    rest = f"… [more](<{link}>)" if link else "…"

    def whole(text: str, more: bool) -> str:
        words = to_discord(text)
        # What opens a block needs a line of its own.
        gap = "\n" if re.match(r"```|> |\d+\. ", words) else " "
        return head + gap + words + more * rest

    return _fitting(text, whole)


def _fitting(text: str, whole: Callable[[str, bool], str], limit: int = CONTENT) -> str:
    """`whole` of as much of the text as fits; it is told whether some is missing.

    The source is cut, never what came of it: half an escape could come to life.
    """
    cut = text[: limit + 1]
    while size(made := whole(cut, cut != text)) > limit and cut:
        cut = cut[: len(cut) * 9 // 10]
    return made


def _own(text: str, more: bool) -> str:
    return to_discord(text, own=True) + more * "…"


def _report(card: Card) -> list[Json]:
    embed: Json = {}
    if byline := clip(card.byline.strip(), BYLINE):
        embed["author"] = {"name": byline}
    if not card.withdrawn and (points := _points(card)):
        embed["description"] = points
    via = f"via {card.via}" if card.via else ""
    if footer := clip(" · ".join(part for part in (via, card.note) if part.strip()), FOOTER):
        embed["footer"] = {"text": footer}
    if not embed:
        return []
    if re.fullmatch(r"#[0-9a-fA-F]{6}", card.color):
        embed["color"] = int(card.color[1:], 16)
    if 0 < card.published < 4102444800:  # 2100: Discord refuses what its calendar lacks.
        embed["timestamp"] = datetime.fromtimestamp(card.published, UTC).isoformat()
    return [embed]


def _points(card: Card) -> str:
    points = [f"- {escape(clip(point, 350))}" for point in card.takeaways]
    while size("\n".join(points)) > DESCRIPTION - 500:
        points.pop()
    listed = "".join(f"{point}\n" for point in points)
    return _fitting(
        card.summary,
        lambda text, more: f"{listed}\n{escape(text)}{more * '…'}".strip(),
        DESCRIPTION,
    )


def _listing(cards: Sequence[Card]) -> str:
    """Several cards as a numbered list; their buttons have the same numbers."""
    lines: list[str] = []
    for number, card in enumerate(cards, 1):
        byline = f"\n-# {escape(clip(card.byline, 200))}" if card.byline else ""
        summary = f"\n{escape(clip(card.summary, 200))}" if card.summary else ""
        heading = f"**{escape(clip(card.heading, 80))}**\n" if card.heading else ""
        entry = f"{heading}{number}\\. {headline(card)}{byline}{summary}"
        if size("\n\n".join([*lines, entry])) > DESCRIPTION - 40:
            return "\n\n".join([*lines, f"… and {len(cards) - number + 1} more"])
        lines.append(entry)
    return "\n\n".join(lines)


def _rows(message: Message, key: str) -> list[Json]:
    """Rows of five buttons; the message's own come after those of its cards, on their own row."""
    numbered = len(message.cards) > 1
    cards = [
        (button, f"{number}. " if numbered else "")
        for number, card in enumerate(message.cards, 1)
        for button in card.buttons
    ]
    own = [(button, "") for button in message.buttons][:BUTTONS]
    taken = (len(own) + ROW - 1) // ROW * ROW
    marks = iter(range(1000))
    rows: list[Json] = []
    for buttons in (cards[: BUTTONS - taken], own):
        made = [part for button, label in buttons if (part := _button(button, label, key, marks))]
        for start in range(0, len(made), ROW):
            rows.append({"type": 1, "components": made[start : start + ROW]})
    return rows


def _button(button: Button, prefix: str, key: str, marks: Iterator[int]) -> Json | None:
    label = clip(prefix + " ".join(button.label.split()), LABEL) or "…"
    if button.url:
        fits = web(button.url) and size(button.url) <= URL
        return {"type": 2, "style": 5, "label": label, "url": button.url} if fits else None
    mark = next(marks)
    # The number keeps two buttons with the same command apart: Discord wants each id once.
    custom_id = f"{PREFIX}{button.command}|{key}.{mark}" if key else ""
    if not custom_id or size(custom_id) > CUSTOM_ID:
        custom_id = f"{PREFIX}{button.command}|{mark}"
    if size(custom_id) > CUSTOM_ID:
        log.error("A button's command is too long for Discord: the button %r is left out", label)
        return None
    style = 1 if button.primary else 2
    return {"type": 2, "style": style, "label": label, "custom_id": custom_id}
