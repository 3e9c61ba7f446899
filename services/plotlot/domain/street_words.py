"""Words of streets and their abbreviations: USPS Publication 28, appendices B (directions) and C1 (suffixes)."""

DIRECTIONS = {
    "north": "n", "south": "s", "east": "e", "west": "w",
    "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
}  # fmt: skip
SUFFIXES = {
    "allee": "aly", "alley": "aly", "ally": "aly", "av": "ave", "aven": "ave", "avenu": "ave",
    "avenue": "ave", "avn": "ave", "avnue": "ave", "bayou": "byu", "beach": "bch", "bend": "bnd",
    "bluff": "blf", "boul": "blvd", "boulevard": "blvd", "boulv": "blvd", "branch": "br",
    "bridge": "brg", "brook": "brk", "bypass": "byp", "causeway": "cswy", "center": "ctr",
    "centre": "ctr", "circ": "cir", "circl": "cir", "circle": "cir", "cove": "cv",
    "court": "ct", "courts": "cts", "creek": "crk", "crescent": "cres", "crossing": "xing",
    "crst": "crst", "drive": "dr", "driv": "dr", "drv": "dr", "estate": "est",
    "estates": "ests", "expressway": "expy", "extension": "ext", "freeway": "fwy",
    "garden": "gdn", "gardens": "gdns", "gateway": "gtwy", "glen": "gln", "green": "grn",
    "grove": "grv", "harbor": "hbr", "heights": "hts", "highway": "hwy", "highwy": "hwy",
    "hill": "hl", "hills": "hls", "hollow": "holw", "island": "is", "junction": "jct",
    "lake": "lk", "lakes": "lks", "landing": "lndg", "lane": "ln", "meadow": "mdw",
    "meadows": "mdws", "mount": "mt", "mountain": "mtn", "orchard": "orch", "parkway": "pkwy",
    "parkwy": "pkwy", "pkway": "pkwy", "place": "pl", "plaza": "plz", "point": "pt",
    "ridge": "rdg", "river": "riv", "road": "rd", "route": "rte", "shore": "shr",
    "spring": "spg", "springs": "spgs", "square": "sq", "station": "sta", "str": "st",
    "street": "st", "strt": "st", "terr": "ter", "terrace": "ter", "trace": "trce",
    "track": "trak", "trail": "trl", "trails": "trl", "turnpike": "tpke", "valley": "vly",
    "view": "vw", "village": "vlg", "vista": "vis",
}  # fmt: skip
SHORT_SUFFIXES = frozenset(SUFFIXES.values()) | {
    "way", "row", "run", "loop", "pass", "path", "walk",
}  # fmt: skip
