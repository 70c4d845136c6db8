"""A file shaped like the ONS Postcode Directory of November 2025, and how fast it is imported.

The columns, the quotes and the width of a row are those of the published file; the postcodes are invented within the
outward codes of Great Britain, in their order, and stand anywhere on the grid.
"""

import random
import subprocess
import sys
from itertools import islice, product
from pathlib import Path
from time import perf_counter

from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import INWARD_LETTERS
from bench.directories import CACHE, GAZETTEER, gazetteer_folder
from bench.serving import cores, stay_on

HEADER = (
    "pcd7,pcd8,pcds,dointr,doterm,cty25cd,ced25cd,lad25cd,wd25cd,parncp25cd,usrtypind,east1m,north1m,gridind,"
    "hlth19cd,nhser24cd,ctry25cd,rgn25cd,ssr95cd,pcon24cd,eer20cd,educ23cd,ttwa15cd,pco19cd,itl25cd,wdstl05cd,"
    "oa01cd,wdcas03cd,npark16cd,lsoa01cd,msoa01cd,ruc01ind,oac01ind,oa11cd,lsoa11cd,msoa11cd,wz11cd,sicbl24cd,"
    "bua24cd,ruc11ind,oac11ind,lat,long,lep21cd1,lep21cd2,pfa23cd,imd20ind,cal24cd,icb23cd,oa21cd,lsoa21cd,"
    "msoa21cd,ruc21ind"
)
_CODES = ",".join(['"E99999999"'] * 12)
_BEFORE = '"199001","{ended}","E10000001","E58000001","{authority}","E05000001","E04000001","0"'
_MIDDLE = f'{_CODES},"00AAAA","00AAAA","E99999999","E01000001","E02000001","1","1A1"'
_STATISTICS = '"E00000001","E01000001","E02000001","E33000001","E38000001","E63000001","A1","1A1"'
_AFTER = '"E37000001","","E23000001",1000,"E56000001","E54000001","E00000001","E01000001","E02000001","UN1"'


def postcode_file(rows: int) -> Path:
    """The file with that many rows, made once."""
    path = CACHE / f"ONSPD_NOV_2025_{rows}_rows.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="ascii", newline="") as file:
            file.write(f"{HEADER}\r\n")
            file.writelines(_rows(rows))
        unfinished.rename(path)
    return path


def _rows(number: int) -> list[str]:
    chance = random.Random(2026)
    with Gazetteer.open(gazetteer_folder() / GAZETTEER) as gazetteer:
        districts = sorted(gazetteer.districts())
        authority = {one: gazetteer.authorities_of_district(one)[0].code for one in districts}
    inwards = ["".join(parts) for parts in product("0123456789", INWARD_LETTERS, INWARD_LETTERS)]
    of_each = -(-number // len(districts))
    lines = []
    for outward in districts:
        for inward in sorted(chance.sample(inwards, of_each)):
            before = _BEFORE.format(ended=chance.choice(("", "", "", "201906")), authority=authority[outward])
            east, north = chance.randrange(100_000, 650_000), chance.randrange(10_000, 1_200_000)
            lines.append(
                f'"{outward:<4}{inward}","{outward:<4} {inward}","{outward} {inward}",{before},'
                f'"{east}","{north:07}","1",{_MIDDLE},{_STATISTICS},52.480000,-1.900000,{_AFTER}\r\n'
            )
    return list(islice(lines, number))


def import_figures(rows: int) -> dict[str, float | int]:
    """Rows, bytes per row and rows per second of `import_gazetteer` in a process of its own on one core."""
    path = postcode_file(rows)
    core = cores()[0]
    arguments = [str(path), str(rows)] if core is None else [str(path), str(rows), str(core)]
    output = subprocess.run(
        [sys.executable, "-m", "bench.postcode_file", *arguments], check=True, capture_output=True, text=True
    )
    seconds = float(output.stdout)
    return {
        "rows": rows,
        "bytes_per_row": round(path.stat().st_size / rows),
        "seconds": round(seconds, 2),
        "rows_per_second": round(rows / seconds),
    }


def main() -> None:
    from app.geo.gazetteer_import import import_gazetteer

    source, rows, *core = sys.argv[1:]
    stay_on(int(core[0]) if core else None)
    target = CACHE / "imported.bin"
    began = perf_counter()
    import_gazetteer(Path(source), target, minimum_rows=int(rows))
    print(perf_counter() - began)
    target.unlink()


if __name__ == "__main__":
    main()
