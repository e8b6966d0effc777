"""Which tests run on SQLite and on PostgreSQL. Every other runs once, for it does not depend on the database."""

from __future__ import annotations

import re

import pytest

#: The files with such tests, below what of them depends on the database. A new one is added here with its reason.
ON_BOTH = """
What is written under constraints and read back as it was:
    agent/test_decisions agent/test_ratings agent/test_visibility api/test_agents api/test_conversations
    api/test_messages api/test_site_version api/test_sites api/test_surveys commands/test_owner
    console/test_manual console/test_sign_in console/test_exclusions console/test_transcript demo/test_seed
    invitations/test_manual invitations/test_going_on invitations/test_direct invitations/test_ledger
    invitations/test_proof invitations/test_window ratings/test_adopted ratings/test_adoption ratings/test_changes
    ratings/test_clock ratings/test_erasure ratings/test_events ratings/test_follow_up_questions ratings/test_order
    ratings/test_removal ratings/test_screenshots ratings/test_exclusions serve/test_log storage/test_errors
    surveys/test_questions test_guards test_odd_values widget/test_adapters widget/test_addresses
    widget/test_longer_survey widget/test_odd_values widget/test_screenshot_files widget/test_screenshots
    widget/test_strangers
Locks, races and transactions:
    console/test_away conversations/test_at_once conversations/test_pin conversations/test_segments
    conversations/test_turns faults/test_migration invitations/test_loaded_once invitations/test_quota
    invitations/test_sampling jobs/test_batches ratings/test_lost_answer ratings/test_repeat storage/test_busy
    storage/test_group_commit
What is sorted, filtered, searched and counted:
    api/test_conversation_list api/test_health api/test_votes console/test_agents console/test_articles
    console/test_filters console/test_list console/test_mark_read console/test_search invitations/test_credit
    ratings/test_tallies reports/test_scores
What is listened to:
    browser/helpdesk/test_stream browser/main_job/test_killed browser/main_job/test_main_job events/test_consumers
    events/test_follow live/test_access live/test_counts live/test_cuts live/test_foreign live/test_positions
    live/test_revoked live/test_stream
Migrations and backups:
    serve/test_backup serve/test_restore storage/test_killed_migration storage/test_migrate storage/test_schema
"""
FILES = {f"tests/{name}.py" for line in re.findall(r"^ {4}(.*)$", ON_BOTH, re.M) for name in line.split()}
POSTGRESQL = re.compile(r"(?<=[\[-])postgresql(?=[\]-])")


# A run that leaves PostgreSQL out has nothing to compare.
@pytest.mark.postgresql
def test_the_list_has_the_files_whose_tests_run_on_both(request: pytest.FixtureRequest) -> None:
    """Compared with the tests that this run collected."""
    collected = {item.nodeid for item in request.session.items}
    twice = {name for name in collected if POSTGRESQL.sub("sqlite", name) in collected - {name}}
    on_both = {file_of(name) for name in twice if POSTGRESQL.search(name)}
    assert on_both - FILES == set(), "Add these to the list with what depends on the database, or let them run once."
    missing = (FILES & {file_of(name) for name in collected if "::" in name}) - on_both
    assert missing == set(), "These run once: take them off the list."


def file_of(name: str) -> str:
    return name.partition("::")[0]
