"""Parts of pages that commands write between two marks; what stands around them stays."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A part of a page: its name, and the command that writes it."""

    name: str
    command: str

    @property
    def begin(self) -> str:
        """The mark above it."""
        return f"<!-- {self.name}: written by `{self.command}`, edit nothing until the end -->"

    @property
    def end(self) -> str:
        """The mark below it."""
        return f"<!-- {self.name}: end -->"

    def text(self, page: str) -> str:
        """What stands between the marks; nothing where the page has no such part."""
        return self._split(page)[1]

    def within(self, page: str, text: str) -> str:
        """The page with this text between the marks, which stand at its end where it had none."""
        head, _, tail = self._split(page)
        return f"{head}{self.begin}\n{text}\n{self.end}{tail}"

    def write(self, path: Path, text: str) -> None:
        """Put the text into a page, which is begun where there is none."""
        page = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(self.within(page, text), encoding="utf-8")

    def _split(self, page: str) -> tuple[str, str, str]:
        """What stands above the marks, between them, and below."""
        head, begun, rest = page.partition(self.begin)
        text, ended, tail = rest.partition(self.end)
        if begun and ended:
            return head, text, tail
        return f"{page.rstrip()}\n\n".lstrip(), "", "\n"
