"""A headless Chromium spoken to over a pipe: what a page looks like, what it does with keys, what axe says of it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def find_chromium() -> str:
    """Where Chromium is; empty where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


def find_axe() -> Path | None:
    """The axe-core that npm installed globally, or the file that AXE_CORE names."""
    if named := os.environ.get("AXE_CORE"):
        return Path(named)
    prefixes = (Path(node).resolve().parents[1] for node in (shutil.which("npm"), shutil.which("node")) if node)
    roots = [Path("/usr/lib"), Path("/usr/local/lib"), *(prefix / "lib" for prefix in prefixes)]
    files = (root / "node_modules" / "axe-core" / "axe.min.js" for root in roots)
    return next((file for file in files if file.is_file()), None)


class Page:
    """One page of one browser. What the page logs and what its policy stops is gathered in ``logged``."""

    def __init__(self, to: int, fro: int) -> None:
        self._to, self._from, self._number, self._read = to, fro, 0, b""
        self._session: str | None = None
        self.logged: list[str] = []
        target = self.say("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.say("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime"):
            self.say(f"{domain}.enable")

    def say(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command of the browser's protocol and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._note(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, file: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Load a file of the disk at a width, in the light or the dark."""
        self.visit(file.as_uri(), width=width, height=height, dark=dark)

    def visit(self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Load ``url`` at a width, in the light or the dark."""
        phone = width < 600
        self.say("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.say("Emulation.setEmulatedMedia", features=[scheme, still])
        self.say("Page.navigate", url=url)
        while self._next_event() != "Page.loadEventFired":
            pass

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited."""
        answer = self.say("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """Press and let go of a key, such as ``Tab`` (9) or ``Enter`` (13)."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.say("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def shoot(self, to: Path, *, whole: bool = False) -> None:
        """Write a picture of the window, or of the whole page."""
        picture = self.say("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        to.write_bytes(base64.b64decode(picture["data"]))

    def _next_event(self) -> str:
        message = self._next()
        self._note(message)
        return str(message.get("method", ""))

    def _note(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Log.entryAdded":
            self.logged.append(message["params"]["entry"]["text"])
        if message.get("method") in ("Runtime.consoleAPICalled", "Page.javascriptDialogOpening"):
            self.logged.append(json.dumps(message["params"])[:300])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            if not (more := os.read(self._from, 1 << 16)):
                raise RuntimeError("Chromium ended.")
            self._read += more
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)


@contextmanager
def browsing() -> Iterator[Page]:
    """A browser with one empty page, ended afterwards."""
    its_in, to = os.pipe()
    fro, its_out = os.pipe()
    with tempfile.TemporaryDirectory(prefix="prodev-chromium-", ignore_cleanup_errors=True) as profile:
        # The browser reads commands from descriptor 3 and writes to 4, whatever numbers the pipes have here.
        plumbing = f'exec "$0" "$@" 3<&{its_in} 4>&{its_out}'
        process = subprocess.Popen(
            ["/bin/bash", "-c", plumbing, find_chromium(), *SWITCHES, f"--user-data-dir={profile}"],
            pass_fds=(its_in, its_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(its_in)
        os.close(its_out)
        try:
            yield Page(to, fro)
        finally:
            os.close(to)
            os.close(fro)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
