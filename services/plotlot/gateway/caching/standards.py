"""Standards of districts that were asked for in the same state of what is stored: lots of one district share them."""

from collections import OrderedDict

from plotlot.gateway.caching.content import current_state
from plotlot.gateway.clients import Clients, DistrictStandards
from plotlot.rpc.context import current_tenant

MOST_DISTRICTS = 256


class RememberingClients(Clients):
    """The services, asked once for the standards of a district as long as nothing changes.

    Only where the state was read for the request: what is answered anew, as shadows and while a release is judged,
    asks anew.
    """

    def __init__(self, *stubs: object, **named: object) -> None:
        super().__init__(*stubs, **named)  # type: ignore[arg-type]
        self._kept: OrderedDict[tuple[str, ...], DistrictStandards] = OrderedDict()

    async def standards(self, municipality: str, district: str) -> DistrictStandards:
        """The standards of one district."""
        state = current_state.get()
        if not state:
            return await super().standards(municipality, district)
        key = (current_tenant(), state, municipality, district)
        found = self._kept.get(key)
        if found is None:
            found = await super().standards(municipality, district)
            self._kept[key] = found
            if len(self._kept) > MOST_DISTRICTS:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found
