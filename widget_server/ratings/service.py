"""Casting a vote: the one write path for widget, link and API.

Prepared statements, one transaction, no commit (see group_commit.py).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ..core import clock
from ..core.errors import Invalid
from ..core.text import fold
from ..events.publish import publish
from ..invitations.models import InvitationTally
from ..sites.site_cache import Facts
from ..storage.counters import add_to_count
from ..storage.db import new_id, table_of
from ..storage.prepared import Transaction
from . import screenshots, statements, tallies
from .models import standing_of
from .submission import Receipt, Save, judge
from .target import Target, refuse_late
from .wording import Wording, wording_of

INVITATION_TALLY = table_of(InvitationTally)
#: A better answer counts as a recovery after this long, or when the talk went on in between.
RECOVERY_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Cast:
    """One press on its way into the database."""

    connection: Connection
    site: Facts
    target: Target
    save: Save
    wording: Wording

    @functools.cached_property
    def values(self) -> dict[str, Any]:
        """What the vote's row takes from the press."""
        score, reasons, answers, comment = self.save.answer
        return {
            "client_hash": self.save.client_hash,
            "rev": self.save.rev,
            "revision_id": self.save.revision_id,
            "score": score,
            "reasons": reasons,
            "answers": answers,
            "outcomes": self.wording.outcomes(self.save),
            "comment": comment,
            "comment_folded": None if comment is None else fold(comment),
            "verified": self.target.verified,
            "intended_at": self.save.intended_at,
            "changed_at": self.save.received_at,
            "language": self.save.language,
            "page": self.save.page,
        }


def cast_vote(connection: Connection, site: Facts, target: Target, save: Save) -> Receipt:
    """Store a press, or tell what stands. Vote, history, counts, ledger and event are written together.

    Raises 409 for a question that is over, 422 for a save that contradicts itself.
    """
    wording = wording_of(connection, site, save.revision_id)
    standing = vote_of(connection, site.id, target)
    if standing is not None:
        save = wording.with_page(save, standing)
        elsewhere = wording.on_page(save.score) if save.score is not None else ()
        verdict = judge(save, standing, _seen(connection, site.id, standing, save), elsewhere)
        if verdict == "conflict":
            raise Invalid(
                "This save was stored before with another answer. Send a higher rev.", code="conflict", pointer="/rev"
            )
        if verdict == "repeat":
            return _receipt(standing, save.rev, _state(save.score), wording.surveyed(standing))
        if verdict == "ignore":
            return _receipt(standing, save.rev, "ignored")
    wording.refuse(target, save)
    refuse_late(target, save)
    cast = Cast(connection, site, target, save, wording)
    vote_id = _add(cast) if standing is None else change_vote(cast, standing)
    has_comment, surveyed = save.answer[-1] is not None, wording.surveyed(save)
    return Receipt(vote_id, save.rev, save.score, has_comment, _state(save.score), save.received_at, surveyed)


def receipt_of(transaction: Transaction, site_id: UUID, target: Target) -> Receipt | None:
    """The receipt of the answer that stands, for a page that comes back."""
    standing = vote_of(transaction, site_id, target)
    return None if standing is None else _receipt(standing, standing.rev, _state(standing.score))


def _state(score: int | None) -> str:
    return "removed" if score is None else "saved"


def vote_of(transaction: Transaction, site_id: UUID, target: Target) -> Any | None:
    """The row that stands for a target."""
    if target.segment_id is not None:
        return statements.OF_SEGMENT.first(transaction, {"site": site_id, "segment": target.segment_id})
    if target.invitation_id is not None:
        return statements.OF_INVITATION.first(transaction, {"site": site_id, "invitation": target.invitation_id})
    where = {"site": site_id, "subject": target.subject_id, "voter": target.voter}
    return statements.OF_SUBJECT.first(transaction, where)


def _receipt(row: Any, rev: int, state: str, surveyed: str | None = None) -> Receipt:
    return Receipt(row.id, rev, row.score, row.comment is not None, state, row.changed_at, surveyed)


def _seen(connection: Connection, site_id: UUID, standing: Any, save: Save) -> Any | None:
    """This client's newest stored save, unless that is of a lower rev."""
    if standing.client_hash == save.client_hash:
        return standing if standing.rev >= save.rev else None
    where = {"site": site_id, "vote": standing.id, "client": save.client_hash, "rev_least": save.rev}
    return statements.SEEN.first(connection, where)


