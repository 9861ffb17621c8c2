// Live pictures of the circuits: the loop runs clockwise, the patient stands at the right, numbers stand where they are measured.
import { run } from '../lib/run.svelte';
import { shown, unitOf } from '../lib/units';
import type { Device } from '../lib/wire';
import { t } from '../lib/words';
import { clamps, colour, figure, fitting, isClosed, labelled, limits, type Live, type Figure, percent, reads, stands, taps, type Strip, value } from './live';
import { aorta, type Blood, type Chevron, chevs, modelTag, partsVA, partsVPA, partsVV, pressures, returnVA, scale, text, tube } from './parts';

const BEFORE = 'before membrane lung', AFTER = 'after membrane lung';   // sites of the laboratory

/** The drainage pressure as it runs: 10 s, in chatter 4 s. */
function drainStrip(device: Device, x: number, y: number, w: number, h: number): Strip[] {
  const channel = run.layout?.channels.find((c) => c === 'P_ven');
  if (!channel || !reads(device, 'P_ven')) return [];
  return [{ channel, x, y, w, h, lo: -220, hi: 0, seconds: run.num.chatter ? 4 : 10, sig: 't1', axis: true, dashed: -100 }];
}

function beside(device: Device, x: number): Figure[] {   // the three numbers beside the membrane lung
  return ([['P_art', 82], ['dP', 136], ['P_int', 190]] as const).filter(([q]) => reads(device, q)).map(([q, y]) => figure(q, x, y, 'n24', { anchor: 'end' }));
}
const backwards = (flow: number | null): string => (flow !== null && flow <= -0.05 ? t('backwards {flow} L/min', { flow: shown('ecmo_flow', flow) }) : '');

/** Veins to vein (VV), or right atrium to pulmonary artery (V-PA). */
export function circuitVV(device: Device): Live {
  const y = 250, flow = value('ecmo_flow'), still = stands(device, flow), chatter = run.num.chatter && !still, back = backwards(flow);
  const d: Blood = { S_pre: colour('S_pre', 70), S_post: colour('S_post', 98), chatter };
  const heads: Chevron[] = [[230, 40, 0], [310, 40, 0], [380, 40, 0], [490, 40, 0], [108, 190, -90], [108, 60, -90], [490, y, 180], ...(chatter ? [] : [[380, y, 180], [310, y, 180], [250, y, 180]] as Chevron[]), [164, y, 180]];
  const shows = (q: string): boolean => reads(device, q);
  const P = shown('P_ven', value('P_ven')), wide = chatter || P.length > 3, strips = drainStrip(device, wide ? 470 : 442, 168, wide ? 34 : 62, 46);
  const figures: Figure[] = [
    fitting('ecmo_flow', 334, 134, 'n64'),
    ...(shows('P_ven') ? [fitting('P_ven', 334, 214, 'n48')] : []), ...(shows('dP') ? beside(device, 248) : []),
    labelled('pump_speed', '', 144, 286),
    ...(shows('S_pre') ? [labelled('S_pre', 'S_pre', 264, 286)] : []), ...(shows('S_post') ? [labelled('S_post', 'S_post', 264, 22)] : [])];
  return {
    label: t('Circuit'), box: '0 0 640 304', narrow: '66 0 440 304', figures,
    back: `${device.figure === 'vpa' ? partsVPA(d) : partsVV(d)}<g class="wide">${text(32, 98, t('gas in'), 't3')}${text(26, 164, t('gas out'), 't3')}${scale(30, 12)}</g>
  ${still ? '' : chevs(heads, flow! < 0)}${shows('dP') ? pressures(162) : ''}
  ${text(257, 94, t('Flow'), 'b')}${text(257, 110, unitOf('ecmo_flow'), 'u')}${text(257, 126, limits('ecmo_flow'), 't3')}
  ${shows('P_ven') ? text(257, 180, 'P_ven', 'b') + text(257, 196, unitOf('P_ven'), 'u') + text(257, 212, limits('P_ven'), 't3') : ''}${strips.length ? text(504, 228, chatter ? '4 s' : '10 s', 't3', 'end') : ''}
  ${back ? text(254, 64, back, 'b') : ''}${chatter ? text(257, 237, t('chatter'), 'b') : ''}`,
    clamps: clamps(device, { return: [440, 40], drainage: [440, y], drainage2: [350, y] }),
    taps: taps([[BEFORE, 108, 208], [AFTER, 164, 40], [BEFORE, 196, y]]), strips, lines: [],
  };
}

