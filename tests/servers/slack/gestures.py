"""Commands, presses, menus and modals: what a person does to the app, as the app receives it.

Sources: https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and its neighbours.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.slack import shapes
from tests.servers.slack.answers import Answers, Gesture
from tests.servers.slack.delivery import Deliveries
from tests.servers.slack.ledger import Json
from tests.servers.slack.shapes import VERIFICATION
from tests.servers.slack.state import APP_ID, Posted, State, View


@dataclass(slots=True)
class Gestures:
    state: State
    answers: Answers
    deliveries: Deliveries

    def slash(self, channel: str, user: str, text: str, command: str = "/botbeat") -> Gesture:
        """Type a command in a channel. Slack refuses commands inside threads."""
        team = self._team_of(user)
        gesture = self.answers.begin(team, channel, user)
        form = {
            "token": VERIFICATION,
            "team_id": team,
            "team_domain": self.state.teams[team].domain,
            "channel_id": channel,
            "channel_name": self.state.channels[channel].name,
            "user_id": user,
            "user_name": self.state.users[user].name,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": self.answers.url_for(gesture),
            "trigger_id": gesture.trigger_id,
        }
        self._send("slash_commands", command, form, gesture)
        return gesture

    def press(self, where: Posted | View, button: str, user: str, choose: str = "") -> Gesture:
        """Press what has this action_id or this label; in a menu, choose an option by either."""
        block_id, element = self._find(where, button)
        if isinstance(where, View):
            gesture = self.answers.begin(where.team, "", user)
            around = self._around_view(where)
        else:
            gesture = self.answers.begin(self._team_of(user), where.channel, user, where)
            around = self._around_message(where, gesture)
        action = {"block_id": block_id, "type": element["type"], "action_ts": self.state.new_ts()}
        action |= {"action_id": element["action_id"]} | chosen(element, choose)
        payload = self._payload("block_actions", gesture) | around | {"actions": [action]}
        self._send("interactive", "block_actions", payload, gesture)
        return gesture

    def submit(self, view: View, user: str, values: dict[str, object]) -> Gesture:
        """Fill in a modal by action_id and send it off: a text, an option's value, or values. What
        is not named stays as the app has put it there; None empties it."""
        gesture = self.answers.begin(view.team, "", user)
        filled: Json = {}
        for block in view.view["blocks"]:
            for element in elements_of(block):
                name = element.get("action_id", "")
                value = values[name] if name in values else at_first(element)
                filled.setdefault(block["block_id"], {})[name] = state_of(element, value)
        payload = self._payload("view_submission", gesture)
        payload |= {"view": shapes.view_json(view, filled), "response_urls": []}
        gesture.submitted = view
        self._send("interactive", "view_submission", payload, gesture)
        return gesture

    def closes(self, view: View, user: str) -> Gesture:
        """Cancel a modal that asked to hear of it."""
        gesture = self.answers.begin(view.team, "", user)
        payload = self._payload("view_closed", gesture)
        payload |= {"view": shapes.view_json(view), "is_cleared": False}
        self._send("interactive", "view_closed", payload, gesture)
        return gesture

    def shortcut(self, message: Posted, callback_id: str, user: str) -> Gesture:
        """Choose an entry of a message's menu."""
        gesture = self.answers.begin(self._team_of(user), message.channel, user)
        payload = self._payload("message_action", gesture) | {
            "callback_id": callback_id,
            "action_ts": self.state.new_ts(),
            "message_ts": message.ts,
            "message": shapes.message_json(self.state, message),
            "channel": self._channel(message.channel),
            "response_url": self.answers.url_for(gesture),
        }
        self._send("interactive", "message_action", payload, gesture)
        return gesture

    def _send(self, kind: str, name: str, payload: Json, gesture: Gesture) -> None:
        parcel = self.deliveries.parcel(kind, self.state.new_id("I"), name, payload)
        self.deliveries.send(parcel)

        def acknowledged(_: object) -> None:
            if parcel.failure:
                gesture.error = parcel.failure
            self.answers.acknowledge(gesture, parcel.acked.result())

        parcel.acked.add_done_callback(acknowledged)

    def _payload(self, kind: str, gesture: Gesture) -> Json:
        team, user = self.state.teams[gesture.team], self.state.users[gesture.user]
        return {
            "type": kind,
            "token": VERIFICATION,
            "api_app_id": APP_ID,
            "team": {"id": team.id, "domain": team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": user.team,
            },
            "trigger_id": gesture.trigger_id,
        }

    def _around_message(self, message: Posted, gesture: Gesture) -> Json:
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": bool(message.visible_to),
        }
        if message.is_reply:
            container["thread_ts"] = message.thread_ts
        around: Json = {
            "container": container,
            "channel": self._channel(message.channel),
            "state": {"values": {}},
            "response_url": self.answers.url_for(gesture),
        }
        if not message.visible_to:
            around["message"] = shapes.message_json(self.state, message)
        return around

    def _around_view(self, view: View) -> Json:
        container = {"type": "view", "view_id": view.id}
        return {"container": container, "view": shapes.view_json(view)}

    def _channel(self, channel: str) -> Json:
        return {"id": channel, "name": self.state.channels[channel].name}

    def _team_of(self, user: str) -> str:
        """The workspace in which this person uses the app."""
        team = self.state.users[user].team
        return team if team in self.state.teams else next(iter(self.state.teams))

    def _find(self, where: Posted | View, button: str) -> tuple[str, Json]:
        blocks = where.view["blocks"] if isinstance(where, View) else where.blocks
        labels = []
        for block in blocks:
            for element in elements_of(block):
                label = element.get("text", {}).get("text", "")
                if button in (element.get("action_id"), label):
                    return block["block_id"], {"action_id": ""} | element
                labels.append(label or element.get("action_id", ""))
        raise LookupError(f"no button {button!r} here, only {labels}")


