"""What scores share: asking the program, reading its answers, and precision, recall and F2 with their intervals."""
import collections
import json
import random
import subprocess
import sys
from pathlib import Path

SURE = 75
POSSIBLE = 65
MARKED = 2
DRAWS = 500


def inspected(program, folder):
    """By path: what the program says of each file, documents inside files (`file!/member`) among them."""
    command = [str(program), "--format", "jsonl", "inspect", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 10, 11):
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    rows = (json.loads(line) for line in done.stdout.splitlines())
    return {Path(row["path"]): row for row in rows if row["type"] == "file"}


def level_of(found):
    """The highest level that a sure marking speaks for."""
    return max((one["level"] for one in found if one["detector"] == "marking" and one["confidence"] >= SURE), default=0)


def rates(pairs):
    """Precision, recall and F2 (recall weighs four times) of pairs (wanted, said)."""
    right = sum(wanted and said for wanted, said in pairs)
    precision = right / max(sum(said for _, said in pairs), 1)
    recall = right / max(sum(wanted for wanted, _ in pairs), 1)
    return precision, recall, 5 * precision * recall / max(4 * precision + recall, 1e-9)


def interval(name, pairs, value):
    """The 95 % interval of a value of pairs, by bootstrap. The same name and pairs give the same interval."""
    chance = random.Random(f"bootstrap {name}")
    drawn = sorted(value(chance.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    return drawn[DRAWS // 40], drawn[-DRAWS // 40]


def write_errors(path, errors):
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in errors), "utf-8")


def best_of(found):
    """By rule: the highest confidence of its findings."""
    best = collections.defaultdict(int)
    for one in found:
        best[one["rule"]] = max(best[one["rule"]], one["confidence"])
    return best
