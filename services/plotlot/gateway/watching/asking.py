"""Asking to be told: of what an analysis cites, or of a municipality's whole code."""

from plotlot.gateway.answers import Answers
from plotlot.gateway.ids import new_id
from plotlot.gateway.towns import Towns
from plotlot.gateway.watching.cited import cited_in
from plotlot.gateway.watching.watches import Watch, Watches


class Watching:
    """Keeps watches of what is here."""

    def __init__(self, answers: Answers, towns: Towns, watches: Watches) -> None:
        self._answers, self._towns, self._watches = answers, towns, watches

    async def of_analysis(self, client: str, analysis: str) -> Watch:
        """A client's watch of the sections that an analysis cites. Raises UnknownAnalysis, InvalidRequest."""
        report, _ = await self._answers.report(analysis)
        place = (report["municipality"], report["id"], cited_in(report))
        return await self._watches.add(new_id("wt"), client, *place)

    async def of_town(self, client: str, municipality: str) -> Watch:
        """A client's watch of a municipality's whole code. Raises UnknownMunicipality, InvalidRequest."""
        town = await self._towns.one(municipality)
        return await self._watches.add(new_id("wt"), client, town["name"], None, ())
