"""Pictures that are kept in the repository: the same pixels as a browser's, with a palette, a third of the bytes."""

import base64
import struct
import zlib
from typing import Any

from playwright.sync_api import BrowserContext

MOST_COLOURS = 256
_READ = """async ([png, most]) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
    const places = new Uint8Array(pixels.length);
    // Letters have edges of many shades. Where there are too many, shades that lie close are one.
    for (const bits of [8, 7, 6, 5, 4]) {
        const kept = 0xff << (8 - bits) & 0xff, mask = (kept << 16 | kept << 8 | kept) >>> 0, known = new Map();
        // White stays white: what is cut off is filled with what is kept.
        const whole = (one) => one & kept | (one & kept) >> bits;
        let fits = true;
        for (let at = 0; at < pixels.length && fits; at++) {
            const colour = (pixels[at] & mask) >>> 0;
            let place = known.get(colour);
            if (place === undefined) {
                place = known.size;
                known.set(colour, place);
                fits = place < most;
            }
            places[at] = place;
        }
        if (!fits) continue;
        let text = "";
        for (let at = 0; at < places.length; at += 32768) text += String.fromCharCode(...places.subarray(at, at + 32768));
        return { width: image.width, height: image.height, places: btoa(text),
                 colours: [...known.keys()].map((one) => whole(one & 255) | whole(one >> 8 & 255) << 8 | whole(one >> 16 & 255) << 16) };
    }
    throw new Error("too many colours");
}"""


class Darkroom:
    """Makes small pictures of what a browser took, with a page of that browser."""

    def __init__(self, context: BrowserContext) -> None:
        self._page = context.new_page()

    def small(self, png: bytes) -> bytes:
        """The same picture as an indexed PNG (PNG specification, 11.2)."""
        read: dict[str, Any] = self._page.evaluate(
            _READ, [base64.b64encode(png).decode("ascii"), MOST_COLOURS]
        )
        width, height = read["width"], read["height"]
        palette = b"".join(struct.pack("<I", colour)[:3] for colour in read["colours"])
        places = base64.b64decode(read["places"])
        rows = b"".join(b"\0" + places[start : start + width] for start in range(0, len(places), width))
        header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