def elements_of(block: Json) -> Iterator[Json]:
    """Everything in a block that a person can touch."""
    if block["type"] == "actions":
        yield from block["elements"]
    for name in ("accessory", "element"):
        if name in block and block[name]["type"] != "image":
            yield block[name]


def at_first(element: Json) -> object:
    """What stands in an input before anybody touches it."""
    chosen = element.get("initial_options") or [element.get("initial_option")]
    values = [option["value"] for option in chosen if option]
    if element["type"] in ("checkboxes", "multi_static_select"):
        return values
    return values[0] if values else element.get("initial_value")


def option_of(element: Json, choice: object) -> Json:
    groups = [element, *element.get("option_groups", [])]
    options = [option for group in groups for option in group.get("options", [])]
    for option in options:
        if choice in (option["value"], option["text"]["text"]):
            return dict(option)
    raise LookupError(f"no option {choice!r} here, only {[o['value'] for o in options]}")


def chosen(element: Json, choice: str) -> Json:
    """What an action says beside its ids."""
    if element["type"] == "button":
        return {key: element[key] for key in ("text", "value", "style", "url") if key in element}
    return {key: value for key, value in state_of(element, choice).items() if key != "type"}


def state_of(element: Json, value: object) -> Json:
    """The state of an input once filled in with this value; None leaves it empty."""
    kind = element["type"]
    if kind in ("checkboxes", "multi_static_select"):
        values = value if isinstance(value, list) else [value] if value else []
        return {"type": kind, "selected_options": [option_of(element, v) for v in values]}
    if kind in ("static_select", "radio_buttons", "overflow", "external_select"):
        option = option_of(element, value) if value is not None else None
        return {"type": kind, "selected_option": option}
    names = {
        "plain_text_input": "value",
        "users_select": "selected_user",
        "conversations_select": "selected_conversation",
        "channels_select": "selected_channel",
        "datepicker": "selected_date",
        "timepicker": "selected_time",
    }
    return {"type": kind, names.get(kind, "value"): value}
