// What the server sends and what it accepts. Text frames are JSON, one message each, `k` says which; binary frames are waves.
// All words are English here; the page translates them (words.ts). All numbers are in the units of `quantities` (units.ts converts).

export type Priority = 'high' | 'medium' | 'low';

// ---- over HTTP ---------------------------------------------------------------------------------------------------------

/** GET /api/start */
export interface StartPage {
  patients: Card[];
  supports: Card[];                  // begins with the six of the first page; 'none' is not among them
  runs: KeptRun[];                   // newest first
  cases: { name: string; title: string }[];
  quantities: Record<string, Quantity>;
  languages: { code: string; name: string }[];
  notice: string;                    // 'Simulation – not for clinical use'
  safety: string;                    // the long text
  clock: number;                     // seconds since midnight of day 1 at time 0 of a run
}
export interface Card { name: string; title: string; line: string; picture: string; first: boolean }   // `first`: shown without opening "more"
export interface KeptRun { id: string; title: string; state: 'running' | 'paused' | 'stopped' | 'preparing' | 'other version'; time: number; courses: number; made: string }
export interface Quantity { unit: string; digits: number; symbol: string; words: string }
// POST /api/runs {patient, support} or {case: text of a file} or {shipped: name} -> 201 {run: id} | 422 {problems: Problem[]}
export interface Problem { place: string; text: string; value?: string; allowed?: string; hint?: string; line?: number }
// GET /api/runs/ID/trends?course=A&names=MAP,ecmo_flow&from=0&to=3600&points=600 -> Series
export interface Series { course: string; t: number[]; values: Record<string, (number | null)[]> }
// GET /api/runs/ID/export/case.yaml | trends.parquet | report.html · GET /words/de -> Record<string, string>

// ---- server to page over the socket ------------------------------------------------------------------------------------

export type FromServer = Hello | Layout | State | Numbers | Alarms | Log | Lab | Loops | Done | Preparing;

export interface Hello {
  k: 'hello'; wire: 1; run: string; title: string; who: string;      // who: '58 y, 82 kg · VV-ECMO, femoral to jugular'
  role: 'operator' | 'trainee'; clock: number;                        // clock: seconds since midnight of day 1 at time 0
}
/** The patient's steady state is being found; everything else follows when that is done. */
export interface Preparing { k: 'preparing'; words: string; failed?: boolean }   // failed: the socket closes with 4409

