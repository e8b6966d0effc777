"""Store votes: the only write path for widget, link and API.

It runs prepared statements in one transaction and never commits (see group_commit.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ..core import clock
from ..core.errors import Invalid
from ..events.publish import publish
from ..invitations.models import InvitationTally
from ..sites.site_cache import SiteSettings
from ..storage.counters import add_to_count
from ..storage.db import new_id, table_of
from ..storage.prepared import Transaction
from . import history, screenshots, statements, tallies
from .erased import leave_out_words
from .models import vote_status
from .redaction import count_masks, mask_answer, redact_submission
from .rows import StoredAnswer, StoredVote
from .shown_revision import ShownRevision, revision_of
from .submission import Receipt, Resolution, Submission, resolve_conflict
from .target import Target, check_in_time
from .vote_write import VoteWrite

INVITATION_TALLY = table_of(InvitationTally)
#: A better answer is a recovery after this time, or if the chat continued in between.
RECOVERY_AFTER = timedelta(seconds=60)


def save_vote(connection: Connection, site: SiteSettings, target: Target, submission: Submission) -> Receipt:
    """Store a submission and return its receipt. Vote, history, counts, invitation and event are written together.

    Raises: Conflict: the question or the survey is closed, or the visitor was erased. Invalid: the revision does not
    accept the submission, or its `rev` is already stored with another answer.
    """
    revision = revision_of(connection, site, submission.revision_id)
    submission = submission.not_before(revision.published_at, target.decided_at)
    existing_vote = find_vote(connection, site.id, target)
    erased_at = target.erased_at if existing_vote is None else existing_vote.erased_at
    if erased_at is not None:
        submission = leave_out_words(submission, revision, erased_at)
    original = submission
    submission = redact_submission(submission, revision.questions, site.redaction)
    has_masks = submission is not original
    if existing_vote is not None:
        submission = revision.with_page_answers(submission, existing_vote)
        resolution = _resolve(connection, site.id, revision, submission, existing_vote)
        if resolution == "repeat":
            holder = revision.survey_holder(existing_vote)
            return _to_receipt(existing_vote, submission.rev, _to_status(submission.score), holder)
        if resolution in ("ignore", "conflict"):
            return _to_receipt(existing_vote, submission.rev, "ignored")
    revision.validate(target, submission)
    check_in_time(target, submission)
    write = VoteWrite(connection, site, target, submission, revision)
    vote_id = _add_vote(write) if existing_vote is None else change_vote(write, existing_vote)
    if has_masks:
        count_masks(connection, site, original, revision.questions, existing_vote)
    return Receipt(
        vote_id,
        submission.rev,
        submission.score,
        has_comment=submission.answer[-1] is not None,
        status=_to_status(submission.score),
        saved_at=submission.received_at,
        survey_holder=revision.survey_holder(submission),
    )


def _resolve(
    connection: Connection, site_id: UUID, revision: ShownRevision, submission: Submission, existing_vote: StoredVote
) -> Resolution:
    page_questions = revision.page_questions(submission.score) if submission.score is not None else ()
    newest = _find_newest(connection, site_id, existing_vote, submission)
    mask = partial(mask_answer, questions=revision.questions)
    resolution = resolve_conflict(submission, existing_vote, newest, page_questions, mask)
    if resolution == "conflict" and existing_vote.erased_at is None:
        detail = "This rev is already stored with another answer; send a higher rev."
        raise Invalid(detail, code="conflict", pointer="/rev")
    return resolution


def find_receipt(transaction: Transaction, site_id: UUID, target: Target) -> Receipt | None:
    """Return the receipt of the stored answer, for a page that was loaded again."""
    existing_vote = find_vote(transaction, site_id, target)
    if existing_vote is None:
        return None
    return _to_receipt(existing_vote, existing_vote.rev, _to_status(existing_vote.score))


def _to_status(score: int | None) -> str:
    return "removed" if score is None else "saved"


def find_vote(transaction: Transaction, site_id: UUID, target: Target) -> StoredVote | None:
    """Return the vote of a target, if there is one."""
    if target.segment_id is not None:
        return statements.OF_SEGMENT.first(transaction, {"site": site_id, "segment": target.segment_id})
    if target.invitation_id is not None:
        return statements.OF_INVITATION.first(transaction, {"site": site_id, "invitation": target.invitation_id})
    where = {"site": site_id, "subject": target.subject_id, "voter": target.voter}
    return statements.OF_SUBJECT.first(transaction, where)


def _to_receipt(vote: StoredVote, rev: int, status: str, survey_holder: str | None = None) -> Receipt:
    return Receipt(vote.id, rev, vote.score, vote.comment is not None, status, vote.changed_at, survey_holder)


def _find_newest(
    connection: Connection, site_id: UUID, existing_vote: StoredVote, submission: Submission
) -> StoredAnswer | None:
    """Return this client's newest stored submission, if its rev is not lower."""
    if existing_vote.client_hash == submission.client_hash:
        return existing_vote if existing_vote.rev >= submission.rev else None
    where = {"site": site_id, "vote": existing_vote.id, "client": submission.client_hash, "rev_least": submission.rev}
    return statements.NEWEST_OF_CLIENT.first(connection, where)


