"""How tests are shared out to several processes: what they start is started by one of them, once."""

from xdist.scheduler import LoadScopeScheduling

TOPOLOGIES = ("one process", "many processes")


class SharedByWhatTheyStart(LoadScopeScheduling):
    """Tests of one module stay together; so do those of one topology, whichever module they are of."""

    def _split_scope(self, nodeid: str) -> str:
        module, _, name = nodeid.partition("::")
        return next((topology for topology in TOPOLOGIES if topology in name), module)
