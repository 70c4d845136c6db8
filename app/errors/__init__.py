"""Expected failures, as RFC 9457 problems.

    Problem
    ├── InvalidInput (422)            what the sender wrote is wrong
    │   ├── ValidationFailed          one or more fields, each with a JSON pointer
    │   ├── PostcodeInvalid · PostcodeNotFound · PostcodeNoLocation
    │   ├── OutsideUk · OutsideArea · UnknownArea
    │   ├── UnknownParameter · DuplicateParameter · UnknownMember
    │   ├── ConfidentialFact          a text, number or place that would locate a confidential service
    │   └── ImportRejected            a file that cannot be taken, with line and reason
    │       ├── FileKindUnknown · FileEncodingUnknown · CsvMalformed · EmptyImport · NoHeader
    │       └── ArchiveTooLarge · ArchiveInvalid · SheetTooLarge · ImportTooDemanding
    ├── Malformed (400) · DuplicateMember · TooDeep · UnsupportedEncoding · CursorInvalid · ConditionInvalid
    │   ├── ParameterInvalid          any parameter of `/ogc`, whose standard asks for 400
    │   └── IdempotencyKeyInvalid
    ├── UnsupportedMediaType (415) · BodyTooLarge (413) · UriTooLong (414) · HeadersTooLarge (431)
    ├── Unauthenticated (401)         no key, or none that is taken; which of the reasons is not said
    │   └── KeyMisplaced              a key in the address or in a body
    ├── Forbidden (403) · TooManyRequests (429)
    ├── NotFound (404) · MethodNotAllowed (405) · Misdirected (421)
    ├── Conflict (409) · StaleObservation · IdempotencyKeyReused
    ├── PreconditionFailed (412) · PreconditionRequired (428)
    └── Unavailable (503) · ImportBusy · StorageFull · OutcomeUnknown · InternalError (500)

Each class has a stable `slug` (its page is `/problems/{slug}`), a `title` that never varies and a `detail` from this
catalogue. No problem ever carries the value that was sent: a postcode in an error body is a postcode in somebody's log.
"""

from app.errors.files import (
    ArchiveInvalid,
    ArchiveTooLarge,
    CsvMalformed,
    EmptyImport,
    FileEncodingUnknown,
    FileKindUnknown,
    ImportRejected,
    ImportTooDemanding,
    NoHeader,
    SheetTooLarge,
)
from app.errors.problem import (
    FieldError,
    InvalidInput,
    Problem,
)
from app.errors.unreadable import (
    BodyTooLarge,
    ConditionInvalid,
    CursorInvalid,
    DuplicateMember,
    HeadersTooLarge,
    IdempotencyKeyInvalid,
    Malformed,
    ParameterInvalid,
    TooDeep,
    UnsupportedEncoding,
    UnsupportedMediaType,
    UriTooLong,
)

__all__ = [
    "ArchiveInvalid",
    "ArchiveTooLarge",
    "BodyTooLarge",
    "ConditionInvalid",
    "CsvMalformed",
    "CursorInvalid",
    "DuplicateMember",
    "EmptyImport",
    "FieldError",
    "FileEncodingUnknown",
    "FileKindUnknown",
    "HeadersTooLarge",
    "IdempotencyKeyInvalid",
    "ImportRejected",
    "ImportTooDemanding",
    "InvalidInput",
    "Malformed",
    "NoHeader",
    "ParameterInvalid",
    "Problem",
    "SheetTooLarge",
    "TooDeep",
    "UnsupportedEncoding",
    "UnsupportedMediaType",
    "UriTooLong",
]
"""What comes from the modules beside this one; what is made below is here anyway."""


class ValidationFailed(InvalidInput):
    slug = "validation"
    title = "Some fields are not valid"
    explanation = "Each entry of `errors` names a field by JSON pointer and says what is expected there."


class PostcodeInvalid(InvalidInput):
    slug = "postcode-invalid"
    title = "That is not a postcode"
    explanation = (
        "A British postcode has letters and digits such as B1 1BB; its first half (B1) or a sector (B1 1) will do too. "
        "Only ordinary letters, digits and spaces are read: nothing is guessed. The national numbers need none."
    )

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, errors=(FieldError("/postcode", "not the form of a British postcode"),))


class PostcodeNotFound(InvalidInput):
    slug = "postcode-not-found"
    title = "No such postcode"
    explanation = (
        "The postcode has the right form, but is not in the edition of the postcode directory in use. "
        "Try its first half, or choose the council area. The national numbers need none."
    )

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, errors=(FieldError("/postcode", "not in the postcode directory"),))


class PostcodeNoLocation(InvalidInput):
    slug = "postcode-no-location"
    title = "That postcode has no place on the map of Great Britain"
    explanation = (
        "Channel Islands, Isle of Man, Northern Ireland, forces and some special postcodes have no grid position "
        "in the directory in use. Choose a council area instead. The national numbers need none."
    )

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, errors=(FieldError("/postcode", "has no grid position"),))


class OutsideUk(InvalidInput):
    slug = "outside-uk"
    title = "Those coordinates are not in the United Kingdom"
    explanation = "Latitude lies between 49 and 61.5 and longitude between -9 and 2.5. Are the two swapped?"


class OutsideArea(InvalidInput):
    slug = "outside-area"
    title = "Nothing is known about that place"
    explanation = (
        "There is no postcode within two kilometres of that point, so its council area is not known."
    )


class UnknownArea(InvalidInput):
    slug = "unknown-area"
    title = "No such area"
    explanation = "Areas are named by their GSS code, such as E08000025; `/v1/areas` lists the ones in use."


