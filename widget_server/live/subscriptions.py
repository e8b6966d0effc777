"""The open streams of this process, found by what they follow, so that an event costs only those who hear of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from ..events.outbox_reader import Change
from .stream import Stream


class SiteStreams:
    """The streams of one site: of single conversations, of everything, and of the list of conversations."""

    def __init__(self) -> None:
        self.of_conversation: dict[UUID, set[Stream]] = defaultdict(set)
        self.of_all: set[Stream] = set()
        self.lists: set[Stream] = set()

    def places(self, stream: Stream) -> list[set[Stream]]:
        subscription = stream.subscription
        if not subscription.conversation_ids:
            return [self.lists if subscription.follows_list else self.of_all]
        focused = [self.of_conversation[conversation_id] for conversation_id in subscription.conversation_ids]
        return [*focused, self.lists] if subscription.follows_list else focused

    def streams_of(self, change: Change) -> Iterable[Stream]:
        """Return the streams that get the event itself."""
        if change.conversation_id is None:
            return self.of_all
        return self.of_all | self.of_conversation.get(change.conversation_id, set())


class OpenStreams:
    """All of them; each is added once and removed once."""

    def __init__(self) -> None:
        self.sites: dict[UUID, SiteStreams] = defaultdict(SiteStreams)
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
        for conversation_id in stream.subscription.conversation_ids:
            if not site.of_conversation[conversation_id]:
                del site.of_conversation[conversation_id]
        if not (site.of_conversation or site.of_all or site.lists):
            del self.sites[stream.grant.site_id]
        self.streams.discard(stream)

    def by_stream(self, changes: Sequence[Change]) -> dict[Stream, list[Change]]:
        """Return the changes that each stream follows, in order."""
        changes_of: dict[Stream, list[Change]] = defaultdict(list)
        for change in changes:
            site = self.sites.get(change.site_id)
            if site is not None:
                for stream in site.streams_of(change):
                    changes_of[stream].append(change)
        return changes_of

    def lists_changed_by(self, changes: Sequence[Change]) -> list[Stream]:
        """Return the streams of lists that changed by any of them and do not know it yet."""
        elsewhere: dict[UUID, set[UUID | None]] = defaultdict(set)
        for change in changes:
            elsewhere[change.site_id].add(change.conversation_id)
        return [
            stream
            for site_id, conversations in elsewhere.items()
            if site_id in self.sites
            for stream in self.sites[site_id].lists
            if not stream.is_list_due and not conversations <= stream.subscription.conversation_ids
        ]
