"""What a reader must beat: the commonest value of each field, and the first number beside a field's name."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from plotlot.training.scores import CASE, Answer, Reader
from plotlot.training.towns import Example


def commonest(known: Sequence[Example]) -> Reader:
    """For every district the value that the known towns have most often."""
    values: dict[str, Counter[float]] = defaultdict(Counter)
    for example in known:
        for row in example.rows:
            if row.use == CASE:
                values[row.field][row.values[-1]] += 1
    most = {
        name: min(found.items(), key=lambda item: (-item[1], item[0]))[0] for name, found in values.items()
    }

    def read(example: Example, code: str, name: str) -> Answer:
        return (most[name], 0.5) if name in most else None

    return read


def keyword(examples: Sequence[Example]) -> Reader:
    """The first number whose own words name the field, where headings or headers name the one district."""
    first: dict[tuple[str, str, str], float] = {}
    for example in examples:
        for one in example.code.candidates:
            around = one.found.around
            named = any(
                one.field in fields for source in ("own", "column") for fields in around.fields[source]
            )
            sources = (around.districts["scope"], around.districts["column"], around.districts["row"])
            if named and (one.district,) in sources:
                first.setdefault((example.name, one.district, one.field), one.value)

    def read(example: Example, code: str, name: str) -> Answer:
        value = first.get((example.name, code, name))
        return None if value is None else (value, 0.5)

    return read