/** The site of a saturation: what its probe says where there is one, else what the model knows. */
function site(probe: string, truth: string, words: string, x: number, y: number): { figure: Figure; words: string } | null {
  const row = run.layout?.groups.flatMap((g) => g.rows).find((r) => r.quantity === probe);
  if (!row && !run.layout?.aorta) return null;
  const quantity = row ? probe : truth, name = row?.site ? t(row.site) : t(words);
  return {
    figure: percent(quantity, x + 2, y + 26, 'n24', { ink: row ? 'spo2' : '', only: 'wide' }),
    words: text(x, y, name.charAt(0).toUpperCase() + name.slice(1), row ? 'spo2 site' : 't2 site'),
  };
}

/** How far native blood reaches along the aorta, from the saturations of its branches; null where both waters look alike. */
function meeting(): number | null {
  const native = value('SaO2_coronary'), pump = value('S_post');
  if (native === null || pump === null || Math.abs(pump - native) < 3) return null;
  const share = (q: string): number => Math.max(0, Math.min(1, (pump - (value(q) ?? pump)) / (pump - native)));
  return .1 + .2 * share('SaO2_right_radial') + .25 * share('SaO2_left_radial') + .45 * share('SaO2_femoral');
}

/** Saturations along the aorta, for its colours. */
const alongAorta = (): Blood => ({
  S_pre: colour('S_pre', 70), S_post: colour('S_post', 98), native: colour('SaO2_right_radial', 97), leftHand: colour('SaO2_left_radial', 97),
  brainL: colour('SaO2_left_radial', 97), foot: colour('SaO2_femoral', 98), heart: colour('SaO2_coronary', 97),
});
/** The aorta alone; the place of meeting in steps, so that the drawing changes seldom. */
export function aortaOf(cx: number): string {
  const meet = meeting();
  return aorta(cx, alongAorta(), meet === null ? null : Math.round(meet * 50) / 50);
}
/** The patient of a VA circuit: sites, their saturations, and the aorta for those who may see it. */
function patientVA(cx: number, down = 0): { back: string; figures: Figure[] } {
  const meet = meeting(), seen = run.layout?.aorta ?? false;
  const x = returnVA + 12;
  const sites = [site('SpO2_right_hand', 'SaO2_right_radial', 'right hand', x, 182), site('SpO2_left_hand', 'SaO2_left_radial', 'left hand', cx + 72, 182), site('SpO2_foot', 'SaO2_femoral', 'left foot', cx + 72, 260)].filter((s) => s !== null);
  const model: Figure[] = seen ? [percent('SaO2_brain', x - 4, 66 + down, 'b', { label: t('Brain'), only: 'wide' }), percent('SaO2_coronary', x - 4, 86, 'b', { label: t('Heart'), only: 'wide' })] : [];
  const zone = seen && meet !== null ? `<path class="line" d="M${cx + 32} 112L${cx + 68} 78"/>${text(cx + 72, 72, t('mixing'), 'b')}${text(cx + 72, 88, t('zone'), 'b')}` : '';
  return {
    back: (seen ? aortaOf(cx) : '') + sites.map((s) => s.words).join('') + zone + (seen ? modelTag(cx + 60, 20, t('model view')) : ''),
    figures: [...sites.map((s) => s.figure), ...model],
  };
}

