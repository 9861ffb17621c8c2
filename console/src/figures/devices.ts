// Live pictures of the devices at the heart: the drawing left, what the device's own description reads and draws at the right.
import { run } from '../lib/run.svelte';
import { scaleOf } from '../lib/scale';
import { change, pretty, shown, unitOf, written } from '../lib/units';
import type { Device, DeviceWave, Read } from '../lib/wire';
import { t } from '../lib/words';
import { colour, figure, fitting, limits, type Figure, type Line, type Live, type Strip, value } from './live';
import { blood, type Chevron, chevs, esc, heart, pump, sub, text, tube } from './parts';

interface Drawing { back: string; speed?: [number, number] }   // speed: where it stands beside the pump
const saturations = (): { ra: number; la: number; ao: number } => ({ ra: colour('SvO2', 65), la: colour('SaO2_coronary', 97), ao: colour('SaO2_coronary', 97) });
const speedOf = (device: Device): string | undefined => device.reads.find((r) => r.quantity.endsWith('_speed'))?.quantity;
const flowOf = (device: Device): number | null => {
  const found = device.reads.find((r) => r.size === 'far') ?? device.reads.find((r) => /flow/.test(r.quantity));
  return found ? value(found.quantity) : null;
};
/** Arrow heads by the flow that is measured: turned where it runs backwards, none where it stands. */
function heads(flow: number | null, list: Chevron[]): string {
  return flow === null || Math.abs(flow) < 0.05 ? '' : chevs(list, flow < 0);
}

/** Pump from the apex to the aorta. */
function lvad(device: Device): Drawing {
  const s = saturations(), flow = flowOf(device);
  return {
    back: `<g transform="translate(44 8) scale(.95)">${heart(s)}${tube('M197 236V262', s.la, 14)}${tube('M176 274H20Q6 274 6 260V70Q6 56 20 56H134', s.la, 10)}${pump(197, 276, 23)}${heads(flow, [[100, 274, 180], [6, 170, -90], [70, 56, 0]])}</g>`,
    speed: [262, 284],
  };
}
/** Pump from the right atrium or ventricle to the pulmonary artery. */
function rvad(device: Device): Drawing {
  const s = saturations(), flow = flowOf(device);
  return {
    back: `<g transform="translate(44 8) scale(.95)">${heart(s)}${tube('M122 58Q150 66 158 92', s.ra, 14)}${tube('M82 176H34', s.ra, 14)}${tube('M6 150V70Q6 34 40 34H96Q116 34 120 56', s.ra, 10)}${pump(12, 176, 23)}${heads(flow, [[6, 110, -90], [70, 34, 0]])}</g>`,
    speed: [30, 226],
  };
}
const shaft = (d: string, tip: string, port: string): string =>
  `<path class="shaft" d="${d}"/><path class="shaft inner" d="${d}"/><path class="shaft port" d="${port}"/><path class="shaft tail" d="${tip}"/>`;
