"""A survey with a survey page that asks each kind of question that the page supports."""

from __future__ import annotations

from typing import Any

LONGER: dict[str, Any] = {
    "questions": [
        {"id": "more", "kind": "survey", "sentiments": ["negative"]},
        {"id": "kept", "kind": "choice", "choices": ["yes", "no"], "sentiments": ["negative"], "page": True},
        {"id": "missed", "kind": "several", "choices": ["size", "price", "photo"], "scores": [1], "page": True},
        {"id": "ease", "kind": "scale", "sentiments": ["negative"], "page": True},
        {"id": "else", "kind": "text", "sentiments": ["negative"], "page": True},
    ],
    "texts": {
        "en": {
            "questions": {
                "kept": {"ask": "Will you come back?", "choices": {"yes": "Yes, I will", "no": "No"}},
                "missed": {
                    "ask": "What was missing?",
                    "choices": {"size": "Sizes", "price": "Prices", "photo": "Photos"},
                },
                "ease": {"ask": "How easy was it?", "ends": ["Hard", "Easy"]},
                "else": {"ask": "Anything else?"},
            }
        },
        "ar": {"questions": {"kept": {"ask": "هل ستعود؟", "choices": {"yes": "نعم", "no": "لا"}}}},
    },
}
