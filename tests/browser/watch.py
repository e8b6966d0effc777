"""Collects what must never happen on a page: uncaught errors, console errors, policy violations, a response 429."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Response, WebError

#: The console shows a violation too, but not one of a report-only policy, and never with the policy's directive.
TELL_BREACHES = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy breached: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))"""
ELSEWHERE = "https://elsewhere.example/other"
STATUSES = (401, 403, 404, 503)
REASONS = ["net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED", *(f"status of {code} ()" for code in STATUSES)]
#: Requests that no test makes: an expectation that matches one of them is too broad.
FOREIGN = [*(f"console: Failed to load resource: {why} ({ELSEWHERE})" for why in REASONS), f"answer 429: {ELSEWHERE}"]


def failed(address: str, why: str = "") -> str:
    """Return a pattern of the console's line for a failed request, by patterns of its address's end and the reason."""
    return rf"^console: Failed to load resource: .*{why}.* \(\S*{address}\)$"


@dataclass
class Watch:
    """The errors on a test's pages. Each must be expected, and each expectation must be met."""

    troubles: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    scriptless: list[BrowserContext] = field(default_factory=list)

    def attach(self, context: BrowserContext, *, has_scripts: bool = True) -> None:
        context.add_init_script(TELL_BREACHES)
        context.on("weberror", self._error)
        context.on("console", self._console)
        context.on("response", self._response)
        self.contexts.append(context)
        if not has_scripts:
            self.scriptless.append(context)

    def expect(self, pattern: str) -> None:
        """Allow errors that match this regular expression, of which one must occur; it must identify the request."""
        assert not any(re.search(pattern, one) for one in FOREIGN), f"too broad: {pattern}"
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [trouble for trouble in self.troubles if not any(re.search(one, trouble) for one in self.expected)]

    def missing(self) -> list[str]:
        return [one for one in self.expected if not any(re.search(one, trouble) for trouble in self.troubles)]

    def settle(self) -> None:
        """Wait until every page has reported its events; pages without scripts have no timer and report nothing."""
        for context in self.contexts:
            for page in context.pages if context not in self.scriptless else ():
                page.evaluate("new Promise((done) => setTimeout(done))")

    def check(self) -> None:
        """Fail the test for unexpected errors, and for expected ones that did not occur."""
        unexpected, missing = self.unexpected(), self.missing()
        assert unexpected == [], f"trouble on a page: {unexpected}"
        assert missing == [], f"an expected trouble did not come: {missing}"

    def _error(self, error: WebError) -> None:
        self.troubles.append(f"uncaught: {error.error}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self.troubles.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _response(self, response: Response) -> None:
        if response.status == 429:
            self.troubles.append(f"answer 429: {response.url}")
