"""A campaign, run into a store: what is done is kept, what is not is done, whoever began it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boundcheck.check.campaign.batch import run_batch
from boundcheck.check.campaign.conclude import conclude
from boundcheck.check.campaign.pace import Pace
from boundcheck.check.campaign.points import check_points, point_rows, theorem_rows
from boundcheck.check.options import package_version, validate
from boundcheck.errors import BoundcheckError, InternalError, InvalidArgument
from boundcheck.experiment.distribute.dask import cluster, local_cluster
from boundcheck.experiment.distribute.inline import here
from boundcheck.experiment.distribute.place import Place
from boundcheck.experiment.store.job import Job
from boundcheck.experiment.store.owner import this_process
from boundcheck.experiment.store.store import Store
from boundcheck.statement.campaign.campaign import Campaign

Listener = Callable[[dict[str, Any]], None]
"""Called with plain data, whose event is one of planning, start, verdict, progress, waiting, notice, and end."""

CLAIMED_SECONDS = 2.0
"""Work that is taken from the store at a time, for each worker."""
MOST_CLAIMED = 64
RENEWED = 60.0
"""Seconds after which leases are renewed."""
TOLD = 0.5
"""Seconds between two reports of progress."""
WAIT = 1.0
"""Seconds between two looks for work that others may have left."""
MOST_DEFECTS = 20


@dataclass
class Outcome:
    """Where a run left a campaign.

    Attributes
    ----------
    points, concluded
        Of the campaign, and of those the ones with a verdict.
    counts
        Verdicts by status.
    unexpected
        Refuted points of theorems that should hold, and theorems that should be refuted and nowhere were.
    worst
        The largest share of a claim that was used up, None where there is none.
    problems
        One message for each batch that could not be run, for reasons that lie outside its point.
    """

    points: int
    concluded: int
    counts: dict[str, int]
    unexpected: int
    worst: float | None
    problems: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """0 all done and as expected, 1 something refuted, 2 errors, 3 nothing refuted but something inconclusive."""
        if self.problems or self.counts.get("ERROR") or self.concluded < self.points:
            return 2
        return 1 if self.unexpected else 3 if self.counts.get("INCONCLUSIVE") else 0


def run_campaign(
    campaign: Campaign,
    store: str | Path,
    *,
    workers: int | None = None,
    dask: str | None = None,
    listen: Listener = lambda event: None,
) -> Outcome:
    """Run what is not done of a campaign, and keep each batch in the store as soon as it is done.

    Stopped at any moment, it loses the batches in flight and no other; called again, it goes on. Several processes may
    run the same campaign with the same store. Results depend on the campaign alone.

    Parameters
    ----------
    campaign
        What to run.
    store
        A file, which is made if there is none; on a local disk.
    workers
        Processes of a local Dask cluster; left out, batches are run here, one after another, each on all cores. They
        are started anew, so a script calls this under ``if __name__ == "__main__":``.
    dask
        Address of a Dask scheduler, such as "tcp://10.0.0.1:8786".
    listen
        Called with what happens.

    Raises
    ------
    InvalidArgument
        When an argument is out of range, the campaign describes no points, or the store holds another campaign.
    StoreError
        When the store cannot be read or written; what it has is kept.
    """
    validate(campaign.trials, campaign.level, 0, campaign.device, campaign.precision)
    place = _place(workers, dask, lambda message: listen({"event": "notice", "message": message}))
    with closing(_opened(campaign, Path(store), listen)) as kept:
        run = _Run(campaign, kept, listen)
        try:
            with place as found:
                return run.all(found)
        finally:
            with suppress(BoundcheckError):  # another error is on its way, or leases end by themselves
                kept.release(run.owner)


def _place(workers: int | None, dask: str | None, tell: Callable[[str], None]) -> AbstractContextManager[Place]:
    if workers is not None and dask is not None:
        raise InvalidArgument("--workers", workers, "comes with --dask, which has its own", "leave one of them out")
    if workers is not None and (isinstance(workers, bool) or workers < 1):
        raise InvalidArgument("--workers", workers, "is not a number of processes", "pass an integer of at least 1")
    if dask is not None:
        return cluster(dask, tell=tell)
    return here() if workers is None else local_cluster(workers, tell=tell)


def _opened(campaign: Campaign, path: Path, listen: Listener) -> Store:
    """The store, with all points of the campaign in it."""
    text = campaign.text
    digest = hashlib.sha256(text.encode()).hexdigest()
    theorems: list[dict[str, Any]] = []
    if not path.exists():  # what is wrong with the campaign shows before there is a file
        theorems = list(theorem_rows(campaign))
        check_points(campaign)
        if next(point_rows(campaign), None) is None:
            raise _no_points(campaign)
    meta = {"name": campaign.name, "level": str(campaign.level), "text": text, "digest": digest}
    store = Store.open_or_create(path, {**meta, "version": package_version()})
    try:
        known = store.meta()
        if known.get("digest") != digest:
            raise InvalidArgument(
                "--store",
                str(path),
                f"holds another campaign ({_difference(json.loads(known['text']), json.loads(text))})",
                "pass another --store, or the campaign that it was made with",
            )
        if store.planned() is None:
            listen({"event": "planning", "campaign": campaign.name, "points": campaign.points})
            for row in theorems or theorem_rows(campaign):
                store.add_theorem(row)
            count = store.plan(point_rows(campaign))
            if 0 < count < campaign.points:
                left = f"{campaign.points - count:,} of {campaign.points:,} combinations of parameters"
                listen({"event": "notice", "message": f"hypotheses do not hold at {left}, which are no points"})
        if store.planned() == 0:
            raise _no_points(campaign)
    except BaseException:
        store.close()
        raise
    return store


def _no_points(campaign: Campaign) -> InvalidArgument:
    problem = "describe no point at which their hypotheses hold"
    return InvalidArgument("studies", campaign.name, problem, "choose other values")


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Where two campaigns differ, in a few words."""
    for key in (*old, *new):
        if old.get(key) != new.get(key) and key not in ("studies", "files"):
            return f"its {key} is {old.get(key)!r}, not {new.get(key)!r}"
    for name in {**old["files"], **new["files"]}:
        if old["files"].get(name) != new["files"].get(name):
            return f"with another {name}"
    return "with other studies"


