"""The wait functions of projects that have one, by the name of the project."""

from __future__ import annotations

from msgspec import Struct


class Waiter(Struct, frozen=True):
    """A function that takes a condition and keywords for the rest.

    ``sync`` and ``asynchronous``: the dotted names of the function and its awaited
    twin; empty where there is none. ``timeout``, ``interval``, ``message``: the names
    of its parameters; empty where it has none. ``needs_message``: it must be given.
    ``returns``: it returns False when the time is over, and does not raise. ``alias``:
    its module is imported, under this name, rather than the function.
    """

    sync: str = ""
    asynchronous: str = ""
    timeout: str = "timeout"
    interval: str = "interval"
    message: str = ""
    needs_message: bool = False
    returns: bool = False
    alias: str = ""


PRESETS = {
    "distributed": Waiter(
        "distributed.utils_test.poll_for",
        "distributed.utils_test.async_poll_for",
        interval="period",
    ),
    "kazoo": Waiter("kazoo.tests.util.wait", interval="wait", message="message"),
    "neutron": Waiter(
        "neutron.common.utils.wait_until_true", interval="sleep", alias="common_utils"
    ),
    "pymongo": Waiter(
        "test.utils.wait_until",
        "test.asynchronous.utils.async_wait_until",
        interval="",
        message="success_description",
        needs_message=True,
    ),
    "redis-py": Waiter(
        "tests.helpers.wait_for_condition",
        "tests.test_asyncio.helpers.wait_for_condition",
        interval="check_interval",
        message="error_message",
    ),
    "tempest": Waiter(
        "tempest.lib.common.utils.test_utils.call_until_true",
        timeout="duration",
        interval="sleep_for",
        returns=True,
        alias="test_utils",
    ),
}