function transvalvular(): Drawing {
  return {
    back: `<g transform="translate(20 18)">${heart({ ...saturations(), big: true })}${shaft('M250 132V66C250 20 146 20 145 60V118Q146 150 168 178', 'M174 188C186 204 198 214 190 224C182 230 176 220 184 216', 'M168 178L174 186M145 88V104')}</g><path class="rule" d="M158 114H74M184 200H60"/>${text(32, 118, t('outlet'), 't3')}${text(32, 204, t('inlet'), 't3')}`,
  };
}
function transvalvularRight(): Drawing {
  const d = 'M96 262V100Q96 132 124 142Q142 130 134 92Q130 60 166 44';
  return {
    back: `<g transform="translate(20 18)">${heart(saturations())}${shaft(d, 'M166 44Q182 38 188 46', 'M96 214V230M150 54L164 45')}</g><path class="rule" d="M108 240H64M178 66H200"/>${text(34, 244, t('inlet'), 't3')}${text(203, 70, t('outlet'), 't3')}`,
  };
}
function balloon(): Drawing {
  const s = saturations(), standby = (run.state?.set['balloon.ratio'] ?? 1) < 0.5;
  const w = standby ? 5 : 16;
  return {
    back: `<g transform="translate(-24 22) scale(.82)">${heart(s)}${tube('M250 120V300', s.ao, 18)}<path class="line" d="M250 252V318"/><rect class="balloon" x="${250 - w / 2}" y="136" width="${w}" height="112" rx="${w / 2}"/></g>${standby ? text(24, 292, t('standby'), 'b') : ''}`,
  };
}
/** A pneumatic chamber: blood above its membrane, air below. */
function sac(x: number, y: number, filled: number, saturation: number, words: string): string {
  const h = 4 + 22 * Math.max(0, Math.min(1, filled));
  return `<circle class="part" cx="${x}" cy="${y}" r="30"/><path d="M${x - 27} ${y}A27 27 0 0 1 ${x + 27} ${y}Q${x} ${y + 2 * (h - 13)} ${x - 27} ${y}Z" fill="${blood(saturation)}"/><path class="line" d="M${x - 27} ${y}Q${x} ${y + 2 * (h - 13)} ${x + 27} ${y}M${x} ${y + 30}V${y + 46}"/>${text(x, y + 60, words, 't3', 'middle')}`;
}
const fill = (side: 'left' | 'right'): number => Math.round((value(`pulsatile_${side}_fill`) ?? 80) / 20) / 5;
function chambers(device: Device): Drawing {
  const s = saturations(), has = (side: string): boolean => device.reads.some((r) => r.quantity.includes(`_${side}_`));
  const left = has('left') ? `${tube('M197 236V258', s.la, 10)}${tube('M226 262Q268 262 268 232V98Q268 84 254 84', s.ao, 10)}${sac(197, 262, fill('left'), s.la, t('left'))}` : '';
  const right = has('right') ? `${tube('M84 96H14V190', s.ra, 10)}${tube('M14 190V262H60Q112 262 112 160V70', s.ra, 10)}${sac(30, 232, fill('right'), s.ra, t('right'))}` : '';
  return { back: `<g transform="translate(40 -6) scale(.9)">${heart(s)}${right}${left}</g>` };
}
function artificialHeart(): Drawing {
  const s = saturations();
  return {
    back: `<g transform="translate(40 10)">${tube('M70 40V104', s.ra, 18)}${tube('M196 40V104', s.la, 18)}${tube('M112 104V56Q112 26 142 26H172', s.ra, 14)}${tube('M150 104V40Q150 6 214 6Q250 6 250 48V120', s.ao, 18)}
      <rect class="part" x="36" y="96" width="96" height="120" rx="40"/><rect class="part" x="136" y="96" width="96" height="120" rx="40"/>
      ${chamberHalf(84, s.ra, fill('right'))}${chamberHalf(184, s.la, fill('left'))}${text(84, 236, t('right'), 't3', 'middle')}${text(184, 236, t('left'), 't3', 'middle')}<path class="line" d="M84 242V280M184 242V280"/></g>`,
  };
}
function chamberHalf(x: number, saturation: number, filled: number): string {
  const y = 156 + 40 * filled;
  return `<path d="M${x - 42} 150Q${x - 42} 102 ${x} 102Q${x + 42} 102 ${x + 42} 150Q${x} ${y + 20} ${x - 42} 150Z" fill="${blood(saturation)}"/><path class="line" d="M${x - 42} 150Q${x} ${y + 20} ${x + 42} 150"/>`;
}

const note = (r: Read): string => [r.note ? t(r.note) : '', limits(r.quantity)].filter(Boolean).join(' · ');

/** The first number, large, with its label at the left; a long label stands above it. */
function first(r: Read, x: number): { back: string; figures: Figure[] } {
  const label = t(r.label);
  if (label.length > 8) return { back: text(x, 22, label, 'b') + text(x, 38, [unitOf(r.quantity), note(r)].filter(Boolean).join(' · '), 't3'), figures: [figure(r.quantity, x, 84, 'n48')] };
  const beside = Math.max(66, 12 + 5.8 * note(r).length);
  return { back: text(x, 36, label, 'b') + text(x, 52, unitOf(r.quantity), 'u') + text(x, 68, note(r), 't3'), figures: [fitting(r.quantity, x + beside, 74, 'n64')] };
}

/** What a wave reads: highest/lowest or one number, the mean, and a word for its shape. A shaded wave leaves that to the list beside it. */
function waveFigures(w: DeviceWave, y: number, x: number): { back: string; figures: Figure[] } {
  const [a, b, mean] = w.shade ? [] : w.quantities, out = { back: '', figures: [] as Figure[] };
  if (a) {
    const pair = b ? [a, b] : [a];
    out.figures.push({ ...figure(a, x, y + 30, b ? 'n20' : 'n24', { unit: b ? undefined : unitOf(a) }), key: w.channel, text: pair.map((q) => shown(q, value(q))).join('/') });
    if (mean) out.back += text(x, y + 48, t('mean {value}', { value: shown(mean, value(mean)) }), 't2');
    else if (!b) out.back += text(x, y + 48, short[a] ? t(short[a]) : '', 't2');
  }
  const word = run.num.words[w.channel] ?? (a ? run.num.words[a] : undefined);
  if (word) out.back += text(x, y + (a ? 66 : 30), t(word), 't3');
  return out;
}
/** Numbers beside a wave that are neither its height nor its mean. */
const short: Record<string, string> = { impella_motor_pulse: 'swing', pulsatile_left_fill: 'filled', pulsatile_right_fill: 'filled' };

/** The numbers of a shaded wave, one below the other: each with its own name. */
function listed(list: Read[], x: number): { back: string; figures: Figure[] } {
  return { back: list.map((r, i) => text(x, 22 + i * 46, t(r.label), 't3')).join(''), figures: list.map((r, i) => figure(r.quantity, x, 44 + i * 46, 'n20')) };
}

