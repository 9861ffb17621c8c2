// Pieces of the pictures, as SVG text: the bedside and the cards of the start page are made of the same ones.
// The support picture is 640 x 304; one unit is one pixel at 1440 x 900. Words are escaped here, once.
import './figures.css';

/** A word as it may stand in SVG or HTML. */
export function esc(words: string | number): string {
  return String(words).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const stops: [number, number, number, number][] = [[40, 63, 38, 80], [60, 100, 41, 90], [70, 128, 44, 88], [80, 162, 48, 82], [90, 206, 60, 72], [100, 245, 80, 64]];
/** Colour of blood by saturation in percent. */
export function blood(saturation: number): string {
  const s = Math.max(40, Math.min(100, saturation));
  let i = 0;
  while (i < stops.length - 2 && s > stops[i + 1][0]) i++;
  const a = stops[i], b = stops[i + 1], k = (s - a[0]) / (b[0] - a[0]);
  return `rgb(${[1, 2, 3].map((j) => Math.round(a[j] + k * (b[j] - a[j]))).join(' ')})`;
}

/** What the hatched parts of a picture refer to. */
export const hatchDefs = '<defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V4" stroke="var(--t2)" stroke-width="1.5"/></pattern></defs>';
/** A whole picture. */
export const fig = (inner: string, label: string, box = '0 0 640 304'): string =>
  `<svg class="fig" viewBox="${box}" role="group" aria-label="${esc(label)}">${hatchDefs}${inner}</svg>`;

/** A tube filled with blood; `width` is one of those in figures.css, 9 without it. */
export const tube = (d: string, saturation: number, width?: 5 | 7 | 10 | 13 | 14 | 18): string => {
  const w = width ? ` w${width}` : '';
  return `<path class="tube-edge${w}" d="${d}"/><path class="tube${w}" d="${d}" stroke="${blood(saturation)}"/>`;
};

export type Chevron = [x: number, y: number, turn: number];
/** Arrow heads; `back` turns them all: blood runs the other way. */
export const chevs = (list: Chevron[], back = false): string =>
  list.map(([x, y, r]) => `<path class="chev" transform="translate(${x} ${y}) rotate(${back ? r + 180 : r})" d="M-2.5-3L2 0L-2.5 3"/>`).join('');
export const tap = (x: number, y: number): string => `<circle cx="${x}" cy="${y}" r="4" fill="var(--look)" stroke="var(--t1)" stroke-width="1.5"/>`;

/** 'P_ven' is written with a lower end. */
export function sub(words: string): string {
  const [head, tail] = words.split(/_(.+)/);
  return tail ? `${esc(head)}<tspan dy="3" font-size="12">${esc(tail)}</tspan>` : esc(head);
}
export const text = (x: number, y: number, words: string | number, cls = '', anchor = ''): string =>
  `<text x="${x}" y="${y}" class="${cls}"${anchor ? ` text-anchor="${anchor}"` : ''}>${sub(String(words))}</text>`;
export const modelTag = (x: number, y: number, words = 'model view', width = 72): string =>
  `<g><rect x="${x}" y="${y - 12}" width="${width}" height="16" fill="none" stroke="var(--edge)" stroke-dasharray="3 3"/>${text(x + width / 2, y, words, 't3', 'middle')}</g>`;

const em: Record<string, [number, number]> = { n64: [64, .64], n48: [48, .64], n34: [34, .64], n24: [24, .64], n20: [20, .64], b: [14, .64] };
/** The box behind a number of a class, for its alarm: generous, as fonts differ. */
export function around(x: number, y: number, size: string, value: string, anchor = ''): { x: number; y: number; width: number; height: number } {
  const [px, k] = em[size] ?? em.n20, w = [...value].reduce((sum, c) => sum + (c === '.' || c === ' ' || c === '/' ? .31 : k) * px, 0);
  return { x: (anchor === 'end' ? x - w : anchor === 'middle' ? x - w / 2 : x) - 6, y: y - px * .87, width: w + 12, height: px * 1.02 };
}
/** The jaws of a clamp; closed, they meet. */
export function jaws(x: number, y: number, closed: boolean): string {
  const j = closed ? 16 : 10;
  return `M${x - 9} ${y - 17}h18l-6 ${j}h-6zM${x - 9} ${y + 17}h18l-6 ${-j}h-6z`;
}

export function pump(x: number, y: number, r = 26): string {
  return `<circle class="part" cx="${x}" cy="${y}" r="${r}"/><circle class="rule" cx="${x}" cy="${y}" r="${r - 7}"/>
  ${[0, 90, 180, 270].map((turn) => `<path class="line" transform="translate(${x} ${y}) rotate(${turn})" d="M0-4C8-6 13-2 16 6"/>`).join('')}<circle cx="${x}" cy="${y}" r="4" fill="var(--t2)"/>`;
}

/** Membrane lung: blood enters below and leaves above, gas crosses. */
export function membrane(x: number, y: number, w: number, h: number, pre: number, post: number): string {
  const n = 8, b = h / n;
  return Array.from({ length: n }, (_, i) => `<rect x="${x}" y="${y + i * b}" width="${w}" height="${b + .5}" fill="${blood(post + (pre - post) * (i + .5) / n)}"/>`).join('')
    + Array.from({ length: 8 }, (_, i) => `<path d="M${x + (i + 1) * w / 9} ${y}v${h}" stroke="#000" stroke-opacity=".3"/>`).join('')
    + `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="3" fill="none" stroke="var(--t2)" stroke-width="1.5"/>`;
}

/** Head, trunk, arms and thighs, symmetrical about cx. */
export function body(cx: number, k = 1): string {
  const half = (s: number) => 'M8,60C9,72 28,77 40,81C55,86 60,98 61,116C62,150 65,176 66,196M44,120C45,150 40,172 40,192C40,216 46,240 47,300M5,300C5,282 3,266 0,258'
    .replace(/(-?\d+),(-?\d+)/g, (_, a: string, b: string) => `${cx + s * k * +a} ${b}`);
  return `<ellipse class="skin" cx="${cx}" cy="37" rx="${18 * k}" ry="24"/><path class="skin" d="${half(1)}"/><path class="skin" d="${half(-1)}"/>`;
}

export function lungs(cx: number, sick: boolean): string {
  const half = (k: number) => `<g transform="translate(${cx} 0) scale(${k} 1)"><path class="organ" d="M12 98C24 90 36 112 39 150C40 166 36 171 28 170C20 168 15 162 14 148Z"/>
    ${sick ? '<path fill="url(#hatch)" d="M33 116C26 118 22 126 25 132C28 138 34 138 37 138ZM38 145C30 143 24 148 24 156C24 164 29 169 33 169C37 168 39 160 38 145ZM17 120q6-2 7 4t-7 7Z"/>' : ''}</g>`;
  return half(1) + half(-1);
}

export const smallHeart = (cx: number): string => `<path class="organ" d="M${cx - 10} 128C${cx - 20} 134 ${cx - 20} 152 ${cx - 12} 160C${cx - 4} 170 ${cx + 12} 172 ${cx + 18} 166C${cx + 22} 156 ${cx + 20} 138 ${cx + 10} 130C${cx + 4} 126 ${cx - 4} 126 ${cx - 10} 128Z"/>`;

export interface HeartLook { ra?: number; la?: number; ao?: number; sick?: string; big?: boolean | number }
/** Four chambers, seen from the front: the patient's right is on the left. About 200 x 250 units. */
export function heart({ ra = 66, la = 97, ao = 97, sick = '', big = false }: HeartLook = {}): string {
  const LV = big ? 'M146 122C140 160 142 210 172 246C186 262 216 262 228 244C250 208 244 152 220 122Z' : 'M146 122C148 152 150 196 178 240C186 253 204 255 212 242C234 204 232 158 216 122Z';
  const RV = 'M130 128C132 168 140 206 158 234C124 230 84 198 76 150C74 138 78 128 84 122Z';
  return `<path d="M68 150C68 100 60 60 92 52C130 44 200 44 226 64C252 92 256 190 224 250C206 274 176 272 158 252C110 246 72 210 68 150Z" fill="var(--organ)" stroke="var(--skin)" stroke-width="1.5"/>
  <path d="M84 116C66 104 62 78 80 66C100 56 124 66 126 86C128 100 127 112 125 118Z" class="chamber" fill="${blood(ra)}"/><path d="${RV}" class="chamber" fill="${blood(ra)}"/>
  <path d="M162 116C154 96 162 74 188 70C216 66 232 84 227 104C224 114 218 118 216 118Z" class="chamber" fill="${blood(la)}"/><path d="${LV}" class="chamber" fill="${blood(la)}"/>
  ${tube('M144 128V52C144 18 250 14 250 66V128', ao, 18)}
  <path d="M135 126l9 8l9-8M84 119l20 10l22-10M163 119l26 10l26-10" fill="none" stroke="var(--t1)" stroke-width="1.75"/>${sick}`;
}

/** What the circuit's picture needs of the blood in it, saturations in percent. */
export interface Blood { S_pre: number; S_post: number; chatter?: boolean; sick?: boolean; native?: number; leftHand?: number; brainL?: number; foot?: number; brain?: number; heart?: number }

/** Pump below, membrane lung above. */
export function circuit(x: number, bottom: number, d: Blood): string {
  return `${tube(`M${x} ${bottom - 28}V168`, d.S_pre)}${membrane(x - 34, 84, 68, 84, d.S_pre, d.S_post)}${pump(x, bottom)}`;
}
export const gasLine = (x: number): string => `<g class="wide"><path class="line dash" d="M${x - 68} 106H${x - 34}M${x - 34} 146H${x - 68}"/><path class="line" d="M${x - 40} 102l6 4l-6 4M${x - 62} 142l-6 4l6 4"/></g>`;

/** A drainage line from x to `end`; its walls flutter where the line sucks. */
export function drainage(from: number, to: number, end: number, chatter = false): string {
  if (!chatter) return `H${end}`;
  let d = `H${from}`;
  for (let x = from, k = 1; x > to; x -= 10, k = -k) d += `q-5 ${k * 5} -10 0`;
  return `${d}H${end}`;
}

export function partsVV(d: Blood, cx = 572): string {
  const y = 250;
  return body(cx) + lungs(cx, d.sick ?? true) + smallHeart(cx)
    + tube(`M${cx - 7} 160V206C${cx - 7} 234 ${cx - 26} ${y} ${cx - 52} ${y}${drainage(416, 216, 108, d.chatter)}`, d.S_pre)
    + tube(`M108 84V40H${cx - 36}C${cx - 18} 40 ${cx - 9} 50 ${cx - 8} 68L${cx - 7} 136`, d.S_post)
    + circuit(108, y, d) + gasLine(108);
}

/** Right atrium to pulmonary artery: both lines pass the neck. */
export function partsVPA(d: Blood, cx = 572): string {
  const y = 250;
  return body(cx) + lungs(cx, d.sick ?? false) + smallHeart(cx)
    + tube(`M${cx - 9} 152V72C${cx - 9} 58 ${cx + 2} 56 ${cx + 14} 60L${cx + 32} 68Q${cx + 50} 74 ${cx + 50} 92V232Q${cx + 50} ${y} ${cx + 32} ${y}${drainage(416, 216, 108, d.chatter)}`, d.S_pre)
    + tube(`M108 84V40H${cx - 36}C${cx - 18} 40 ${cx - 3} 48 ${cx - 2} 68V112Q${cx - 2} 126 ${cx + 10} 126`, d.S_post)
    + circuit(108, y, d) + gasLine(108);
}

/** Where the return line of the VA picture runs down to the groin. */
export const returnVA = 358;
/** The artery is entered beside the vein, both at the right groin; `neck` adds a venous return. */
export function partsVA(d: Blood, cx: number, x: number, neck = false): string {
  const y = 262, v = returnVA;
  return `<g class="patient">${body(cx)}</g>` + tube(`M${cx - 12} 166V206C${cx - 12} 240 ${cx - 34} ${y} ${cx - 70} ${y}${drainage(350, 180, x, d.chatter)}`, d.S_pre)
    + tube(`M${x} 84V40H${v - 14}Q${v} 40 ${v} 54V212Q${v} 226 ${v + 14} 226H${cx - 44}C${cx - 30} 226 ${cx - 16} 222 ${cx - 2} 204`, d.S_post)
    + (neck ? tube(`M${v} 60Q${v} 40 ${v + 16} 40H${cx - 40}C${cx - 22} 40 ${cx - 13} 50 ${cx - 12} 70V130`, d.S_post) : '')
    + circuit(x, y - 4, d);
}

/** The aorta from the valve (0) over the arch (0.2) to the groin (1). */
const along: [number, number, number][] = [[0, -4, 126], [.12, -3, 104], [.2, 9, 92], [.35, 21, 113], [.7, 15, 166], [1, 4, 202]];
function place(k: number): [number, number] {
  let i = 0;
  while (i < along.length - 2 && k > along[i + 1][0]) i++;
  const a = along[i], b = along[i + 1], s = (k - a[0]) / (b[0] - a[0]);
  return [a[1] + s * (b[1] - a[1]), a[2] + s * (b[2] - a[2])];
}
/** Aorta of the VA picture: native blood from the valve, pump blood from below; where they meet (`meet`, see `along`; null: not to be seen) it is hatched. */
export function aorta(cx: number, d: Blood, meet: number | null = .35): string {
  const n = d.native ?? 97, e = d.S_post, left = d.leftHand ?? n, [dx, y] = place(Math.max(.04, Math.min(1, meet ?? 0))), x = cx + dx;
  const down = meet !== null && meet > .42 ? tube(`M${cx + 21} 108C${cx + 23} 130 ${x + 3} ${Math.max(112, y - 20)} ${x} ${y}`, n, 13) : '';
  return tube(`M${cx + 6} 204L${cx + 34} 238L${cx + 36} 296`, d.foot ?? e, 7)
    + tube(`M${cx + 21} 106C${cx + 24} 150 ${cx + 12} 176 ${cx + 2} 206`, e, 13) + down
    + tube(`M${cx + 16} 92C${cx + 36} 80 ${cx + 53} 92 ${cx + 54} 120L${cx + 59} 190`, left, 5) + tube(`M${cx + 8} 88L${cx + 9} 52`, d.brainL ?? left, 5)
    + tube(`M${cx - 8} 94C${cx - 12} 84 ${cx - 10} 76 ${cx - 9} 52M${cx - 10} 86C${cx - 36} 78 ${cx - 53} 92 ${cx - 54} 120L${cx - 59} 190`, n, 5)
    + tube(`M${cx - 4} 140V110C${cx - 4} 88 ${cx + 18} 86 ${cx + 21} 108`, d.heart ?? n, 13)
    + (meet === null ? '' : `<g transform="translate(${x.toFixed(1)} ${y.toFixed(1)})"><rect x="-9" y="-9" width="18" height="24" fill="var(--look)" fill-opacity=".35"/><rect x="-9" y="-9" width="18" height="24" fill="url(#hatch)" stroke="var(--t1)" stroke-width="1"/></g>`)
    + `<path class="organ" d="M${cx - 16} 138C${cx - 26} 146 ${cx - 22} 166 ${cx - 12} 172C${cx + 2} 180 ${cx + 20} 178 ${cx + 22} 166C${cx + 22} 152 ${cx + 10} 138 ${cx} 138Z"/>`;
}

/** Labels of the three pressures beside the membrane lung; their numbers stand in Picture.svelte. */
export const pressures = (x: number): string =>
  text(x, 80, 'P_art', 't2') + text(x, 134, 'dP', 't2') + text(x, 188, 'P_int', 't2') + `<path class="rule" d="M${x + 10} 92V114M${x + 10} 146V168"/>`;

/** What the colour of blood means. */
export function scale(x: number, y: number): string {
  return [45, 55, 65, 75, 85, 95].map((s, i) => `<rect x="${x + i * 16}" y="${y}" width="16" height="8" fill="${blood(s + 5)}" stroke="var(--tube)" stroke-width=".75"/>`).join('')
    + text(x, y + 21, '50', 't3') + text(x + 96, y + 21, '100 % sat', 't3', 'end');
}
