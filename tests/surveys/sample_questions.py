"""A survey with each kind of follow-up question that the card supports."""

from __future__ import annotations

from typing import Any

SAMPLE_QUESTIONS: dict[str, Any] = {
    "questions": [
        {"id": "why", "kind": "reasons", "sentiments": ["negative", "neutral"], "choices": ["long", "old", "unclear"]},
        {"id": "effort", "kind": "scale", "scores": [1]},
        {"id": "wish", "kind": "text", "scores": [1]},
        {"id": "call", "kind": "callback", "sentiments": ["negative"]},
        {"id": "review", "kind": "review", "sentiments": ["positive"], "link": "https://reviews.example/us"},
    ],
    "texts": {
        "en": {
            "thanks_for": {"negative": "We are sorry.", "3": "So glad!"},
            "questions": {
                "why": {
                    "ask": "What went wrong?",
                    "choices": {"long": "Too long", "old": "Out of date", "unclear": "Hard to understand"},
                },
                "effort": {"ask": "How hard was it?", "ends": ["Easy", "Hard"]},
                "wish": {"ask": "What did you look for?"},
            },
        }
    },
}