class _Run:
    """One process at a campaign."""

    def __init__(self, campaign: Campaign, store: Store, listen: Listener) -> None:
        self._store, self._listen = store, listen
        self._level = campaign.point_level
        self._files = campaign.files
        self._common = {
            "level": self._level,
            "folder": str(Path(campaign.folder).resolve()),
            "device": campaign.device,
            "version": package_version(),
        }
        self._problems: list[str] = []
        self._pace = Pace()
        self._renewed = self._told = time.monotonic()
        self._in_hand: dict[tuple[int, int], Job] = {}
        """Batches that were taken from the store and have no result."""
        self.owner = this_process()

    def all(self, place: Place) -> Outcome:
        """Until there is a verdict on every point, or what is left cannot be run."""
        state = self._store.progress()
        self._listen({"event": "start", **state, "workers": place.workers})
        self._pace.begin(state["batches_done"])
        waiting = False
        while True:
            for point in list(self._store.unconcluded()):
                self._conclude(point)
            for key, result in place.run(run_batch, self._claimed(place)):
                self._take(key, result)
                waiting = False
            state = self._store.progress()
            left = state["points"] - state["concluded"]
            if left == 0 or (self._problems and not self._others_at_work(left)):
                break
            if not waiting:
                self._listen({"event": "waiting", **state})
                waiting = True
            time.sleep(WAIT)
        self._tell(state, at_once=True)
        outcome = self._outcome(state)
        self._listen({"event": "end", **vars(outcome), "exit_status": outcome.exit_status})
        return outcome

    def _others_at_work(self, left: int) -> bool:
        """Whether there is more to wait for than the batches that failed here."""
        return left > len({point for point, _ in self._in_hand})

    def _claimed(self, place: Place) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
        """Batches as jobs, until no one has left any."""
        while len(self._problems) < MOST_DEFECTS:
            each = self._pace.seconds_of_batch
            few = 1 if each is None else min(MOST_CLAIMED, max(1, round(CLAIMED_SECONDS / max(each, 1e-3))))
            jobs = self._store.claim(self.owner, max(few * place.workers, place.window))
            if not jobs:
                return
            for job in jobs:
                self._in_hand[job.point["id"], job.batch] = job
                yield (job.point["id"], job.batch), self._as_data(job)

    def _as_data(self, job: Job) -> dict[str, Any]:
        spec = job.point["spec"]
        named = {spec.get("cnn"), (spec.get("theorem") or "").partition("::")[0]}
        files = {name: digest for name, digest in self._files.items() if name in named}
        return {
            "kind": job.point["kind"],
            "spec": spec,
            "start": job.start,
            "trials": job.trials,
            "files": files,
            **self._common,
        }

    def _take(self, key: tuple[int, int], result: dict[str, Any] | BoundcheckError) -> None:
        """Keep a batch, and conclude its point if it was the last one."""
        point, batch = key
        if isinstance(result, InternalError):
            self._problems.append(f"point {point}, batch {batch}: {result}")
            return
        if isinstance(result, BoundcheckError):  # this place is not fit for the campaign
            raise result
        job = self._in_hand.pop(key)
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        self._store.record(point, batch, {**result, "start": job.start, "finished": finished})
        self._pace.batch(result["seconds"])
        if self._store.batches(point) is not None:
            self._conclude(point)
        now = time.monotonic()
        if now - self._renewed > RENEWED:
            self._store.renew(self.owner)
            self._renewed = now
        if now - self._told > TOLD:
            self._tell(self._store.progress())

    def _conclude(self, point: int) -> None:
        batches = self._store.batches(point)
        if batches is None:
            return
        parsed = [{**batch, "result": json.loads(batch["result"])} for batch in batches]
        row = conclude(parsed, self._level)
        if self._store.conclude(point, row):
            shown = ("status", "worst", "observed", "limit_high", "trials", "violations", "open", "gap_max", "bound")
            self._listen({"event": "verdict", "point": point, **{key: row.get(key) for key in shown}})

    def _tell(self, state: dict[str, Any], *, at_once: bool = False) -> None:
        self._told = time.monotonic()
        self._pace.reached(state["batches_done"])
        rate = self._pace.rate
        left = None if not rate else (state["batches"] - state["batches_done"]) / rate
        self._listen({"event": "progress", **state, "batches_per_second": rate, "seconds_left": left})

    def _outcome(self, state: Mapping[str, Any]) -> Outcome:
        counts, unexpected = self._store.tally()
        return Outcome(
            points=state["points"],
            concluded=state["concluded"],
            counts=counts,
            unexpected=unexpected,
            worst=state["worst"],
            problems=self._problems,
        )
