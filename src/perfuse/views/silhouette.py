"""The patient of the circuit picture, seen from the front: outline, lungs, heart and great vessels (own right at the left)."""

import re

_HALF = (
    "M8,60C9,72 28,77 40,81C55,86 60,98 61,116C62,150 65,176 66,196"
    "M44,120C45,150 40,172 40,192C40,216 46,240 47,300M5,300C5,282 3,266 0,258"
)
_LUNG = "M12 98C24 90 36 112 39 150C40 166 36 171 28 170C20 168 15 162 14 148Z"
_HEART = "M-10 128C-20 134-20 152-12 160C-4 170 12 172 18 166C22 156 20 138 10 130C4 126-4 126-10 128Z"


_VENA_CAVA = "M377 140V412"
_AORTA = "M389 240C388 214 390 204 396 204C403 204 403 214 402 226C400 280 397 320 396 372"


def patient() -> str:
    """The figure in the coordinates of the circuit picture, midline at x = 385."""
    right = re.sub(r"(-?\d+),(-?\d+)", lambda hit: f"{-int(hit[1])},{hit[2]}", _HALF)
    skin = 'fill="none" stroke="var(--skin)" stroke-width="1.75" stroke-linecap="round" vector-effect="non-scaling-stroke"'
    organ = 'fill="var(--organ)" stroke="var(--skin)" stroke-width="1.25" vector-effect="non-scaling-stroke"'
    lungs = f'<path d="{_LUNG}" {organ}/><path d="{_LUNG}" transform="scale(-1 1)" {organ}/>'
    vessels = "".join(
        f'<path d="{path}" fill="none" stroke="var(--organ)" stroke-width="13" stroke-linecap="round"/>' for path in (_VENA_CAVA, _AORTA)
    )
    return (
        f"{vessels}"
        '<g transform="translate(385 10) scale(1.35 1.65)">'
        f'<ellipse cx="0" cy="36" rx="19" ry="23" {skin}/><path d="{_HALF}" {skin}/><path d="{right}" {skin}/>'
        f'{lungs}<path d="{_HEART}" {organ}/></g>'
    )
