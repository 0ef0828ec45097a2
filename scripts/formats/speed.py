#!/usr/bin/env python3
"""Says how fast documents of each kind are read, on one core, and how much memory the largest of each kind takes.

    scripts/formats/speed.py FOLDER --misfile PROGRAM [--below NAME…] [--rounds N] [--nice N]

The files of each kind (as their bytes tell it) are swept alone, by one reader, into a catalog of their own. Seconds are CPU seconds of the
reader and of the sweep (hashing, judging, storing) beyond those of a sweep of a few short texts, which are loading; those within recognition
stand apart, and are not in the rates: they depend on what pictures there are. The median of N rounds counts. What takes less than
a twentieth of a second in all is too little to tell. Memory is the peak of the reader that reads the largest file of the kind, with its models (see the first row).
"""
import argparse
import collections
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LEAST = 0.05
SHORT = 8
KINDS_OF_NOTHING = {"empty"}


def rows(given, *arguments):
    command = ["nice", "-n", str(given.nice), given.misfile, "--format", "jsonl", "--quiet", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 10, 11):
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def swept(given, files, work):
    """The summary of a sweep of some files."""
    share, data = work / "share", work / "data"
    for folder in (share, data):
        shutil.rmtree(folder, ignore_errors=True)
    share.mkdir()
    for number, file in enumerate(files):
        try:
            os.link(file, share / f"{number}{file.suffix}")
        except OSError:
            shutil.copyfile(file, share / f"{number}{file.suffix}")
    return rows(given, "--config", work / "one.toml", "--data", data, "sweep", share)[-1]


def seconds(given, files, work):
    """CPU seconds without recognition, and within it: medians."""
    runs = [swept(given, files, work) for _ in range(given.rounds)]
    own = statistics.median(run["reader_cpu_seconds"] + run["sweep_cpu_seconds"] - run["engine_cpu_seconds"] for run in runs)
    return own, statistics.median(run["engine_cpu_seconds"] for run in runs), runs[0]


def of_kinds(given, work):
    """The files of each kind, each content once."""
    kinds, seen = collections.defaultdict(list), set()
    for row in rows(given, "--config", work / "one.toml", "inspect", *[given.folder / below for below in given.below]):
        path = Path(row.get("path", ""))
        if row["type"] == "file" and path.is_file() and row["kind"] not in KINDS_OF_NOTHING:
            content = path.read_bytes()
            if content not in seen:
                seen.add(content)
                kinds[row["kind"]].append(path)
    return kinds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misfile", default="target/release/misfile")
    parser.add_argument("--below", nargs="+", default=["."], help="folders in FOLDER")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nice", type=int, default=0)
    given = parser.parse_args()
    given.folder = given.folder.resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "one.toml").write_text("[read]\nreaders = 1\n")
        # Several, because each thread that judges loads the rules.
        short = [work / f"{number}.txt" for number in range(SHORT)]
        for number, file in enumerate(short):
            file.write_text(f"nothing {number}\n")
        loading, _, summary = seconds(given, short, work)
        print("| kind | documents | MB | CPU s | documents/s | MB/s | recognition, CPU s | largest, MB | peak of the reader, MiB |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        print(f"| (loading) | {SHORT} | 0.00 | {loading:.2f} | | | | | {summary['reader_peak_mib']} |")
        for kind, files in sorted(of_kinds(given, work).items()):
            size = sum(file.stat().st_size for file in files) / 1e6
            largest = max(files, key=lambda file: file.stat().st_size)
            spent, engine, _ = seconds(given, files, work)
            spent -= loading
            peak = swept(given, [largest], work)["reader_peak_mib"]
            known = spent >= LEAST
            rates = f"{spent:.2f} | {len(files) / spent:.0f} | {size / spent:.1f}" if known else f"< {LEAST} | | "
            print(f"| {kind} | {len(files)} | {size:.2f} | {rates} | {engine:.1f} | {largest.stat().st_size / 1e6:.2f} | {peak} |", flush=True)


if __name__ == "__main__":
    main()
