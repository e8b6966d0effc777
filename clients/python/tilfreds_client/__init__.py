"""A client for the back end of a site that uses Tilfreds: signatures, conversations and votes."""

from .client import Client
from .errors import Refused, TilfredsError, Unreachable
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
    "Rating",
    "Refused",
    "Segment",
    "TilfredsError",
    "Unreachable",
    "Vote",
    "agent_token",
    "sign",
]
