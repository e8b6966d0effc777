"""Which impressions count: the server's side of rule_cases.json, for articles and for chats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.applications import Applications
from tests.conversations.conftest import talks
from tests.conversations.rows import rows
from tests.conversations.talk import Talk
from tests.factories import Make
from tests.frozen_clock import SetClock
from tests.rule_cases import CASES
from widget_server.core.config import Config
from widget_server.widget import robots
from widget_server.widget.robots import is_robot

from .conftest import Page

__all__ = ["talks"]

ARTICLE = {"kind": "article", "subject": "/returns"}
#: Requests that reach the server, including those that only an older page still sends.
ARRIVES = [row for row in CASES["counted"] if row["happens"]]
ROBOT = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}


def headers(row: dict[str, Any]) -> dict[str, str]:
    return {"User-Agent": row["agent"], **({"Sec-GPC": "1"} if row["gpc"] else {})}


def test_of_an_article(app: Flask, make: Make, subtests: pytest.Subtests) -> None:
    assert ARRIVES
    for row in ARRIVES:
        with subtests.test(row["says"]):
            site = make.site()
            page = Page(make.client, site.key, str(make.survey(site, "article").revision))
            assert page.post(row["what"], ARTICLE, headers=headers(row)).status_code == 204
            days = [(day.shown_count, day.dismissed_count) for day in rows(app, "subject_day", site_id=site.id)]
            counted = {"seen": (1, 0), "dismissed": (0, 1)}[row["what"]]
            assert days == ([counted] if row["counted"] else [])
            subjects = rows(app, "subject", site_id=site.id)
            assert bool(subjects) is row["counted"], "no row is created for a subject without an impression"


def test_of_a_chat(talks: Callable[..., Talk], clock: SetClock, subtests: pytest.Subtests) -> None:
    assert ARRIVES
    for row in ARRIVES:
        with subtests.test(row["says"]):
            talk = talks()
            token = talk.chat().ask()
            assert talk.page.post(row["what"], {"token": token}, headers=headers(row)).status_code == 204
            status = {"seen": "shown", "dismissed": "dismissed"}[row["what"]]
            assert talk.statuses() == [status if row["counted"] else "asked"]


def test_a_robot_gets_the_errors_of_a_page(article_page: Page) -> None:
    """Return them to any tool, so that it can show what is wrong with a tag."""
    assert article_page.post("seen", {"kind": "article"}, headers=ROBOT).status_code == 422
    elsewhere = replace(article_page, origin="https://elsewhere.example")
    assert elsewhere.post("seen", ARTICLE, headers=ROBOT).status_code == 403
    assert replace(article_page, key="unknown").post("seen", ARTICLE, headers=ROBOT).status_code == 404


def test_a_vote_counts_from_any_user_agent(article_page: Page) -> None:
    """Count votes with a robot's user agent too; other rules detect automated votes."""
    for headers in ({"User-Agent": "Mozilla/5.0 Firefox/140.0", "Sec-GPC": "1"}, ROBOT):
        body = {**ARTICLE, "id": "x" * 22, "rev": 1, "revision": article_page.revision, "score": 3}
        assert article_page.post("votes", body, headers=headers).get_json()["score"] == 3


def test_headless_browsers_count_if_the_setting_says_so(
    config: Config, applications: Applications, article_page: Page, app: Flask
) -> None:
    row = next(row for row in ARRIVES if "headless" in row["says"])
    with applications.lend(replace(config, count_headless=True)) as counting:
        page = replace(article_page, client=counting.test_client())
        assert page.post("seen", ARTICLE, headers=headers(row)).status_code == 204
    assert [day.shown_count for day in rows(app, "subject_day")] == [1]


ROBOTS = """
Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)
DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)
Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)
Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)
Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Mediapartners-Google) Chrome/117.0.0.0 Safari/537.36
Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)
Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)
CCBot/2.0 (https://commoncrawl.org/faq/)
Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)
Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)
facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)
meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)
Twitterbot/1.0
LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)
Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)
TelegramBot (like TwitterBot)
WhatsApp/2.23.20.0
Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)
Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)
Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse
Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)
Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)
Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1
Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/26.0.0
""".strip().splitlines()  # noqa: E501

PEOPLE = """
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1
Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1
Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0
Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0
Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 9; CUBOT_P30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 11; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 YaBrowser/25.10.0 Safari/537.36
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/530.0;FBDV/iPhone15,2]
Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.0.0 Mobile Safari/537.36 Instagram 400.0.0
Mozilla/5.0 (Linux; Android 12; M2102J20SG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36 [Pinterest/Android]
Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36
Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15
Mozilla/5.0 (Linux; Android 13; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/130.1.1 like Chrome/130.0.0.0 Safari/537.36
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Vivaldi/7.6.3797.63
""".strip().splitlines()  # noqa: E501


def test_robots_by_their_own_name(subtests: pytest.Subtests) -> None:
    for agent in ["", None, *ROBOTS]:
        with subtests.test(agent=agent):
            assert is_robot(agent, count_headless=True)


def test_people_are_no_robots(subtests: pytest.Subtests) -> None:
    for agent in PEOPLE:
        with subtests.test(agent=agent):
            assert not is_robot(agent)


def test_a_user_agent_is_searched_once_and_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    class RecordingPattern:
        def search(self, agent: str) -> None:
            searched.append(agent)

    monkeypatch.setattr(robots, "_ROBOT", RecordingPattern())
    agents = ["A browser of this test alone", "x" * 30_000]
    assert [is_robot(agent) for agent in agents * 2] == [False] * 4
    assert [len(agent) for agent in searched] == [len(agents[0]), robots.MAX_LENGTH]
