"""What a person has said about a source for the next time: which of its keys is which stored record, and its columns."""

from uuid import UUID

from sqlmodel import Session, select

from app.access.acts import Act
from app.errors import FieldError, ValidationFailed
from app.importing.identities import RecordType
from app.importing.mapping import ColumnMapping
from app.models.imports import ImportAlias, ImportMapping
from app.models.organizations import Organization
from app.models.services import Service


def confirm_alias(
    session: Session, source: str, record_type: RecordType, *, key: str, record_id: UUID, act: Act
) -> ImportAlias:
    """From now on `key` of this source is the stored record. Raises ValidationFailed for a record of another source."""
    record: Organization | Service | None = (
        session.get(Organization, record_id)
        if record_type == "organization"
        else session.get(Service, record_id)
    )
    if record is None or record.source != source:
        expected = (
            f"the id of {'an organization' if record_type == 'organization' else 'a service'} of this source"
        )
        raise ValidationFailed(errors=(FieldError("/record_id", expected),))
    row = ImportAlias
    known = session.exec(
        select(row).where(row.source == source, row.record_type == record_type, row.key == key)
    ).first()
    alias = known or ImportAlias(source=source, record_type=record_type, key=key, confirmed_by="")
    alias.service_id = record_id if record_type == "service" else None
    alias.organization_id = record_id if record_type == "organization" else None
    alias.confirmed_by, alias.confirmed_at = act.by.signature, act.now
    session.add(alias)
    session.flush()
    act.record(
        session,
        "import_alias_confirmed",
        entity=("import_alias", str(alias.id)),
        fields={"source": source, "key": key, "record_id": record_id},
    )
    return alias


def save_mapping(session: Session, name: str, mapping: ColumnMapping, *, act: Act) -> ImportMapping:
    """Keep a mapping under a name, in place of one that had it."""
    known = session.exec(select(ImportMapping).where(ImportMapping.name == name)).first()
    row = known or ImportMapping(name=name, mapping="", created_by="")
    row.mapping, row.created_by, row.created_at = mapping.model_dump_json(), act.by.signature, act.now
    session.add(row)
    session.flush()
    act.record(
        session,
        "import_mapping_saved",
        entity=("import_mapping", str(row.id)),
        fields={"name": name, "mapping": row.mapping},
    )
    return row


def find_mapping(session: Session, name: str) -> ColumnMapping:
    """Raises ValidationFailed where no mapping has that name."""
    row = session.exec(select(ImportMapping).where(ImportMapping.name == name)).first()
    if row is None:
        raise ValidationFailed(errors=(FieldError("/mapping", "the name of a saved mapping"),))
    return ColumnMapping.model_validate_json(row.mapping)
