"""`directory gazetteer` and `directory areas`: the postcode look-up, and shapes of areas for display."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.terminal import console, errors, fail, print_fields, problems_told, progress, words_on_lacking
from app.config import Settings

gazetteer_app = typer.Typer(help="The postcode look-up.", no_args_is_help=True)
areas_app = typer.Typer(help="Shapes of areas for display.", no_args_is_help=True)

SEED_FOLDER = Path(__file__).parent.parent.parent / "seed_data"


@gazetteer_app.command("build")
def gazetteer_build() -> None:
    """Build the look-up from the postcode directory that is installed with the service."""
    build_the_gazetteer(Settings())


def build_the_gazetteer(settings: Settings) -> None:
    from app.geo.gazetteer_build import build_gazetteer

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with progress("postcodes") as told:
        report = build_gazetteer(settings.gazetteer_path, progress=told)
    print_fields("gazetteer built", report)


@gazetteer_app.command("import")
def gazetteer_import(
    path: Annotated[
        Path,
        typer.Argument(exists=True, help="ONSPD, NSPL or Code-Point Open as published: zip, CSV or folder."),
    ],
    minimum_rows: Annotated[
        int, typer.Option(help="Refuse a file with fewer postcodes than this.")
    ] = 1_500_000,
    released: Annotated[str | None, typer.Option(help="YYYY-MM, for a file that does not say it.")] = None,
) -> None:
    """Replace the look-up by a newer edition. A file that cannot be taken changes nothing."""
    from app.geo.areas import Areas, read_areas
    from app.geo.gazetteer import Gazetteer
    from app.geo.gazetteer_import import import_gazetteer

    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with problems_told(), progress("postcodes") as told:
        report = import_gazetteer(
            path, settings.gazetteer_path, released=released, minimum_rows=minimum_rows, progress=told
        )
    print_fields("gazetteer imported", report)
    with Gazetteer.open(settings.gazetteer_path) as gazetteer:
        lacking = Areas(read_areas(SEED_FOLDER / "areas" / "areas.csv")).lacking(gazetteer.authority_codes)
    if lacking:
        errors.print(words_on_lacking(lacking), style="red", highlight=False, markup=False)


@gazetteer_app.command("show")
def gazetteer_show() -> None:
    """What the look-up in use holds."""
    from app.geo.gazetteer import Gazetteer

    settings = Settings()
    if not settings.gazetteer_path.exists():
        fail("there is no gazetteer yet: run `directory gazetteer build`")
    with Gazetteer.open(settings.gazetteer_path) as gazetteer:
        print_fields("gazetteer", gazetteer.edition)
        print_fields("postcodes", gazetteer.counts)


@areas_app.command("build")
def areas_build(
    output: Annotated[Path, typer.Option(help="GeoJSON file to write.")] = SEED_FOLDER
    / "areas"
    / "boroughs.geojson",
) -> None:
    """Derive approximate shapes of the home area's boroughs from the gazetteer."""
    import json

    from app.geo.areas import Areas, read_areas
    from app.geo.gazetteer import Gazetteer
    from app.geo.shapes import derive_shapes

    settings = Settings()
    areas = Areas(read_areas(SEED_FOLDER / "areas" / "areas.csv"))
    with Gazetteer.open(settings.gazetteer_path) as gazetteer:
        shapes = derive_shapes(gazetteer, areas, sorted(areas.authorities_in(settings.home_area)))
    output.write_text(json.dumps(shapes, separators=(",", ":")) + "\n", encoding="utf-8")
    console.print(f"{len(shapes['features'])} shapes, {output.stat().st_size} bytes")


@areas_app.command("import")
def areas_import(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="ONS boundaries as GeoJSON.")],
) -> None:
    """Replace the stored shapes of areas by official ones."""
    from app.curation.seeding import store_shapes
    from app.db import Database
    from app.geo.shapes import read_official_shapes

    settings = Settings()
    database = Database(settings.resolved_database_url)
    try:
        with problems_told(), database.write() as session:
            number = store_shapes(session, read_official_shapes(path), source=path.name, approximate=False)
    finally:
        database.close()
    console.print(f"{number} shapes stored")
