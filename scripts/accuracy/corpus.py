#!/usr/bin/env python3
"""How right the program is on a labelled corpus that is not part of the repository: markings, secrets, numbers, review load.

    scripts/accuracy/corpus.py CORPUS --misfile PROGRAM [--errors FILE]

CORPUS is a folder with a MANIFEST.tsv, as its README describes; `labels.py` says how each label is read. Markings count from
confidence 75 on; numbers and secrets from 65 on, where they bring a document to people. `review` counts documents that nothing sure
was said of, and that people are asked to look at. Intervals are 95 % by bootstrap. Errors are told by their place in the corpus and
the rules with masked excerpts, never by their text.
"""
import argparse
import collections
import sys
import tempfile
import tomllib
from pathlib import Path

import labels
from measured import POSSIBLE, SURE, inspected, interval, rates, write_errors

SETS = (labels.documents, labels.marking_lines, labels.secret_strings, labels.secret_files, labels.numbers, labels.chinese_numbers, labels.ordinary)
LONE = "lone_number"
PUBLISHED = "Presidio publishes F2 0.618, and 0.845 customised, on all 17 types of the whole set, names and addresses among them"


def asked(program, texts):
    """Each text as a document of its own; in order: what the program says of it."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder).resolve() / f"{number // 500:03}" / f"{number:05}.txt" for number in range(len(texts))]
        for path, text in zip(paths, texts):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        seen = inspected(program, folder)
        return [seen[path] for path in paths]


def below(seen, path):
    """All findings of a file and of what lies inside it, and its verdict."""
    inside = [row for name, row in seen.items() if name == path or str(name).startswith(f"{path}!/")]
    if not inside:
        sys.exit(f"{path}: the program says nothing of it")
    verdict = next(row["verdict"] for row in inside if "!/" not in row["path"])
    return [one for row in inside for one in row["findings"]], verdict


def answers(program, corpus, cases):
    """By case, in order: findings and verdict."""
    of_texts = iter(asked(program, [case.text for case in cases if case.path is None]))
    seen = {}
    for folder in sorted({case.path.split("/")[0] for case in cases if case.path}):
        seen |= inspected(program, (corpus / folder).resolve())
    return [answer(next(of_texts)) if case.path is None else below(seen, (corpus / case.path).resolve()) for case in cases]


def answer(row):
    """Findings and verdict of a file."""
    return row["findings"], row["verdict"]


def personal(types):
    """Whether a number of a person, a firm or an address was found. One that is told and asks nobody to look counts not."""
    wanted = {one["id"] for one in types if one["category"] in labels.PERSONAL}
    return lambda found: any(one["rule"] in wanted and one["confidence"] >= POSSIBLE and LONE not in one["flags"] for one in found)


def types():
    """The shipped identifiers."""
    return tomllib.loads((Path(__file__).resolve().parents[2] / "models/identifiers.toml").read_text("utf-8"))["type"]


class Row:
    """One line of the table."""

    def __init__(self):
        self.pairs, self.review = [], 0

    def add(self, case, said, verdict):
        self.pairs.append((case.wanted, said))
        self.review += not case.wanted and not said and verdict == "review"

    def shown(self, name):
        wanted = [said for label, said in self.pairs if label]
        others = [said for label, said in self.pairs if not label]
        cells = [name, len(wanted), sum(wanted) if wanted else "", len(others), sum(others) if others else "", self.review if others else ""]
        right = [(True, label == said) for label, said in self.pairs]
        low, high = interval(name, right, lambda pairs: rates(pairs)[1])
        return "| " + " | ".join(map(str, cells)) + f" | {rates(right)[1]:.3f} ({low:.3f} to {high:.3f}) |"


def table(cases, told, fallback):
    """The lines of the table by name, and the errors."""
    lines, errors = collections.defaultdict(Row), []
    for case, (found, verdict) in zip(cases, told):
        said = (case.said or fallback)(found)
        lines[case.table].add(case, said, verdict)
        if said != case.wanted or not case.wanted and verdict == "review":
            kind = "missed" if case.wanted else "false alarm" if said else "to review"
            errors.append({"error": kind, "set": case.table, "name": case.name, "rules": told_of(found)})
    return lines, errors


def told_of(found):
    """What the program said, as it masks it."""
    return sorted({f"{one['rule']} {one['confidence']} {one['excerpt'] if one['detector'] == 'identifier' else ''}".strip() for one in found if one["level"]})


def fits(excerpt, span):
    """Whether a masked excerpt may stand for a span: as long, and the same where it shows something."""
    return len(excerpt) == len(span) and all(shown in ("•", is_there) for shown, is_there in zip(excerpt, span))


def span_pairs(wanted, found, least):
    """Of one text: (type, wanted, said) of each span and each finding of a type that both have. A finding answers one span.

    What several national forms of a telephone number know in one place is one finding; the mask is all that is known of its place.
    """
    kind_of = lambda one: next((kind for kind, rules in labels.SPANS.items() if one["rule"].startswith(rules)), None)
    left = []
    for one in found:
        same = lambda other: other["rule"] != one["rule"] and (kind_of(other), other["excerpt"]) == (kind_of(one), one["excerpt"])
        if one["confidence"] >= least and kind_of(one) and not any(map(same, left)):
            left.append(one)
    for kind, span in wanted:
        hit = next((one for one in left if one["rule"].startswith(labels.SPANS[kind]) and fits(one["excerpt"], span)), None)
        if hit:
            left.remove(hit)
        yield kind, True, hit is not None
    for one in left:
        yield kind_of(one), False, True


def spans(program, corpus, errors):
    """Prints precision, recall and F2 of spans, by type."""
    rows = list(labels.spans(corpus))
    seen = asked(program, [text for _, text, _ in rows])
    print("\n| spans | | precision | recall | F2 (95 %) |\n| --- | --- | --- | --- | --- |")
    for least in (POSSIBLE, SURE):
        pairs = collections.defaultdict(list)
        for (name, _, wanted), row in zip(rows, seen):
            for kind, label, said in span_pairs(wanted, row["findings"], least):
                pairs[kind].append((label, said))
                if label != said and least == POSSIBLE:
                    errors.append({"error": "missed" if label else "false alarm", "set": "spans", "name": f"{name} {kind}", "rules": told_of(row["findings"])})
        pairs[f"all, from {least} on"] = sum(pairs.values(), [])
        for kind in reversed(pairs) if least == POSSIBLE else [f"all, from {least} on"]:
            precision, recall, f2 = rates(pairs[kind])
            low, high = interval(kind, pairs[kind], lambda drawn: rates(drawn)[2])
            print(f"| {kind} | {sum(label for label, _ in pairs[kind])} | {precision:.3f} | {recall:.3f} | {f2:.3f} ({low:.3f} to {high:.3f}) |")
    print(f"\n{PUBLISHED}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--misfile", required=True)
    parser.add_argument("--errors", type=Path)
    given = parser.parse_args()
    cases = [case for one in SETS for case in one(given.corpus)]
    lines, errors = table(cases, answers(given.misfile, given.corpus, cases), personal(types()))
    print("| set | to find | found | to leave | flagged | to review | right (95 %) |\n| --- | --- | --- | --- | --- | --- | --- |")
    for name, line in lines.items():
        print(line.shown(name))
    decisions = sum((line.pairs for name, line in lines.items() if name.startswith(("sensitive_", "benign_", "zh_marking"))), [])
    precision, recall, f2 = rates(decisions)
    low, high = interval("decisions", decisions, lambda pairs: rates(pairs)[2])
    print(f"\nMarkings, documents and lines together: precision {precision:.3f}, recall {recall:.3f}, F2 {f2:.3f} ({low:.3f} to {high:.3f}).")
    spans(given.misfile, given.corpus, errors)
    if given.errors:
        write_errors(given.errors, errors)


if __name__ == "__main__":
    main()
