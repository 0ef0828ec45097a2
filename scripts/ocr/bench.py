#!/usr/bin/env python3
"""Reads generated and real pages with several engines and says what each read and what it cost.

    scripts/ocr/bench.py PAGES --misfile PROGRAM [--engines A,B] [--sample N] [--only CONDITION,...] [--corpus DIR] [--mix [N]]
                         [--jobs 1] [--out RESULTS.md] [--resume]

PAGES is a folder that pages.py wrote. Engines take turns group by group (a condition in a language), so that they meet the
same machine; figures are comparable within one run only. Beside RESULTS.md lie RESULTS.jsonl (an object a group, written as it
goes: `--resume` goes on from it) and RESULTS.misses.tsv (planted strings that were not found).
"""
import argparse
import datetime
import json
import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import corpus
import engines
import score
import tables
from content import chance_of

ENGINES = "misfile,misfile-tesseract,tesseract,ocrmypdf,rapidocr"


def options():
    """What was typed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--misfile", type=Path, required=True, help="the built program")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=ENGINES.split(","), help=f"{ENGINES}; also misfile-paddle")
    parser.add_argument("--rapidocr-python", default=sys.executable, help="the Python that has rapidocr (this one)")
    parser.add_argument("--sample", type=int, default=1, help="reads every N-th page of a group")
    parser.add_argument("--only", type=lambda text: text.split(","), help="conditions, by commas")
    parser.add_argument("--languages", type=lambda text: text.split(","), help="languages, by commas")
    parser.add_argument("--corpus", type=Path, help="folder of real pages with ground truth")
    parser.add_argument("--mix", type=int, nargs="?", const=50, help="also reads this many pages (50) with two processes at once")
    parser.add_argument("--jobs", type=int, default=1, help="groups at once; more than one blurs times")
    parser.add_argument("--out", type=Path, default=Path("RESULTS.md"))
    parser.add_argument("--resume", action="store_true", help="keeps the groups that RESULTS.jsonl has")
    return parser.parse_args()


class Journal:
    """The groups that were measured, kept on disk one by one."""

    def __init__(self, path, resume):
        self.path, self.rows = path, []
        if resume and path.exists():
            lines = path.read_text("utf-8").splitlines(keepends=True)
            self.rows = [json.loads(line) for line in lines if line.endswith("\n")]
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows), "utf-8")

    def find(self, key):
        """The group of a key, if it was measured."""
        return next((row for row in self.rows if row["key"] == key), None)

    def add(self, row):
        """Keeps a group."""
        self.rows.append(row)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def measured(key, about, engine, pictures, score_of):
    """Reads and scores one group with one engine."""
    reading = engine(pictures)
    scores = [score_of(number, reading.texts.get(one.path, "")) for number, one in enumerate(pictures)]
    return {"key": key, **about, "cpu": reading.cpu, "wall": reading.wall, "loading": reading.loading, "rss_mb": reading.rss_mb,
            "faults": {path.name: fault for path, fault in reading.faults.items()}, "scores": scores}


def generated_tasks(given):
    """The groups of generated pages: key, description, pictures, score."""
    groups = {}
    for row in map(json.loads, (given.pages / "truth.jsonl").read_text("utf-8").splitlines()):
        if (given.only is None or row["condition"] in given.only) and (given.languages is None or row["language"] in given.languages):
            groups.setdefault((row["condition"], row["language"]), []).append(row)
    for (condition, language), rows in groups.items():
        rows = rows[::given.sample]
        pictures = [engines.Picture(given.pages / row["file"], language, row["dpi"]) for row in rows]
        about = {"part": "generated", "condition": condition, "language": language}
        yield f"generated/{condition}/{language}/{len(rows)}", about, pictures, lambda number, text, rows=rows: score.page(rows[number], text)


def real_tasks(given):
    """The groups of real pages."""
    for (folder, source), rows in corpus.pages(given.corpus, given.sample).items():
        about = {"part": "real", "folder": folder, "source": source}
        pictures = [corpus.picture(row) for row in rows]
        yield f"real/{folder}/{source}/{len(rows)}", about, pictures, lambda number, text, rows=rows: corpus.page(rows[number], text)


def measure(given, chosen, journal):
    """Measures all groups that the journal lacks; answers those of this run."""
    tasks = list(generated_tasks(given)) + (list(real_tasks(given)) if given.corpus else [])
    calls = [(f"{name}/{key}", {**about, "engine": name}, chosen[name], pictures, score_of) for key, about, pictures, score_of in tasks for name in chosen]
    results = [journal.find(call[0]) for call in calls]
    with ThreadPoolExecutor(given.jobs) as pool:
        pending = {number: pool.submit(measured, *call) for number, call in enumerate(calls) if results[number] is None}
        for number, future in pending.items():
            row = results[number] = future.result()
            journal.add(row)
            print(describe(row), file=sys.stderr)
    return results


def describe(row):
    """A line on a group, for those who wait."""
    faults = f", {len(row['faults'])} with faults" if row["faults"] else ""
    return f"{row['key']:<55} {tables.Sum([row]).cell()}  {row['rss_mb']:.0f} MB{faults}"


def mixture(given):
    """40 % clean English pages, 40 % Chinese pages over all conditions, 20 % pictures without text."""
    rows = [json.loads(line) for line in (given.pages / "truth.jsonl").read_text("utf-8").splitlines()]
    chance = chance_of("mixture", given.mix)
    kinds = [(0.4, [row for row in rows if row["language"] == "en" and row["condition"].startswith("clean")]),
             (0.4, [row for row in rows if row["language"] in ("zh", "zht")]), (0.2, [row for row in rows if row["condition"] == "notext"])]
    chosen = []
    for share, candidates in kinds:
        number = round(given.mix * share)
        # A page that is read twice costs nothing the second time: each is read once.
        if len(candidates) < number:
            sys.exit(f"{given.pages} has {len(candidates)} of the {number} pages of a kind that --mix {given.mix} needs: draw more with pages.py --pages")
        chance.shuffle(candidates)
        chosen += candidates[:number]
    chance.shuffle(chosen)
    return [engines.Picture(given.pages / row["file"], row["language"], row["dpi"]) for row in chosen]


def measure_mixture(given, chosen, journal):
    """Reads the mixture with two processes of each engine, each on a core of its own."""
    pictures, cores = mixture(given), sorted(os.sched_getaffinity(0))[:2]
    results = []
    for name, engine in chosen.items():
        key = f"{name}/mix/{len(pictures)}"
        row = journal.find(key)
        if row is None:
            halves = [pictures[number::len(cores)] for number in range(len(cores))]
            with ThreadPoolExecutor(len(cores)) as pool:
                readings = list(pool.map(engine, halves, cores))
            row = {"key": key, "part": "mix", "engine": name, "pages": len(pictures), "wall": max(one.wall for one in readings),
                   "cpu": sum(one.cpu for one in readings), "rss_mb": max(one.rss_mb for one in readings), "faults": sum(len(one.faults) for one in readings)}
            journal.add(row)
            print(f"{key:<55} {row['pages'] / row['wall']:.2f} pages/s", file=sys.stderr)
        results.append(row)
    return results


def machine():
    """The processor's name, and how many cores there are."""
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(os.sched_getaffinity(0))} cores"


