"""How Discord says no: an HTTP status, a JSON error code, and for forms the nested `errors`.

Sources: docs.discord.com/developers/topics/opcodes-and-status-codes#json and
docs.discord.com/developers/reference#error-messages.
"""

from collections.abc import Sized

from tests.servers.discord.state import Json

TEXTS: dict[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10087: (404, "Unknown Tag"),
    20012: (403, "You are not authorized to perform this action on this application"),
    20016: (429, "This action cannot be performed due to slowmode rate limit"),
    20028: (429, "The write action you are performing on the channel has hit the write rate limit"),
    30032: (400, "Maximum number of application commands reached (100)"),
    30046: (
        429,
        "Maximum number of edits to messages older than 1 hour reached. Try again later",
    ),
    40060: (400, "Interaction has already been acknowledged."),
    40067: (400, "A tag is required to create a forum post in this channel"),
    40333: (403, "internal network error"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50016: (
        400,
        "Provided too few or too many messages to delete. Must provide at least 2 and fewer "
        "than 100 messages to delete",
    ),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50034: (400, "A message provided was too old to bulk delete"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    130000: (503, "API resource is currently overloaded. Try again a little later"),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (403, "Thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
    200000: (400, "Message was blocked by automatic moderation"),
    240000: (400, "Message blocked by harmful links filter"),
}

Path = tuple[str | int, ...]


class Refusal(Exception):
    """Ends a request with one of Discord's errors; the middleware writes the answer."""

    def __init__(self, code: int, status: int = 0, errors: Json | None = None) -> None:
        usual, message = TEXTS[code]
        super().__init__(message)
        self.status = status or usual
        self.code = code
        self.body: Json = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


class Form:
    """Collects the faults of a request body by path, then refuses them all at once (50035)."""

    def __init__(self) -> None:
        self.errors: Json = {}

    def add(self, path: Path, code: str, message: str) -> None:
        node = self.errors
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def required(self, path: Path) -> None:
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def choice(self, path: Path, choices: Sized) -> None:
        self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {choices}.")

    def text(self, path: Path, value: object, most: int, least: int = 0) -> str:
        """Checks a string of `least` to `most` characters; absent counts as empty."""
        if value is None and least:
            self.required(path)
        elif value is not None and not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        text = value if isinstance(value, str) else ""
        if value is not None:
            self.length(path, text, most, least)
        return text

    def length(self, path: Path, value: Sized, most: int, least: int = 0) -> None:
        if least <= len(value) <= most:
            return
        if least:
            message = f"Must be between {least} and {most} in length."
            self.add(path, "BASE_TYPE_BAD_LENGTH", message)
            return
        self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def number(self, path: Path, value: object, least: int, most: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < least:
            message = f"int value should be greater than or equal to {least}."
            self.add(path, "NUMBER_TYPE_MIN", message)
        elif value > most:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")

    def dictionaries(self, path: Path, value: object, most: int) -> list[Json]:
        """The dictionaries of a list of at most `most`; everything else is a fault."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        self.length(path, value, most)
        for place, item in enumerate(value):
            if not isinstance(item, dict):
                self.model((*path, place))
        return [item if isinstance(item, dict) else {} for item in value]

    def model(self, path: Path) -> None:
        self.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")

    def url(
        self, path: Path, value: object, most: int, schemes: tuple[str, ...] = ("http", "https")
    ) -> None:
        text = self.text(path, value, most)
        scheme, colon, rest = text.partition(":")
        if not text:
            return
        if scheme.lower() not in schemes:
            message = f'Scheme "{scheme}" is not supported. Scheme must be one of {schemes}.'
            self.add(path, "URL_TYPE_INVALID_SCHEME", message)
        elif not colon or not rest.strip("/") or any(letter.isspace() for letter in rest):
            self.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")

    def check(self) -> None:
        if self.errors:
            raise Refusal(50035, errors=self.errors)
