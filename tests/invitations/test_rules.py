"""The rules with each result, and their overrides. No database."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests import rule_cases
from widget_server.conversations.models import CHANNELS
from widget_server.core.errors import Invalid
from widget_server.invitations.rules import (
    DEFAULTS,
    NOT_SAMPLED,
    REASONS,
    RULES,
    UNKNOWN,
    Case,
    RuleSettings,
    build_settings,
    check_overrides,
    find_reason_not_to_ask,
    is_sampled,
)

GOOD = Case(**rule_cases.GOOD)
UNREAD = replace(GOOD, messages_known=False, visitor_messages=0, person_replies=0)
SHORTLY = timedelta(minutes=10)
MAIL = DEFAULTS["email"]

#: The cases of `RULES`. Sampling comes after them.
TABLE: list[tuple[str, Case, RuleSettings, bool | None]] = [
    (row["rule"], rule_cases.case_of(row), rule_cases.settings_of(row), row["verdict"])
    for row in rule_cases.of_server()
    if row["rule"] != NOT_SAMPLED
]
SAMPLED = [row for row in rule_cases.of_server() if row["rule"] == NOT_SAMPLED]


def test_each_rule(subtests: pytest.Subtests) -> None:
    for reason, case, settings, verdict in TABLE:
        with subtests.test(reason=reason, case=case, settings=settings):
            assert RULES[reason](case, settings) is verdict


def test_sampling(subtests: pytest.Subtests) -> None:
    assert SAMPLED
    for row in SAMPLED:
        with subtests.test(row["says"]):
            assert is_sampled(row["server"]["number"], rule_cases.settings_of(row)) is row["verdict"]


def test_the_cases_cover_each_result_of_every_rule() -> None:
    verdicts = {name: {verdict for reason, _, _, verdict in TABLE if reason == name} for name in RULES}
    assert verdicts.pop("no_survey") == verdicts.pop("ended_long_ago") == {True, False}
    assert all(results == {True, False, None} for results in verdicts.values())


def test_one_rule_decides_alone(subtests: pytest.Subtests) -> None:
    """Expect the rule's reason if the other rules allow it. `ask_when_unknown` decides about unknown facts."""
    for (reason, case, settings, verdict), ask_when_unknown in product(TABLE, (True, False)):
        with subtests.test(reason=reason, case=case, settings=settings, ask_when_unknown=ask_when_unknown):
            others_allow = all(rule(case, settings) is True for name, rule in RULES.items() if name != reason)
            reason_code = find_reason_not_to_ask(case, settings, ask_when_unknown=ask_when_unknown)
            if verdict is False:
                assert reason_code is not None and (reason_code == reason or not others_allow)
            elif others_allow:
                assert reason_code == (UNKNOWN if verdict is None and not ask_when_unknown else None)


def test_the_first_rule_against_asking_gives_the_reason_after_an_unknown() -> None:
    case = replace(UNREAD, visitor_known=True, last_shown=timedelta(days=1))
    assert find_reason_not_to_ask(case, MAIL, ask_when_unknown=True) == "asked_recently"
    assert find_reason_not_to_ask(case, MAIL, ask_when_unknown=False) == UNKNOWN
    nothing = replace(GOOD, survey_open=False, visitor_messages=0, person_replies=0, reopened_after=SHORTLY)
    assert find_reason_not_to_ask(nothing, RuleSettings(), ask_when_unknown=True) == "no_survey"


def test_defaults_are_those_of_the_design() -> None:
    chat = DEFAULTS["chat"]
    assert (chat.visitor_messages, chat.person_replies, chat.cooldown_days) == (1, 1, 0)
    assert (chat.reopened_minutes, chat.reopened_visitor_messages) == (10, 2)
    assert (chat.touchpoint_cooldown_days, chat.every_nth) == (0, 1)
    assert DEFAULTS["email"] == replace(chat, cooldown_days=14)
    nothing = Case(survey_open=True, messages_known=True, visitor_messages=0, person_replies=0, reopened_after=SHORTLY)
    for channel in ("phone", "in_person"):
        assert find_reason_not_to_ask(nothing, DEFAULTS[channel], ask_when_unknown=False) is None


def test_every_channel_has_rules_and_every_reason_a_text() -> None:
    assert set(DEFAULTS) == set(CHANNELS)
    assert {*RULES, NOT_SAMPLED} < set(REASONS)


def test_a_site_may_override_each_setting_of_a_channel(subtests: pytest.Subtests) -> None:
    for channel, name in product(DEFAULTS, [field.name for field in fields(RuleSettings)]):
        with subtests.test(channel=channel, name=name):
            overrides = {channel: {name: 7}}
            check_overrides(overrides)
            assert build_settings(channel, overrides) == replace(DEFAULTS[channel], **{name: 7})
            for other in DEFAULTS.keys() - {channel}:
                assert build_settings(other, overrides) == DEFAULTS[other]


INVALID_OVERRIDES: list[tuple[dict[str, Any], str]] = [
    ({"fax": {"cooldown_days": 1}}, "/rules/fax"),
    ({"chat": 3}, "/rules/chat"),
    ({"chat": {"cooldown": 1}}, "/rules/chat/cooldown"),
    ({"chat": {"cooldown_days": -1}}, "/rules/chat/cooldown_days"),
    ({"chat": {"cooldown_days": 1.0}}, "/rules/chat/cooldown_days"),
    ({"chat": {"cooldown_days": True}}, "/rules/chat/cooldown_days"),
    ({"chat": {"cooldown_days": 10_001}}, "/rules/chat/cooldown_days"),
    ({"chat": {"every_nth": 0}}, "/rules/chat/every_nth"),
]


def test_invalid_overrides_are_rejected_with_a_pointer(subtests: pytest.Subtests) -> None:
    for overrides, pointer in INVALID_OVERRIDES:
        with subtests.test(overrides=overrides):
            with pytest.raises(Invalid) as error_info:
                check_overrides(overrides)
            assert error_info.value.pointer == pointer
