"""What is planted: a code word of its own in each place, and a marking behind it."""
import dataclasses

FIRST = "AMBER BRONZE CHERRY COBALT COPPER CRIMSON EMERALD GOLDEN INDIGO IVORY LEMON MARBLE ORANGE PURPLE SCARLET SILVER SUMMER VELVET VIOLET WINTER".split()
SECOND = ("ANCHOR BADGER BEACON CASTLE CONDOR DRAGON FALCON GARDEN HAMMER HARBOR ISLAND JAGUAR LANTERN MEADOW MONKEY ORCHARD "
          "PANTHER RAVEN RIVER SADDLE SPARROW TIGER TUNNEL WALRUS").split()
MARK = "TOP SECRET//NOFORN"


@dataclasses.dataclass
class Plant:
    file: str      # the document on the share
    place: str     # where in it, in words
    code: str      # the word that is looked for
    label: str     # a pattern for what the page is called; empty: any
    inside: str    # a pattern for the location behind the file's own; empty: the file itself
    marked: bool   # whether the marking stands beside it


class Plants:
    """Hands out what to plant, and keeps account of it."""

    def __init__(self):
        self.all, self.file, self.within = [], "", ""

    def code(self, place, label="", inside=None, marked=False):
        """A code word alone: for names and other places that hold no more."""
        number = len(self.all)
        first, second = divmod(number * 7 % (len(FIRST) * len(SECOND)), len(SECOND))
        code = f"{FIRST[first]} {SECOND[second]}"
        self.all.append(Plant(self.file, place, code, label, self.within if inside is None else inside, marked))
        return code

    def __call__(self, place, label="", inside=None):
        """A line with a code word and a marking."""
        return f"{MARK} {self.code(place, label, inside, True)}"

    def inner(self, inside):
        """Plants for a document that lies inside the file, at a location that fits the pattern."""
        other = Plants()
        other.all, other.file, other.within = self.all, self.file, self.within + inside
        return other
