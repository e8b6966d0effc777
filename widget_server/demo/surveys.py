"""The follow-up questions of Krans: a reason, a contact, a review on another site; in the shop's languages."""

from __future__ import annotations

from typing import Any

_CHAT = {
    "en": ("What was missing?", "I waited long", "Not solved", "Hard to follow", "Sorry about that.", "Good to hear."),
    "da": ("Hvad manglede?", "Jeg ventede længe", "Ikke løst", "Svær at følge", "Det er vi kede af.", "Det glæder os."),
    "nb": ("Hva manglet?", "Jeg ventet lenge", "Ikke løst", "Vanskelig", "Det er vi lei for.", "Det gleder oss."),
    "sv": ("Vad saknades?", "Jag väntade länge", "Inte löst", "Otydligt", "Det är vi ledsna för.", "Vad roligt!"),
    "de": ("Was hat gefehlt?", "Lange gewartet", "Nicht gelöst", "Unklar", "Das tut uns leid.", "Das freut uns."),
    "ar": ("ما الذي نقص؟", "انتظرت طويلا", "لم تُحل المشكلة", "يصعب فهمه", "نأسف لذلك.", "يسعدنا ذلك."),
}
_ARTICLE = {
    "en": ("What was missing?", "My case", "Too short", "Hard to follow", "What did you look for?"),
    "da": ("Hvad manglede?", "Mit tilfælde", "For kort", "Svær at følge", "Hvad ledte du efter?"),
    "nb": ("Hva manglet?", "Mitt tilfelle", "For kort", "Vanskelig å følge", "Hva lette du etter?"),
    "sv": ("Vad saknades?", "Mitt fall", "För kort", "Svårt att följa", "Vad letade du efter?"),
    "de": ("Was hat gefehlt?", "Mein Fall", "Zu kurz", "Schwer zu folgen", "Was haben Sie gesucht?"),
    "ar": ("ما الذي نقص؟", "حالتي", "قصير جدا", "يصعب فهمه", "عمّ كنت تبحث؟"),
}


def _chat_texts(ask: str, wait: str, unsolved: str, unclear: str, sorry: str, glad: str) -> dict[str, Any]:
    choices = {"wait": wait, "unsolved": unsolved, "unclear": unclear}
    return {"thanks_for": {"negative": sorry, "positive": glad}, "questions": {"why": {"ask": ask, "choices": choices}}}


def _article_texts(ask: str, case: str, short: str, unclear: str, wish: str) -> dict[str, Any]:
    choices = {"case": case, "short": short, "unclear": unclear}
    return {"questions": {"why": {"ask": ask, "choices": choices}, "wish": {"ask": wish}}}


#: The follow-up questions and texts of each placement's survey.
SURVEY_FIELDS: dict[str, dict[str, Any]] = {
    "chat_end": {
        "questions": [
            {
                "id": "why",
                "kind": "reasons",
                "sentiments": ["negative", "neutral"],
                "choices": ["wait", "unsolved", "unclear"],
            },
            {"id": "call", "kind": "callback", "sentiments": ["negative"]},
            {"id": "review", "kind": "review", "sentiments": ["positive"], "link": "https://example.org/reviews/krans"},
        ],
        "texts": {tag: _chat_texts(*texts) for tag, texts in _CHAT.items()},
    },
    "article": {
        "questions": [
            {
                "id": "why",
                "kind": "reasons",
                "sentiments": ["negative", "neutral"],
                "choices": ["case", "short", "unclear"],
            },
            {"id": "wish", "kind": "text", "sentiments": ["negative"]},
            {"id": "chat", "kind": "chat", "sentiments": ["negative"]},
        ],
        "texts": {tag: _article_texts(*texts) for tag, texts in _ARTICLE.items()},
    },
}