/** Vein to artery (VA), or to artery and vein (VAV). */
export function circuitVA(device: Device): Live {
  const cx = 500, x = 62, y = 262, v = returnVA, flow = value('ecmo_flow'), still = stands(device, flow), chatter = run.num.chatter && !still, back = backwards(flow), neck = device.figure === 'vav';
  const d: Blood = { S_pre: colour('S_pre', 70), S_post: colour('S_post', 98), chatter };
  const shows = (q: string): boolean => reads(device, q), patient = patientVA(cx, neck ? 4 : 0);
  const shut = (where: string): boolean => device.clamps.some((c) => c.where === where && isClosed(c.control));
  const heads: Chevron[] = [[150, 40, 0], [240, 40, 0], [x, 190, -90], [x, 60, -90], ...(shut('return') ? [] : [[v, 100, 90], [v, 196, 90], [410, 226, 0]] as Chevron[]), ...(chatter ? [] : [[406, y, 180], [230, y, 180]] as Chevron[]), [150, y, 180], ...(neck && !shut('return2') ? [[v + 44, 40, 0]] as Chevron[] : [])];
  const P = shown('P_ven', value('P_ven')), strips = P.length > 3 ? [] : drainStrip(device, 306, 180, 40, 32);
  const figures: Figure[] = [
    fitting('ecmo_flow', 200, 132, 'n64'),
    ...(shows('P_ven') ? [fitting('P_ven', 200, 221, 'n48')] : []), ...(shows('dP') ? beside(device, 188) : []),
    labelled('pump_speed', '', 96, 296),
    ...(shows('S_pre') ? [labelled('S_pre', 'S_pre', 192, 296)] : []), ...(shows('S_post') ? [labelled('S_post', 'S_post', 116, 22)] : []),
    ...(neck ? [figure('ecmo_flow_arterial', v + 24, 133, 'n20'), figure('ecmo_flow_venous', v - 6, 24, 'n20', { anchor: 'end' })] : [])];
  // The tablet shows no leg: there the line to it leaves above the return, so that its clamp can be reached.
  const distal = device.clamps.some((c) => c.where === 'distal') ? `<g class="wide">${tube(`M${cx - 58} 226Q${cx - 42} 230 ${cx - 40} 250L${cx - 34} 298`, d.S_post, 5)}</g><g class="narrow">${tube(`M${v + 6} 196H470`, d.S_post, 5)}${text(v + 28, 188, t('leg'), 't3', 'middle')}</g>` : '';
  return {
    label: t('Circuit and aorta'), box: '0 0 640 304', narrow: '22 0 440 304', figures: [...figures, ...patient.figures],
    back: `${partsVA(d, cx, x, neck)}${distal}<g class="wide">${patient.back}</g>
  ${still ? '' : chevs(heads, flow! < 0)}${shows('dP') ? pressures(100) : ''}
  ${text(204, 76, t('Flow'), 'b')}${text(246, 76, unitOf('ecmo_flow'), 'u')}${text(284, 76, limits('ecmo_flow'), 't3')}
  ${shows('P_ven') ? text(204, 172, 'P_ven', 'b') + text(246, 172, unitOf('P_ven'), 'u') + text(290, 172, limits('P_ven'), 't3') : ''}${strips.length ? text(346, 226, chatter ? '4 s' : '10 s', 't3', 'end') : ''}
  ${neck ? text(v + 24, 112, t('to artery'), 't3') + text(v - 60, 24, t('to vein'), 't3', 'end') : ''}${back ? text(346, 60, back, 'b', 'end') : ''}${chatter ? text(204, 249, t('chatter'), 'b') : ''}`,
    clamps: [
      ...clamps(device, { return: [v, 152, true], drainage: [350, y], return2: [v + 52, 40, false, true], drainage2: [292, y, false, true] }),
      ...clamps(device, { distal: [cx - 35, 286, true] }).map((c) => ({ ...c, only: 'wide' as const, before: true })), ...clamps(device, { distal: [v + 64, 196, false, true] }).map((c) => ({ ...c, only: 'narrow' as const })),
    ],
    taps: taps([[BEFORE, x, 208], [AFTER, 116, 40], [BEFORE, 128, y]]), strips, lines: [],
  };
}
