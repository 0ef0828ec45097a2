#!/usr/bin/env python3
"""Says how much of a folder of documents is read: by kind how many wholly, partly or not, and recall of words against texts of
another reader.

    scripts/formats/recall.py FOLDER --misfile PROGRAM [--truth FOLDER] [--below NAME…] [--worst N]

The truth of FOLDER/a/b.doc is TRUTH/a/b.doc.txt. Words are letters and digits in small letters, of Han text pairs of characters; each
counts once. What lies in a document (attachments, members of archives, pictures) counts as its text.
"""
import argparse
import collections
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

WORDS = re.compile(r"[^\W_]+")
HAN = re.compile(r"[\u4e00-\u9fff]+")


def words(text):
    found = set()
    for word in WORDS.findall(text.lower()):
        han = HAN.findall(word)
        for run in han:
            found.update(run[at:at + 2] for at in range(max(len(run) - 1, 1)))
        if not han and len(word) > 1:
            found.add(word)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misfile", required=True)
    parser.add_argument("--config")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--below", nargs="*", default=["."])
    parser.add_argument("--worst", type=int, default=15)
    given = parser.parse_args()
    root = given.folder.resolve()
    command = [given.misfile, *(["--config", given.config] if given.config else []), "--format", "jsonl", "inspect", "--text"]
    command += [str(root / below) for below in given.below]
    done = subprocess.run(command, capture_output=True)
    if done.returncode not in (0, 10, 11):
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.decode()}")
    files, texts, inner = {}, collections.defaultdict(list), collections.defaultdict(list)
    for line in done.stdout.decode().splitlines():
        row = json.loads(line)
        path = row.get("path", "")
        file = path.split("!/")[0] if path.split("!/")[0] != path and not Path(path).exists() else path
        if row["type"] == "file":
            (inner[file].append(row) if file != path else files.__setitem__(path, row))
            if file != path:
                # Of archives the truth is the list of their members.
                texts[file].append(path[len(file):])
        elif row["type"] == "page":
            texts[file].append(row["text"])
    kinds = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    reasons, recalls = collections.defaultdict(collections.Counter), []
    for path, row in sorted(files.items()):
        state = row["coverage"]["state"]
        counts = kinds[row["kind"]]
        whole = all(one["coverage"]["state"] == "complete" or one["verdict"] == "out_of_scope" for one in inner[path])
        counts[0] += 1
        counts[{"complete": 1 if whole else 2, "partial": 3, "none": 4}[state]] += 1
        for fault in row["coverage"]["faults"]:
            reasons[row["kind"]][fault["reason"]] += 1
        for one in inner[path]:
            for fault in one["coverage"]["faults"]:
                reasons[row["kind"]][f"{fault['reason']} inside ({one['kind']})"] += 1
        if given.truth:
            truth = given.truth / (str(Path(path).relative_to(root)) + ".txt")
            if truth.is_file() and (wanted := words(truth.read_text("utf-8", "replace"))):
                seen = words("\n".join(texts[path]))
                recalls.append((len(wanted & seen) / len(wanted), row["kind"], path, len(wanted)))
    print("| kind | files | wholly, with all inside | wholly, not all inside | partly | not | why |\n| --- | --- | --- | --- | --- | --- | --- |")
    for kind, counts in sorted(kinds.items(), key=lambda pair: str(pair[0])):
        why = ", ".join(f"{reason} {count}" for reason, count in reasons[kind].most_common(4))
        print(f"| {kind} | {' | '.join(map(str, counts))} | {why} |")
    total = [sum(counts[at] for counts in kinds.values()) for at in range(5)]
    print(f"| all | {' | '.join(map(str, total))} | |")
    if recalls:
        values = sorted(value for value, *_ in recalls)
        print(f"\nrecall of words: {len(values)} files, median {statistics.median(values):.3f}, 10th percentile {values[len(values) // 10]:.3f}")
        for value, kind, path, count in sorted(recalls)[:given.worst]:
            print(f"  {value:.3f} of {count} {kind} {Path(path).relative_to(root)}")


if __name__ == "__main__":
    main()
