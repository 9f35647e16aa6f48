"""Slack on localhost: the platform that the tests of the Slack adapter talk to.

`SlackServer` is all a test needs; each subject of Slack has a module of its own here.
"""

from tests.servers.slack.ledger import Accepted, Answer, Attempt
from tests.servers.slack.server import SCOPES, SlackServer
from tests.servers.slack.state import Modes, Posted, View

__all__ = ["SCOPES", "Accepted", "Answer", "Attempt", "Modes", "Posted", "SlackServer", "View"]
