"""Fixtures for privacy: the ones that the tests of conversations use."""

from ..conversations.conftest import article_page, config, page, survey, talk, talks

__all__ = ["article_page", "config", "page", "survey", "talk", "talks"]
