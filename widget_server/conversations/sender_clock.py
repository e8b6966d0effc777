"""The clock of who sends the messages, which differs from ours and often knows whole seconds only.

A segment stores the offset between both clocks: while it is open, the smallest time from sending to arrival of its
messages; once it ended with a time of the sender, the difference to that. Whether a later message was sent before the
end is compared on the sender's clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .models import Segment

#: Within this time of an end, either time may be rounded, so the order of delivery decides.
TOLERANCE = timedelta(seconds=1)
#: A time further ahead is a mistake. Its offset would put all later messages before the end.
MAX_AHEAD = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)


def measure_offset(segment: Segment, sent_at: datetime, now: datetime) -> None:
    """Update the offset of an open segment with a message that was sent at `sent_at` and arrives now."""
    delay = now - sent_at
    if segment.ended_at is None and delay >= -MAX_AHEAD:
        delay_ms = delay // MILLISECOND
        smallest_ms = segment.clock_offset_ms
        segment.clock_offset_ms = delay_ms if smallest_ms is None else min(smallest_ms, delay_ms)


def set_end(segment: Segment, ended_at: datetime, now: datetime, *, sender_time: bool) -> None:
    """Set the end of a segment, which is no later than now. With `sender_time` it is a time of the sender's clock."""
    segment.ended_at = min(ended_at, now)
    if sender_time:
        segment.clock_offset_ms = (segment.ended_at - ended_at) // MILLISECOND


def find_end(segment: Segment) -> datetime | None:
    """Return the end of a segment on the sender's clock, or None while it is open."""
    return segment.ended_at - _offset_of(segment) if segment.ended_at is not None else None


def is_before_end(segment: Segment, sent_at: datetime | None) -> bool:
    """Return whether a message that arrives now belongs to this segment and not to a later one.

    A message without a time was sent now.
    """
    end = find_end(segment)
    return end is None or (sent_at is not None and sent_at < end - TOLERANCE)


def to_our_time(segment_before: Segment | None, sent_at: datetime, now: datetime) -> datetime:
    """Return when a message was sent by our clock: after the end of the segment before it, and no later than now."""
    if segment_before is None or segment_before.ended_at is None:
        return min(sent_at, now)
    return min(max(sent_at + _offset_of(segment_before), segment_before.ended_at), now)


def _offset_of(segment: Segment) -> timedelta:
    return timedelta(milliseconds=segment.clock_offset_ms or 0)
