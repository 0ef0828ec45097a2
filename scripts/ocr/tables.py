"""The results as Markdown."""
from statistics import mean, median


def percent(part, whole):
    return f"{100 * part / whole:.1f}" if whole else "-"


def mean_percent(values):
    values = [value for value in values if value is not None]
    return f"{100 * mean(values):.1f}" if values else "-"


def lowest_tenth(values):
    """The tenth percentile, by the nearest rank."""
    return sorted(values)[max(0, -(-len(values) // 10) - 1)]


class Sum:
    """Several groups of one engine taken together."""

    def __init__(self, groups):
        self.groups = list(groups)
        self.scores = [score for group in self.groups for score in group["scores"]]
        self.pages = len(self.scores)

    def total(self, key):
        """A figure of all pages, added."""
        return sum(score[key] for score in self.scores)

    def cpu(self):
        """CPU seconds a page."""
        return sum(group["cpu"] for group in self.groups) / max(self.pages, 1)

    def cell(self):
        """Planted exact / fuzzy / recall / CER / CPU seconds a page."""
        if not self.pages:
            return "-"
        found = [percent(self.total(key), self.total("planted")) for key in ("exact", "fuzzy")]
        rates = [mean_percent(score[key] for score in self.scores) for key in ("recall", "cer")]
        return " / ".join([*found, *rates, f"{self.cpu():.2f}"])


def table(head, rows):
    """A Markdown table."""
    return "\n".join(["| " + " | ".join(map(str, row)) + " |" for row in (head, ["---"] * len(head), *rows)]) + "\n"


def overview(groups, names):
    """One row an engine: cost, memory, faults, what it invented."""
    rows = []
    for name in names:
        own = [group for group in groups if group["engine"] == name]
        blank, rest = Sum(group for group in own if group["condition"] == "notext"), Sum(group for group in own if group["condition"] != "notext")
        loading = max((group["loading"] for group in own), default=0)
        rows.append([name, percent(rest.total("exact"), rest.total("planted")), percent(rest.total("fuzzy"), rest.total("planted")), f"{rest.cpu():.2f}",
                     f"{blank.cpu():.2f}" if blank.pages else "-", f"{loading:.2f}" if loading else "-", f"{max((group['rss_mb'] for group in own), default=0):.0f}",
                     sum(len(group["faults"]) for group in own), blank.total("invented") if blank.pages else "-",
                     sum(score["invented"] > 0 for score in blank.scores) if blank.pages else "-"])
    return table(["engine", "planted exact %", "fuzzy %", "CPU-s a page", "CPU-s a picture without text", "of it loading, a call", "peak MB", "pages with faults",
                  "words invented", "on pictures"], rows)


def generated(groups, names):
    """All tables of the generated pages."""
    cells = {}
    for group in groups:
        cells.setdefault((group["condition"], group["language"]), {})[group["engine"]] = group
    by_language, by_condition = {}, {}
    for (condition, language), own in cells.items():
        if condition != "notext":
            by_language.setdefault(language, []).extend(own.values())
            by_condition.setdefault(condition, []).extend(own.values())
    by_language["all"] = [group for own in by_language.values() for group in own]

    def row(title, own):
        sums = {name: Sum(group for group in own if group["engine"] == name) for name in names}
        return [*title, max(one.pages for one in sums.values()), *(sums[name].cell() for name in names)]

    cell = "Cells: planted strings exact % / fuzzy % / recall % (words; pairs of characters in Chinese) / CER % / CPU-s a page.\n"
    return "\n".join([
        "### By language\n", cell, table(["language", "pages", *names], [row([language], own) for language, own in by_language.items()]),
        "### By condition, all languages\n", table(["condition", "pages", *names], [row([condition], own) for condition, own in by_condition.items()]),
        "### By condition and language\n",
        table(["condition", "language", "pages", *names], [row(key, own.values()) for key, own in cells.items() if key[0] != "notext"])])


def real(groups, names):
    """The tables of real pages: recall, strings, and the worst pages of each engine."""
    parts, rows = [], []
    folders = {}
    for group in groups:
        folders.setdefault((group["folder"], "all"), []).append(group)
        folders.setdefault((group["folder"], group["source"]), []).append(group)
    for (folder, source), own in sorted(folders.items()):
        cells, pages = [], 0
        for name in names:
            one = Sum(group for group in own if group["engine"] == name)
            recalls = [score["recall"] for score in one.scores if score["recall"] is not None]
            text = f"{100 * median(recalls):.1f} / {100 * lowest_tenth(recalls):.1f} / {100 * mean(recalls):.1f}" if recalls else "- / - / -"
            cells.append(f"{text} / {percent(one.total('exact'), one.total('planted'))} / {percent(one.total('fuzzy'), one.total('planted'))} / {one.cpu():.2f}")
            pages = max(pages, one.pages)
        rows.append([folder, source, pages, *cells])
    parts.append("Cells: recall % (words; characters in Chinese) median / tenth percentile / mean / strings exact % / fuzzy % / CPU-s a page.\n")
    parts.append(table(["folder", "source", "pages", *names], rows))
    for name in names:
        scores = [score for group in groups if group["engine"] == name for score in group["scores"] if score["recall"] is not None]
        worst = sorted(scores, key=lambda score: (score["recall"], score["file"]))[:10]
        parts.append(f"Worst pages of {name}: " + ", ".join(f"{score['file']} {100 * score['recall']:.0f} %" for score in worst) + "\n")
    return "\n".join(parts)


def mixed(rows):
    """The table of the cost on a mixed set."""
    cells = [[row["engine"], row["pages"], f"{row['pages'] / row['wall']:.2f}", f"{row['cpu'] / row['pages']:.2f}", f"{row['rss_mb']:.0f}", row["faults"]] for row in rows]
    return table(["engine", "pages", "pages/s", "CPU-s a page", "peak MB a process", "pages with faults"], cells)
