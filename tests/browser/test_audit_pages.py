"""The audit log in a browser: without script, accessible in both schemes, and no wider than a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from tests.serving import Product

from .conftest import NewPage
from .test_factor_pages import check, join


@pytest.mark.slow
def test_the_audit_log_is_accessible_and_fits_a_phone(
    product: Product, new_page: NewPage, subtests: pytest.Subtests
) -> None:
    site = product.make.site(name="A shop with a long name")
    api = product.make.back_end(site)
    long_text = "Were you satisfied with the answer of our service today? " * 3
    done(api.patch("/site", {"name": "Another name", "languages": ["en", "ar"], "time_zone": "Europe/Berlin"}))
    done(api.post("/surveys", {"name": long_text[:80], "placement": "article"}))
    page = new_page(bypass_csp=True)
    join(page, product)
    for name, path in (
        ("site", f"{site.key}/audit"),
        ("server", "audit"),
        ("verified", "audit?verify=yes"),
        ("empty", f"{site.key}/audit?q=nothing+like+this"),
    ):
        page.goto(f"{product.url}/console/{path}")
        for details in page.locator(".entries details").all()[:3]:
            details.locator("summary").click()
        check(page, name, subtests)


@pytest.mark.slow
def test_filters_and_export_work_without_script(product: Product, new_page: NewPage) -> None:
    site = product.make.site()
    page = new_page(java_script_enabled=False)
    join(page, product)
    page.goto(f"{product.url}/console/{site.key}/audit")
    page.get_by_label("Kind").select_option("site")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_text("Site created", exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    assert "site.created" in download.value.path().read_text()
    page.get_by_role("button", name="Verify chain").click()
    expect(page.get_by_role("status")).to_contain_text("intact")
    assert page.get_by_label("Kind").input_value() == "site"
