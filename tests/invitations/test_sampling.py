"""Sampling, touchpoint cooldowns and response windows, from end to end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS

from ..back_end import Api
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH, ON_POSTGRESQL
from ..factories import MadeSurvey
from ..frozen_clock import SetClock

Talks = Callable[..., Talk]
EXPIRE = next(job for job in JOBS if job.name == "invitations expired")


def reason(talk: Talk) -> str | None:
    """End the conversation as the page and return the reason not to ask, which is also that of the ledger."""
    reason_code = done(talk.page.end(talk.id)).get("reason")
    assert talk.ledger()[-1]["reason"] == reason_code
    return str(reason_code) if reason_code else None


@ON_BOTH
def test_every_third_case_that_the_rules_allow_is_asked_about(api: Api, talks: Talks) -> None:
    done(api.patch("/site", {"rules": {"chat": {"every_nth": 3}}}))
    reasons = [reason(talks().chat()) for _ in range(7)]
    assert reasons == [None, "not_sampled", "not_sampled", None, "not_sampled", "not_sampled", None]


def test_a_case_against_a_rule_does_not_count_for_sampling(api: Api, talks: Talks) -> None:
    done(api.patch("/site", {"rules": {"chat": {"every_nth": 2}}}))
    reasons = []
    for _ in range(3):
        reasons.append(reason(talks().chat()))
        unanswered = talks()
        unanswered.say("agent")
        assert reason(unanswered) == "no_visitor_message"
    assert reasons == [None, "not_sampled", None]


def test_channels_are_counted_separately(api: Api, talks: Talks) -> None:
    done(api.patch("/site", {"rules": {"chat": {"every_nth": 2}, "phone": {"every_nth": 2}}}))
    assert [reason(talks(channel=channel).chat()) for channel in ("chat", "phone", "chat", "phone")] == [
        None,
        None,
        "not_sampled",
        "not_sampled",
    ]


def test_a_repeated_end_does_not_count_again(api: Api, talks: Talks) -> None:
    done(api.patch("/site", {"rules": {"chat": {"every_nth": 2}}}))
    first, second = talks().chat(), talks().chat()
    assert [reason(first), reason(first), reason(second), reason(second)] == [None, None, "not_sampled", "not_sampled"]


@ON_BOTH
def test_of_concurrent_ends_exactly_every_nth_is_asked_about(api: Api, talks: Talks, app: Flask) -> None:
    done(api.patch("/site", {"rules": {"chat": {"every_nth": 4}}}))
    conversations = [talks().chat() for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda talk: app.test_client().post(
                    f"/api/v1{talk.path}/end", json={}, headers={"Authorization": f"Bearer {api.key}"}
                ),
                conversations,
            )
        )
    assert sum(bool(done(answer)["asked"]) for answer in answers) == 3


@ON_BOTH
def test_a_visitor_is_asked_once_per_cooldown_at_each_touchpoint(api: Api, talks: Talks, clock: SetClock) -> None:
    done(api.patch("/site", {"rules": {"chat": {"touchpoint_cooldown_days": 7}}}))
    first = talks(visitor="ann", touchpoint="delivery").chat()
    token = first.ask()
    assert reason(talks(visitor="ann", touchpoint="delivery").chat()) is None, (
        "the cooldown starts when the survey is shown"
    )
    assert first.page.post("seen", {"token": token}).status_code == 204
    clock.forward(days=6, hours=23)
    assert reason(talks(visitor="ann", touchpoint="delivery").chat()) == "asked_recently_here"
    assert reason(talks(visitor="ann", touchpoint="returns").chat()) is None
    assert reason(talks(visitor="ann").chat()) is None, "no touchpoint is a separate touchpoint"
    assert reason(talks(visitor="bob", touchpoint="delivery").chat()) is None
    assert reason(talks(touchpoint="delivery").chat()) is None, "an unknown visitor is asked"
    clock.forward(hours=1)
    assert reason(talks(visitor="ann", touchpoint="delivery").chat()) is None


@ON_BOTH
def test_conversations_without_a_touchpoint_share_one(api: Api, talks: Talks) -> None:
    done(api.patch("/site", {"rules": {"chat": {"touchpoint_cooldown_days": 7}}}))
    first = talks(visitor="ann").chat()
    assert first.page.post("seen", {"token": first.ask()}).status_code == 204
    assert reason(talks(visitor="ann").chat()) == "asked_recently_here"
    assert reason(talks(visitor="ann", touchpoint="delivery").chat()) is None


@pytest.mark.parametrize("hours", [1, 24, 48, 365 * 24])
def test_a_window_of_any_length(talk: Talk, survey: MadeSurvey, clock: SetClock, app: Flask, hours: int) -> None:
    check_window(talk, survey, clock, app, hours)


@ON_POSTGRESQL
def test_a_window_on_postgresql(talk: Talk, survey: MadeSurvey, clock: SetClock, app: Flask) -> None:
    check_window(talk, survey, clock, app, 48)


def check_window(talk: Talk, survey: MadeSurvey, clock: SetClock, app: Flask, hours: int) -> None:
    done(talk.api.patch(f"/surveys/{survey.id}", {"window_hours": hours}))
    token = talk.chat().ask()
    clock.forward(hours=hours)
    run_once(app, EXPIRE)
    assert (talk.statuses(), done(talk.page.poll(talk.id))["asked"]) == (["asked"], True)
    assert talk.vote(token)["status"] == "saved"
    other_talk = Talk(talk.api, talk.page).chat()
    late_token = other_talk.ask()
    clock.forward(hours=hours, seconds=1)
    assert done(other_talk.page.poll(other_talk.id)) == {"asked": False, "reason": "expired"}
    assert other_talk.page.vote(late_token).get_json()["code"] == "expired"
    run_once(app, EXPIRE)
    assert other_talk.statuses() == ["expired"]


def test_an_invitation_keeps_its_window(talk: Talk, survey: MadeSurvey, clock: SetClock) -> None:
    done(talk.api.patch(f"/surveys/{survey.id}", {"window_hours": 24}))
    token = talk.chat().ask()
    done(talk.api.patch(f"/surveys/{survey.id}", {"window_hours": 48}))
    clock.forward(hours=24, seconds=1)
    assert talk.page.vote(token).get_json()["code"] == "expired"
