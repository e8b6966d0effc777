"""What the check in the page needs from the server, with all of its texts in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..sites.models import Site
from ..sites.origins import is_allowed
from .cause import STEP_LABELS, Step
from .causes import CAUSES, Finding
from .server_check import SiteFacts

#: The steps that a page can check, in the order in which it names the first failing one.
PAGE_STEPS: tuple[Step, ...] = ("tag", "key", "origin", "survey", "element", "rules", "visible", "requests", "chat")


def find_server_side(key: str, origin: str | None, facts: SiteFacts) -> list[Finding]:
    """Return the findings about a page that only the server knows: the key of its tag, its origin, the surveys."""
    findings = []
    if key != facts.key:
        code = "key_of_other_site" if facts.has_site(key) else "key_unknown"
        findings.append(Finding(code, {"key": key}))
    if not is_allowed(origin, facts.allowed_origins, facts.public_url):
        is_opaque = origin in ("null", "file://")
        findings.append(
            Finding("origin_opaque") if is_opaque else Finding("origin_not_allowed", {"origin": origin or ""})
        )
    if not facts.open_kinds:
        findings.append(Finding("survey_closed"))
    return findings


def describe_site(site: Site, facts: SiteFacts, placements: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the site that decide where faces appear."""
    return {
        "kinds": sorted(facts.open_kinds),
        "placements": {name.removeprefix("placements/"): options for name, options in placements.items()},
        "adapters": site.adapters,
        "share": site.article_share,
        "host": facts.host,
    }


def list_texts(translate: Callable[[str], str]) -> dict[str, Any]:
    """Return the causes and the labels of the steps in the reader's language."""
    return {
        "causes": {
            code: {
                "step": cause.step,
                "weight": cause.weight,
                "message": translate(cause.message),
                "fix": translate(cause.fix),
            }
            for code, cause in CAUSES.items()
        },
        "steps": [[step, translate(STEP_LABELS[step])] for step in PAGE_STEPS],
    }