/** What is there to be shown and touched; sent on connecting and whenever it changes. */
export interface Layout {
  k: 'layout';
  channels: string[];                                   // order of the channels in the binary frames
  rate: number;                                         // drawn samples per second of display time (200)
  groups: { question: 'Perfused?' | 'Oxygenated?'; rows: Row[] }[];
  strip: StripValue[];                                  // values without a wave, below the monitor
  devices: Device[];                                    // [] without support; several: tabs of the support zone
  ventilator: { sets: SetField[]; reads: Read[]; presets: string[]; modes: string[]; } ;   // presets: 'rest', 'emergency'
  drugs: SetField[];                                    // every drug; the page shows those that run and those that were picked
  fluids: Order[];                                      // {verb:'give'}
  procedures: (Order | SetField)[];
  faults: FaultField[];                                 // [] for a role that may not see them
  gases: { site: string; words: string }[];             // where a blood gas can be drawn
  panels: { name: string; words: string; minutes: number }[];
  trends: { page: string; lanes: Lane[] }[];            // first page: 'Overview'
  loops: boolean; aorta: boolean;                       // model views that this role may see
  limits: LimitLine[];                                  // alarm limits that can be edited
  sensors: SensorField[];                               // artefacts of the sensor layer
  supports: { name: string; words: string }[];          // what can be started now (patient without support)
}
export interface Row {
  channel: string; sig: Sig; label: string; site: string;    // label 'ART', site 'left radial' ('' where none)
  lo: number; hi: number; unit: string; rem: number;         // scale of the wave; height in rem
  seconds: number;                                           // width of the sweep: 6; capnogram 12
  quantity: string; size: 'far' | 'mid' | 'near';            // the number beside it
  second: string[];                                          // ['SBP','DBP'] -> 118/61
  third: string;                                             // 'PP' -> "PP 57"; '' none
  word: 'rhythm' | 'pulse' | '';                             // word in the place of second: state.words[word] ('sinus', 'pulse 92')
}
export type Sig = 'ecg' | 'art' | 'pap' | 'cvp' | 'spo2' | 'co2' | 'nirs' | 'svo2' | 'temp' | 't1';
export interface StripValue { quantity: string; label: string; sig: Sig }
export interface SetField {
  control: string; label: string; unit: string; step: number; low: number; high: number; digits: number;
  options?: Record<string, number>;                     // chosen by name instead of stepped
  instead?: { control: string; label: string; unit: string };   // the other mode of the same box: speed or flow
  quick?: { words: string; value: number }[];           // small buttons below: Off, 0.21, 1.00
  look?: 'port';                                        // 'Look at port': shows what really flows
  note?: string;                                        // small text below the box
}
export interface Read { quantity: string; label: string; size?: 'far' | 'near' | 'value'; note?: string }   // note 'estimate', '15 s mean'
export interface Device {
  name: string; title: string;                          // 'ecmo', 'VV-ECMO'
  figure: 'vv' | 'va' | 'vav' | 'vpa' | 'lvad' | 'rvad' | 'transvalvular' | 'transvalvular_right' | 'balloon' | 'chambers' | 'heart';
  sets: SetField[];                                     // the first four stand under the picture
  reads: Read[];                                        // numbers in or beside the picture
  waves: DeviceWave[];
  clamps: { control: string; where: 'return' | 'drainage' | 'return2' | 'drainage2' | 'distal' }[];
  pressures: boolean;                                   // false: the console shows flow and speed only
  consoles: string[];                                   // ['integrated', 'two-number'] where it can be changed
}
export interface DeviceWave { channel: string; label: string; unit: string; lo: number; hi: number; quantities: string[]; sig: Sig; shade?: 'augmentation' }
export interface Lane { quantity: string; label: string; unit: string; sig: Sig; lo: number | null; hi: number | null }
export interface Order { verb: 'give' | 'do'; name: string; label: string; amount: number | null; unit: string; over?: number }   // over: seconds, to be sent with 'give'
export interface FaultField { fault: string; label: string }
export interface SensorField { sensor: string; label: string; unit: string; low: number; high: number; step: number; digits: number }
export interface LimitLine { quantity: string; label: string; unit: string; side: 'below' | 'above'; low: number | null; medium: number | null; high: number | null }

/** Everything that is set, and how time runs; sent whenever it changes. */
export interface State {
  k: 'state'; t: number;
  paused: boolean; speed: number; speeds: number[];
  towards: number | null;                               // skipping ahead to this time, as fast as the machine goes ({do:'goto', t} in the future); pause stops it
  course: string; courses: Course[];
  set: Record<string, number>;                          // control -> value
  faults: Record<string, number>;                       // fault -> severity, those that are on
  sensors: Record<string, number>;
  limits: Record<string, Partial<Record<'below' | 'above', Partial<Record<Priority, number | null>>>>>;   // null: off
  audio: number | null;                                 // seconds of silence left; null: audio on
  console: string;                                      // 'integrated' | 'two-number'
  saved: 'kept' | 'behind' | 'failing';                 // whether the record is up to date
  running: string[];                                    // names of devices that have been started
  ok: boolean; text: string;                            // status of the model: 'ok' or what went wrong
}
export interface Course { id: string; parent: string | null; from: number; to: number; words: string }   // words: what was done first in it

/** Once a second (four times while the drainage line chatters). null: no reading; `why` says why. */
export interface Numbers { k: 'num'; t: number; v: Record<string, number | null>; why: Record<string, string>; words: Record<string, string>; chatter: boolean }

