#!/usr/bin/env python3
"""Says how much of a folder of documents is read: by kind how many wholly, partly or not, recall of words against texts of another
reader, and beside it the recall of a peer in the same run.

    scripts/formats/recall.py FOLDER --misfile PROGRAM [--truth FOLDER] [--below NAME…] [--peer NAME…] [--manifest FILE] [--worst N]

The truth of FOLDER/a/b.doc is TRUTH/a/b.doc.txt. Words are letters and digits in small letters, of Han text pairs of characters; each
counts once. What lies in a document (attachments, members of archives, pictures) counts as its text. Peers are `tika` (Apache Tika,
compiled: package extractous) and `markitdown`. A manifest is a table with the columns `path` and `expected`; what is expected is looked for row by row.
"""
import argparse
import collections
import csv
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


class Read:
    """What misfile makes of the files."""

    def __init__(self, given, root):
        command = [given.misfile, *(["--config", given.config] if given.config else []), "--format", "jsonl", "inspect", "--text"]
        command += [str(root / below) for below in given.below]
        done = subprocess.run(command, capture_output=True)
        if done.returncode not in (0, 10, 11):
            sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.decode()}")
        self.files, self.texts, self.inner = {}, collections.defaultdict(list), collections.defaultdict(list)
        for line in done.stdout.decode().splitlines():
            row = json.loads(line)
            path = row.get("path", "")
            file = path.split("!/")[0] if path.split("!/")[0] != path and not Path(path).exists() else path
            if row["type"] == "file":
                (self.inner[file].append(row) if file != path else self.files.__setitem__(path, row))
                if file != path:
                    # Of archives the truth is the list of their members.
                    self.texts[file].append(path[len(file):])
            elif row["type"] == "page":
                self.texts[file].append(row["text"])

    def text(self, path):
        return "\n".join(self.texts[path])

    def faults(self, path):
        """Reasons of all faults, of the file and what lies in it."""
        return {fault["reason"] for row in [self.files[path], *self.inner[path]] for fault in row["coverage"]["faults"]}


def tika():
    from extractous import Extractor
    extractor = Extractor().set_extract_string_max_length(1 << 28)
    return lambda path: extractor.extract_file_to_string(path)[0]


def markitdown():
    from markitdown import MarkItDown
    converter = MarkItDown(enable_plugins=False)
    return lambda path: converter.convert_local(path).text_content


class Peer:
    """The text that another reader gives, file by file."""

    MAKE = {"tika": tika, "markitdown": markitdown}

    def __init__(self, name):
        self.name, self.extract, self.failed = name, self.MAKE[name](), 0

    def text(self, path):
        try:
            return self.extract(path)
        except Exception:  # What it gives up on has no text, and is counted.
            self.failed += 1
            return ""


def by_kind(read):
    kinds, reasons = collections.defaultdict(lambda: [0, 0, 0, 0, 0]), collections.defaultdict(collections.Counter)
    for path, row in sorted(read.files.items()):
        state, counts, inner = row["coverage"]["state"], kinds[row["kind"]], read.inner[path]
        whole = all(one["coverage"]["state"] == "complete" or one["verdict"] == "out_of_scope" for one in inner)
        counts[0] += 1
        counts[{"complete": 1 if whole else 2, "partial": 3, "none": 4}[state]] += 1
        reasons[row["kind"]].update(fault["reason"] for fault in row["coverage"]["faults"])
        for one in inner:
            reasons[row["kind"]].update(f"{fault['reason']} inside ({one['kind']})" for fault in one["coverage"]["faults"])
    print("| kind | files | wholly, with all inside | wholly, not all inside | partly | not | why |\n| --- | --- | --- | --- | --- | --- | --- |")
    for kind, counts in sorted(kinds.items(), key=lambda pair: str(pair[0])):
        why = ", ".join(f"{reason} {count}" for reason, count in reasons[kind].most_common(4))
        print(f"| {kind} | {' | '.join(map(str, counts))} | {why} |")
    total = [sum(counts[at] for counts in kinds.values()) for at in range(5)]
    print(f"| all | {' | '.join(map(str, total))} | |")


