"""Problems of a file that somebody brings, as a whole. Faults of its rows are told row by row in `app.importing`."""

from app.errors.problem import InvalidInput


class ImportRejected(InvalidInput):
    slug = "import-rejected"
    title = "The file was not taken"
    explanation = "Nothing was changed. The detail gives the line and the reason."


class FileKindUnknown(ImportRejected):
    slug = "file-kind"
    title = "That kind of file is not read"
    explanation = (
        "A CSV file, an Excel workbook (.xlsx), Open Referral UK JSON or our own JSON is read, told by what it holds and not by "
        "its name. Save an older workbook (.xls), one with macros (.xlsm) or one with a password as a plain .xlsx file."
    )


class FileEncodingUnknown(ImportRejected):
    slug = "file-encoding"
    title = "The file is not UTF-8 text"
    explanation = (
        "A letter read wrongly is a name or a number changed, so nothing is guessed. Save the file as “CSV UTF-8”, "
        "or upload the workbook itself."
    )


class CsvMalformed(ImportRejected):
    slug = "csv-malformed"
    title = "The file is not well-formed CSV"
    explanation = (
        "Cells are separated by commas, and a cell with a comma, quote or line end in it stands in double quotes (RFC 4180). "
        "The detail names the line at which the row begins that cannot be read."
    )


class EmptyImport(ImportRejected):
    slug = "empty-import"
    title = "The file has no records"
    explanation = (
        "There is no row below the headers. An empty file changes nothing, and never removes anything."
    )


class NoHeader(ImportRejected):
    slug = "no-header"
    title = "The file has no row of headers that is known"
    explanation = (
        "The first row names the columns, among them the organization and the service. Copy the headers from the template, "
        "or say by a column mapping what each column holds."
    )


class ArchiveTooLarge(ImportRejected):
    slug = "archive-too-large"
    title = "The workbook unpacks to too much"
    explanation = (
        "A workbook has at most 200 parts of together 100 MB, none packed more than a hundredfold. Remove pictures and empty "
        "formatted rows, or copy the cells into the template."
    )


class ArchiveInvalid(ImportRejected):
    slug = "archive-invalid"
    title = "The workbook is damaged, or holds what a plain sheet does not"
    explanation = (
        "Macros, embedded files, links to other files and anything that does not unpack as it says are refused whole. "
        "Copy the cells as values into the template and save it."
    )


class SheetTooLarge(ImportRejected):
    slug = "sheet-too-large"
    title = "The sheet is too large"
    explanation = (
        "At most 100,000 rows of 300 columns are read, and 20,000 characters in a cell. Delete the empty columns and rows "
        "beside and below the records, or divide the file."
    )


class ImportTooDemanding(ImportRejected):
    slug = "import-too-demanding"
    title = "Reading the file took too much"
    explanation = (
        "The file is read within limits of time and memory, so that it cannot slow down the directory, and it went beyond "
        "them. Nothing was changed. Copy the cells as values into the template, or divide the file."
    )
