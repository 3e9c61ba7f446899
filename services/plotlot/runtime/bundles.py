"""By which bundle a process answers: that of its settings' file, or what this code and these settings make."""

from importlib.metadata import version
from pathlib import Path

from plotlot.domain.bundles import (
    SEARCH_OF_CODES,
    Bundle,
    Extraction,
    Generation,
    OwnBundle,
    Parameters,
    bundle_of_file,
)
from plotlot.domain.errors import InvalidBundle
from plotlot.settings import Settings


def release_bundle(settings: Settings) -> Bundle:
    """The bundle of the settings' file, else the one that this code and these settings make.

    Raises InvalidBundle where the file cannot be read, was altered, or asks for what this code does not know.
    """
    return bundle_in(settings.bundle_file) if settings.bundle_file else own_bundle(settings)


def bundle_in(path: Path) -> Bundle:
    """The bundle in a file. Raises InvalidBundle naming the file."""
    try:
        return bundle_of_file(path.read_bytes())
    except OSError as error:
        raise InvalidBundle(f"the bundle's file {path} cannot be read: {error.strerror}") from error
    except InvalidBundle as error:
        raise InvalidBundle(
            f"the bundle's file {path}: {error.message}", field=error.field, suggestions=error.suggestions
        ) from error


def own_bundle(settings: Settings) -> OwnBundle:
    """The bundle that this code and these settings make."""
    from plotlot.ingestion.index import CHUNKER
    from plotlot.ingestion.pipeline import PARSER

    return OwnBundle(version("plotlot"), PARSER, CHUNKER, parameters=own_parameters(settings))


def own_parameters(settings: Settings) -> Parameters:
    """By what this code and these settings answer where no bundle says it."""
    from plotlot.extraction.reader import ENGINE
    from plotlot.inference import EXTRACTIVE

    return Parameters(
        embedding_model=settings.embedding_model,
        retrieval=SEARCH_OF_CODES,
        extraction=Extraction(engine=ENGINE),
        generation=Generation(model=settings.generation_model if settings.generation_url else EXTRACTIVE),
    )
