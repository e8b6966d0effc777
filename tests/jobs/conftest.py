"""The fixtures of the tests of conversations."""

from ..conversations.conftest import article_page, config, page, survey

__all__ = ["article_page", "config", "page", "survey"]
