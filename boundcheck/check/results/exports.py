"""Rows as CSV and Parquet, a few thousand at a time."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from boundcheck.check.results.columns import types
from boundcheck.check.results.filters import ALL, Filter
from boundcheck.check.results.records import is_database
from boundcheck.check.results.source import Results
from boundcheck.errors import InvalidArgument

CHUNK = 8192
"""Rows in memory at a time, and in a row group of a Parquet file."""

Row = tuple[Any, ...]


def export(
    results: Results,
    path: str,
    where: Filter = ALL,
    *,
    order: str = "point",
    descending: bool = False,
    limit: int | None = None,
    columns: Sequence[str] | None = None,
) -> int:
    """Write rows to a file, which is there as a whole or not at all, and return how many there are.

    Integers stay integers and what is not known stays NULL (in CSV: nothing between two commas); floats come back bit
    for bit. A CSV says inf of an infinite number, which some readers take for text.

    Parameters
    ----------
    results
        Whose rows.
    path
        Ends in .csv or .parquet. A file that is there is replaced, unless it is a store.
    where, order, descending, limit, columns
        Which rows and columns, and their order, as for :meth:`Results.rows`.

    Raises
    ------
    InvalidArgument
        When the path has another ending, or cannot be written, or what writes Parquet is not installed.
    """
    target = Path(path)
    write = _writer(target)
    chosen = list(types() if columns is None else columns)
    cursor = results.cursor(where, order=order, descending=descending, limit=limit, columns=chosen)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        count = write(unfinished, chosen, iter(lambda: cursor.fetchmany(CHUNK), []), results.meta)
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _writer(target: Path) -> Callable[[Path, list[str], Iterator[list[Row]], dict[str, str]], int]:
    """What writes such a file."""
    writers = {".csv": _csv, ".parquet": _parquet}
    if target.suffix.lower() not in writers:
        raise InvalidArgument("export", str(target), "is neither CSV nor Parquet", "end it in .csv or .parquet")
    if not target.parent.is_dir():
        raise InvalidArgument("export", str(target), "lies in a folder that is not there", "make the folder first")
    if target.is_dir():
        raise InvalidArgument("export", str(target), "is a folder", "name a file")
    if target.exists() and target.stat().st_size and is_database(str(target)):
        raise InvalidArgument("export", str(target), "is a database", "choose another file; this one is kept")
    if target.suffix.lower() == ".parquet":
        try:
            import_module("pyarrow.parquet")
        except ImportError:
            raise InvalidArgument(
                "export", str(target), "needs pyarrow, which is not installed", 'pip install "boundcheck[parquet]"'
            ) from None
    return writers[target.suffix.lower()]


def _csv(path: Path, columns: list[str], chunks: Iterator[list[Row]], meta: dict[str, str]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for chunk in chunks:
            writer.writerows(chunk)
            count += len(chunk)
    return count


def _parquet(path: Path, columns: list[str], chunks: Iterator[list[Row]], meta: dict[str, str]) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {"INTEGER": pa.int64(), "REAL": pa.float64(), "TEXT": pa.string()}
    told = {f"boundcheck.{key}": value for key, value in meta.items()}
    schema = pa.schema([(name, kinds[types()[name]]) for name in columns], metadata=told)
    count = 0
    with parquet.ParquetWriter(path, schema) as writer:
        for chunk in chunks:
            arrays = [
                pa.array(values, kind) for values, kind in zip(zip(*chunk, strict=True), schema.types, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(chunk)
    return count
