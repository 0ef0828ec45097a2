#!/usr/bin/env python3
"""How well registered documents are found again, end to end: `fingerprint add`, `sweep`, `findings`.

    scripts/accuracy/fingerprints.py OUT --misfile PROGRAM [--corpus CORPUS] [--documents 50] [--unrelated 5000] [--scans 50]

Registers documents (real ones of a labelled corpus, else made ones), and sweeps what becomes of them: copies with other line ends
and with misread letters, one page among twenty, paragraphs pasted into something else, and degraded scans of one page at 150 dpi;
beside them texts that have nothing to do with them. Of each way: how many were named at all (confidence 65), for sure (75), with
the right page, and the mean share of the page (of the document, for copies) that is told. A match with another registered document
is false, if that has no 40 letters in a row that stand in the file, too. Scans need the packages of scripts/ocr. OUT is made anew; what was wrong is in OUT/errors.jsonl.
"""
import argparse
import collections
import functools
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "ocr"))

import excerpts
from measured import SURE, interval, write_errors

DPI = 150


def run(program, out, *arguments, answers=(0, 10, 11)):
    command = [str(Path(program).resolve()), "--config", str(out / "zones.toml"), "--data", str(out / "data"), "--format", "jsonl", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in answers:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def scan(chance, subject, path):
    """Draws the first page of a subject, with a stamp on some, and wears it like an office scanner."""
    import damage
    import render
    from draft import Draft
    draft = Draft(chance, subject.language)
    for part in subject.pages[0].split("\n"):
        drawable = "".join(c for c in part if c.isprintable() and (c.isascii() or subject.language == "zh")).strip()
        if drawable:
            draft.add(drawable)
    if chance.random() < 0.4:
        draft.add("收文专用章" if subject.language == "zh" else "RECEIVED", "stamp", zone="head", red=True)
    sheet, _ = render.drawn(draft.pages[0], draft, DPI, chance)
    path.write_bytes(damage.as_jpeg(render.scanned(sheet.image, chance), chance.choice([55, 65, 75]), DPI))


def scans(chance, documents, many):
    """One page of so many documents."""
    for document in (documents * 2)[:many]:
        number = chance.randrange(len(document.pages))
        yield excerpts.Subject(f"scan of a page, {DPI} dpi", document.language, [document.pages[number]], document.name, number)


def write(out, documents, subjects, chance):
    """Writes documents and subjects; by path: the subject."""
    for folder in ("registered", "share"):
        (out / folder).mkdir(parents=True)
    for document in documents:
        (out / "registered" / document.name).write_text("\f".join(document.pages), "utf-8")
    (out / "zones.toml").write_text(f'[[zone]]\nname = "share"\npath = {json.dumps(str(out / "share"))}\nexposure = "shared"\nceiling = 0\n', "utf-8")
    paths = {}
    for number, subject in enumerate(subjects):
        drawn = subject.way.startswith("scan")
        path = out / "share" / f"{number // 500:03}" / f"{number:05}.{'jpg' if drawn else 'txt'}"
        path.parent.mkdir(exist_ok=True)
        if drawn:
            scan(chance, subject, path)
        else:
            path.write_text("\f".join(subject.pages), "utf-8")
        paths[str(path)] = subject
    return paths


def table(paths, files, documents):
    """Prints a line a way, and answers what was wrong."""
    ways, errors = collections.defaultdict(list), []
    by_name = {document.name: document for document in documents}
    known = functools.cache(lambda name: excerpts.passages(by_name[name].pages))
    for path, subject in paths.items():
        findings = files[path]["findings"] if path in files else sys.exit(f"{path}: the program says nothing of it")
        named, page, share, others = excerpts.scores(subject, findings)
        shared = {name for name in others if known(name) & excerpts.passages(subject.pages)}
        others -= shared
        sure = excerpts.scores(subject, [one for one in findings if one["confidence"] >= SURE])[0]
        ways[subject.way].append((named, sure, page, share, bool(shared), bool(others)))
        if others or subject.document and not page:
            errors.append({"path": path, "way": subject.way, "document": subject.document, "page": subject.page, "named": named, "others": sorted(others)})
    print("| what lies in the share | files | named (95 %) | for sure | right page | mean share told | another with a passage of it | false |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    for way, rows in ways.items():
        count, (named, sure, page, share, shared, others) = len(rows), map(sum, zip(*rows))
        low, high = interval(way, rows, lambda drawn: sum(one[0] for one in drawn) / len(drawn))
        found = [f"{named / count:.2f} ({low:.2f} to {high:.2f})", f"{sure / count:.2f}", f"{page / count:.2f}", f"{share / max(named, 1):.0f} %"]
        print("| " + " | ".join([way, str(count), *(["", "", "", ""] if way.startswith("unrelated") else found), str(shared), str(others)]) + " |")
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--misfile", required=True)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--documents", type=int, default=50)
    parser.add_argument("--unrelated", type=int, default=5000)
    parser.add_argument("--scans", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    out, chance = given.out.resolve(), random.Random(f"fingerprints {given.seed}")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    documents, rest = excerpts.chosen(chance, given.corpus, given.documents)
    real = {language: [text for each, text in rest if each == language and len(text) > excerpts.PAGE[language] // 2] for language in excerpts.PAGE}

    def filler(language):
        """A page of something else: real where there is something real."""
        text = chance.choice(real[language]) if real[language] else excerpts.prose(chance, language, excerpts.PAGE[language])
        begin = chance.randint(0, max(0, len(text) - excerpts.PAGE[language]))
        return text[begin:begin + excerpts.PAGE[language]].replace("\f", "\n")

    subjects = [*excerpts.derived(chance, documents, filler), *scans(chance, documents, given.scans), *excerpts.unrelated(chance, rest, given.unrelated)]
    paths = write(out, documents, subjects, chance)
    registered = run(given.misfile, out, "fingerprint", "add", "--level", "3", str(out / "registered"))
    print(f"{len(documents)} documents, {sum(len(one.pages) for one in documents)} pages, {sum(not one.name.startswith('made-') for one in documents)} of them real", file=sys.stderr)
    print(registered[-1] if registered else "", file=sys.stderr)
    run(given.misfile, out, "sweep")
    files = {row["path"]: row for row in run(given.misfile, out, "findings", "--all") if row["type"] == "file"}
    write_errors(out / "errors.jsonl", table(paths, files, documents))


if __name__ == "__main__":
    main()
