"""The element in a page made with React, by the component that docs/guides/frameworks.md shows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.factories import MadeSite, Make
from tests.js.test_node import STATIC, built
from tests.long_cases import cases
from tests.skip import skip_missing

HERE = Path(__file__).parent
FRAMEWORKS = STATIC.parent / "docs" / "guides" / "frameworks.md"
APP = """
import { StrictMode, useCallback, useState, version } from "react";
import { createRoot } from "react-dom/client";

function App() {
  const [subject, choose] = useState("/returns");
  const [heard, hear] = useState([]);
  const voted = useCallback((score) => hear((before) => [...before, score]), []);
  return <main>
    <h1>Help</h1>
    <button onClick={() => choose("/sizes")}>Sizes</button>
    <button onClick={() => choose("")}>Nothing</button>
    {subject && <Rating subject={subject} kind="article" lang="en" visitor={undefined} onVoted={voted} />}
    <p id="heard">{heard.join(" ")}</p>
  </main>;
}

self.version = version;
createRoot(document.querySelector("#app")).render(<StrictMode><App /></StrictMode>);
"""


#: Options of esbuild for each version of React; 18 is installed under another name.
VERSIONS: dict[str, list[str]] = {"19": [], "18": ["--alias:react=react-18", "--alias:react-dom=react-dom-18"]}


def bundle(code: str, version: str = "19") -> bytes:
    """Return the code bundled by esbuild with a version of React."""
    if not (HERE / "node_modules").is_dir():
        skip_missing("React is not there: `cd tests/browser/react && npm ci`.")
    esbuild = str(built() / ".bin" / "esbuild")
    options = ["--bundle", "--loader=jsx", "--jsx=automatic", '--define:process.env.NODE_ENV="development"']
    result = subprocess.run(
        [esbuild, *options, *VERSIONS[version]], input=code.encode(), cwd=HERE, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


@pytest.mark.parametrize("version", cases(VERSIONS, short=["19"]))
def test_a_component_asks_hears_and_asks_about_something_else(
    new_page: NewPage, pages: Pages, make: Make, site: MadeSite, tag: str, version: str
) -> None:
    """Run in React's strict mode, which mounts everything twice."""
    component = re.search(r"```jsx\n(.*?)```", FRAMEWORKS.read_text("utf-8"), re.DOTALL)
    assert component is not None
    pages.pages["/app.js"] = (bundle(component[1] + APP, version), {"Content-Type": "text/javascript"})
    page = new_page()
    page.goto(pages.put(f'<div id="app"></div><script src="/app.js"></script>{tag}'))
    assert page.evaluate("version").split(".")[0] == version
    output = page.locator("#heard")
    face = page.get_by_role("group").get_by_role("button", name="Good", exact=True)
    face.click()
    expect(output).to_have_text("3")
    page.get_by_role("group").get_by_role("button", name="Bad").click()
    expect(output).to_have_text("3 1")
    page.get_by_role("button", name="Sizes").click()
    expect(page.locator("tilfreds-rating [aria-pressed=true]")).to_have_count(0)
    face.click()
    expect(output).to_have_text("3 1 3")
    page.get_by_role("button", name="Nothing").click()
    expect(page.locator("tilfreds-rating")).to_have_count(0)
    votes = done(make.back_end(site).get("/votes"))["votes"]
    assert {vote["subject"]: vote["answer"]["score"] for vote in votes} == {"/returns": 1, "/sizes": 3}
