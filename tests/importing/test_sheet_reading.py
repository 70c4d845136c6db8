"""A sheet of services as somebody fills it in: columns by name, rows to records, what is left empty, what contradicts."""

import io
from datetime import date
from uuid import UUID

import pytest
import xlsxwriter

from app.errors import EmptyImport, NoHeader
from app.importing.mapping import ColumnMapping, MappedColumn
from app.importing.reading import guess_mapping, parse
from tests.importing.sheets import Formula, codes, csv_file, only, plain, read, warned, words, workbook


def test_a_plain_sheet_gives_the_service_it_describes() -> None:
    parsed = read(
        {
            "Organisation": "Example Trust",
            "Service name": "Example Helpline",
            "What it does": "Somebody listens.",
            "Type of support": "Somebody to talk to now; Benefits and money",
            "How delivered": "By phone or online",
            "Areas covered": "Birmingham, Solihull",
            "Opening times": "Mon-Fri 9am-5pm",
            "Tel": "0121 496 0001",
            "Tel 2": "08081 570 123",
            "Gender": "Women only",
            "Age range": "18+",
            "NRPF": "ask",
            "Languages spoken": "English; Polish",
            "Town": "Birmingham",
            "Address": "Example House",
            "Postcode": "B1 1BB",
        }
    )

    service = only(parsed)
    assert service.name == "Example Helpline"
    assert service.needs == ("helpline", "welfare_benefits_money")
    assert (service.reach, service.languages) == ("remote", ("eng", "pol"))
    assert service.coverage.areas == ("E08000025", "E08000029")
    assert [phone.number.e164 for phone in service.phones] == ["+441214960001", "+448081570123"]
    eligibility = service.eligibility
    assert (eligibility.sex_accepted, eligibility.minimum_age, eligibility.maximum_age) == ("women", 18, None)
    assert service.locations[0].postal_code == "B1 1BB"
    assert parsed.rows == 1
    assert warned(parsed) == set()


def test_an_empty_cell_and_a_missing_column_say_nothing() -> None:
    service = only(
        read(
            {"Organization": "Example Trust", "Service": "Example", "Email": "", "Fees": "  ", "Phone 1": ""}
        )
    )

    assert service.model_fields_set == {"key", "name"}


def test_the_word_none_empties_a_field_that_may_be_empty() -> None:
    service = only(read(plain(Email="none", Languages="None", Phone_1="none", Sex_accepted="none")))

    assert {"email", "languages", "phones", "eligibility"} <= service.model_fields_set
    assert (service.email, service.languages, service.phones) == (None, (), ())
    assert service.eligibility.model_fields_set == {"sex_accepted"}


def test_the_word_none_where_something_is_needed_is_a_problem() -> None:
    parsed = read(plain(Description="none", Covers="none", Confidential="none"))

    assert codes(parsed) == {("not-empty", 2, name) for name in ("Description", "Covers", "Confidential")}


def test_a_text_that_is_the_word_none_is_written_with_an_apostrophe() -> None:
    assert only(read(plain(Fees="'none"))).fees_description == "none"


def test_an_organization_is_said_once_and_its_rows_name_it() -> None:
    parsed = read(
        plain(Organization_website="https://example.org", Organization_phone="0121 496 0002"),
        plain(Service="Example Outreach"),
        plain(Service="Example Drop-in", Organization_website="https://example.org"),
    )

    (organization,) = parsed.submissions
    assert parsed.problems == ()
    assert [service.name for service in organization.services] == [
        "Example Casework",
        "Example Outreach",
        "Example Drop-in",
    ]
    assert (organization.website, len(organization.phones)) == ("https://example.org", 1)


def test_two_websites_or_numbers_for_one_organization_are_problems_at_the_second() -> None:
    parsed = read(
        plain(Organization_website="https://example.org", Organization_phone="0121 496 0002"),
        plain(
            Service="Other", Organization_website="https://example.net", Organization_phone="0121 496 0003"
        ),
    )

    assert codes(parsed) == {
        ("organization-conflict", 3, "Organization website"),
        ("organization-conflict", 3, "Organization phone"),
    }
    assert all("row 2" in problem.fix for problem in parsed.problems)


def test_two_spellings_of_an_organization_are_one_with_a_warning_and_two_like_names_are_two() -> None:
    parsed = read(
        plain(),
        plain(Organization="EXAMPLE  trust", Service="Other"),
        plain(Organization="The Example Trust Ltd", Service="Third"),
    )

    assert len(parsed.submissions) == 2
    assert warned(parsed) == {
        ("organization-spelling", 3, "Organization"),
        ("organization-alike", 4, "Organization"),
    }


