"""Problems of a request that cannot be read at all: its body, its headers, its size."""

from app.errors.problem import Problem


class Malformed(Problem):
    status = 400
    slug = "malformed"
    title = "The request could not be read"
    explanation = "The body is not one JSON document in UTF-8 (RFC 8259)."


class DuplicateMember(Malformed):
    slug = "duplicate-member"
    title = "A member appears twice"
    explanation = "A JSON object in the body has the same member twice, so it is not clear which is meant."


class TooDeep(Malformed):
    slug = "too-deep"
    title = "The body is nested too deeply"
    explanation = "At most 16 levels of arrays and objects are read."


class UnsupportedEncoding(Malformed):
    slug = "unsupported-encoding"
    title = "The body is not UTF-8"
    explanation = "JSON between systems is UTF-8 without a byte order mark (RFC 8259, section 8.1)."


class CursorInvalid(Malformed):
    slug = "cursor-invalid"
    title = "That cursor cannot be used here"
    explanation = "A cursor belongs to the list and filters it came with. Start again from the first page."


class ConditionInvalid(Malformed):
    slug = "condition-invalid"
    title = "The condition header could not be read"
    explanation = "If-Match and If-None-Match hold `*` or a list of quoted entity tags, at most 4 kB (RFC 9110, section 13)."


class IdempotencyKeyInvalid(Malformed):
    slug = "idempotency-key-invalid"
    title = "An Idempotency-Key is needed"
    explanation = (
        "This request needs an Idempotency-Key: 1 to 200 visible ASCII characters, such as a UUID, new for everything that you "
        "want done and the same when you try again."
    )


class UnsupportedMediaType(Problem):
    status = 415
    slug = "unsupported-media-type"
    title = "That media type is not read here"
    explanation = "Send `Content-Type: application/json` in UTF-8, without a Content-Encoding."


class BodyTooLarge(Problem):
    status = 413
    slug = "body-too-large"
    title = "The body is too large"
    explanation = "At most 64 KiB are read."


class UriTooLong(Problem):
    status = 414
    slug = "uri-too-long"
    title = "The address is too long"
    explanation = (
        "At most 8 KiB of path and query are read. Long searches go in a body: POST /v1/services/search."
    )


class HeadersTooLarge(Problem):
    status = 431
    slug = "headers-too-large"
    title = "The headers are too large"
    explanation = "At most 100 headers of together 32 KiB are read."


class ParameterInvalid(Malformed):
    slug = "parameter-invalid"
    title = "A query parameter is not valid"
    explanation = (
        "A parameter is not offered here, was sent twice, or has a value that it cannot have; `errors` names it where one is "
        "to blame. OGC API Features answers all of these with 400 (OGC 17-069r4, requirements 7 and 8)."
    )
