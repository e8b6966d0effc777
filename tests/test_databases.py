"""The test files that run on SQLite and on PostgreSQL. All others run once, as no database affects their results."""

from __future__ import annotations

import re

import pytest

#: The files with such tests, grouped by what depends on the database. Add a new one with its reason.
ON_BOTH = """
Rows that are written under constraints and read back:
    accounts/test_api_keys accounts/test_audit_chain accounts/test_audit_entries agent/test_decisions
    agent/test_long_conversations agent/test_ratings agent/test_visibility api/test_agents api/test_conversations
    api/test_import api/test_messages api/test_site_version api/test_sites api/test_surveys commands/test_owner
    console/test_account_mails console/test_audit console/test_confirmation console/test_exclusions
    console/test_factors console/test_keys console/test_mail console/test_manual console/test_page_checks
    console/test_passkeys console/test_passwords console/test_profile console/test_required_factor
    console/test_set_up console/test_sign_in console/test_single_sign_on console/test_transcript console/test_users
    demo/test_seed invitations/test_delivery_order invitations/test_direct
    invitations/test_given_away invitations/test_going_on invitations/test_history invitations/test_ledger
    invitations/test_manual invitations/test_proof invitations/test_window privacy/test_data_requests
    privacy/test_masked_words privacy/test_retention ratings/test_adopted ratings/test_adoption ratings/test_changes
    ratings/test_clock ratings/test_erasure ratings/test_events ratings/test_exclusions
    ratings/test_follow_up_questions ratings/test_late_erasure ratings/test_long_history ratings/test_order
    ratings/test_removal ratings/test_screenshots ratings/test_surges ratings/test_word_erasure serve/test_first_run
    serve/test_log serve/test_mail storage/test_errors surveys/test_questions test_guards test_odd_values
    widget/test_adapters widget/test_addresses widget/test_contacts widget/test_longer_survey widget/test_odd_values
    widget/test_screenshot_files widget/test_screenshots widget/test_strangers widget/test_views
    widget/test_visitor_data
Locks, races and transactions:
    console/test_away conversations/test_at_once conversations/test_clocks conversations/test_merge
    conversations/test_message_edits conversations/test_pin conversations/test_segments conversations/test_turns
    faults/test_migration invitations/test_loaded_once invitations/test_quota invitations/test_sampling
    jobs/test_batches ratings/test_lost_answer ratings/test_repeat storage/test_busy storage/test_group_commit
Sorting, filters, search and counts:
    api/test_changed_since api/test_conversation_list api/test_health api/test_votes commands/test_export
    console/test_agents console/test_articles console/test_filters console/test_list console/test_mark_read
    console/test_my_ratings console/test_search console/test_switcher console/test_teams invitations/test_credit
    ratings/test_tallies reports/test_scores reports/test_vote_counts
Events and streams:
    browser/main_job/test_killed events/test_consumers events/test_follow live/test_access live/test_counts
    live/test_cuts live/test_foreign live/test_positions live/test_revoked live/test_stream outbound/test_deliveries
Migrations and backups:
    serve/test_backup serve/test_restore storage/test_joined_subjects storage/test_keyed_audit_log
    storage/test_killed_migration storage/test_large_site storage/test_migrate storage/test_schema
"""
FILES = {f"tests/{name}.py" for line in re.findall(r"^ {4}(.*)$", ON_BOTH, re.M) for name in line.split()}
POSTGRESQL = re.compile(r"(?<=[\[-])postgresql(?=[\]-])")


# A run without PostgreSQL has nothing to compare.
@pytest.mark.postgresql
def test_the_list_has_the_files_whose_tests_run_on_both(request: pytest.FixtureRequest) -> None:
    """Compare the list with the tests that this run collected."""
    collected = {item.nodeid for item in request.session.items}
    repeated = {name for name in collected if POSTGRESQL.sub("sqlite", name) in collected - {name}}
    on_both = {file_of(name) for name in repeated if POSTGRESQL.search(name)}
    assert on_both - FILES == set(), "Add these to the list below their reason, or run them once."
    missing = (FILES & {file_of(name) for name in collected if "::" in name}) - on_both
    assert missing == set(), "These run once: remove them from the list."


def file_of(name: str) -> str:
    return name.partition("::")[0]