def _add_vote(write: VoteWrite) -> UUID:
    target, submission = write.target, write.submission
    vote_id = new_id()
    voted_on = clock.local_day(submission.intended_at, write.site.time_zone)
    row = {
        "site_id": write.site.id,
        "id": vote_id,
        "segment_id": target.segment_id,
        "invitation_id": target.invitation_id,
        "subject_id": target.subject_id,
        "voter": target.voter,
        "asked_id": target.invitation.id if target.invitation is not None else None,
        "visitor_id": target.visitor_id,
        "channel": target.channel,
        "kind": target.kind,
        "is_recovered": False,
        "first_at": submission.intended_at,
        "received_at": submission.received_at,
        "voted_on": voted_on,
        "version": 1,
        "suspicion_reason": target.suspicion_reason,
        "erased_at": target.erased_at,
    }
    statements.ADD_VOTE.run(write.connection, {**row, **write.values})
    for agent_id in target.agent_ids:
        credit = {"site_id": write.site.id, "agent_id": agent_id, "first_at": row["first_at"], "vote_id": vote_id}
        statements.ADD_CREDITED_VOTE.run(write.connection, credit)
    _publish(write, vote_id, 1, "vote.cast")
    _mark_voted(write)
    # The counters come last, because other transactions wait for these shared rows.
    status = vote_status(None, target.suspicion_reason)
    tallies.move_vote(write.connection, None, _to_counted(write, voted_on, write.values, status))
    return vote_id


def change_vote(write: VoteWrite, existing_vote: StoredVote) -> UUID:
    """Write a later submission of a vote, after `resolve_conflict` allowed it."""
    version = existing_vote.version + 1
    where = {"of_site": write.site.id, "of_vote": existing_vote.id}
    if existing_vote.version == 1:
        # A vote has no history rows until its second submission, so the first one is added now.
        statements.ADD_FIRST_CHANGE.run(write.connection, where)
    recovery = _is_recovery(write, existing_vote)
    keeps_score = write.submission.score == existing_vote.score
    is_recovered = existing_vote.is_recovered if keeps_score else recovery
    changes = {"version": version, "is_recovered": is_recovered}
    statements.SET_VOTE.run(write.connection, {**where, **write.values, **changes})
    if write.submission.score is None:
        # A removal clears the answers in the history, but keeps the rows, by which retries are recognized.
        statements.CLEAR_CHANGES.run(write.connection, where)
        screenshots.DELETE_SCREENSHOT.run(write.connection, where)
    history.add_entry(write, existing_vote, version, recovery=recovery)
    _publish(write, existing_vote.id, version, "vote.changed")
    if write.target.conversation_id is not None:
        statements.SET_UNREAD.run(write.connection, write.listed_values(is_recovered=is_recovered))
    status = vote_status(existing_vote.excluded_at, existing_vote.suspicion_reason)
    tallies.move_vote(
        write.connection,
        _to_counted(write, existing_vote.voted_on, existing_vote._asdict(), status),
        _to_counted(write, existing_vote.voted_on, write.values, status),
    )
    return existing_vote.id


def _to_counted(write: VoteWrite, voted_on: date, values: dict[str, Any], status: str) -> tallies.CountedVote:
    return tallies.CountedVote(
        site_id=write.site.id,
        voted_on=voted_on,
        revision_id=values["revision_id"],
        channel=write.target.channel,
        score=values["score"],
        outcomes=values["outcomes"],
        status=status,
        verified=values["verified"],
        subject_id=write.target.subject_id,
        agent_ids=write.target.agent_ids,
    )


def _is_recovery(write: VoteWrite, existing_vote: StoredVote) -> bool:
    score, before = write.submission.score, existing_vote.score
    if score is None or before is None or score <= before:
        return False
    if write.submission.intended_at - existing_vote.intended_at > RECOVERY_AFTER:
        return True
    conversation_id = write.target.conversation_id
    if conversation_id is None:
        return False
    where = {"site": write.site.id, "conversation": conversation_id, "moment": existing_vote.intended_at}
    return statements.NEWER_MESSAGE.first(write.connection, where) is not None


def _mark_voted(write: VoteWrite) -> None:
    """Set the invitation to voted, pin the segment, and move the conversation to the top of its list as unread."""
    invitation, of_site = write.target.invitation, {"of_site": write.site.id}
    if invitation is None:
        return
    voted = {**of_site, "of_invitation": invitation.id, "at": write.submission.intended_at}
    statements.SET_VOTED.run(write.connection, voted)
    if write.target.segment_id is not None:
        listed = write.listed_values(is_recovered=False)
        statements.SET_PINNED.run(write.connection, listed)
        statements.SET_LATEST.run(write.connection, listed)
        statements.SET_LATEST_OF_AGENTS.run(write.connection, listed)
    key = {"site_id": write.site.id, "decided_on": invitation.decided_on, "channel": invitation.channel}
    for status, delta in sorted(((invitation.status, -1), ("voted", 1))):
        add_to_count(write.connection, INVITATION_TALLY, {**key, "status": status}, delta)


def _publish(write: VoteWrite, vote_id: UUID, version: int, kind: str) -> None:
    publish(
        write.connection,
        write.site.id,
        "vote.removed" if write.submission.score is None else kind,
        at=write.submission.received_at,
        conversation_id=write.target.conversation_id,
        segment_id=write.target.segment_id,
        subject_id=write.target.subject_id,
        vote_id=vote_id,
        version=version,
    )