class UnknownParameter(InvalidInput):
    slug = "unknown-parameter"
    title = "Unknown query parameter"
    explanation = "A parameter that is not offered would be ignored and give a wrong list, so it is refused."


class DuplicateParameter(InvalidInput):
    slug = "duplicate-parameter"
    title = "A query parameter was sent twice"
    explanation = (
        "Each parameter may be sent once: two values for one filter would give an answer to neither."
    )


class UnknownMember(InvalidInput):
    slug = "unknown-member"
    title = "Unknown member in the body"
    explanation = "A member that is not offered would be ignored and give a wrong answer, so it is refused."


class ConfidentialFact(InvalidInput):
    slug = "confidential-fact"
    title = "That would help to find a confidential place"
    explanation = (
        "A confidential service carries no address, postcode, coordinate, local telephone number, map link or "
        "directions. The fields in `errors` hold something of the kind; nothing of the record was stored."
    )


class Unauthenticated(Problem):
    """No reason is given: unknown, expired, revoked and suspended look the same to whoever tries."""

    status = 401
    slug = "unauthenticated"
    title = "A valid key is needed here"
    explanation = (
        "Send `Authorization: Bearer` with a key that is in force. A key that is unknown, not yet valid, expired or revoked "
        "is answered like none at all. Ask a curator of the directory for a new one."
    )

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="directory"'})


class KeyMisplaced(Unauthenticated):
    slug = "key-in-url"
    title = "A key was sent where it does not belong"
    explanation = (
        "A key in an address or a body is kept by histories and logs on its way. It is never taken there, and one that is in "
        "force has been marked: rotate it now. Keys go in the Authorization header and nowhere else."
    )


class Forbidden(Problem):
    status = 403
    slug = "forbidden"
    title = "That key may not do this"
    explanation = (
        "The key is valid, but it was not given the scope that is needed, or may not hand out that scope."
    )


class TooManyRequests(Problem):
    status = 429
    slug = "too-many-requests"
    title = "Too many requests from one address"
    explanation = (
        "Wait for the seconds that Retry-After gives. Keys that are not taken are counted strictly, other requests "
        "generously; a good key is never locked. The national numbers need no waiting."
    )


class NotFound(Problem):
    status = 404
    slug = "not-found"
    title = "Not found"
    explanation = "There is nothing at this address, or it is not public."


class MethodNotAllowed(Problem):
    status = 405
    slug = "method-not-allowed"
    title = "That method is not offered here"
    explanation = "The Allow header lists the methods of this address."


class Misdirected(Problem):
    status = 421
    slug = "misdirected"
    title = "This service does not answer for that host"
    explanation = "The Host header names a host that this service was not set up for."


class Conflict(Problem):
    status = 409
    slug = "conflict"
    title = "That does not fit what is stored"
    explanation = "The record has changed, or the new value contradicts another."


class StoredRecordInvalid(Conflict):
    slug = "stored-record-invalid"
    title = "What is stored of this record is not valid"
    explanation = (
        "Somebody has changed the record past the service, in the database itself. Each entry of `errors` names a field by JSON "
        "pointer; what it holds is not repeated. Whoever runs the host mends it there: no request changes such a record."
    )


class StaleObservation(Conflict):
    slug = "stale-observation"
    title = "There is a newer report already"
    explanation = (
        "`observed_at` must be later than that of the report in force. Read the record again: an older figure is never put "
        "over a newer one."
    )


class IdempotencyKeyReused(Conflict):
    slug = "idempotency-key-reused"
    title = "That Idempotency-Key was used for something else"
    explanation = (
        "The key was sent before with another body or condition. Send a new key for a new thing, and the very same request "
        "when you try again."
    )


class PreconditionFailed(Problem):
    status = 412
    slug = "precondition-failed"
    title = "The record has changed since you read it"
    explanation = "Read it again and decide on what is there now."


class PreconditionRequired(Problem):
    status = 428
    slug = "precondition-required"
    title = "Say which version you are changing"
    explanation = "Read the record first and send its ETag as If-Match, so that nobody's change is lost."


class Unavailable(Problem):
    status = 503
    slug = "unavailable"
    title = "The directory is not ready"
    explanation = "The service is starting or cannot reach what it needs. The national numbers answer now."


class ImportBusy(Unavailable):
    slug = "import-busy"
    title = "Another file is being read"
    explanation = (
        "One file at a time is read in each process, so that reading never slows down who looks for help. "
        "Send it again after the seconds that Retry-After gives."
    )


class StorageFull(Problem):
    status = 503
    slug = "storage-full"
    title = "There is no room to write"
    explanation = "Nothing was changed and reading goes on. The operator has to make room; try again later."


class OutcomeUnknown(Problem):
    status = 503
    slug = "outcome-unknown"
    title = "It is not known whether that was done"
    explanation = (
        "The connection to the database was lost at the last moment. Send the very same request with the same "
        "Idempotency-Key again: it is done once, however often it is sent."
    )


class InternalError(Problem):
    """A bug. The answer carries the request id and nothing of the cause."""


def problem_catalogue() -> dict[str, type[Problem]]:
    """Every problem that has a slug of its own, by slug, for `/problems/{slug}` and the documentation test."""
    found: dict[str, type[Problem]] = {}
    waiting: list[type[Problem]] = [Problem]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind is not InvalidInput:
            found.setdefault(kind.slug, kind)
    return dict(sorted(found.items()))
