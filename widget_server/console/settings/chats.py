"""The group "Chats": the chats of other vendors that pages listen to."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.marked_texts import N_
from ...settings.adapters import OPTIONS
from ..install.guides import chat_guides
from .group import Group
from .setting import Control, Setting

#: Each option's label and its sentence.
OPTION_TEXTS = {
    "target": (N_("Place of the card"), N_("CSS selector of the element that shows the card after the chat.")),
    "field": (N_("Field for the visitor"), N_("Field of the product that receives the hash of the visitor's browser.")),
    "idle_minutes": (N_("End after silence"), N_("Minutes without a message after which the chat ends, 1 to 1,440.")),
    "scope": (N_("Scope"), N_("The scope that the vendor's script uses, if it is not the usual one.")),
    "csat": (N_("The product's own survey ends the chat"), N_("Its appearance counts as the end of the chat.")),
    "token": (N_("Hash as user token"), N_("Set the hash of the visitor's browser as the product's user token.")),
    "start": (N_("Event of the start"), N_("Name of the DOM event that the chat sends when the visitor starts it.")),
    "message": (N_("Event of a message"), N_("Name of the DOM event that the chat sends for a new message.")),
    "end": (N_("Event of the end"), N_("Name of the DOM event that the chat sends when it ends.")),
    "conversation": (N_("Path of the id"), N_("Where the events have the chat's id, such as detail.conversation.id.")),
}
CONTROLS: dict[str, Control] = {"idle_minutes": "number", "csat": "switch", "token": "switch"}


def adapter_settings() -> Iterator[Setting]:
    """Yield a switch for each adapter, followed by its options."""
    products = {guide.slug: guide.name for guide in chat_guides()}
    for adapter, options in OPTIONS.items():
        name = f"adapters.{adapter}"
        listens = N_("Pages listen to this chat, and ask when it has ended.")
        yield Setting(name, products[adapter], listens, N_("Off"), "pages", "part")
        for option in ("target", *options):
            label, help_text = OPTION_TEXTS[option]
            default = N_("Off") if CONTROLS.get(option) == "switch" else N_("None")
            control = CONTROLS.get(option, "line")
            yield Setting(f"{name}.{option}", label, help_text, default, "pages", control, needs_parent=True)


CHATS = Group(
    "chats",
    N_("Chats"),
    N_("The chats of other vendors on your pages, whose end leads to a question."),
    tuple(adapter_settings()),
    template="console/settings_chats.html",
)
