"""The open streams of this process, found by what they follow, so that an event costs only those who hear of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from ..events.outbox_reader import Change
from .stream import Stream


class SiteReaders:
    """The streams of one site: of single conversations, of everything, and those who are hinted at the rest."""

    def __init__(self) -> None:
        self.of_conversation: dict[UUID, set[Stream]] = defaultdict(set)
        self.of_all: set[Stream] = set()
        self.hinted: set[Stream] = set()

    def places(self, stream: Stream) -> list[set[Stream]]:
        wish = stream.wish
        if not wish.conversation_ids:
            return [self.hinted if wish.hints else self.of_all]
        focused = [self.of_conversation[wanted] for wanted in wish.conversation_ids]
        return [*focused, self.hinted] if wish.hints else focused

    def told(self, change: Change) -> Iterable[Stream]:
        """Who gets the event itself."""
        if change.conversation_id is None:
            return self.of_all
        return self.of_all | self.of_conversation.get(change.conversation_id, set())


class Readers:
    """All of them; each is added once and removed once."""

    def __init__(self) -> None:
        self.sites: dict[UUID, SiteReaders] = defaultdict(SiteReaders)
        self.streams: set[Stream] = set()

    @property
    def count(self) -> int:
        return len(self.streams)

    def add(self, stream: Stream) -> None:
        for place in self.sites[stream.grant.site_id].places(stream):
            place.add(stream)
        self.streams.add(stream)

    def remove(self, stream: Stream) -> None:
        site = self.sites[stream.grant.site_id]
        for place in site.places(stream):
            place.discard(stream)
        for wanted in stream.wish.conversation_ids:
            if not site.of_conversation[wanted]:
                del site.of_conversation[wanted]
        if not (site.of_conversation or site.of_all or site.hinted):
            del self.sites[stream.grant.site_id]
        self.streams.discard(stream)

    def told(self, changes: Sequence[Change]) -> dict[Stream, list[Change]]:
        """What each stream that follows any of them is told, in order."""
        found: dict[Stream, list[Change]] = defaultdict(list)
        for change in changes:
            site = self.sites.get(change.site_id)
            if site is not None:
                for stream in site.told(change):
                    found[stream].append(change)
        return found

    def hinted(self, changes: Sequence[Change]) -> list[Stream]:
        """The streams for which any of them is something else, and who do not know yet that there is something."""
        elsewhere: dict[UUID, set[UUID | None]] = defaultdict(set)
        for change in changes:
            elsewhere[change.site_id].add(change.conversation_id)
        return [
            stream
            for site_id, conversations in elsewhere.items()
            if site_id in self.sites
            for stream in self.sites[site_id].hinted
            if not stream.hint_due and not conversations <= stream.wish.conversation_ids
        ]
