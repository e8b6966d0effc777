"""The group "Keys": its page has views that create, rotate and end keys, and no settings to save."""

from __future__ import annotations

from ...accounts.scopes import Scope
from ...core.marked_texts import N_
from .group import Group

SCOPE_LABELS: dict[Scope, str] = {
    "read": N_("Read conversations, votes, agents, surveys and settings"),
    "write": N_("Report agents, conversations, messages and invitations"),
    "settings": N_("Change the site and its surveys"),
    "moderate": N_("Exclude and restore votes, and decide about surges"),
    "erase": N_("Erase visitors, conversations, and the words of votes"),
    "agent_tokens": N_("Create and revoke the tokens of agents' pages"),
    "audit": N_("Read the audit log, which has people's addresses"),
}
KEYS = Group(
    "keys",
    N_("API keys and secrets"),
    N_("What your back end needs: keys for calls of the API, and secrets that sign visitors."),
    right="manage_keys",
)