def report(given, results, mixes):
    """Writes the tables and the list of misses."""
    versions = engines.versions(given.engines, given.misfile, given.rapidocr_python)
    generated, real = ([row for row in results if row["part"] == part] for part in ("generated", "real"))
    sample = f" Only one page in {given.sample} of each group was read." if given.sample > 1 else ""
    parts = ["# OCR benchmark\n", f"{datetime.date.today()}, {machine()}, load {os.getloadavg()[0]:.1f} at the end.{sample}\n",
             "Versions: " + "; ".join(f"{name}: {version}" for name, version in versions.items()) + ".\n"]
    if generated:
        parts += ["## Generated pages\n", tables.overview(generated, given.engines), tables.generated(generated, given.engines)]
    if real:
        parts += ["## Real pages\n", tables.real(real, given.engines)]
    if mixes:
        parts += ["## Cost: 40 % clean English, 40 % Chinese of all conditions, 20 % without text; two processes, a core each\n", tables.mixed(mixes)]
    given.out.write_text("\n".join(parts), "utf-8")
    lines = ["engine\tfile\tkind\tplanted\tnear\tread instead\n"]
    for row in results:
        lines += [f"{row['engine']}\t{one['file']}\t{miss['kind']}\t{miss['text']}\t{'yes' if miss['near'] else 'no'}\t{miss['instead']}\n"
                  for one in row["scores"] for miss in one["misses"]]
    given.out.with_suffix(".misses.tsv").write_text("".join(lines), "utf-8")


def main():
    given = options()
    chosen = engines.engines(given.engines, given.misfile, given.rapidocr_python)
    journal = Journal(given.out.with_suffix(".jsonl"), given.resume)
    results = measure(given, chosen, journal)
    mixes = measure_mixture(given, chosen, journal) if given.mix else []
    report(given, results, mixes)
    print(f"{given.out} is written", file=sys.stderr)


if __name__ == "__main__":
    main()
