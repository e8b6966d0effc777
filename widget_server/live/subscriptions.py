"""The open streams of this process, indexed by what they follow, so that an event costs only the affected streams."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from ..accounts.live_tokens import LiveGrant
from ..events.outbox_reader import Change
from .stream import Stream

SHARE_FACTOR = 4


class SiteStreams:
    """The streams of a site, by what they follow: single conversations, everything, or the list of conversations."""

    def __init__(self) -> None:
        self.of_conversation: dict[UUID, set[Stream]] = defaultdict(set)
        self.of_all: set[Stream] = set()
        self.lists: set[Stream] = set()

    def sets_for(self, stream: Stream) -> list[set[Stream]]:
        """Return the sets that the stream belongs to."""
        subscription = stream.subscription
        if not subscription.conversation_ids:
            return [self.lists if subscription.follows_list else self.of_all]
        conversation_sets = [self.of_conversation[conversation_id] for conversation_id in subscription.conversation_ids]
        return [*conversation_sets, self.lists] if subscription.follows_list else conversation_sets

    def streams_of(self, change: Change) -> Iterable[Stream]:
        """Return the streams that receive the event itself."""
        if change.conversation_id is None:
            return self.of_all
        return self.of_all | self.of_conversation.get(change.conversation_id, set())


class OpenStreams:
    """The open streams of all sites; each is added once and removed once."""

    def __init__(self) -> None:
        self.sites: dict[UUID, SiteStreams] = defaultdict(SiteStreams)
        self.streams: set[Stream] = set()
        self.count_by_site: Counter[UUID | None] = Counter()
        self.count_by_holder: Counter[UUID | None] = Counter()

    @property
    def count(self) -> int:
        return len(self.streams)

    def has_room(self, grant: LiveGrant, limit: int) -> bool:
        """Return whether one more stream of this grant's site leaves others room among `limit` streams.

        A site may hold `SHARE_FACTOR` times what is free: alone 80 %, and less the more others hold.
        """
        return self.count_by_site[grant.site_id] < SHARE_FACTOR * (limit - self.count)

    def add(self, stream: Stream) -> None:
        self.count_by_site[stream.grant.site_id] += 1
        self.count_by_holder[stream.grant.holder] += 1
        for streams in self.sites[stream.grant.site_id].sets_for(stream):
            streams.add(stream)
        self.streams.add(stream)

    def remove(self, stream: Stream) -> None:
        for counter, key in (
            (self.count_by_site, stream.grant.site_id),
            (self.count_by_holder, stream.grant.holder),
        ):
            counter[key] -= 1
            if not counter[key]:
                del counter[key]
        site = self.sites[stream.grant.site_id]
        for streams in site.sets_for(stream):
            streams.discard(stream)
        for conversation_id in stream.subscription.conversation_ids:
            if not site.of_conversation[conversation_id]:
                del site.of_conversation[conversation_id]
        if not (site.of_conversation or site.of_all or site.lists):
            del self.sites[stream.grant.site_id]
        self.streams.discard(stream)

    def group_by_stream(self, changes: Sequence[Change]) -> dict[Stream, list[Change]]:
        """Return the changes that each stream follows, in order."""
        changes_of: dict[Stream, list[Change]] = defaultdict(list)
        for change in changes:
            site = self.sites.get(change.site_id)
            if site is not None:
                for stream in site.streams_of(change):
                    changes_of[stream].append(change)
        return changes_of

    def find_changed_lists(self, changes: Sequence[Change]) -> list[Stream]:
        """Return the list streams that need a notification and have none scheduled."""
        conversation_ids_by_site: dict[UUID, set[UUID | None]] = defaultdict(set)
        for change in changes:
            conversation_ids_by_site[change.site_id].add(change.conversation_id)
        return [
            stream
            for site_id, conversation_ids in conversation_ids_by_site.items()
            if site_id in self.sites
            for stream in self.sites[site_id].lists
            if not stream.is_list_due and not conversation_ids <= stream.subscription.conversation_ids
        ]
