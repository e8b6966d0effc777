"""The people behind the shop's chat, and what they answer: a script that is good enough to talk with for a minute."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class ShopAgent:
    """A person of the shop under the shop's own id."""

    external_id: str
    name: str
    team: str


AGENT_A = ShopAgent("agent-a", "Agent A", "Customer service")
AGENT_B = ShopAgent("agent-b", "Agent B", "Workshop")
AGENTS = (AGENT_A, AGENT_B)

THANKS = r"\b(thanks?|thank you|bye|goodbye|tak|takk|tack|danke)\b"
FAREWELL = "You are welcome. Have a good ride!"
GREETING = "Hello, this is Agent A. What are you working on?"

#: (words that the visitor may use, answers in turn); the first line that fits is taken.
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
            "If it still slips on the new chain, the cassette is worn too. You may send it back unused within 30 days.",
        ),
    ),
    (
        r"\b(brake\w*|pads?|squeal\w*|disc)\b",
        (
            "Is it a rim brake or a disc brake?",
            "Clean the disc with alcohol first. If it still squeals, the pads have taken up oil and need changing.",
        ),
    ),
    (
        r"\b(tyres?|tires?|tubes?|puncture\w*|flat|size|fit\w*)\b",
        (
            "The size stands on the side of your tyre, such as 37-622. What does yours say?",
            "Then the Allroad fits: 37-622.",
        ),
    ),
    (
        r"\b(return\w*|refund\w*|money|exchange\w*|broken|wrong)\b",
        (
            "I am sorry about that. You can send it back within 30 days; I have put a label in your mail.",
            "The money is back on your card two days after the parcel reaches us.",
        ),
    ),
    (r"^\s*(hi|hello|hey|hej|hei|hallo|moin)\b", (GREETING,)),
)
OTHERWISE = (
    "Thank you for writing. Can you tell me a little more?",
    "I see. I have asked our workshop, and they say that it can be done.",
    "That is settled then. Is there anything else?",
)


def answer_to(written: list[str], answers_so_far: list[str]) -> str:
    """The next answer to what the visitor wrote last; where that names no topic, to what they wrote before it."""
    if re.search(THANKS, written[-1], re.IGNORECASE):
        return FAREWELL
    fitting = next((answers for text in reversed(written) for answers in _answers_on(text)), OTHERWISE)
    return next((answer for answer in fitting if answer not in answers_so_far), OTHERWISE[-1])


def _answers_on(text: str) -> list[tuple[str, ...]]:
    return [answers for words, answers in TOPICS if re.search(words, text, re.IGNORECASE)]
