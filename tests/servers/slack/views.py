"""The methods that prove who calls, open sockets, and show modals and the home page.

https://docs.slack.dev/reference/methods/views.open and /apps.connections.open.
"""

import time
import uuid

from tests.servers.slack import shapes
from tests.servers.slack.blocks import wrongs_of_view
from tests.servers.slack.calls import Call
from tests.servers.slack.ledger import Accepted, Json
from tests.servers.slack.messages import with_block_ids
from tests.servers.slack.pings import pings
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.state import APP_ID, View


def who_calls(call: Call) -> Json:
    """auth.test"""
    if call.token.kind == "app":
        return {"app_name": "BotBeat", "app_id": APP_ID}
    team, user = call.team, call.state.users[call.token.user]
    answer: Json = {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": user.name,
        "team_id": team.id,
        "user_id": user.id,
        "is_enterprise_install": False,
    }
    return answer | ({"bot_id": team.bot_id} if call.token.kind == "bot" else {})


def open_connection(call: Call) -> Json:
    """apps.connections.open"""
    ticket = uuid.uuid4().hex
    call.state.tickets.add(ticket)
    return {"url": f"ws://{call.state.address}/link/?ticket={ticket}&app_id={APP_ID}"}


def view_of(call: Call, kind: str) -> Json:
    view = call.parsed("view", "invalid_arguments")
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments")
    wrongs = wrongs_of_view(view)
    if wrongs or view["type"] != kind:
        raise Refusal("invalid_arguments", response_metadata={"messages": wrongs})
    return view | {"blocks": with_block_ids(call.state, view["blocks"])}


def open_modal(call: Call) -> Json:
    """views.open"""
    gesture = call.answers.trigger(call.must("trigger_id"))
    view = View(call.state.new_id("V"), "modal", gesture.user, call.team.id, view_of(call, "modal"))
    gesture.modal = call.state.views[view.id] = view
    gesture.changed.set()
    record(call, view)
    return {"view": shapes.view_json(view)}


def update_modal(call: Call) -> Json:
    """views.update: https://docs.slack.dev/reference/methods/views.update"""
    view = call.state.views.get(str(call.must("view_id")))
    if view is None or view.team != call.team.id:
        raise Refusal("not_found")
    view.view = view_of(call, view.kind)
    record(call, view)
    return {"view": shapes.view_json(view)}


def publish_home(call: Call) -> Json:
    """views.publish"""
    user = call.must("user_id")
    if user not in call.state.users:
        raise Refusal("user_not_found")
    content = view_of(call, "home")
    home = next((v for v in call.state.views.values() if (v.kind, v.user) == ("home", user)), None)
    home = home or View(call.state.new_id("V"), "home", user, call.team.id, content)
    home.view = content
    call.state.views[home.id] = home
    record(call, home)
    return {"view": shapes.view_json(home)}


def record(call: Call, view: View) -> None:
    blocks = view.view["blocks"]
    accepted = Accepted(
        method=call.method,
        channel=view.user,
        ts=view.id,
        thread_ts=None,
        text="",
        blocks=tuple(blocks),
        metadata=None,
        username=None,
        icon_url=None,
        pings=pings("", blocks, {}),
        at=time.monotonic(),
        args=call.args,
    )
    call.state.write(accepted)


METHODS = {
    "auth.test": who_calls,
    "apps.connections.open": open_connection,
    "views.open": open_modal,
    "views.publish": publish_home,
    "views.update": update_modal,
}
