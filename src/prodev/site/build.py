"""Build the staged tree with MkDocs, and serve it while it is being written."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.commands.build import build as build_markdown
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException
from mkdocs.livereload import LiveReloadServer

from prodev.course import Course
from prodev.errors import ProDevError
from prodev.site.crawl import faults_of
from prodev.site.stage import Navigation, Staged, stage

_WATCHED = ("modules", "exercises", "solutions", "docs", "src/prodev/site", "mkdocs.yml", "CHANGELOG.md")


class SiteError(ProDevError):
    """The staged tree could not be built, or the built site is not fit to be read."""


def build(course: Course, *, home: Path, work: Path | None = None, site: Path | None = None) -> Path:
    """Stage, build and crawl the site; return the folder it stands in.

    ``home`` holds ``mkdocs.yml`` and ``docs/``. Unless told otherwise, Markdown is staged below
    ``home/.build`` and the site stands in ``home/site``.

    Raises CourseError for course data that cannot be staged, and SiteError for what MkDocs or our
    own crawl finds.
    """
    site = site or home / "site"
    staged = stage(course, home=home, into=(work or home / ".build") / "site-src")
    base = _render(staged, home / "mkdocs.yml", site)
    faults = faults_of(site, base=base)
    if faults:
        raise SiteError("\n".join(faults), remedy="Mend the source of these pages, then build again.")
    return site


def serve(course: Course, *, home: Path, port: int = 8000) -> None:
    """Build, serve on this machine, and build again whenever a source changes. Ends with Ctrl-C."""

    def again() -> None:
        build(Course(course.root), home=home)

    again()
    server = LiveReloadServer(builder=again, host="127.0.0.1", port=port, root=str(home / "site"))
    for path in (home / name for name in _WATCHED):
        if path.exists():
            server.watch(str(path))
    try:
        server.serve()  # type: ignore[no-untyped-call]
    except KeyboardInterrupt:
        server.shutdown()


def _render(staged: Staged, settings: Path, site: Path) -> str:
    """Build ``staged`` into ``site``; return the path of the address it will be published under."""
    config = load_config(str(settings), docs_dir=str(staged.folder), site_dir=str(site))
    config.nav = _filled(config.nav or [], staged)
    warnings = _Warnings()
    logger = logging.getLogger("mkdocs")
    level = logger.level
    logger.setLevel(logging.WARNING)  # MkDocs counts its faults as they are logged, whatever the root logger lets pass
    logger.addHandler(warnings)
    try:
        config.plugins.on_startup(command="build", dirty=False)
        build_markdown(config)
    except MkDocsException as fault:
        raise SiteError("\n".join(warnings.messages) or str(fault)) from fault
    finally:
        config.plugins.on_shutdown()
        logger.removeHandler(warnings)
        logger.setLevel(level)
    return urlsplit(config.site_url or "/").path or "/"


class _Warnings(logging.Handler):
    """Keeps what MkDocs complains about, so that an error can say it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _filled(navigation: Navigation, staged: Staged) -> Navigation:
    """The navigation of ``mkdocs.yml`` with the course's pages in their places, without pages that are not staged."""
    filled: Navigation = []
    for entry in navigation:
        title, below = next(iter(entry.items())) if isinstance(entry, dict) else (None, entry)
        if isinstance(below, list):
            below = _filled(below, staged)
        elif below in staged.sections:
            below = staged.sections[below]
        elif not (staged.folder / below).is_file():
            continue
        filled.append({title: below} if title else below)
    return filled
