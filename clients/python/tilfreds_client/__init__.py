"""A client for the back end of a site that uses Tilfreds: signatures, conversations and votes."""

from .client import Client
from .errors import Refused, TilfredsError, Unreachable
from .operator import Operator
from .shapes import Agent, AgentToken, Answer, Conversation, End, Invitation, Message, Rating, Segment, Vote
from .signing import agent_token, sign

__all__ = [
    "Agent",
    "AgentToken",
    "Answer",
    "Client",
    "Conversation",
    "End",
    "Invitation",
    "Message",
    "Operator",
    "Rating",
    "Refused",
    "Segment",
    "TilfredsError",
    "Unreachable",
    "Vote",
    "agent_token",
    "sign",
]
