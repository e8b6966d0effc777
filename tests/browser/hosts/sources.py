"""Sites of two long pages and a short one for programs from PyPI, with the widget as its guide says."""

from __future__ import annotations

from collections.abc import Sequence

from tests.guides import snippet

from .built import SITE, Source

PARAGRAPHS = "\n\n".join(f"A chain that is worn slips under load, part {number}." for number in range(60))
SHORT = "The brake wears before the tyre."
MKDOCS = """
site_name: Chains
site_url: {site}
nav: [index.md, tyres.md, short.md]
theme:
  name: material
  font: false
  features: [{features}]
  palette:
    - {{scheme: default, toggle: {{icon: material/weather-night, name: Dark}}}}
    - {{scheme: slate, toggle: {{icon: material/weather-sunny, name: Light}}}}
{guide}
"""
SPHINX = """
project = "Chains"
html_theme = "{theme}"
html_theme_options = {options}
{guide}
"""
#: The arrow keys turn pages. Without its button, alabaster asks others for no picture.
KEYS = {"navigation_with_keys": True}
OPTIONS = {"alabaster": {"github_button": False, **KEYS}}
MDBOOK = '[book]\ntitle = "Chains"\n'
HUGO = f'baseURL = "{SITE}"\ntitle = "Chains"\ndisableKinds = ["taxonomy", "term", "RSS", "sitemap"]\n'
#: The templates of a theme made by `hugo new theme`, without its parts for dates and tags.
HUGO_BASE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title>{{ partial "head.html" . }}</head>
<body><header>Chains</header><main>{{ block "main" . }}{{ end }}</main><footer>Made with Hugo</footer></body></html>
"""


def markdown(title: str, text: str, link: str = "") -> str:
    return f"# {title}\n\n{text}\n\n" + (f"[The other page]({link})\n" if link else "")


def titled(title: str, text: str, link: str = "") -> str:
    """Return a page of a program that takes the title from the front matter."""
    return f"---\ntitle: {title}\n---\n\n{text}\n\n" + (f"[The other page]({link})\n" if link else "")


def mkdocs(features: Sequence[str] = ()) -> Source:
    settings = MKDOCS.format(site=SITE, features=", ".join(features), guide=snippet("MkDocs Material"))
    files = {
        "mkdocs.yml": settings,
        "docs/tilfreds.css": snippet("MkDocs Material", 1),
        "docs/index.md": markdown("Chains", PARAGRAPHS, "tyres.md"),
        "docs/tyres.md": markdown("Tyres", PARAGRAPHS, "index.md"),
        "docs/short.md": markdown("Brakes", SHORT),
    }
    return Source(files, ("mkdocs", "build", "--quiet"), "site")


def sphinx(theme: str) -> Source:
    settings = SPHINX.format(theme=theme, options=OPTIONS.get(theme, KEYS), guide=snippet("Sphinx"))
    contents = ".. toctree::\n\n   tyres\n   short\n"
    files = {
        "conf.py": settings,
        "_static/tilfreds.css": snippet("Sphinx", 1),
        "index.rst": f"Chains\n======\n\n{PARAGRAPHS}\n\n:doc:`The other page <tyres>`\n\n{contents}",
        "tyres.rst": f"Tyres\n=====\n\n{PARAGRAPHS}\n\n:doc:`The other page <index>`\n",
        "short.rst": f"Brakes\n======\n\n{SHORT}\n",
    }
    return Source(files, ("sphinx-build", "-q", ".", "built"), "built")


def mdbook() -> Source:
    files = {
        "book.toml": MDBOOK,
        "theme/head.hbs": snippet("mdBook"),
        "src/SUMMARY.md": "# Summary\n\n- [Chains](index.md)\n- [Tyres](tyres.md)\n- [Brakes](short.md)\n",
        "src/index.md": markdown("Chains", PARAGRAPHS, "tyres.md"),
        "src/tyres.md": markdown("Tyres", PARAGRAPHS, "index.md"),
        "src/short.md": markdown("Brakes", SHORT),
    }
    return Source(files, ("mdbook", "build"), "book")


def hugo() -> Source:
    head, element = snippet("Hugo"), snippet("Hugo", 1)
    single = '{{ define "main" }}<h1>{{ .Title }}</h1>{{ .Content }}' + element + "{{ end }}"
    files = {
        "hugo.toml": HUGO,
        "layouts/baseof.html": HUGO_BASE,
        "layouts/_partials/head.html": head,
        "layouts/home.html": single,
        "layouts/page.html": single,
        "content/_index.md": titled("Chains", PARAGRAPHS, "/tyres/"),
        "content/tyres.md": titled("Tyres", PARAGRAPHS, "/"),
        "content/short.md": titled("Brakes", SHORT),
    }
    return Source(files, ("hugo", "--quiet"), "public")
