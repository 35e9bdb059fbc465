"""Pages in Chromium, opened from disk. Whatever a page says to the console, or asks the network for, fails its test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from matchmaker.reporting import html_page

try:
    from playwright.sync_api import Browser, Page, sync_playwright
except ImportError:
    sync_playwright = None

REQUIRED = os.environ.get("MATCHMAKER_BROWSER_TESTS") == "required"
"""Whether a missing browser is a failure, and no reason to skip."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Show = Callable[..., "Page"]


def lacking() -> str | None:
    if sync_playwright is None:
        return "playwright is not installed: make browser"
    if shutil.which("chromium") is None:
        return "there is no program chromium: apt-get install chromium"
    return None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    reason = lacking()
    if reason is not None:
        (pytest.fail if REQUIRED else pytest.skip)(reason)
    # Not for the whole session: while it is open, no other test of this thread could run an event loop of its own.
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Open the page of an explanation; options are those of Playwright's `new_context`."""
    heard: list[str] = []
    contexts = []

    def open_page(explanation: Mapping[str, Any], **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html_page(explanation), "utf-8")
        usual = {"viewport": {"width": 1440, "height": 900}, "offline": True, "reduced_motion": "reduce"}
        context = browser.new_context(**usual | options)
        context.set_default_timeout(5_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on(
            "request", lambda request: request.url == file.as_uri() or heard.append(f"request: {request.url[:200]}")
        )
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert heard == []
