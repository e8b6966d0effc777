"""The same sites for generators from npm, with the widget as its guide says."""

from __future__ import annotations

from tests.guides import snippet

from .built import GENERATORS, Source
from .sources import PARAGRAPHS, SHORT, markdown, titled

MODULES = GENERATORS / "node_modules"
#: JavaScript of a page that React draws.
REACT_PAGE = """import Link from "next/link";
const numbers = Array.from({{ length: {length} }}, (_, number) => number);
export default function Page() {{
  return (
    <article>
      <h1>{title}</h1>
      {{numbers.map((number) => <p key={{number}}>{{`A chain that is worn slips under load, part ${{number}}.`}}</p>)}}
      <Link href="{link}">The other page</Link>
    </article>
  );
}}
"""
DOCUSAURUS = """module.exports = {{
  title: "Chains", url: "https://docs.example", baseUrl: "/",
  presets: [["classic", {{
    docs: {{ routeBasePath: "/" }}, blog: false, theme: {{ customCss: "./src/css/custom.css" }},
  }}]],
  {guide}
}};
"""
STARLIGHT = """import {{ defineConfig }} from "astro/config";
import starlight from "@astrojs/starlight";
export default defineConfig({{ integrations: [starlight({{ title: "Chains", pagefind: false, {guide} }})] }});
"""
STARLIGHT_CONTENT = """import { defineCollection } from "astro:content";
import { docsLoader } from "@astrojs/starlight/loaders";
import { docsSchema } from "@astrojs/starlight/schema";
export const collections = { docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) };
"""
NEXT = 'export default { output: "export", trailingSlash: true };\n'
NEXTRA = """import nextra from "nextra";
export default nextra({ search: false })({ output: "export", trailingSlash: true, images: { unoptimized: true } });
"""
NEXTRA_LAYOUT = """import { Layout, Navbar } from "nextra-theme-docs";
import { Head } from "nextra/components";
import { getPageMap } from "nextra/page-map";
import "nextra-theme-docs/style.css";

export default async function RootLayout({ children }) {
  return (
    <html lang="en" dir="ltr" suppressHydrationWarning>
      <Head />
      <body>
        <Layout navbar={<Navbar logo={<b>Chains</b>} />} pageMap={await getPageMap()} search={null}>{children}</Layout>
      </body>
    </html>
  );
}
"""
NEXTRA_COMPONENTS = """import { useMDXComponents as themeComponents } from "nextra-theme-docs";
export const useMDXComponents = (components) => ({ ...themeComponents(), ...components });
"""
DOCSIFY = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Chains</title>
<link rel="stylesheet" href="/core.min.css">
<style>:root { color-scheme: light dark }</style></head>
<body><div id="app"></div>
<script>window.$docsify = { name: "Chains" };</script>
%s
<script src="/docsify.min.js"></script></body></html>
"""


def program(path: str, *arguments: str) -> tuple[str, ...]:
    return ("node", str(MODULES / path), *arguments)


def vitepress() -> Source:
    files = {
        ".vitepress/config.js": f'export default {{ title: "Chains", {snippet("VitePress")} }};',
        "index.md": markdown("Chains", PARAGRAPHS, "tyres.md"),
        "tyres.md": markdown("Tyres", PARAGRAPHS, "index.md"),
        "short.md": markdown("Brakes", SHORT),
    }
    return Source(files, program("vitepress/bin/vitepress.js", "build"), ".vitepress/dist", is_npm=True)


def docusaurus() -> Source:
    files = {
        # Without it the files would be modules, like those of the folder above.
        "package.json": '{"private": true}',
        "docusaurus.config.js": DOCUSAURUS.format(guide=snippet("Docusaurus")),
        "src/css/custom.css": snippet("Docusaurus", 1),
        "docs/index.md": "---\nslug: /\n---\n" + markdown("Chains", PARAGRAPHS, "tyres.md"),
        "docs/tyres.md": markdown("Tyres", PARAGRAPHS, "index.md"),
        "docs/short.md": markdown("Brakes", SHORT),
    }
    return Source(files, program("@docusaurus/core/bin/docusaurus.mjs", "build"), "build", is_npm=True)


def starlight() -> Source:
    files = {
        "astro.config.mjs": STARLIGHT.format(guide=snippet("Starlight")),
        "src/content.config.ts": STARLIGHT_CONTENT,
        "src/content/docs/index.md": titled("Chains", PARAGRAPHS, "/tyres/"),
        "src/content/docs/tyres.md": titled("Tyres", PARAGRAPHS, "/"),
        "src/content/docs/short.md": titled("Brakes", SHORT),
    }
    return Source(files, program("astro/bin/astro.mjs", "build"), "dist", is_npm=True)


def nextjs() -> Source:
    files = {
        "next.config.mjs": NEXT,
        "app/layout.jsx": snippet("Next.js"),
        "app/tilfreds.css": snippet("Next.js", 1),
        "app/page.jsx": REACT_PAGE.format(title="Chains", length=60, link="/tyres/"),
        "app/tyres/page.jsx": REACT_PAGE.format(title="Tyres", length=60, link="/"),
        "app/short/page.jsx": REACT_PAGE.format(title="Brakes", length=1, link="/"),
    }
    return Source(files, program("next/dist/bin/next", "build"), "out", is_npm=True)


def nextra() -> Source:
    files = {
        "next.config.mjs": NEXTRA,
        "app/layout.jsx": NEXTRA_LAYOUT,
        "app/[[...mdxPath]]/page.jsx": snippet("Nextra"),
        "app/tilfreds.css": snippet("Nextra", 1),
        "mdx-components.js": NEXTRA_COMPONENTS,
        "content/index.mdx": markdown("Chains", PARAGRAPHS, "/tyres"),
        "content/tyres.mdx": markdown("Tyres", PARAGRAPHS, "/"),
        "content/short.mdx": markdown("Brakes", SHORT),
    }
    return Source(files, program("next/dist/bin/next", "build"), "out", is_npm=True)


def docsify() -> Source:
    """Return a site that Docsify draws in the browser, so nothing is built."""
    dist = MODULES / "docsify" / "dist"
    files = {
        "index.html": DOCSIFY % snippet("Docsify"),
        "README.md": markdown("Chains", PARAGRAPHS, "tyres.md"),
        "tyres.md": markdown("Tyres", PARAGRAPHS, "README.md"),
        "short.md": markdown("Brakes", SHORT),
    }
    copies = {"docsify.min.js": dist / "docsify.min.js", "core.min.css": dist / "themes" / "core.min.css"}
    return Source(files, (), is_npm=True, copies=copies)
