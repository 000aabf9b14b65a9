"""HTTP as the other forges need it: a pace, a limit, and refusals as our errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from testmend import __version__
from testmend.forges import answers
from testmend.forges.bounded import Bounded

if TYPE_CHECKING:
    from testmend.forges.model import Access

_READING = ("GET", "HEAD")


class Session(requests.Session):
    """A session for one forge: every answer is a good one, or raises `ForgeError`."""

    def __init__(self, access: Access) -> None:
        super().__init__()
        self._access = access
        for scheme in ("https://", "http://"):
            self.mount(scheme, Bounded(access.seconds))
        self.headers["User-Agent"] = f"testmend/{__version__}"

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> Any:
        """Ask. Only what reads is sent on to another place; a token never is."""
        if method.upper() not in _READING:
            self._access.pace()
            options["allow_redirects"] = False
        options["timeout"] = self._access.seconds
        try:
            answer = super().request(method, url, *args, **options)
        except requests.RequestException as error:
            raise answers.lost(error) from None
        if not answer.ok or answer.is_redirect:  # moved: what was sent went nowhere
            said = answers.decoded(answer.content)
            raise answers.error(answer.status_code, answer.headers, said)
        return answer
