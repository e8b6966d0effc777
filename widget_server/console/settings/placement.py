"""The group "Placement": where the card appears without an element in the page."""

from __future__ import annotations

from ...core.marked_texts import N_
from ...sites.placement import LAYOUTS, SIDES, WHERE
from .group import Group
from .setting import Setting

SIDE_LABELS = {"start": N_("Start of the line (left in English)"), "end": N_("End of the line (right in English)")}
WHERE_LABELS = {"above": N_("Above the button"), "beside": N_("Beside the button")}

PLACEMENT = Group(
    "placement",
    N_("Placement"),
    N_("Where the card appears on pages in which you wrote no element for it."),
    (
        Setting(
            "placement.layout",
            N_("Layout of the articles"),
            N_("The card appears at the end of each article of this generator."),
            N_("None"),
            "pages",
            "choice",
            {"": N_("None"), **dict.fromkeys(LAYOUTS, "")},
        ),
        Setting(
            "article_selector",
            N_("Selector of the article"),
            N_("CSS selector of the element that contains an article; it takes precedence over the layout."),
            N_("That of the layout"),
            "pages",
        ),
        Setting(
            "placement.popover",
            N_("Pop-over"),
            N_("Ask over pages without a card, in a corner of the window."),
            N_("Off"),
            "pages",
            "part",
        ),
        Setting(
            "placement.popover.delay_seconds",
            N_("Delay of the pop-over"),
            N_("Seconds that a page must be visible before the pop-over appears."),
            "20",
            "pages",
            "number",
            needs_parent=True,
        ),
        Setting(
            "placement.popover.scroll_percent",
            N_("Scrolling before the pop-over"),
            N_("Percentage of the page that must be scrolled to; 0 does not wait for scrolling."),
            "50",
            "pages",
            "number",
            needs_parent=True,
        ),
        Setting(
            "placement.popover.side",
            N_("Corner of the pop-over"),
            N_("The lower corner of the window, in the direction of the page."),
            SIDE_LABELS["start"],
            "pages",
            "choice",
            {side: SIDE_LABELS[side] for side in reversed(SIDES)},
            needs_parent=True,
        ),
        Setting(
            "placement.panel",
            N_("Panel of the chat"),
            N_("CSS selector of the element that shows the card after a chat; without one, your page has an element."),
            N_("None"),
            "pages",
        ),
        Setting(
            "placement.launcher",
            N_("Card at the chat's button"),
            N_("Show the card after a chat next to the button that opens it, instead of in a panel."),
            N_("Off"),
            "pages",
            "part",
        ),
        Setting(
            "placement.launcher.side",
            N_("Corner of the button"),
            N_("The lower corner in which the button of the chat is."),
            SIDE_LABELS["end"],
            "pages",
            "choice",
            {side: SIDE_LABELS[side] for side in SIDES},
            needs_parent=True,
        ),
        Setting(
            "placement.launcher.where",
            N_("Position at the button"),
            N_("Narrow windows always show the card above the button."),
            WHERE_LABELS["above"],
            "pages",
            "choice",
            {where: WHERE_LABELS[where] for where in WHERE},
            needs_parent=True,
        ),
        Setting(
            "placement.launcher.clearance",
            N_("Space for the button"),
            N_("Pixels from the edge of the window, 0 to 300."),
            "96",
            "pages",
            "number",
            needs_parent=True,
        ),
    ),
)
