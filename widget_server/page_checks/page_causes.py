"""Causes that the server finds in the text of a page."""

from __future__ import annotations

from ..core.marked_texts import N_
from .cause import Cause

PAGE_CAUSES = {
    "unreachable": Cause(
        "page",
        N_("The page cannot be reached: {detail}"),
        N_("Open the address in a browser and correct it. Check a page behind a firewall in the page itself."),
    ),
    "sign_in_required": Cause(
        "page",
        N_("The page asks for a sign-in (status {status})."),
        N_("Check it in the page itself, where you are signed in."),
    ),
    "page_error": Cause(
        "page",
        N_("The page answers with status {status}."),
        N_("Correct the address, or repair the page first."),
    ),
    "not_html": Cause(
        "page",
        N_("The address leads to a file of type {type}, not to a page."),
        N_("Enter the address of a page."),
    ),
    "redirected": Cause(
        "page",
        N_("The address redirects to {url}."),
        N_("Use that address, and allow its origin in the settings of the site."),
        "note",
    ),
    "in_frameset": Cause(
        "page",
        N_("The page only holds a frame with {url}."),
        N_("Put the tag into the page inside the frame, and check that address."),
    ),
    "tag_missing": Cause(
        "tag",
        N_("The page has no tag of this server."),
        N_("Paste the line from “Install” before </head>. If a script adds it, check the page itself."),
    ),
    "tag_by_manager": Cause(
        "tag",
        N_("The page has no tag, but {name}, which may add it."),
        N_("Publish the tag there, then check the page itself."),
    ),
    "tag_in_comment": Cause(
        "tag",
        N_("The tag is inside an HTML comment, so browsers ignore it."),
        N_("Remove <!-- and --> around the tag."),
    ),
    "tag_inert": Cause(
        "tag",
        N_("The tag is inside <{name}>, where browsers do not run it."),
        N_("Move the tag out of <{name}>, before </head>."),
    ),
    "tag_of_other_server": Cause(
        "tag",
        N_("The tag loads the file from {host}, not from {expected}."),
        N_("Copy the tag from “Install” again."),
    ),
    "tag_insecure": Cause(
        "tag",
        N_("The page uses https but the tag http, so browsers block it."),
        N_("Write https:// in the address of the tag."),
    ),
    "tag_held": Cause(
        "tag",
        N_("{name} holds the script until the visitor agrees."),
        N_("Put the script into the category “necessary” of {name}; it sets no cookies."),
    ),
    "tag_delayed": Cause(
        "tag",
        N_("{name} delays the script until the visitor scrolls or taps."),
        N_("Exclude the address of the script in {name}."),
        "note",
    ),
    "tag_integrity": Cause(
        "tag",
        N_("The tag has an integrity attribute, and the file changes with the settings."),
        N_("Remove the integrity attribute."),
    ),
    "no_contact": Cause(
        "tag",
        N_("No contact from this page."),
        N_("Check it from the server, which finds a missing tag, a wrong key and a policy that forbids the script."),
    ),
}
#: What the server and the page both find.
SITE_CAUSES = {
    "key_unknown": Cause(
        "key",
        N_("No site of this server has the key {key}."),
        N_("Copy the tag from “Install” again."),
    ),
    "key_of_other_site": Cause(
        "key",
        N_("The tag has the key of another site, {key}."),
        N_("Copy the tag from “Install” of this site."),
    ),
    "two_keys": Cause(
        "key",
        N_("The page has tags of several sites; only the first one, {key}, works."),
        N_("Remove all tags but one."),
    ),
    "origin_not_allowed": Cause(
        "origin",
        N_("The site does not allow answers from {origin}."),
        N_("Add {origin} to the addresses of the website in the settings."),
    ),
    "origin_opaque": Cause(
        "origin",
        N_("The page has no origin, because it is a file or in a sandboxed frame."),
        N_("Open it through a web server, or add allow-same-origin to the sandbox of the frame."),
    ),
    "policy_script": Cause(
        "policy",
        N_("The policy of the page forbids the script ({directive})."),
        N_("Add to the policy: script-src {host}; connect-src {host}"),
    ),
    "policy_connect": Cause(
        "policy",
        N_("The policy of the page forbids requests to this server ({directive})."),
        N_("Add to the policy: script-src {host}; connect-src {host}"),
    ),
    "policy_meta": Cause(
        "policy",
        N_("A policy in a <meta> element of the page forbids the script or its requests ({directive})."),
        N_("Add to that element: script-src {host}; connect-src {host}"),
    ),
    "survey_closed": Cause(
        "survey",
        N_("No survey of this site is open."),
        N_("Open a survey: `tilfreds survey create`, or POST /surveys of the API."),
    ),
    "survey_of_other_kind": Cause(
        "survey",
        N_("The page has an element for {kind}, but no such survey is open."),
        N_("Open a survey for it, or change the kind of the element."),
    ),
    "element_missing": Cause(
        "element",
        N_("The page has no <tilfreds-rating> element, and the site has no placement."),
        N_("Add the element, or choose a placement in the settings (docs/guides/placement.md)."),
    ),
}
