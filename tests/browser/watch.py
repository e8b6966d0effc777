"""What must never happen on a page: uncaught errors, console errors, breaches of a policy, an answer 429."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Response, WebError

#: A breach also speaks in the console, but not one whose policy only reports, and never with the policy's own words.
TELL_BREACHES = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy breached: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))"""
ELSEWHERE = "https://elsewhere.example/other"
STATUSES = (401, 403, 404, 503)
REASONS = ["net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED", *(f"status of {code} ()" for code in STATUSES)]
#: Requests that no test is about: an expectation that lets one of them pass says too little.
FOREIGN = [*(f"console: Failed to load resource: {why} ({ELSEWHERE})" for why in REASONS), f"answer 429: {ELSEWHERE}"]


def failed(address: str, why: str = "") -> str:
    """The browser's words for a request that came to nothing. Patterns: how its address ends, and why."""
    return rf"^console: Failed to load resource: .*{why}.* \(\S*{address}\)$"


@dataclass
class Watch:
    """The troubles of a test's pages. Each must have been expected, and each expectation must come true."""

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
        """Let troubles pass whose text holds this regular expression; at least one must come. It names its request."""
        assert not any(re.search(pattern, one) for one in FOREIGN), f"too broad: {pattern}"
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [trouble for trouble in self.troubles if not any(re.search(one, trouble) for one in self.expected)]

    def missing(self) -> list[str]:
        return [one for one in self.expected if not any(re.search(one, trouble) for trouble in self.troubles)]

    def settle(self) -> None:
        """Let every page say what it has to say: what it reports arrives when we wait for it. One without scripts has
        nothing to say, and no timer of its own that would end the wait.
        """
        for context in self.contexts:
            for page in context.pages if context not in self.scriptless else ():
                page.evaluate("new Promise((done) => setTimeout(done))")

    def check(self) -> None:
        """Fail the test for what nobody expected, and for what was expected and did not come."""
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
