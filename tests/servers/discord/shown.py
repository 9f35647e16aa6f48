"""What people see of a text that the bot wrote, and what Discord makes of it besides.

The strictest reading: what Discord might give a meaning has one here. Source:
docs.discord.com/developers/reference#message-formatting and
support.discord.com/hc/en-us/articles/210298617.
"""

import re
from urllib.parse import unquote

INVISIBLE = "\u200b"
_LINK = re.compile(r"<(https?://[^\s<>]+)>")
_EFFECTS = {
    "ping": r"@(?:everyone|here)|<@[!&]?\d+>",
    "place": r"<#\d+>|<id:\w+>|</[^<>:]+:\d+>",
    "emoji": r"<a?:\w+:\d+>",
    "time": r"<t:-?\d+(?::\w)?>",
    "preview": r"https?://[^\s<>]+",
    "masked link": r"\[[^\[\]]*\]\([^()]*\)",
    "fence": r"```",
    "spoiler": r"\|\|",
    "markup": r"[*_~`]",
}
_EFFECT = re.compile("|".join(f"(?P<e{n}>{one})" for n, one in enumerate(_EFFECTS.values())))
_BLOCK = re.compile(r"(?m)^\s*(#{1,3} |-# |>{1,3} |[-*] )")


def shown(text: str) -> tuple[str, list[str]]:
    """The words as they are read, and the names of all that is more than words. A link in angle
    brackets, which shows its whole address and no preview, is words."""
    effects = ["block"] * len(_BLOCK.findall(text))
    words: list[str] = []
    place = 0
    while place < len(text):
        rest = text[place:]
        if rest[0] == "\\" and len(rest) > 1 and not (rest[1].isalnum() or rest[1].isspace()):
            words.append(rest[1])
            place += 2
        elif link := _LINK.match(rest):
            words.append(unquote(link[1]))
            place += link.end()
        elif effect := _EFFECT.match(rest):
            effects.append(list(_EFFECTS)[int((effect.lastgroup or "e0")[1:])])
            place += effect.end()
        else:
            words.append(rest[0])
            place += 1
    return "".join(words).replace(INVISIBLE, ""), effects
