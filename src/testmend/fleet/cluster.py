"""Dask as the engine: tasks go to the workers of a cluster, on this machine or others.

A worker receives the bytes of a repository and returns bytes. It needs no network, no
git and no secret, only the same testmend. Tasks have no side effects: one that is run
twice because its worker died does no harm. A task that kills its workers comes back as
`pool.Died` and is worked on here, file by file.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import threading
import zlib
from typing import TYPE_CHECKING, Any

from testmend import __version__, pool
from testmend.errors import UsageError
from testmend.fleet.compute import Rewritten, Task, compute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from testmend.fleet.campaign import Executor

_AHEAD = 2  # tasks for each worker, so that none waits
_PAUSE = 0.1  # seconds until more tasks are asked for
_CONNECT = 30.0  # seconds until a scheduler is given up
_one = threading.Lock()  # the time limit of a task is that of its process


@contextlib.contextmanager
def connected(scheduler: str, jobs: int) -> Iterator[Executor]:
    """Run tasks on the cluster of a scheduler; without one, on a local cluster.

    Raises `UsageError`: Dask is not installed, no scheduler, another testmend there.
    """
    try:
        import distributed  # noqa: PLC0415  an extra, and slow to import
    except ImportError:
        message = "--executor dask needs Dask: pip install 'testmend[dask]'"
        raise UsageError(message) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        address: Any = scheduler
        if not scheduler:
            cluster = distributed.LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=jobs,
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
            address = stack.enter_context(cluster)
        try:
            client = distributed.Client(  # type: ignore[no-untyped-call]
                address, timeout=_CONNECT
            )
        except (OSError, ValueError) as error:
            raise UsageError(f"--scheduler {scheduler}: {error}") from None
        stack.enter_context(client)

        def execute(
            batches: Iterable[Sequence[Task]],
        ) -> Iterator[Rewritten | pool.Died[Task] | None]:
            return _execute(distributed, client, batches)

        yield execute


def _execute(
    distributed: Any, client: Any, batches: Iterable[Sequence[Task]]
) -> Iterator[Rewritten | pool.Died[Task] | None]:
    waiting = iter(batches)
    running: dict[Any, Task] = {}
    try:
        while True:
            pause = None
            workers = max(1, len(client.nthreads()))
            while len(running) < workers * _AHEAD and pause is None:
                batch = next(waiting, None)
                if batch is None:
                    break
                for task in batch:
                    packed = zlib.compress(pickle.dumps((__version__, task)), 1)
                    running[client.submit(_packed, packed, pure=False)] = task
                if not batch:
                    yield None
                    pause = _PAUSE
            if not running and pause is None:
                return
            with contextlib.suppress(TimeoutError):
                distributed.wait(list(running), pause, return_when="FIRST_COMPLETED")
            for future in [each for each in running if each.done()]:
                yield _result(future, running.pop(future))
    finally:
        client.cancel(list(running))


def _result(future: Any, task: Task) -> Rewritten | pool.Died[Task]:
    if future.status != "finished":  # its workers died, or it was too much for them
        return pool.Died(task)
    version, result = future.result()
    if version != __version__:
        message = f"a worker of the cluster has testmend {version}, here it is "
        raise UsageError(message + __version__)
    return pickle.loads(result)  # type: ignore[no-any-return]  # noqa: S301  ours


def _packed(data: bytes) -> tuple[str, bytes]:
    """On a worker: the version here, and the pickled result of a packed task."""
    version, task = pickle.loads(zlib.decompress(data))  # noqa: S301  ours
    if version != __version__:
        return __version__, b""
    with _one:
        (result,) = pool.limited(compute, [task])
    return __version__, pickle.dumps(result)
