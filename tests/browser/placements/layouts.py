"""The documented page structure of programs that are not installed here; `data-end` marks the end of an article.

From the programs' templates: BookStack pages/show.blade.php, Casper post.hbs (Ghost), Copenhagen article_page.hbs
(Zendesk Guide), the classes of MediaWiki's body, Docusaurus 3.10, VitePress 1.6, DokuWiki's template main.php,
page.html of Jekyll's theme minima. Hugo defines no structure: a theme with one article in main.
"""

from __future__ import annotations

TEXT = '<h1>Chains</h1><p style="height: 3000px">Long</p>'

STRUCTURES = {
    "bookstack": f"""<div class=tri-layout-middle><main class="content-wrap card"><div component=page-display
        option:page-display:page-id=7 class="page-content clearfix" data-end>{TEXT}</div></main>
        <div class=comments-container>Comments</div></div>""",
    "docusaurus": f"""<div id=__docusaurus><main><article>
        <div class="theme-doc-markdown markdown" data-end>{TEXT}</div>
        <footer class=theme-doc-footer>Edit</footer></article><nav class=pagination-nav>Next</nav></main></div>""",
    "dokuwiki": f"""<div id=dokuwiki__site><div id=dokuwiki__top class="site dokuwiki mode_show tpl_dokuwiki">
        <main id=dokuwiki__content><div class="pad group"><div class=pageId>chains</div>
        <div class="page group" data-end>{TEXT}</div><div class=docInfo>Last modified</div></div></main></div></div>""",
    "ghost": f"""<main id=site-main><article class="article post"><header class=article-header>Chains</header>
        <section class="gh-content gh-canvas" data-end>{TEXT}</section><section class=article-comments></section>
        </article></main>
        <aside class=read-more-wrap><article class=post-card>Other</article></aside>""",
    "hugo": f"<main><article data-end>{TEXT}</article></main><footer>End</footer>",
    "jekyll": f"""<main class=page-content><div class=wrapper><article class=post>
        <header class=post-header>Chains</header><div class=post-content data-end>{TEXT}</div></article>
        </div></main>""",
    "mediawiki": f"""<div id=content class=mw-body role=main><h1 id=firstHeading>Chains</h1><div id=bodyContent>
        <div id=mw-content-text class=mw-body-content><div class=mw-parser-output data-end>{TEXT}</div></div>
        <div id=catlinks>Categories</div></div></div>""",
    "vitepress": f"""<div id=app><div class=Layout><div class=VPContent><div class=VPDoc><div class=content-container>
        <main class=main><div><div class="vp-doc _chains" data-end>{TEXT}</div></div></main>
        <footer class=VPDocFooter>Edit</footer>
        </div></div></div></div></div>""",
    "zendesk-guide": f"""<main role=main><div class=article-container><aside class=article-sidebar></aside>
        <article id=main-content class=article><section class=article-info><div class=article-content>
        <div class=article-body data-end>{TEXT}</div></div></section>
        <footer><div class=article-votes>Was this article helpful?</div></footer></article></div></main>""",
}
#: Pages of the same program that are not articles.
NONE = {
    "dokuwiki": "<div class='dokuwiki mode_edit'><div class=page><form></form></div></div>",
    "jekyll": "<main class=page-content><ul class=post-list><li>One</li></ul></main>",
    "hugo": "<main><article>One</article><article>Two</article></main>",
    "ghost": "<main><div class=post-feed><article class=post-card>One</article></div></main>",
    "mediawiki": STRUCTURES["mediawiki"],
    "zendesk-guide": "<main role=main><ul class=article-list><li class=article-list-item>One</li></ul></main>",
    "docusaurus": STRUCTURES["docusaurus"],
}
#: Changes that the program's script makes to the page, or its server's markup.
READY = {
    "docusaurus": "document.documentElement.dataset.hasHydrated = 'true'",
    "mediawiki": "document.body.className = 'mediawiki ltr ns-0 ns-subject page-Chains skin-vector action-view'",
    "vitepress": "document.querySelector('#app').__vue_app__ = {}",
}
NOT_READY = {
    "docusaurus": "document.documentElement.dataset.hasHydrated = 'false'",
    "mediawiki": "document.body.className = 'mediawiki ltr ns-1 ns-talk page-Talk_Chains skin-vector action-view'",
}
