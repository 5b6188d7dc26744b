"""Carry requests to the test's host and its answers back, by a virtual clock."""

import asyncio

from prodev.testbed import virtual

virtual.install()


def fetch(paths, arrive, leave, hang_up, **settings):
    return virtual.run(_fetch(paths, arrive, leave, hang_up, settings))


async def _fetch(paths, arrive, leave, hang_up, settings):
    from fetch import Answer, fetch_all

    loop = asyncio.get_running_loop()

    async def get(path):
        seconds = arrive(path, round(loop.time(), 6))
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            hang_up(path)
            raise
        status, body = leave(path, round(loop.time(), 6))
        return Answer(status, body)

    began = loop.time()
    seen = {"error": None, "pages": []}
    try:
        pages = await fetch_all(get, paths, **settings)
        seen["pages"] = [_told(page) for page in pages]
    except NotImplementedError:
        raise
    except Exception as error:
        raised = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        seen["error"] = f"{type(error).__name__} ({raised})"
    return seen | {"took_s": round(loop.time() - began, 3)}


def _told(page):
    if isinstance(page, BaseException):
        return [repr(page), None, 0, None]
    return [page.path, page.body, page.tries, page.error]
