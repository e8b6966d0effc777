"""Causes that only a browser finds, in the page itself."""

from __future__ import annotations

from ..core.marked_texts import N_
from .cause import Cause

#: What only a browser finds.
BROWSER_CAUSES = {
    "file_outdated": Cause(
        "survey",
        N_("This browser still uses an earlier file of the site."),
        N_("Reload the page in five minutes, or clear the browser's cache."),
    ),
    "placement_invalid": Cause(
        "element",
        N_("The placement {selector} is not a valid CSS selector."),
        N_("Correct it in the settings of the site."),
    ),
    "placement_unmatched": Cause(
        "element",
        N_("No element of the page matches the placement {selector}."),
        N_("Choose another selector or layout in the settings, or add the element to the page."),
    ),
    "placement_waits": Cause(
        "element",
        N_("The card would move what the visitor is reading, because the end of {selector} is in view."),
        N_("Reserve room with the rule in docs/guides/placement.md, or scroll before the page has loaded."),
    ),
    "popover_waits": Cause(
        "rules",
        N_("The pop-over waits for {seconds} seconds on the page and {percent} percent of it."),
        N_("Stay and scroll, or lower both values in the settings."),
    ),
    "popover_answered": Cause(
        "rules",
        N_("This browser answered or dismissed a pop-over in the last 48 hours."),
        N_("Use a private window, or clear the data of this website."),
    ),
    "dismissed": Cause(
        "rules",
        N_("This browser dismissed the survey in the last 48 hours."),
        N_("Use a private window, or clear the data of this website."),
    ),
    "answered": Cause(
        "rules",
        N_("This browser answered before, so the card shows that answer."),
        N_("Use a private window to see the question again."),
        "note",
    ),
    "not_sampled": Cause(
        "rules",
        N_("This view is not in the sample: {percent} percent of the views are asked."),
        N_("Reload the page, or raise the share of article views in the settings."),
    ),
    "display_none": Cause(
        "visible",
        N_("The style of the page hides the faces: {element} has display: none."),
        N_("Remove that rule, or move the element."),
    ),
    "visibility_hidden": Cause(
        "visible",
        N_("The style of the page hides the faces: {element} has visibility: hidden."),
        N_("Remove that rule, or move the element."),
    ),
    "transparent": Cause(
        "visible",
        N_("The faces are transparent: {element} has opacity: 0."),
        N_("Remove that rule, or move the element."),
    ),
    "no_size": Cause(
        "visible",
        N_("The faces have no room: {element} is {width} by {height} pixels."),
        N_("Give the element a width and a height, and remove overflow: hidden around it."),
    ),
    "outside": Cause(
        "visible",
        N_("The faces are outside of the page, where no scrolling leads."),
        N_("Remove the position or the margin that moves {element}."),
    ),
    "covered": Cause(
        "visible",
        N_("{element} covers the faces."),
        N_("Move it, or lower its z-index."),
    ),
    "below": Cause(
        "visible",
        N_("The faces are further down in the page."),
        N_("Scroll to them, or move the element up."),
        "note",
    ),
    "in_frame": Cause(
        "visible",
        N_("The page is inside a frame of another page, which may cut it off."),
        N_("Make the frame high enough, or put the tag into the outer page."),
        "note",
    ),
    "request_failed": Cause(
        "requests",
        N_("Requests to {host} fail, as with an ad blocker, a firewall or without a network."),
        N_("Turn the blocker off for this page, or serve the file under your own domain (WIDGET_FILE)."),
    ),
    "storage_blocked": Cause(
        "requests",
        N_("This browser stores nothing for the page, so an answer is lost when the page closes before it was sent."),
        N_("Allow the website to store data, or remove the sandbox of its frame."),
        "note",
    ),
    "chat_without_vendor": Cause(
        "chat",
        N_("The site listens to {name}, but the page has no {name}."),
        N_("Load the chat on this page, or turn its adapter off under “Install”."),
    ),
    "chat_without_place": Cause(
        "chat",
        N_("The chat has no place for the faces."),
        N_('Add <tilfreds-rating kind="conversation"></tilfreds-rating>, or set a target or a placement.'),
    ),
    "chat_not_started": Cause(
        "chat",
        N_("The page reported no start of a chat."),
        N_("Write a message in the chat. If this line stays, call tilfreds.started() when the chat starts."),
    ),
    "chat_browser_not_named": Cause(
        "chat",
        N_("The chat does not receive the hash of this browser, so the back end cannot link it to the page."),
        N_("Pass tilfreds.browser() to the API, or set the field of the adapter (docs/guides/chats.md)."),
        "note",
    ),
    "chat_not_ended": Cause(
        "chat",
        N_("The chat has started, and its end was not reported."),
        N_("End the chat. If this line stays, call tilfreds.ended(), or report the end with the API."),
    ),
}