def tenth(values):
    return sorted(values)[len(values) // 10]


def recall(read, truth, root, peers, worst):
    rows = []
    for path, row in sorted(read.files.items()):
        file = truth / (str(Path(path).relative_to(root)) + ".txt")
        if file.is_file() and (wanted := words(file.read_text("utf-8", "replace"))):
            share = [len(wanted & words(text)) / len(wanted) for text in [read.text(path), *(peer.text(path) for peer in peers)]]
            rows.append((share, row["kind"], path, len(wanted)))
    if not rows:
        return
    kinds = collections.defaultdict(list)
    for share, kind, *_ in rows:
        kinds[kind].append(share)
        kinds["all"].append(share)
    head = [cell for name in ["misfile", *(peer.name for peer in peers)] for cell in (f"{name}: median", "10th percentile")]
    print(f"\nRecall of words:\n\n| kind | files | {' | '.join(head)} |\n|{' --- |' * (2 + len(head))}")
    for kind, shares in sorted(kinds.items(), key=lambda pair: (pair[0] == "all", str(pair[0]))):
        cells = [f"{value:.3f}" for column in zip(*shares) for value in (statistics.median(column), tenth(column))]
        print(f"| {kind} | {len(shares)} | {' | '.join(cells)} |")
    for peer in peers:
        print(f"\n{peer.name} gives up on {peer.failed} of the {len(rows)} files.")
    print("\nThe least read:")
    for share, kind, path, count in sorted(rows)[:worst]:
        print(f"  {' beside '.join(f'{value:.3f}' for value in share)} of {count} {kind} {Path(path).relative_to(root)}")


def met(expected, read, path):
    """Whether what a manifest expects of a file holds; none if the words say nothing that can be looked for."""
    plain, said = lambda text: "".join(text.lower().split()), expected.lower()
    row, faults = read.files[path], read.faults(path)
    text = plain(read.text(path))
    named = re.split(r"must contain:|members must be listed:", expected)
    if "encrypted" in said:
        return "encrypted" in faults or any(remark == "known_password" for remark in map(str, row["remarks"]))
    if len(named) == 2:
        return all(plain(one) in text for one in named[1].split(" ; "))
    if "malformed" in said or "bomb" in said or "must be opened and reported" in said or "no crash" in said:
        # Read or told: never silence. A file without text and without a fault is told by its pages.
        return "crash" not in faults and bool(text or faults or row["coverage"]["state"] == "complete")
    if "must be extracted" in said:
        return bool(text)
    if said.startswith("benign"):
        return row["verdict"] != "misfiled"
    return None


def check(read, manifest, root):
    counts, missed = collections.Counter(), []
    with open(manifest, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            path = str(root / row["path"])
            if row["expected"] and path in read.files:
                outcome = met(row["expected"], read, path)
                counts[outcome] += 1
                if outcome is False:
                    missed.append((row["path"], row["expected"]))
    print(f"\nOf the rows of the manifest {counts[True]} hold, {counts[False]} do not, {counts[None]} say nothing that can be looked for here.")
    for path, expected in missed:
        print(f"  {path}: {expected}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misfile", required=True)
    parser.add_argument("--config")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--below", nargs="*", default=["."])
    parser.add_argument("--peer", nargs="*", default=[], choices=sorted(Peer.MAKE))
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--worst", type=int, default=15)
    given = parser.parse_args()
    root = given.folder.resolve()
    read = Read(given, root)
    by_kind(read)
    if given.truth:
        recall(read, given.truth, root, [Peer(name) for name in given.peer], given.worst)
    if given.manifest:
        check(read, given.manifest, root)


if __name__ == "__main__":
    main()
