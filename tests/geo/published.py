"""Postcode directories in the layouts in which they are published, small and made up."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a directory; blank `east` and `north` are no grid reference."""

    postcode: str
    authority: str = "E08000025"
    east: str = "406654"
    north: str = "0286948"
    doterm: str = ""
    quality: str = "1"
    lat: str = "52.480432"
    long: str = "-1.903449"

    def but(self, **changed: str) -> "Row":
        return replace(self, **changed)


NOWHERE = {"authority": "", "east": "", "north": "", "quality": "9", "lat": "99.999999", "long": "0.000000"}

ONSPD_2025 = "pcd7,pcds,dointr,doterm,lad25cd,parncp25cd,east1m,north1m,gridind,lat,long"
ONSPD_2018 = "pcd,pcds,dointr,doterm,oslaua,parish,oseast1m,osnrth1m,osgrdind,lat,long"
NSPL_2022 = "pcd,pcds,dointr,doterm,laua,ward,oseast1m,osnrth1m,osgrdind,lat,long"
CODE_POINT_HEADERS = (
    "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\\n"
    "Postcode,Positional_quality_indicator,Eastings,Northings,Country_code,NHS_regional_HA_code,NHS_HA_code,"
    "Admin_county_code,Admin_district_code,Admin_ward_code\\n"
).replace("\\n", "\n")
CODE_POINT_METADATA = (
    "ORDNANCE SURVEY\nDATASET VERSION NUMBER: 2024.2.0\nCOPYRIGHT DATE: 20240420\nRM UPDATE DATE: 20240417\n"
)

B = Row("B1 1BB")
CV = Row("CV1 5FB", authority="E08000026", east="433300", north="279000")
PLAIN = (B, B.but(postcode="B1 1BD"), B.but(postcode="B2 4QA", east="407025", north="0286640"), CV)


def ons_csv(rows: Sequence[Row], *, header: str = ONSPD_2025) -> bytes:
    """Header and quoted rows, as ONS writes them."""
    lines = [header]
    for row in rows:
        outward, inward = row.postcode.split()
        fields = [
            f"{outward:<{7 - len(inward)}}{inward}",
            row.postcode,
            "198001",
            row.doterm,
            row.authority,
            "E04000001",
        ]
        fields += [row.east, row.north, row.quality]
        lines.append(",".join([f'"{field}"' for field in fields] + [row.lat, row.long]))
    return ("\n".join(lines) + "\n").encode()


def code_point_csv(rows: Sequence[Row]) -> bytes:
    """Rows without a header, as Ordnance Survey writes them."""
    lines = [
        f'"{row.postcode}",{row.quality},{row.east},{row.north},"E92000001","","","","{row.authority}",""'
        for row in rows
    ]
    return ("\n".join(lines) + "\n").encode()


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
