"""The same fixtures as in the tests of conversations."""

from ..conversations.conftest import article_page, config, page, survey, talk, talks

__all__ = ["article_page", "config", "page", "survey", "talk", "talks"]
