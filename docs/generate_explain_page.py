"""Write docs/how-to/explain-page.png: the page that explains a requirement on the hosts of examples/host_pool.xml.

Needs the extras `opennebula` and `browser`, and the program chromium.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from matchmaker.matching.explain import explain
from matchmaker.opennebula import read_pool
from matchmaker.reporting import html_page

DOCS = Path(__file__).parent
POOL = DOCS.parent / "examples" / "host_pool.xml"
PICTURE = DOCS / "how-to" / "explain-page.png"

REQUIREMENT = 'HYPERVISOR = "kvm" & FREE_MEMORY > 33554432 & !(RACK = "r1?") & FREE_CPU > 1200 & GPU = "YES"'
RANK = "FREE_CPU - 50 * RUNNING_VMS"
COLOURS = 256
"""So many are enough for a page of text, and make the file small."""


def picture(page: Path) -> bytes:
    """Return what a browser shows of a page, with the details of a cell."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox"]
        )
        tab = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce")
        tab.goto(page.as_uri())
        tab.locator("#grid tbody td.verdict").nth(1).hover()
        taken = tab.screenshot(full_page=True)
        browser.close()
    return taken


def main() -> None:
    """Make the page in a temporary folder, and write what it looks like."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(html_page(explain(read_pool(POOL), REQUIREMENT, RANK).to_json()), "utf-8")
        taken = Image.open(io.BytesIO(picture(page))).convert("RGB")
    taken.quantize(COLOURS, kmeans=3, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(f"{PICTURE}: {taken.width} x {taken.height}, {PICTURE.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
