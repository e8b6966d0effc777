"""The rules, each with its three answers, and what a site may change of them. Pure: no database."""

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
    check_overrides,
    is_sampled,
    reason_not_to_ask,
    settings_for,
)

GOOD = Case(**rule_cases.GOOD)
UNREAD = replace(GOOD, messages_known=False, visitor_messages=0, person_replies=0)
SHORTLY = timedelta(minutes=10)
MAIL = DEFAULTS["email"]

#: Each row of the rules that `RULES` holds; sampling comes after them.
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


def test_every_nth(subtests: pytest.Subtests) -> None:
    assert SAMPLED
    for row in SAMPLED:
        with subtests.test(row["says"]):
            assert is_sampled(row["server"]["number"], rule_cases.settings_of(row)) is row["verdict"]


def test_the_table_holds_every_rule_with_each_answer_it_can_give() -> None:
    answers = {name: {verdict for reason, _, _, verdict in TABLE if reason == name} for name in RULES}
    assert answers.pop("no_survey") == {True, False}
    assert all(given == {True, False, None} for given in answers.values())


def test_one_rule_decides_alone(subtests: pytest.Subtests) -> None:
    """With the other rules content, the reason is this rule's own; unknown does what the site chose."""
    for (reason, case, settings, verdict), ask_when_unknown in product(TABLE, (True, False)):
        with subtests.test(reason=reason, case=case, settings=settings, ask_when_unknown=ask_when_unknown):
            others_content = all(rule(case, settings) is True for name, rule in RULES.items() if name != reason)
            found = reason_not_to_ask(case, settings, ask_when_unknown=ask_when_unknown)
            if verdict is False:
                assert found is not None and (found == reason or not others_content)
            elif others_content:
                assert found == (UNKNOWN if verdict is None and not ask_when_unknown else None)


def test_the_first_no_gives_the_reason_also_after_an_unknown() -> None:
    case = replace(UNREAD, visitor_known=True, last_shown=timedelta(days=1))
    assert reason_not_to_ask(case, MAIL, ask_when_unknown=True) == "asked_recently"
    assert reason_not_to_ask(case, MAIL, ask_when_unknown=False) == UNKNOWN
    nothing = replace(GOOD, survey_open=False, visitor_messages=0, person_replies=0, reopened_after=SHORTLY)
    assert reason_not_to_ask(nothing, RuleSettings(), ask_when_unknown=True) == "no_survey"


def test_defaults_are_those_of_the_design() -> None:
    chat = DEFAULTS["chat"]
    assert (chat.visitor_messages, chat.person_replies, chat.cooldown_days) == (1, 1, 0)
    assert (chat.reopened_minutes, chat.reopened_visitor_messages) == (10, 2)
    assert (chat.touchpoint_cooldown_days, chat.every_nth) == (0, 1)
    assert DEFAULTS["email"] == replace(chat, cooldown_days=14)
    nothing = Case(survey_open=True, messages_known=True, visitor_messages=0, person_replies=0, reopened_after=SHORTLY)
    for channel in ("phone", "in_person"):
        assert reason_not_to_ask(nothing, DEFAULTS[channel], ask_when_unknown=False) is None


def test_every_channel_has_rules_and_every_reason_has_words() -> None:
    assert set(DEFAULTS) == set(CHANNELS)
    assert {*RULES, NOT_SAMPLED} < set(REASONS)


def test_a_site_may_depart_in_each_setting_of_one_channel(subtests: pytest.Subtests) -> None:
    for channel, name in product(DEFAULTS, [field.name for field in fields(RuleSettings)]):
        with subtests.test(channel=channel, name=name):
            overrides = {channel: {name: 7}}
            check_overrides(overrides)
            assert settings_for(channel, overrides) == replace(DEFAULTS[channel], **{name: 7})
            for other in DEFAULTS.keys() - {channel}:
                assert settings_for(other, overrides) == DEFAULTS[other]


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"fax": {"cooldown_days": 1}}, "/rules/fax"),
    ({"chat": 3}, "/rules/chat"),
    ({"chat": {"cooldown": 1}}, "/rules/chat/cooldown"),
    ({"chat": {"cooldown_days": -1}}, "/rules/chat/cooldown_days"),
    ({"chat": {"cooldown_days": 1.0}}, "/rules/chat/cooldown_days"),
    ({"chat": {"cooldown_days": True}}, "/rules/chat/cooldown_days"),
    ({"chat": {"cooldown_days": 10_001}}, "/rules/chat/cooldown_days"),
    ({"chat": {"every_nth": 0}}, "/rules/chat/every_nth"),
]


def test_nonsense_is_refused_with_its_place(subtests: pytest.Subtests) -> None:
    for overrides, pointer in NONSENSE:
        with subtests.test(overrides=overrides):
            with pytest.raises(Invalid) as refused:
                check_overrides(overrides)
            assert refused.value.pointer == pointer
