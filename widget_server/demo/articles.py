"""The shop's help pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    """A page of the knowledge base: an opening line, then (heading, paragraph) pairs."""

    name: str
    title: str
    opening: str
    parts: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """The page's path, which identifies the article in Tilfreds if the tag has no other subject."""
        return f"/help/{self.name}"


_SLIPPING = Article(
    "slipping-chain",
    "Why does my chain slip?",
    "A chain that jumps under load is nearly always worn. You can check it in two minutes, with only a ruler.",
    (
        (
            "Measure it",
            "Lay a ruler along the top of the chain and put its zero on the middle of a pin. Ten links of a new chain "
            "are 25.4 cm long. At 25.6 cm the chain is due; at 25.7 cm it has worn the cassette with it.",
        ),
        (
            "Look at the sprockets",
            "The teeth you use most wear first. Worn teeth lean to one side, like a row of small waves. A new chain "
            "slips on them at once: change both.",
        ),
        (
            "Before you order anything",
            "Bend the chain link by link. A stiff link feels just like a worn chain, and a drop of oil fixes it.",
        ),
    ),
)
_TYRE = Article(
    "tyre-size",
    "Which tyre fits my wheel?",
    "Forget the inches. The two numbers that matter are printed on the side of your old tyre.",
    (
        (
            "Read the two numbers",
            "In 37-622 the tyre is 37 mm wide, and the rim it sits on measures 622 mm across. The second number must "
            "match.",
        ),
        (
            "How wide may it be?",
            "Leave 4 mm of space on each side of the fork and the frame, and 6 mm under a mudguard. A wider tyre is "
            "softer and hardly slower.",
        ),
    ),
)
_BRAKES = Article(
    "squealing-brakes",
    "How do I stop my brakes from squealing?",
    "Most discs squeal because there is oil on them. It comes from fingers, from chain spray, or from the road.",
    (
        (
            "Clean first",
            "Wipe the disc with a clean cloth and plain alcohol. Do not use brake cleaner for cars: it leaves a film.",
        ),
        (
            "Then the pads",
            "Rub the pads on fine sandpaper until they are dull. If the squeal is back after a week, the pads are "
            "soaked with oil: change them.",
        ),
    ),
)
ARTICLES = {article.name: article for article in (_SLIPPING, _TYRE, _BRAKES)}
#: The languages of the demo's faces, each by its native name.
LANGUAGES = {"en": "English", "da": "Dansk", "nb": "Norsk", "sv": "Svenska", "de": "Deutsch", "ar": "العربية"}
