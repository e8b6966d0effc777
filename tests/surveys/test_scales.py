"""Tests of the polarity of each score by the published formulas, and of each look in the page and the API."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from widget_server.surveys.default_texts import languages, words_for
from widget_server.surveys.scales import LOOKS, SCALES, scale_of

from ..back_end import Api
from ..factories import MadeSite, Make
from ..widget.conftest import Page

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "scales.md").read_text("utf-8")
#: (lowest score, highest score, highest negative score, lowest satisfied score)
ASCENDING = {
    "three": (1, 3, 1, 3),
    "thumbs": (1, 2, 1, 2),
    "five": (1, 5, 2, 4),
    "seven": (1, 7, 3, 6),
    "ten": (1, 10, 5, 8),
    "nps": (0, 10, 6, 9),
    "ces": (1, 7, 3, 6),
}


def test_every_score_has_the_polarity_of_its_formula(subtests: pytest.Subtests) -> None:
    for name, (low, high, negative, satisfied) in ASCENDING.items():
        with subtests.test(scale=name):
            scale = SCALES[name]
            assert list(scale.scores) == list(range(low, high + 1))
            for score in scale.scores:
                assert scale.polarity(score) == (-1 if score <= negative else 1 if score >= satisfied else 0), score
                assert scale.is_satisfied(score) == (score >= satisfied)
            assert not scale.holds(low - 1) and not scale.holds(high + 1)


def test_the_documented_table_matches_the_scales() -> None:
    rows = re.findall(
        r"^\| `(\w+)`(, direction `down`)? \| [^|]+\| `(\w+)`, (\d+)-(\d+) \| ([^|]+)\| ([^|]*)\| ([^|]+)\|", PAGE, re.M
    )
    assert [row[0] for row in rows if not row[1]] == list(LOOKS)
    for look, down, name, low, high, *cells in rows:
        scale = scale_of(look, "down" if down else "up")
        assert (scale.name, scale.low, scale.high) == (name, int(low), int(high))
        for polarity, cell in zip((1, 0, -1), cells, strict=True):
            assert scores_in(cell) == {score for score in scale.scores if scale.polarity(score) == polarity}, look


def scores_in(cell: str) -> set[int]:
    """Return the scores of a cell: {4, 5} for "4, 5", {0, 1, 2} for "0-2 (detractors)"."""
    scores: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", cell):
        scores |= set(range(int(first), int(last or first) + 1))
    return scores


def test_effort_may_be_asked_in_both_directions() -> None:
    up, down = SCALES["ces"], SCALES["ces_reversed"]
    assert [up.polarity(score) for score in up.scores] == [down.polarity(8 - score) for score in down.scores]
    assert [name for name, scale in SCALES.items() if scale.has_mean] == ["ces", "ces_reversed"]


def test_every_look_has_texts_in_every_language(subtests: pytest.Subtests) -> None:
    rows = list(itertools.product(languages(), LOOKS, ("chat_end", "article")))
    assert len(rows) > 800
    for language, look, placement in rows:
        with subtests.test(language=language, look=look, placement=placement):
            words = words_for(language, placement, look)
            assert len(set(words["labels"])) == len(LOOKS[look].scale.scores)
            assert ("ends" in words) == LOOKS[look].is_numbered


def test_the_end_labels_follow_the_direction() -> None:
    hard, easy = words_for("en", "chat_end", "ces")["ends"]
    assert (hard, easy) == ("Very difficult", "Very easy")
    assert words_for("en", "chat_end", "ces", SCALES["ces_reversed"])["ends"] == [easy, hard]


@pytest.mark.parametrize("look", LOOKS)
def test_the_api_describes_a_vote_on_every_look(make: Make, site: MadeSite, api: Api, look: str) -> None:
    scale = LOOKS[look].scale
    page = Page(make.client, site.key, str(make.survey(site, "article", look=look).revision))
    for score in scale.scores:
        assert page.vote({"kind": "article", "subject": f"/{score}"}, score).status_code == 200
    for score in (scale.low - 1, scale.high + 1):
        response = page.vote({"kind": "article", "subject": "/x"}, score)
        assert (response.status_code, response.get_json()["pointer"]) == (422, "/score")
    answers = {vote["answer"]["score"]: vote["answer"] for vote in api.get("/votes").get_json()["votes"]}
    assert sorted(answers) == list(scale.scores)
    for score, answer in answers.items():
        assert (answer["scale"], answer["look"]) == (scale.name, look)
        assert answer["satisfied"] == scale.is_satisfied(score)
        assert answer["sentiment"] == {-1: "negative", 0: "neutral", 1: "positive"}[scale.polarity(score)]
    assert len({answer["word"] for answer in answers.values()}) == len(answers)


def test_a_removed_answer_differs_from_a_zero(make: Make, site: MadeSite, api: Api) -> None:
    page = Page(make.client, site.key, str(make.survey(site, "article", look="nps").revision))
    receipts: dict[str, Any] = {}
    for name, score in (("zero", 0), ("gone", None)):
        receipts[name] = page.vote({"kind": "article", "subject": f"/{name}"}, score).get_json()
    assert {name: (receipt["score"], receipt["status"]) for name, receipt in receipts.items()} == {
        "zero": (0, "saved"),
        "gone": (None, "removed"),
    }


def test_the_revision_stores_the_direction(make: Make, site: MadeSite, api: Api) -> None:
    survey = api.post("/surveys", {"name": "Effort", "placement": "article", "look": "ces", "direction": "down"})
    (revision,) = survey.get_json()["revisions"]
    assert (revision["look"], revision["scale"]) == ("ces", "ces_reversed")
    Page(make.client, site.key, revision["id"]).vote({"kind": "article", "subject": "/a"}, 1)
    (vote,) = api.get("/votes").get_json()["votes"]
    assert (vote["answer"]["satisfied"], vote["answer"]["word"]) == (True, "1 of 7")
    changed_survey = api.post(f"/surveys/{survey.get_json()['id']}/revisions", {"look": "ces"}).get_json()
    assert [revision["scale"] for revision in changed_survey["revisions"]] == ["ces_reversed", "ces"]


def test_the_file_contains_only_the_code_of_its_looks(make: Make, subtests: pytest.Subtests) -> None:
    for look in LOOKS:
        with subtests.test(look=look):
            site = make.site()
            make.survey(site, "article", look=look)
            script = make.client.get(f"/w/{site.key}.js").get_data(as_text=True)
            assert ('"dress":(' in script) == (look not in ("faces", "words"))