/** mmHg in the balloon above which it is taken to be full: it rests at 10-15. */
const HELD = 40;
/** Waves of a device share one time axis, one above the other; a shaded one is the higher. */
function waves(device: Device, x: number, top: number, w: number): { back: string; figures: Figure[]; strips: Strip[] } {
  const other = device.waves.find((v) => !v.shade), out = { back: '', figures: [] as Figure[], strips: [] as Strip[] };
  const parts = device.waves.map((v) => (v.shade ? 1.7 : 1)), unit = (304 - top) / parts.reduce((sum, p) => sum + p, 0);
  let y = top;
  device.waves.forEach((wave, i) => {
    const [lo, hi] = scaleOf(wave.channel, wave.lo, wave.hi), h = Math.min(112, parts[i] * unit - 32), c = change(wave.unit), digits = Math.abs(hi - lo) < 10 ? 1 : 0, below = y + 20;
    out.back += `<text x="${x}" y="${y + 10}" class="b">${sub(t(wave.label))} <tspan class="t3">${esc(pretty(c.unit))}</tspan></text><path class="rule" d="M${x + 28} ${below}V${below + h}"/>`
      + [lo, hi].map((v, k) => `<path class="rule" d="M${x + 28} ${below + (k ? 4 : h - 4)}h-4"/>${text(x + 21, below + 4 + (k ? 4 : h - 4), written(v * c.factor, digits), 't3', 'end')}`).join('');
    out.strips.push({ channel: wave.channel, x: x + 28, y: below, w, h, lo, hi, seconds: 4, sig: wave.sig, axis: false, shade: wave.shade && other ? { channel: other.channel, above: HELD } : undefined });
    const found = waveFigures(wave, y + 6, x + 28 + w + 16);
    out.back += found.back; out.figures.push(...found.figures);
    y += parts[i] * unit;
  });
  return out;
}

/** Numbers without a wave: near ones with their last 15 minutes, or two columns where there are many. */
function column(list: Read[], x: number): { back: string; figures: Figure[]; lines: Line[] } {
  const out = { back: '', figures: [] as Figure[], lines: [] as Line[] }, few = list.length <= 2, rows = few ? 2 : Math.ceil(list.length / 2), pitch = Math.min(80, 190 / rows);
  list.forEach((r, i) => {
    const cx = few ? x : x + (i % 2) * 150, y = 152 + (few ? i : Math.floor(i / 2)) * pitch;
    out.back += text(cx, y, t(r.label), 'b') + text(cx, y + 16, [unitOf(r.quantity), note(r)].filter(Boolean).join(' · '), 't3');
    out.figures.push(figure(r.quantity, few ? cx + 172 : cx + 134, y + (few ? 14 : 6), few ? 'n34' : 'n24', { anchor: 'end' }));
    if (few) {
      out.lines.push({ quantity: r.quantity, x: cx + 186, y: y - 22, w: 96, h: 40 });
      out.back += text(cx + 282, y + 32, '15 min', 't3', 'end');
    }
  });
  return out;
}

const drawings: Partial<Record<Device['figure'], (device: Device) => Drawing>> = { lvad, rvad, transvalvular, transvalvular_right: transvalvularRight, balloon, chambers, heart: artificialHeart };

/** Picture of any device that is not a circuit, from its description. */
export function devicePicture(device: Device): Live {
  const drawing = (drawings[device.figure] ?? lvad)(device), speed = speedOf(device), withWaves = device.waves.length > 0, shaded = device.waves.some((w) => w.shade);
  const x = shaded ? 222 : withWaves ? 318 : 344;
  const far = device.reads.find((r) => r.size === 'far') ?? device.reads[0], inWaves = new Set(device.waves.flatMap((w) => (w.shade ? [] : w.quantities)));
  const rest = device.reads.filter((r) => r !== far && !(drawing.speed && r.quantity === speed) && !inWaves.has(r.quantity));
  const none = { back: '', figures: [] as Figure[] }, head = far ? first(far, x) : none, drawn = withWaves ? waves(device, x, 100, shaded ? 220 : 166) : null;
  const plain = withWaves ? null : column(rest.slice(0, 8), x), names = shaded ? listed(rest.slice(0, 6), 488) : none, small = withWaves && !shaded ? rest.slice(0, 3) : [];
  const figures = [...head.figures, ...names.figures, ...(drawn?.figures ?? []), ...(plain?.figures ?? []), ...small.map((r, i) => figure(r.quantity, 628, 42 + i * 42, 'n20', { anchor: 'end' }))];
  if (drawing.speed && speed) figures.push(figure(speed, drawing.speed[0], drawing.speed[1], 'n20', { unit: unitOf(speed), only: 'wide' }), figure(speed, 210, 284, 'n20', { unit: unitOf(speed), only: 'narrow' }));
  return {
    label: t(device.title), box: '0 0 640 304', narrow: '200 0 440 304', figures, strips: drawn?.strips ?? [], lines: plain?.lines ?? [], clamps: [], taps: [],
    back: `<g class="drawing${shaded ? ' none' : ''}">${drawing.back}</g>${head.back}${names.back}${drawn?.back ?? ''}${plain?.back ?? ''}${small.map((r, i) => text(628, 22 + i * 42, t(r.label), 't3', 'end')).join('')}`,
  };
}