def test_one_service_in_two_rows_is_a_problem() -> None:
    parsed = read(plain(), plain(), plain(Key="example-trust-example-casework", Service="Another"))

    assert codes(parsed) == {("duplicate-key", 3, "Key"), ("duplicate-key", 4, "Key")}


def test_a_row_is_known_by_its_id_before_its_key_before_its_names() -> None:
    known = "0b6e5d3e-31f0-4b7a-9d55-0d8a5a2f6c11"
    parsed = read(plain(Id=known), plain(Service="Other", Key="other-key"), plain(Service="Third"))

    assert parsed.ids == {"/0/services/0": UUID(known)}
    assert [service.key for service in parsed.submissions[0].services] == [
        "example-trust-example-casework",
        "other-key",
        "example-trust-third",
    ]


def test_ids_and_keys_that_are_none_or_stand_twice_are_problems() -> None:
    known = "0b6e5d3e-31f0-4b7a-9d55-0d8a5a2f6c11"
    parsed = read(
        plain(Id="17"),
        plain(Service="B", Key="Not A Key"),
        plain(Service="C", Id=known),
        plain(Service="D", Id=known),
    )

    assert codes(parsed) == {("id-invalid", 2, "Id"), ("key-invalid", 3, "Key"), ("duplicate-key", 5, "Id")}


