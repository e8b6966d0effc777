"""The conversations and article votes of a new demo, with one of each kind that agents see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

BAD, OK, GOOD = 1, 2, 3
VISITOR, BOT = "visitor", "bot"
AGENT_A, AGENT_B = "agent-a", "agent-b"


@dataclass(frozen=True)
class Say:
    """A message by the visitor, the bot, or an agent (by id)."""

    minute: int
    author: str
    text: str


@dataclass(frozen=True)
class End:
    """The end of the chat, reported by the visitor's page, or by the shop's back end for an agent."""

    minute: int
    by: str = VISITOR


@dataclass(frozen=True)
class Shown:
    """An impression: the visitor sees the faces."""

    minute: int


@dataclass(frozen=True)
class Press:
    """A press on a face, with an optional comment and answers to the follow-up questions (surveys.py)."""

    minute: int
    score: int
    comment: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


Step = Say | End | Shown | Press


@dataclass(frozen=True)
class Story:
    """A conversation; its steps count minutes from its start."""

    name: str
    title: str
    hours_ago: float
    steps: tuple[Step, ...]
    facts: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    #: The visitor whom the shop signs for; without one, the back end names the visitor's browser.
    visitor: str | None = None
    #: Whether the shop's back end reports the conversation, or only a page.
    has_back_end: bool = True


RATED = Story(
    "order-4411",
    "Order 4411: where is my parcel?",
    26,
    (
        Say(0, VISITOR, "My parcel has not come yet. It should have been here Tuesday."),
        Say(2, AGENT_B, "I am sorry. I have asked the carrier; I will write as soon as they answer."),
        Say(9, AGENT_B, "They found it: it waits at the depot and comes tomorrow."),
        Say(10, VISITOR, "Thank you, that is kind."),
        End(11),
        Shown(11),
        Press(11, GOOD),
        Press(12, GOOD, "Quick answer, and a straight one."),
        Say(1475, VISITOR, "Tomorrow is today, and there is still nothing."),
        Say(1478, AGENT_A, "Let me look. One moment, please."),
        Say(1480, VISITOR, "I have waited a week now."),
        Say(1488, AGENT_A, "It is on the van; the driver says within the hour. The postage is on us."),
        End(1490, by=AGENT_A),
        Shown(1490),
        Press(1491, BAD),
        Press(1492, BAD, None, {"reasons": ["wait", "unsolved"], "outcomes": {"why": "answered"}}),
        Press(
            1493,
            BAD,
            "Still no parcel, and no one told me.",
            {
                "reasons": ["wait", "unsolved"],
                "answers": {"call": "+45 55 55 01 42"},
                "outcomes": {"why": "answered", "call": "answered"},
            },
        ),
    ),
    {"customer_reference": "C-1042", "product_area": "Delivery", "case_type": "Late parcel"},
)
CORRECTED = Story(
    "return-4398",
    "A bent sprocket in the box",
    3,
    (
        Say(0, VISITOR, "The cassette I got has a bent sprocket. I cannot mount it."),
        Say(3, AGENT_A, "That must not happen, I am sorry. Could you send a picture?"),
        Say(6, VISITOR, "Sent. I need the bike on Monday."),
        Say(8, AGENT_A, "I see it. I will find out what we can do."),
        End(9),
        Shown(9),
        Press(10, BAD, "Now I have no bike for work."),
        Press(34, GOOD, "They sent a new one with today's van. All is well."),
    ),
    {"customer_reference": "C-0877", "product_area": "Drivetrain", "case_type": "Return"},
)
WAITING = Story(
    "chat-5120",
    "Hvilket dæk passer?",
    0.55,
    (
        Say(0, VISITOR, "Hej, hvilket dæk passer til en fælg med 622?"),
        Say(2, AGENT_B, "Hej! Allroad i 37-622 passer. Hvor meget luft er der til skærmen?"),
        Say(4, VISITOR, "Cirka 8 mm."),
        Say(6, AGENT_B, "Så er der plads nok. Skal jeg lægge to til side?"),
        Say(7, VISITOR, "Ja tak, jeg henter dem i morgen."),
        End(8),
        Shown(8),
    ),
    {"product_area": "Tyres"},
    language="da",
)
WITHDRAWN = Story(
    "chat-5098",
    "Brakes squeal after washing",
    1.6,
    (
        Say(0, VISITOR, "My disc brakes squeal since I washed the bike."),
        Say(2, AGENT_B, "Clean the disc with alcohol, then brake hard ten times. Does it help?"),
        Say(4, VISITOR, "I will try."),
        End(5),
        Shown(5),
        Say(47, VISITOR, "Tried it. Still squealing."),
        Say(49, AGENT_B, "Then the pads have taken up oil. Rub them on fine paper until they are dull."),
        Say(58, VISITOR, "That did something, it is much quieter."),
        Say(60, AGENT_B, "Good. Ride it for a day, and write here again if it comes back."),
    ),
    {"product_area": "Brakes"},
)
NOT_ASKED = Story(
    "chat-5071",
    "Opening hours on Sunday",
    19,
    (
        Say(0, VISITOR, "Habt ihr am Sonntag offen?"),
        Say(0, BOT, "Hallo! Unsere Werkstatt antwortet von 9 bis 18 Uhr. Hinterlasse uns deine Frage."),
        Say(1, VISITOR, "Okay, dann morgen."),
        End(2),
    ),
    language="de",
)
UNVERIFIED = Story(
    "partner-chat-88",
    "",
    5,
    (End(0), Shown(0), Press(1, GOOD, "The bell is lovely.")),
    has_back_end=False,
)
RIGHT_TO_LEFT = Story(
    "chat-5103",
    "مصباح لا يعمل",
    6.2,
    (
        Say(0, VISITOR, "مرحبا، المصباح الأمامي الذي اشتريته لا يعمل بعد المطر."),
        Say(3, AGENT_A, "مرحبا بك. هل جرّبت شحنه ساعتين كاملتين بكابل آخر؟"),
        Say(9, VISITOR, "نعم، ولم يتغيّر شيء."),
        Say(12, AGENT_A, "إذن نرسل لك مصباحا جديدا اليوم، ولا حاجة إلى إعادة القديم."),
        Say(13, VISITOR, "شكرا جزيلا."),
        End(14),
        Shown(14),
        Press(15, OK, "الحل جيد، لكن الانتظار كان طويلا.", {"reasons": ["wait"], "outcomes": {"why": "answered"}}),
    ),
    {"product_area": "Lights", "case_type": "Warranty"},
    language="ar",
    visitor="customer-2087",
)
STORIES = (RATED, CORRECTED, WAITING, WITHDRAWN, NOT_ASKED, UNVERIFIED, RIGHT_TO_LEFT)

#: (article, hours ago, answer, comment)
ARTICLE_VOTES: tuple[tuple[str, float, int, str | None], ...] = (
    ("/help/slipping-chain", 29.5, GOOD, None),
    ("/help/slipping-chain", 27.1, GOOD, "The ruler trick saved me a trip to the shop."),
    ("/help/slipping-chain", 22.4, OK, None),
    ("/help/slipping-chain", 7.9, GOOD, None),
    ("/help/slipping-chain", 3.3, BAD, "My chain is new and slips all the same."),
    ("/help/slipping-chain", 1.2, GOOD, None),
    ("/help/tyre-size", 25.8, GOOD, None),
    ("/help/tyre-size", 6.6, GOOD, "At last somebody explains the two numbers."),
    ("/help/tyre-size", 2.7, OK, None),
    ("/help/squealing-brakes", 24.9, BAD, "What if I have rim brakes?"),
    ("/help/squealing-brakes", 8.4, OK, None),
    ("/help/squealing-brakes", 4.1, BAD, None),
    ("/help/squealing-brakes", 0.9, GOOD, "The paper worked."),
)
#: (article, days ago, number of impressions)
ARTICLE_IMPRESSIONS = (
    ("/help/slipping-chain", 1, 9),
    ("/help/slipping-chain", 0, 7),
    ("/help/tyre-size", 1, 4),
    ("/help/tyre-size", 0, 5),
    ("/help/squealing-brakes", 1, 3),
    ("/help/squealing-brakes", 0, 8),
)
