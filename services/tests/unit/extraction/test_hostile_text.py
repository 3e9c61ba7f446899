"""Text made to keep patterns busy: read by every rule in a process that may not take long, whatever is repeated."""

import subprocess
import sys

import pytest

MOST_SECONDS = 120  # of processor time: what backtracks would take hours
LENGTH = 6_000
PIECES = (
    "a", " ", "1", "1,", "1.", "(1) ", "- ", "R-", "R-1 ", "R-1/", "R-1, ", "ft ", "feet ", "sq ", "one ", "twenty-", "and ", "of the ",
    "minimum ", "lot area ", "shall be at least ", "percent ", "% ", "| ", "|-", "\t", "\n", "\n\n", ". ", "; ", ", ", ": ", "Sec. ", "§ ",
    "<", "<a ", "<!--", "[", "](", "[^1]", "**", "_", "'", "\"", "“", "½ ", "1/2 ", "AI ", "ignore ", "\u202e", "district ", "see Section 1.1 ",
    "3-201(b)(2) ", "N/A ", "x2 ", "-- ", "… ",
)  # fmt: skip
READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
from plotlot.domain.chunks import chunk_document
from plotlot.domain.instructions import stands_planted, without_instructions, without_planted
from plotlot.domain.questions import asked_of, parts_of
from plotlot.extraction.reader.assemble import read_code
from plotlot.ingestion.parsers import parse_document
head = "# Code\\n\\nThe districts are R-1 and R-2.\\n\\n## Sec. 2 R-1 District\\n\\n"
for piece in {pieces!r}:
    print(repr(piece), end=" ", flush=True)
    text = head + (piece * {length})[:{length}] + "\\n\\nIn the R-1 district the front yard is 20 feet.\\n"
    for name in ("code.md", "code.txt"):
        document = parse_document(name, text.encode())
        chunk_document(document)
        read_code([document])
        stands_planted(document.text, len(document.text) // 2, len(document.text) // 2 + 9)
        without_planted(document.text)
    question = (piece * 2000)[:2000]
    kept = without_instructions(question)
    for part in parts_of(kept):
        asked_of(part, frozenset())
    print("read", flush=True)
"""


BLANK = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
from plotlot.extraction.reader.assemble import read_code
from plotlot.ingestion.parsers import parse_document
text = "# Code\\n\\nThe districts are R-1 and R-2.\\n\\n## Sec. 2 R-1 District\\n\\nIn the R-1{blank}district the front yard is{blank}20{blank}feet.\\n"
for name in ("code.md", "code.txt"):
    read_code([parse_document(name, text.encode())])
    print("read", flush=True)
"""


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\u00a0", " \n"], ids=ascii)
def test_blanks_without_end_are_read_to_their_end(blank: str) -> None:
    code = BLANK.replace("{seconds}", str(MOST_SECONDS)).replace("{blank}", f'" + {blank!r} * 70_000 + "')
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.stdout.count("read") == 2, child.stderr[-1500:]


@pytest.mark.parametrize("share", range(2))
def test_hostile_text_is_read_in_time_that_grows_with_it(share: int) -> None:
    code = READ.format(seconds=MOST_SECONDS, pieces=PIECES[share::2], length=LENGTH)
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.returncode == 0, f"{child.stdout[-200:]}\n{child.stderr[-1500:]}"
    assert child.stdout.count("read") >= len(PIECES[share::2])