def test_rows_that_name_nobody_are_problems() -> None:
    parsed = read(plain(Organization=""), plain(Service=""))

    assert codes(parsed) == {("missing-organization", 2, "Organization"), ("missing-service", 3, "Service")}


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("Phone 1", "0121 496", "phone-invalid"),
        ("Phone 1", "0121 496 0001 or 0121 496 0002", "phone-invalid"),
        ("Phone 1", "070 1234 5678", "phone-not-allowed"),
        ("Phone 1", "4.42E+11", "ambiguous-cell"),
        ("Phone 1", "1214960001", "ambiguous-cell"),
        ("Email", "a@example.org, b@example.org", "email-invalid"),
        ("Website", "http://example.org", "url-not-allowed"),
        ("Website", "javascript:alert(1)", "url-not-allowed"),
        ("Covers", "Atlantis", "unknown-area"),
        ("Covers", "West Midlands", "ambiguous-area"),
        ("Covers", "E08000099", "unknown-area"),
        ("Needs", "cake", "unknown-word"),
        ("Ages", "over 18", "age-unclear"),
        ("Minimum age", "eighteen", "not-a-number"),
        ("Pets", "maybe", "not-yes-no"),
        ("Confidential", "ask", "not-yes-no"),
        ("Opening hours", "9-5", "hours-unclear"),
        ("Languages", "Klingonish", "unknown-word"),
        ("Review by", "01/02/2027", "ambiguous-cell"),
        ("Review by", "46000", "ambiguous-cell"),
        ("Postcode districts", "Birmingham", "not-accepted"),
        ("Description", "Safe\u202eHouse", "text-not-plain"),
        ("Description", "Z" + "\u0301" * 9, "text-not-plain"),
        ("Description", "x" * 4001, "text-too-long"),
        ("Phone 1 description", "a\u200bb", "text-not-plain"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_by_row_and_column_and_never_repeated(
    column: str, value: str, code: str
) -> None:
    parsed = read(
        plain(),
        plain(Service="Other")
        | {column: value}
        | ({"Phone 1": "0121 496 0001"} if "description" in column else {}),
    )

    shown = "Covers" if column == "Postcode districts" else column
    assert codes(parsed) == {(code, 3, shown)}
    assert not [one for one in parsed.problems if value in one.detail + one.fix + repr(one.cell)]
    assert all(one.detail and one.fix for one in parsed.problems)


def test_a_formula_in_a_text_is_kept_as_text_and_told_of() -> None:
    parsed = read(
        plain(Description="=HYPERLINK(1)"),
        plain(Service="B", Description="'=1+1", Phone_1="'+44 121 496 0001"),
    )

    assert parsed.problems == ()
    assert warned(parsed) == {("looks-like-formula", 2, "Description")}
    first, second = parsed.submissions[0].services
    assert (first.description, second.description) == ("=HYPERLINK(1)", "=1+1")
    assert second.phones[0].number.e164 == "+441214960001"


def test_an_entry_that_is_half_filled_in_is_told_of() -> None:
    parsed = read(
        plain(Phone_1_description="Office"),
        plain(Service="B", Route_1="Refer to us"),
        plain(Service="C", Postcode="B1 1BB"),
        plain(Service="D", Source="Own page", Source_1_mark="", Review_by=""),
    )

    assert {(code, row) for code, row, _ in codes(parsed)} == {("incomplete", row) for row in (2, 3, 4, 5)}


def test_how_a_referral_is_made_follows_from_the_only_contact() -> None:
    service = only(read(plain(Route_1_email="referrals@example.org", Route_1_referrers="Police; Council")))

    (route,) = service.routes
    assert (route.channel, route.name, route.referrers) == ("email", "E-mail", ("police", "council"))


def test_what_the_file_as_a_whole_says_of_its_source_completes_the_rows() -> None:
    default = {"mark": "second_hand", "source": "The network's list", "review_by": "2027-06-30"}
    mapping = ColumnMapping.model_validate({"default_source": default})

    parsed = read({"Organization": "Example Trust", "Service": "Example"}, mapping=mapping)

    assert only(parsed).assurance[0].source == "The network's list"
    assert parsed.submissions[0].assurance[0].mark == "second_hand"


def test_columns_that_are_not_known_are_told_of_and_those_for_one_thing_twice_refused() -> None:
    parsed = read(plain(Shoe_size="44", Telephone="0121 496 0001", Tel="0121 496 0002", Telefone_numbr="1"))

    assert ("unknown-column", 1, "Shoe size") in warned(parsed)
    assert codes(parsed) == {("column-twice", 1, "Tel")}


def test_a_row_of_records_where_headers_should_be_is_not_repeated() -> None:
    with pytest.raises(NoHeader) as refused:
        parse(b"Example House,B1 1BB,0121 496 0001\nother,row,here\n", words())
    assert "B1" not in refused.value.detail

    parsed = parse(b"Organization,Service,0121 496 0001,someone@example.org\nExample,Example,x,y\n", words())
    assert {column for _, _, column in warned(parsed)} == {"C", "D"}


def test_headers_may_stand_below_a_title() -> None:
    parsed = parse(
        b"Directory of the network,,\n,,\nOrganization,Service,Phone\nExample,Example,0121 496 0001\n",
        words(),
    )

    assert only(parsed).phones[0].number.e164 == "+441214960001"
    assert parsed.cell_of(0, "/services/0/phones/0/number").row == 4


def test_a_mapping_is_guessed_confirmed_and_used_again() -> None:
    content = csv_file(
        {
            "Organistaion": "Example Trust",
            "Service": "Example",
            "Line": "0121 496 0001",
            "Tel": "0121 496 0002",
        }
    )
    guess = guess_mapping(content)
    by_header = {one.header: (one.column, one.confidence) for one in guess.columns}
    assert by_header == {
        "Organistaion": ("organization", "guess"),
        "Service": ("service", "exact"),
        "Line": (None, "none"),
        "Tel": ("phone_1", "synonym"),
    }
    with pytest.raises(NoHeader):
        parse(content, words())

    confirmed = ColumnMapping(
        columns=(
            MappedColumn(header="ORGANISTAION", column="organization"),
            MappedColumn(header="Line", column="phone_1"),
            MappedColumn(header="Tel", column=None),
        )
    )
    kept = ColumnMapping.model_validate_json(confirmed.model_dump_json())
    parsed = parse(content, words(), kept)

    assert [phone.number.e164 for phone in only(parsed).phones] == ["+441214960001"]


def test_a_file_without_rows_is_refused() -> None:
    with pytest.raises(EmptyImport):
        parse(b"Organization,Service\n,\n\n", words())


HEAD = [
    "Organization",
    "Service",
    "Phone 1",
    "Ages",
    "Review by",
    "Source 1",
    "Source 1 mark",
    "Pets",
    "Description",
]


def test_what_a_spreadsheet_makes_of_text_is_asked_about_and_what_is_certain_taken() -> None:
    content = workbook(
        Services=[
            HEAD,
            ["Example", "Numbers", 1214960001, "", "", "", "", True, ""],
            ["Example", "Dates", 999, date(2026, 1, 5), date(2027, 1, 5), "Page", "general", "", ""],
            [
                "Example",
                "Formulas",
                Formula("=A1"),
                "18+",
                "",
                "",
                "",
                Formula("=TRUE()", value=True),
                Formula("=A2", value="x"),
            ],
            ["Example", "Serials", "0121 496 0001", "18+", 46000, "Page", "general", 3, 12.5],
        ]
    )

    parsed = parse(content, words())

    assert codes(parsed) == {
        ("ambiguous-cell", 2, "Phone 1"),
        ("ambiguous-cell", 3, "Ages"),
        ("ambiguous-cell", 4, "Phone 1"),
        ("ambiguous-cell", 4, "Pets"),
        ("ambiguous-cell", 4, "Description"),
        ("ambiguous-cell", 5, "Review by"),
        ("ambiguous-cell", 5, "Pets"),
        ("ambiguous-cell", 5, "Description"),
    }
    services = parsed.submissions[0].services
    assert services[1].phones[0].number.e164 == "999"
    assert services[1].assurance[0].review_by == date(2027, 1, 5)
    assert services[0].eligibility.pets == "yes"


def test_an_error_in_a_cell_is_not_its_text() -> None:
    content = workbook(
        Services=[HEAD, ["Example", "Errors", "", "", "", "", "", "", Formula("=NA()", value="#N/A")]]
    )

    assert codes(parse(content, words())) == {("ambiguous-cell", 2, "Description")}


def test_cells_that_are_merged_downwards_hold_for_every_row() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet("Services")
        page.write_row(0, 0, ["Organization", "Service"])
        page.merge_range(1, 0, 2, 0, "Example Trust")
        page.write_column(1, 1, ["One", "Two"])

    (organization,) = parse(made.getvalue(), words()).submissions
    assert [service.name for service in organization.services] == ["One", "Two"]


MAIN = [
    ["Organization", "Service", "Key"],
    ["Example A", "Drop-in", ""],
    ["Example B", "Drop-in", "b-drop-in"],
]


def test_more_of_one_thing_stands_in_a_sheet_of_its_own() -> None:
    content = workbook(
        Services=[[*MAIN[0], "Phone 1"], [*MAIN[1], "0121 496 0001"], MAIN[2]],
        Phones=[
            ["Organization", "Service", "Phone", "Description"],
            ["Example A", "Drop-in", "0121 496 0002", "Evenings"],
            ["", "b-drop-in", "none", ""],
        ],
        Organization_phones=[["Organization", "Phone"], ["example a", "0121 496 0009"]],
    )

    parsed = parse(content, words())

    assert parsed.problems == ()
    first, second = parsed.submissions
    assert [phone.number.national for phone in first.services[0].phones] == ["0121 496 0001", "0121 496 0002"]
    assert (second.services[0].phones, "phones" in second.services[0].model_fields_set) == ((), True)
    assert first.phones[0].number.national == "0121 496 0009"
    place = parsed.cell_of(0, "/services/0/phones/1/description")
    assert (place.sheet, place.row, place.column) == ("Phones", 2, "Description")


def test_a_row_of_such_a_sheet_that_names_no_service_or_two_is_a_problem() -> None:
    content = workbook(
        Services=MAIN,
        Phones=[
            ["Organization", "Service", "Phone"],
            ["", "Drop-in", "0121 496 0002"],
            ["Example A", "Shop", "0121 496 0002"],
            ["", "", "0121 496 0002"],
            ["Example C", "b-drop-in", "0121 496 0002"],
        ],
    )

    assert codes(parse(content, words())) == {
        ("ambiguous-service", 2, "Service"),
        ("unknown-service", 3, "Service"),
        ("missing-service", 4, "Service"),
        ("unknown-service", 5, "Service"),
    }


def test_sheets_that_are_hidden_or_not_known_are_told_of_and_not_read() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet("Services")
        page.write_row(0, 0, ["Organization", "Service"])
        page.write_row(1, 0, ["Example", "One"])
        book.add_worksheet("Lunch")
        phones = book.add_worksheet("Phones")
        phones.write_row(0, 0, ["Organization", "Service", "Phone"])
        phones.write_row(1, 0, ["Example", "One", "0121 496 0001"])
        phones.hide()

    parsed = parse(made.getvalue(), words())

    assert {(one.code, one.cell.sheet) for one in parsed.warnings} == {
        ("unknown-sheet", "Lunch"),
        ("hidden-sheet", "Phones"),
    }
    assert only(parsed).phones == ()


def test_every_field_of_a_record_leads_back_to_its_cell() -> None:
    parsed = read(plain(Phone_2="0121 496 0002", Minimum_age="18"))

    assert parsed.cell_of(0, "/services/0/phones/0/number").column == "Phone 2"
    assert parsed.cell_of(0, "/services/0/eligibility/minimum_age").column == "Minimum age"
    assert parsed.cell_of(0, "/services/0/coverage/areas/0").column == "Covers"
    assert parsed.cell_of(0, "/name").column == "Organization"
    assert parsed.cell_of(0, "/services/0/hours/0/opens_at").row == 2
    assert all(parsed.cells[pointer].row == 2 for pointer in parsed.cells)
