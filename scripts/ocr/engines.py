"""The engines that are compared. Each reads a list of pictures in child processes and answers texts and costs.

CPU seconds are those of the child and all it waited for. Memory is that of the largest single process. It cannot be below what
this program itself holds (Linux hands the mark on through exec), so this program imports no image library.
"""
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ONE_THREAD = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}
SECONDS_A_PAGE = 240


@dataclass(frozen=True)
class Picture:
    """One file to be read."""

    path: Path
    language: str
    dpi: int


@dataclass
class Reading:
    """What an engine read, and what it cost."""

    texts: dict = field(default_factory=dict)
    faults: dict = field(default_factory=dict)
    cpu: float = 0.0
    wall: float = 0.0
    loading: float = 0.0
    rss_mb: float = 0.0

    def add(self, child):
        """Adds the cost of a child."""
        self.cpu, self.wall, self.rss_mb = self.cpu + child.cpu, self.wall + child.wall, max(self.rss_mb, child.rss_mb)


@dataclass(frozen=True)
class Child:
    """How a child process ended."""

    status: int
    out: str
    errors: str
    cpu: float
    wall: float
    rss_mb: float


def run(command, seconds, core=None, given=""):
    """Runs a command, on one core if asked, and measures it. A child that takes too long is ended with all its children."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as stdin:
        stdin.write(given.encode())
        stdin.seek(0)
        pin = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
        start = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdin=stdin, stdout=out, stderr=errors, env={**os.environ, **ONE_THREAD},
                                 start_new_session=True, preexec_fn=pin)
        timer = threading.Timer(seconds, os.killpg, (child.pid, signal.SIGKILL))
        timer.start()
        _, status, used = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        out.seek(0)
        errors.seek(0)
        return Child(child.returncode, out.read().decode("utf-8", "replace"), errors.read().decode("utf-8", "replace"),
                     used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no message"


@lru_cache(maxsize=1)
def tesseract_has():
    listing = subprocess.run(["tesseract", "--list-langs"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    return set(listing.stdout.split())


def tesseract_language(language):
    """What Tesseract is told about a page: its true language, as far as it is installed."""
    traditional = "chi_tra" if "chi_tra" in tesseract_has() else "chi_sim"
    return {"zh": "chi_sim", "zht": traditional, "mixed": "chi_sim+eng"}.get(language, "eng")


def misfile(program, engine=None):
    """Misfile, all pictures in one call. `engine` is its configuration key; without it the default."""
    def read(pictures, core=None):
        reading = Reading(texts={one.path: "" for one in pictures})
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "config.toml"
            config.write_text(f'[ocr]\nengine = "{engine}"\n' if engine else "", "utf-8")
            by_name = {str(one.path.resolve()): one.path for one in pictures}
            command = [program, "--config", config, "--data", Path(folder) / "data", "--format", "jsonl", "--quiet", "inspect", "--text"]
            child = run([*command, *by_name], SECONDS_A_PAGE * len(pictures), core)
        reading.add(child)
        seen = set()
        for row in (json.loads(line) for line in child.out.splitlines() if line.startswith("{")):
            path = by_name.get(row.get("path"))
            if path and row["type"] == "page":
                reading.texts[path] += row["text"] + "\n"
            elif path and row["type"] == "file":
                seen.add(path)
                if row["coverage"]["faults"]:
                    reading.faults[path] = json.dumps(row["coverage"]["faults"], ensure_ascii=False)[:300]
        for path in set(by_name.values()) - seen:
            reading.faults[path] = f"not in the output, exit code {child.status}: {last_line(child.errors)}"
        return reading
    return read


def tesseract(pictures, core=None):
    """Tesseract's command line, told the language."""
    reading = Reading()
    for one in pictures:
        child = run(["tesseract", one.path, "-", "-l", tesseract_language(one.language)], SECONDS_A_PAGE, core)
        reading.add(child)
        reading.texts[one.path] = child.out
        if child.status:
            reading.faults[one.path] = f"exit code {child.status}: {last_line(child.errors)}"
    return reading


def ocrmypdf(pictures, core=None):
    """OCRmyPDF with all that helps reading and nothing that only makes the file nicer; told language and resolution."""
    reading = Reading()
    for one in pictures:
        with tempfile.TemporaryDirectory() as folder:
            text = Path(folder) / "text"
            child = run(["ocrmypdf", "--jobs", 1, "--output-type", "pdf", "--rotate-pages", "--deskew", "--image-dpi", one.dpi, "--sidecar", text,
                         "-l", tesseract_language(one.language), one.path, Path(folder) / "out.pdf"], SECONDS_A_PAGE, core)
            reading.texts[one.path] = text.read_text("utf-8", "replace") if text.exists() else ""
        reading.add(child)
        if child.status:
            reading.faults[one.path] = f"exit code {child.status}: {last_line(child.errors)}"
    return reading


def rapidocr(python):
    """RapidOCR's defaults, one thread, all pictures in one process."""
    def read(pictures, core=None):
        reading = Reading(texts={one.path: "" for one in pictures})
        names = "\n".join(str(one.path) for one in pictures)
        child = run([python, HERE / "read_rapidocr.py"], SECONDS_A_PAGE * len(pictures), core, names)
        reading.add(child)
        for row in (json.loads(line) for line in child.out.splitlines() if line.startswith("{")):
            reading.loading = row.get("loading", reading.loading)
            if "file" in row:
                reading.texts[Path(row["file"])] = row["text"]
                if "fault" in row:
                    reading.faults[Path(row["file"])] = row["fault"]
        if child.status:
            reading.faults[pictures[-1].path] = f"exit code {child.status}: {last_line(child.errors)}"
        return reading
    return read


def engines(names, program, rapidocr_python=sys.executable):
    """The engines of these names."""
    known = {"misfile": misfile(program), "misfile-tesseract": misfile(program, "tesseract"), "misfile-paddle": misfile(program, "paddle"),
             "tesseract": tesseract, "ocrmypdf": ocrmypdf, "rapidocr": rapidocr(rapidocr_python)}
    for name in names:
        if name not in known:
            sys.exit(f"no engine is named {name}; there are: {', '.join(known)}")
        if name in ("tesseract", "ocrmypdf") and not shutil.which(name):
            sys.exit(f"{name} is not installed: apt-get install {'tesseract-ocr' if name == 'tesseract' else name}")
    return {name: known[name] for name in names}


def versions(names, program, rapidocr_python=sys.executable):
    """What each engine says of its version."""
    ask = {"tesseract": ["tesseract", "--version"], "ocrmypdf": ["ocrmypdf", "--version"],
           "rapidocr": [rapidocr_python, "-c", "from importlib.metadata import version as v; print(v('rapidocr'), 'onnxruntime', v('onnxruntime'))"]}
    answer = {}
    for name in names:
        done = subprocess.run([str(part) for part in ask.get(name, [program, "--version"])], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        answer[name] = (done.stdout.splitlines() or ["unknown"])[0]
    return answer


def own_rss_mb():
    """The most that this program itself ever held: no child's figure can be below it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