def _add(cast: Cast) -> UUID:
    target, save = cast.target, cast.save
    vote_id = new_id()
    voted_on = clock.local_day(save.intended_at, cast.site.time_zone)
    row = {
        "site_id": cast.site.id,
        "id": vote_id,
        "segment_id": target.segment_id,
        "invitation_id": target.invitation_id,
        "subject_id": target.subject_id,
        "voter": target.voter,
        "asked_id": target.invitation.id if target.invitation is not None else None,
        "visitor_id": target.visitor_id,
        "channel": target.channel,
        "first_at": save.intended_at,
        "voted_on": voted_on,
        "version": 1,
        "suspect_reason": target.suspect_reason,
    }
    statements.ADD_VOTE.run(cast.connection, {**row, **cast.values})
    _tell(cast, vote_id, 1, "vote.cast")
    _mark_voted(cast)
    # Last, as others wait for the rows that they share.
    tallies.move(cast.connection, None, _counted(cast, voted_on, cast.values, standing_of(None, target.suspect_reason)))
    return vote_id


def change_vote(cast: Cast, standing: Any) -> UUID:
    """Write a later save of a vote, which was judged before."""
    version = standing.version + 1
    where = {"of_site": cast.site.id, "of_vote": standing.id}
    if standing.version == 1:
        # Until now the vote was its own history.
        statements.KEEP_FIRST.run(cast.connection, where)
    statements.SET_VOTE.run(cast.connection, {**where, **cast.values, "version": version})
    if cast.save.score is None:
        # Who removes an answer removes what it was, too; that there were saves stays.
        statements.FORGET_CHANGES.run(cast.connection, where)
        screenshots.FORGET.run(cast.connection, where)
    _remember(cast, standing.id, version, recovery=_is_recovery(cast, standing))
    _tell(cast, standing.id, version, "vote.changed")
    if cast.target.conversation_id is not None:
        at = {"of_site": cast.site.id, "of_conversation": cast.target.conversation_id, "at": cast.save.received_at}
        statements.SET_UNSEEN.run(cast.connection, at)
    kept = standing_of(standing.struck_at, standing.suspect_reason)
    tallies.move(
        cast.connection,
        _counted(cast, standing.voted_on, standing._asdict(), kept),
        _counted(cast, standing.voted_on, cast.values, kept),
    )
    vote_id: UUID = standing.id
    return vote_id


def _counted(cast: Cast, voted_on: date, values: dict[str, Any], standing: str) -> tallies.Counted:
    return tallies.Counted(
        site_id=cast.site.id,
        voted_on=voted_on,
        revision_id=values["revision_id"],
        channel=cast.target.channel,
        score=values["score"],
        outcomes=values["outcomes"],
        standing=standing,
        verified=values["verified"],
        subject_id=cast.target.subject_id,
        agent_ids=cast.target.agent_ids,
    )


def _remember(cast: Cast, vote_id: UUID, version: int, *, recovery: bool) -> None:
    row = {
        "site_id": cast.site.id,
        "vote_id": vote_id,
        "version": version,
        "recovery": recovery,
        "stored_at": cast.save.received_at,
    }
    statements.ADD_CHANGE.run(cast.connection, {**cast.values, **row})


def _is_recovery(cast: Cast, standing: Any) -> bool:
    score, before = cast.save.score, standing.score
    if score is None or before is None or score <= before:
        return False
    if cast.save.intended_at - standing.intended_at > RECOVERY_AFTER:
        return True
    conversation_id = cast.target.conversation_id
    if conversation_id is None:
        return False
    where = {"site": cast.site.id, "conversation": conversation_id, "moment": standing.intended_at}
    return statements.NEWER_MESSAGE.first(cast.connection, where) is not None


def _mark_voted(cast: Cast) -> None:
    """The ledger says voted, the pin stops moving, the conversation leads its list, unseen."""
    invitation, of_site = cast.target.invitation, {"of_site": cast.site.id}
    if invitation is None:
        return
    voted = {**of_site, "of_invitation": invitation.id, "at": cast.save.intended_at}
    statements.SET_VOTED.run(cast.connection, voted)
    if cast.target.segment_id is not None:
        at = {**of_site, "at": cast.save.received_at}
        statements.SET_PINNED.run(cast.connection, {**at, "of_segment": cast.target.segment_id})
        statements.SET_LATEST.run(cast.connection, {**at, "of_conversation": cast.target.conversation_id})
    key = {"site_id": cast.site.id, "decided_on": invitation.decided_on, "channel": invitation.channel}
    for state, delta in sorted(((invitation.state, -1), ("voted", 1))):
        add_to_count(cast.connection, INVITATION_TALLY, {**key, "state": state}, delta)


def _tell(cast: Cast, vote_id: UUID, version: int, kind: str) -> None:
    publish(
        cast.connection,
        cast.site.id,
        "vote.removed" if cast.save.score is None else kind,
        at=cast.save.received_at,
        conversation_id=cast.target.conversation_id,
        segment_id=cast.target.segment_id,
        subject_id=cast.target.subject_id,
        vote_id=vote_id,
        version=version,
    )
