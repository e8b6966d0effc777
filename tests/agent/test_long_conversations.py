"""The ratings of a conversation are as quick after ten thousand messages as after ten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from tests.agent.test_ratings import read, signed
from tests.back_end import Api, done
from tests.conversations.conftest import talks
from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite
from tests.frozen_clock import SetClock
from tests.widget.conftest import page, survey
from widget_server.conversations.models import Message

__all__ = ["page", "survey", "talks"]


@ON_BOTH
def test_ratings_load_one_message_for_each_segment(
    api: Api, site: MadeSite, talks: Callable[..., Talk], clock: SetClock
) -> None:
    """End two segments, rate one, and leave a third one open with messages."""
    talk = talks()
    done(api.put("/agents/a1", {"name": "Ada"}))
    texts = [f"line {number}" for number in range(40)]
    for number in (1, 2, 3):
        messages = [
            {"external_id": f"{number}-{text}", "author": "agent", "agent": "a1", "text": f"{number} {text}"}
            for text in texts
        ]
        done(api.post(f"{talk.path}/messages", {"messages": messages}))
        talk.say("visitor", "please go on", external_id=f"{number}-last")
        clock.forward(minutes=5)
        if number == 1:
            talk.vote(talk.ask())
        elif number == 2:
            talk.end()
        clock.forward(minutes=5)
    loaded: list[Any] = []
    event.listen(Message, "load", lambda target, context: loaded.append(target))

    ratings = done(read(api.client, signed(site, conversation=talk.id), talk.id))["ratings"]

    assert [rating["message"] for rating in ratings] == ["1-last", "2-last", None]
    assert {rating["excerpt"]["text"] for rating in ratings} == {"please go on"}
    assert ratings[0]["answer"]["sentiment"] == "positive"
    assert len(loaded) == 3
