#!/usr/bin/env python3
"""Says how right the program is on a set that generate.py made: markings by jurisdiction, hard negatives, identifiers.

    scripts/accuracy/score.py SET --misfile PROGRAM [--errors FILE]

A document's level is the highest that a marking of confidence 75 or more speaks for. It is *marked* from level 2 on; precision and
recall are those of this, F2 weighs recall four times. A document of which the truth accepts either is left out and told by itself. `exact` is the share of documents with a level that the truth accepts. Of an
identifier the file must have a finding of its type with at least the confidence that the truth expects; a near miss must have none
if the file has no real one of that type. Intervals are 95 % by bootstrap over documents.
"""
import argparse
import collections
import json
import sys
from pathlib import Path

from measured import MARKED, best_of, inspected, interval, level_of, rates, write_errors


class Counts:
    """Documents as (wanted, said) of being marked."""

    def __init__(self):
        self.pairs = []
        self.exact = 0

    def add(self, wanted, said, exact):
        self.pairs.append((wanted, said))
        self.exact += exact

    def row(self, name):
        precision, recall, f2 = rates(self.pairs)
        low, high = interval(name, self.pairs, lambda pairs: rates(pairs)[2])
        exact = self.exact / len(self.pairs)
        return f"| {name} | {len(self.pairs)} | {precision:.3f} | {recall:.3f} | {f2:.3f} ({low:.3f} to {high:.3f}) | {exact:.3f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--misfile", required=True)
    parser.add_argument("--errors", type=Path)
    given = parser.parse_args()
    root = given.set.resolve()
    truth = [json.loads(line) for line in (root / "truth.jsonl").read_text("utf-8").splitlines()]
    found = inspected(given.misfile, root)
    markings, negatives = collections.defaultdict(Counts), collections.defaultdict(lambda: [0, 0])
    types, misses, errors = collections.defaultdict(lambda: [0, 0]), collections.defaultdict(lambda: [0, 0]), []
    open_ones = [0, 0]
    for row in truth:
        seen = found.get(root / row["path"])
        if seen is None:
            sys.exit(f"{root / row['path']}: the program says nothing of it")
        seen = seen["findings"]
        said = level_of(seen)
        if row["level"] is not None:
            accepted = {row["level"], *row.get("level_also", [])}
            exact = said in accepted
            wanted = row["level"] >= MARKED
            kind = "pages" if row["ocr"] else "text"
            if min(accepted) < MARKED <= max(accepted):
                # Where either side of the line is accepted, nothing can be wrong about it but the level: it is no success.
                open_ones[0] += 1
                open_ones[1] += exact
            else:
                if row["hard_negative"]:
                    negatives[row["hard_negative"]][0] += 1
                    negatives[row["hard_negative"]][1] += said >= MARKED and not wanted
                for name in (f"{kind}, all", f"{kind}, {row['language']}", f"{kind}, {row['family']}"):
                    markings[name].add(wanted, said >= MARKED, exact)
            if not exact:
                errors.append({"path": row["path"], "wanted": sorted(accepted), "said": said})
        best = best_of(seen)
        planted = {one["type"] for one in row["identifiers"]}
        for one in row["identifiers"]:
            right = best[one["type"]] >= (one.get("expect") or 65)
            types[one["type"]][0] += 1
            types[one["type"]][1] += right
            if not right:
                errors.append({"path": row["path"], "type": one["type"], "wanted": one.get("expect"), "said": best[one["type"]]})
        for one in row["near_misses"]:
            if one["type"] not in planted:
                misses[one["type"]][0] += 1
                misses[one["type"]][1] += best[one["type"]] > 0
                if best[one["type"]]:
                    errors.append({"path": row["path"], "near_miss": one["type"], "said": best[one["type"]], "why": one.get("why")})
    print("| documents | | precision | recall | F2 (95 %) | exact level |\n| --- | --- | --- | --- | --- | --- |")
    for name in sorted(markings, key=lambda name: (", all" not in name, name)):
        print(markings[name].row(name))
    print(f"\nLeft out above: {open_ones[0]} documents that a careful reader may call marked or not; {open_ones[1]} of them get a level that is accepted.")
    print("\n| hard negatives | documents | at level 2 and above |\n| --- | --- | --- |")
    for name, (count, wrong) in sorted(negatives.items()):
        print(f"| {name} | {count} | {wrong} |")
    for title, table in (("identifiers found as sure as expected", types), ("near misses reported", misses)):
        count, hit = (sum(pair[at] for pair in table.values()) for at in (0, 1))
        print(f"\n{title}: {hit} of {count} ({hit / max(count, 1):.3f}); by type where that is not all or none:")
        wanted = (lambda pair: pair[1] < pair[0]) if table is types else (lambda pair: pair[1] > 0)
        print(", ".join(f"{name} {hit}/{count}" for name, (count, hit) in sorted(table.items()) if wanted((count, hit))) or "none")
    if given.errors:
        write_errors(given.errors, errors)


if __name__ == "__main__":
    main()