export interface Alarms { k: 'alarms'; now: Alarm[] }     // highest first, then newest
export interface Alarm {
  id: number; quantity: string; words: string;           // 'Drainage pressure low'
  priority: Priority; side: 'below' | 'above' | 'sign'; limit: number | null; value: number | null;
  since: number; state: 'active' | 'seen' | 'latched';   // latched: over, and not yet seen
  seen: number | null;                                   // seconds from onset to acknowledgement
}
/** Entries of the log, oldest first; after connecting the whole of this course, later only what is new. */
export interface Log { k: 'log'; fresh: boolean; entries: Entry[] }
export interface Entry {
  seq: number; course: string; t: number; wall: string; actor: string;
  verb: 'begin' | 'set' | 'give' | 'fault' | 'do' | 'preset' | 'draw' | 'result' | 'speed' | 'pause' | 'resume' | 'goto' | 'branch' | 'course'
    | 'alarm' | 'over' | 'acknowledge' | 'audio' | 'limit' | 'sensor' | 'start' | 'console' | 'call' | 'answer' | 'note' | 'stopped' | 'resumed';
  target: string; old: number | string | null; new: number | string | null;
  words: string;                                         // 'Speed 3300 → 3450' (English, numbers in engine units)
  priority?: Priority; mark: boolean;                    // mark: drawn into the trends
  seen?: { id: number; words: string; seen: number }[];  // of an acknowledgement: reaction times, s
}
export interface Lab { k: 'lab'; pending: Pending[]; results: Result[] }      // results: newest first
export interface Pending { id: number; what: string; words: string; drawn: number; back: number }
export interface Result { id: number; what: string; words: string; drawn: number; back: number; values: { quantity: string; label: string; value: number | null; before: number | null }[] }
export interface Loops { k: 'loops'; lv: [number, number][]; rv: [number, number][]; ghost: { lv: [number, number][]; rv: [number, number][]; words: string; t: number } | null; note: [string, string] }
/** Answer to a request. A refused value leaves the old one and says the range. */
export interface Done { k: 'done'; n: number; ok: boolean; error?: string; allowed?: string; hint?: string; new?: number | string | null }

// Binary frame, little endian:
//   u8 kind (1) · u8 flags (1: sweep starts anew, 2: thinned, one beat in n) · u16 channels · u32 samples · f64 simulated time of the last sample · f32 speed · f32 beats per drawn beat
//   then float32 samples, channel after channel. NaN: no signal. The samples are display time: `rate` of them are one second of sweep.
export const WAVES = 1;

// ---- page to server ----------------------------------------------------------------------------------------------------
// {n, do: verb, ...}: n is the page's own number, the answer carries it.
export type Request =
  | { do: 'set'; control: string; value: number; over?: number }
  | { do: 'give'; fluid: string; volume: number; over?: number }
  | { do: 'fault'; fault: string; severity: number; over?: number }
  | { do: 'do'; procedure: string }
  | { do: 'preset'; preset: string }
  | { do: 'draw'; what: string; site?: string }          // what: 'gas' with a site, or the name of a panel
  | { do: 'speed'; value: number } | { do: 'pause' } | { do: 'resume' }
  | { do: 'back'; seconds: number } | { do: 'goto'; t: number } | { do: 'branch'; words?: string } | { do: 'course'; id: string }
  | { do: 'acknowledge'; id?: number }                   // without id: all
  | { do: 'audio'; seconds: number }                     // pause audio; 0: on again
  | { do: 'limit'; quantity: string; side: 'below' | 'above'; priority: Priority; value: number | null }
  | { do: 'sensor'; sensor: string; value: number }
  | { do: 'start'; support: string }
  | { do: 'console'; name: string }
  | { do: 'call'; who: string } | { do: 'note'; text: string }
  | { do: 'look'; at: 'port' }                           // answer: done.new is what really flows at the gas port, L/min
  | { do: 'see'; loops: boolean };                       // whether this page wants loops
