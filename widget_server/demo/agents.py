"""The shop's agents and their scripted answers, which last for a short chat."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class ShopAgent:
    """A person who answers for the shop, with the shop's id of them."""

    external_id: str
    name: str
    team: str


AGENT_A = ShopAgent("agent-a", "Agent A", "Customer service")
AGENT_B = ShopAgent("agent-b", "Agent B", "Workshop")
AGENTS = (AGENT_A, AGENT_B)

THANKS = r"\b(thanks?|thank you|bye|goodbye|tak|takk|tack|danke)\b"
FAREWELL = "You are welcome. Have a good ride!"
GREETING = "Hello, this is Agent A. What are you working on?"

#: (pattern of the visitor's words, answers in order); the first matching topic is used.
TOPICS = (
    (
        r"\b(parcel|order|deliver\w*|ship\w*|track\w*|late)\b",
        (
            "Let me look. One moment, please.",
            "I found it: it left our store this morning and should be with you tomorrow before noon.",
            "The carrier has it. I have asked them to call you before they come.",
        ),
    ),
    (
        r"\b(chain|cassette|sprocket|skip\w*|slip\w*|gears?|derailleur)\b",
        (
            "How many kilometres has the chain run? Over 3,000 it is often worn and starts to slip.",
            "Then I would change the chain now. For ten gears take KR-10; it is in stock.",
            "If it still slips on the new chain, the cassette is worn too. You can return it unused within 30 days.",
        ),
    ),
    (
        r"\b(brake\w*|pads?|squeal\w*|disc)\b",
        (
            "Is it a rim brake or a disc brake?",
            "Clean the disc with alcohol first. If it still squeals, the pads have soaked up oil and need changing.",
        ),
    ),
    (
        r"\b(tyres?|tires?|tubes?|puncture\w*|flat|size|fit\w*)\b",
        (
            "The size is printed on the side of your tyre, such as 37-622. What does yours say?",
            "Then the Allroad fits: 37-622.",
        ),
    ),
    (
        r"\b(return\w*|refund\w*|money|exchange\w*|broken|wrong)\b",
        (
            "I am sorry about that. You can send it back within 30 days; I have emailed you a label.",
            "The money is back on your card two days after the parcel reaches us.",
        ),
    ),
    (r"^\s*(hi|hello|hey|hej|hei|hallo|moin)\b", (GREETING,)),
)
OTHERWISE = (
    "Thank you for writing. Can you tell me a little more?",
    "I see. I have asked our workshop, and they say it can be done.",
    "That is settled then. Is there anything else?",
)


def choose_answer(texts: list[str], answers_so_far: list[str]) -> str:
    """Return the next answer on the topic of the visitor's last text, or of an earlier text if it has none."""
    if re.search(THANKS, texts[-1], re.IGNORECASE):
        return FAREWELL
    topic_answers = next((answers for text in reversed(texts) for answers in _find_topics(text)), OTHERWISE)
    return next((answer for answer in topic_answers if answer not in answers_so_far), OTHERWISE[-1])


def _find_topics(text: str) -> list[tuple[str, ...]]:
    return [answers for pattern, answers in TOPICS if re.search(pattern, text, re.IGNORECASE)]
