"""Parcels between the domain and the wire."""

import json

from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.parcels import FactSource, Parcel


def fact_source_to_message(source: FactSource) -> retrieval_pb2.FactSource:
    """Who says some facts, as its message."""
    return retrieval_pb2.FactSource(
        provider=source.provider, facts=source.facts, retrieved_at=source.retrieved_at, url=source.url
    )


def parcel_to_message(parcel: Parcel) -> retrieval_pb2.Parcel:
    """A parcel as its message."""
    return retrieval_pb2.Parcel(
        id=parcel.id,
        municipality=parcel.municipality,
        address=parcel.address,
        district=parcel.district,
        geometry=json.dumps(parcel.geometry) if parcel.geometry else "",
        frontage=json.dumps(parcel.frontage) if parcel.frontage else "",
        properties=dict(parcel.properties),
        sources=map(fact_source_to_message, parcel.sources),
        warnings=parcel.warnings,
    )


def parcel_from_message(found: retrieval_pb2.Parcel) -> Parcel:
    """A parcel from its message."""
    return Parcel(
        id=found.id,
        municipality=found.municipality,
        address=found.address,
        district=found.district,
        geometry=json.loads(found.geometry) if found.geometry else None,
        frontage=json.loads(found.frontage) if found.frontage else None,
        properties=dict(found.properties),
        sources=tuple(
            FactSource(each.provider, tuple(each.facts), each.retrieved_at, each.url)
            for each in found.sources
        ),
        warnings=tuple(found.warnings),
    )
