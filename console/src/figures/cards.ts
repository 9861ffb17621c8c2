// One picture for each card of the start page, made of the pieces of the bedside.
import { aorta, body, fig, heart, lungs, partsVA, partsVPA, partsVV, pump, smallHeart, tube } from './parts';

const chest = (inner: string): string => fig(body(110) + inner, '', '0 66 220 120');
const organ = (inner: string): string => fig(inner, '', '-60 12 440 258');
const mini = (inner: string, box: string): string => fig(`<g class="mini">${inner}</g>`, '', box);
const hatched = (d: string): string => `<path d="${d}" fill="url(#hatch)" stroke="var(--t2)"/>`;

const LV = 'M146 122C148 152 150 196 178 240C186 253 204 255 212 242C234 204 232 158 216 122Z', RV = 'M130 128C132 168 140 206 158 234C124 230 84 198 76 150C74 138 78 128 84 122Z';
const apex = 'M186 186C190 220 198 246 212 242C232 208 232 176 228 150C214 176 198 180 186 186Z';
const airways = '<path class="line" d="M107 66V104L92 120L84 140M113 66V104L128 120L136 140M92 120L96 146M128 120L124 146"/><path d="M66 88Q58 160 66 184M154 88Q162 160 154 184" class="rule dash"/>';
const clots = '<path class="line" d="M110 150V112M110 118L84 112M110 118L136 112"/><path d="M98 112l-12-3l-1 6l12 3zM122 112l12-3l1 6l-12 3z" fill="#64295A" stroke="var(--t1)"/>';
const warm = [[98, 92], [122, 92], [80, 130], [140, 130], [102, 176], [118, 176]].map(([x, y]) => `<path class="line" d="M${x} ${y}q-4-5 0-10t0-10"/>`).join('');

/** Ventricular fibrillation, always the same one. */
function fibrillation(): string {
  let y = 0, seed = 5;
  const noise = (): number => { seed = (seed * 16807) % 2147483647; return seed / 2147483647 - 0.5; };
  const points = Array.from({ length: 200 }, (_, i) => {
    y = 0.6 * y + noise() * 10;
    return `${i ? 'L' : 'M'}${(8 + i * 1.02).toFixed(1)} ${(128 + 24 * Math.sin(i * 0.42 + 2 * Math.sin(i * 0.05)) * (0.6 + 0.4 * Math.sin(i * 0.06)) + y).toFixed(1)}`;
  });
  return fig(`<path d="${points.join('')}" fill="none" stroke="var(--ecg)" stroke-width="1.75"/>`, '', '0 66 220 120');
}

const blood = { S_pre: 66, S_post: 100, native: 84, leftHand: 95, brainL: 92 };
const catheter = 'M250 132V66C250 20 146 20 145 60V118Q146 150 168 178';
const wire = `<path d="${catheter}" fill="none" stroke="#000" stroke-width="11"/><path d="${catheter}" fill="none" stroke="#fff" stroke-width="6"/>`;
const leftPump = tube('M197 236V250', 97, 14) + tube('M176 250H10Q-4 250 -4 236V70Q-4 56 10 56H134', 97, 10) + pump(197, 246);
const rightPump = tube('M96 190H10', 66, 10) + tube('M10 190Q-10 190 -10 170V50Q-10 34 10 34H96Q112 34 112 48V60', 66, 10) + pump(10, 190);
const sac = (x: number, y: number, s: number): string => tube(`M${x - 26} ${y}H${x + 26}`, s, 14) + `<ellipse cx="${x}" cy="${y}" rx="34" ry="26" class="part"/><path class="line" d="M${x - 30} ${y}Q${x} ${y + 20} ${x + 30} ${y}M${x} ${y + 26}V${y + 44}"/>`;
const chambers = tube('M180 236V262H300Q318 262 318 244V210', 97, 10) + tube('M318 170V80Q318 62 300 62H256', 97, 10) + tube('M96 196H14', 66, 10) + tube('M-20 170V60Q-20 44 -4 44H96Q112 44 112 60', 66, 10) + sac(318, 190, 97) + sac(-8, 196, 66);
const halves = '<path d="M146 118H218Q236 118 234 150C230 214 212 246 196 250C170 246 150 200 146 118Z" class="part"/><path d="M134 120C134 170 142 210 160 236C122 232 80 198 74 150Q72 120 90 118Z" class="part"/><path class="line" d="M152 170Q192 190 228 164M80 164Q112 188 142 176M176 248V268M120 222V250"/>';
const balloon = tube('M250 120V262', 97, 18) + '<rect class="balloon" x="241" y="136" width="18" height="100" rx="9"/>';

export const cards: Record<string, string> = {
  ards: chest(lungs(110, true)),
  asthma: chest(lungs(110, false) + airways),
  infarction: organ(heart({ la: 93, sick: hatched(apex) })),
  biventricular: organ(heart({ la: 93, sick: hatched(RV + LV) })),
  right: organ(heart({ ra: 58, la: 95, sick: hatched(RV) })),
  dilated: organ(heart({ ra: 55, la: 95, big: true })),
  arrest: fibrillation(),
  embolism: chest(lungs(110, false) + clots),
  healthy: chest(lungs(110, false) + smallHeart(110)),
  septic: chest(lungs(110, true) + warm),
  vv: mini(partsVV(blood), '10 0 640 304'),
  va: mini(partsVA(blood, 500, 62) + aorta(500, blood), '-10 0 600 304'),
  vav: mini(partsVA(blood, 500, 62, true) + aorta(500, blood), '-10 0 600 304'),
  vpa: mini(partsVPA(blood), '10 0 640 304'),
  vented: mini(partsVA(blood, 500, 62) + aorta(500, blood) + tube('M504 168Q470 176 452 150H420', 96, 7) + '<path class="line" d="M428 142l-10 8l10 8"/>', '-10 0 600 304'),
  transvalvular: organ(heart({ la: 97, big: true }) + wire),
  lvad: organ(heart({ la: 97 }) + leftPump),
  rvad: organ(heart({ la: 97 }) + rightPump),
  bivad: organ(heart({ la: 97 }) + rightPump + tube('M197 236V250', 97, 14) + tube('M218 250H290Q306 250 306 234V72Q306 56 290 56H262', 97, 10) + pump(197, 246)),
  balloon: organ(heart({ la: 97 }) + balloon),
  chambers: organ(heart({ la: 97 }) + chambers),
  artificial: organ(heart({ la: 97 }) + halves),
};
