import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE } from '#libs/kernel/clock.js';
import type { Conflict } from '../../../src/doctors/index.js';
import { addDays, parseTime } from '../../../src/scheduling/domain/calendar.js';
import { SlotPolicy, type SlotRules } from '../../../src/scheduling/domain/slot-policy.js';
import { at, everyDay, MONDAY } from '../domain/builders.js';
import { ADMIN, MemoryClinic, refusalOf, type Member } from '../use-cases/memory-clinic.js';
import {
  ReferenceClinic,
  type Deed,
  type Role,
  type Rounds,
  type Rules,
  type Visit,
  type Wanted,
} from './reference-clinic.js';

const MIDNIGHT = at('00:00');
const SUNDAY_NOON = -720;

/** Conflicts as a change of rules tells them: the number of the visit, and why. */
type Told = [which: number, reasons: string[]][];

/** The product, with the people that the model knows by number. */
class Product {
  readonly clinic = new MemoryClinic();
  readonly ids: string[] = [];
  readonly series: string[] = [];
  doctors: Member[];
  patients: Member[];

  async open(rules: Rules): Promise<this> {
    this.doctors = [await this.clinic.doctor(), await this.clinic.doctor()];
    this.patients = [await this.clinic.patient(), await this.clinic.patient(), await this.clinic.patient()];
    this.ruledBy(rules);
    return this;
  }

  ruledBy(rules: Rules): void {
    this.clinic.policies.rules = toSlotRules(rules);
  }

  /** Who acts, of the two people of a visit. */
  actor(by: Role, { doctor, patient }: Pick<Visit, 'doctor' | 'patient'>): Pick<Member, 'actor'> {
    return { patient: this.patients[patient]!, doctor: this.doctors[doctor]!, admin: ADMIN }[by];
  }

  async book(by: Role, doctor: number, patient: number, wanted: Wanted): Promise<void> {
    const { time, ...choice } = choiceOf(by, wanted);
    const people = { doctor: this.doctors[doctor]!.id, patient: this.patients[patient]!.id };
    const { appointment } = await this.clinic.book(this.actor(by, { doctor, patient }), time, {
      ...people,
      ...choice,
    });
    this.ids.push(appointment.id);
  }

  async plan(by: Role, doctor: number, patient: number, wanted: Wanted, rounds: Rounds): Promise<void> {
    const { time, ...choice } = choiceOf(by, wanted);
    const people = { doctor: this.doctors[doctor]!.id, patient: this.patients[patient]!.id };
    const actor = this.actor(by, { doctor, patient });
    const { view } = await this.clinic.schedule(actor, time, { ...people, ...choice, ...rounds });
    this.series.push(view.series.id);
    this.ids.push(...view.appointments.map(({ appointment }) => appointment.id));
  }

  async leave(doctor: number, from: number, to: number): Promise<Told> {
    const [start, end] = [placeOf(from), placeOf(to)];
    const times = { from: parseTime(start.time), to: parseTime(end.time) };
    const absence = { fromDate: start.date, toDate: end.date, times };
    const { conflicts } = await this.clinic.addAbsence.execute({
      ...this.own(doctor),
      absence,
      reason: null,
    });
    return this.toldOf(conflicts);
  }

  async setHours(doctor: number, day: number, open: Rules['open'], dryRun: boolean): Promise<Told> {
    const override = { date: addDays(MONDAY, day), hours: open.map(([from, to]) => ({ from, to })) };
    const { conflicts } = await this.clinic.setOverride.execute({ ...this.own(doctor), override, dryRun });
    return this.toldOf(conflicts);
  }

  async conflictsOf(doctor: number): Promise<Told> {
    const { actor, doctor: id } = this.own(doctor);
    return this.toldOf((await this.clinic.readRules.conflicts(actor, id, { limit: 100 })).results);
  }

  own(doctor: number) {
    const { actor, id } = this.doctors[doctor]!;
    return { actor, doctor: id };
  }

  toldOf(conflicts: readonly Conflict[]): Told {
    return conflicts
      .map(({ appointment, reasons }): [number, string[]] => [this.ids.indexOf(appointment), [...reasons]])
      .toSorted(([a], [b]) => a - b);
  }

  async cancelFollowing(by: Role, series: number, visit: Visit, day: number): Promise<void> {
    const from = addDays(MONDAY, day);
    await this.clinic.cancelSeries(this.actor(by, visit), this.series[series]!, { from });
  }

  async move(by: Role, which: number, visit: Visit, wanted: Wanted): Promise<void> {
    const { time, ...choice } = choiceOf(by, wanted);
    await this.clinic.reschedule(this.actor(by, visit), this.ids[which]!, time, choice);
  }

  async do(deed: Deed, by: Role, which: number, visit: Visit): Promise<void> {
    const { clinic } = this;
    const [actor, id] = [this.actor(by, visit), this.ids[which]!];
    switch (deed) {
      case 'confirm':
        await clinic.confirm(actor, id, 'a reason');
        break;
      case 'cancel':
        await clinic.cancel(actor, id);
        break;
      case 'check-in':
        await clinic.checkIn(actor, id);
        break;
      case 'complete':
        await clinic.complete(actor, id);
        break;
      case 'no-show':
        await clinic.miss(actor, id);
        break;
    }
  }
}

function choiceOf(by: Role, { from, type, minutes, exempt }: Wanted) {
  return {
    ...placeOf(from),
    visitType: type,
    durationMinutes: minutes,
    exemptionReason: by === 'admin' && exempt ? 'a reason' : undefined,
  };
}

function placeOf(minute: number): { date: string; time: string } {
  const day = Math.floor(minute / 1440);
  const time = new Date((minute - day * 1440) * MINUTE).toISOString().slice(11, 16);
  return { date: addDays(MONDAY, day), time };
}

function toSlotRules(rules: Rules): SlotRules {
  const two = (part: number): string => String(part).padStart(2, '0');
  const text = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  return {
    ...SlotPolicy.DEFAULT,
    visitTypes: rules.types.map((type) => ({ name: type.name, minutes: type.minutes, bookableBy: type.for })),
    hours: everyDay(rules.open.map(([from, to]) => `${text(from)}–${text(to)}`).join(' ')),
    gridMinutes: rules.grid,
    noticeMinutes: rules.notice,
    bufferMinutes: { before: rules.buffer, after: rules.buffer },
    dailyMaximum: rules.dailyMaximum,
    patientLimit: rules.limit,
    confirmation: rules.automatic ? 'automatic' : 'manual',
    confirmWithinMinutes: rules.confirmWithin,
    cancellationNoticeMinutes: rules.changeNotice,
  };
}

/** How often each answer was given, so that no run is without the rare ones. */
const answers = new Map<string, number>();

/** That the product answers as the model does, and is afterwards as the model is. */
async function agree(
  what: string,
  model: ReferenceClinic,
  product: Product,
  told: string | undefined,
  work: Promise<unknown>,
): Promise<void> {
  expect(await refusalOf(work), what).toBe(told ?? 'nothing was refused');
  const answer = told ?? what;
  answers.set(answer, (answers.get(answer) ?? 0) + 1);
  await compare(model, product);
}

async function compare(model: ReferenceClinic, product: Product): Promise<void> {
  const { clinic } = product;
  const stored = new Map((await clinic.stored()).map((state) => [state.id, state]));
  const told = product.ids.map((id) => {
    const { status, awaits, confirmBy, slot, visitType, version, cancellation, series } = stored.get(id)!;
    const minuteOf = (instant: number): number => (instant - MIDNIGHT) / MINUTE;
    return {
      status,
      awaits,
      confirmBy: confirmBy === null ? null : minuteOf(confirmBy),
      from: minuteOf(slot.startsAt),
      to: minuteOf(slot.endsAt),
      type: visitType,
      version,
      series: series === null ? -1 : product.series.indexOf(series),
      ended: cancellation && { by: cancellation.by, at: minuteOf(cancellation.at), late: cancellation.late },
    };
  });
  expect(told).toEqual(
    model.visits.map(({ status, awaits, confirmBy, from, to, type, version, ended, series }) => ({
      status,
      awaits,
      confirmBy,
      from,
      to,
      type,
      version,
      series,
      ended,
    })),
  );
  expect(stored.size).toBe(model.visits.length);
  for (const [i, visit] of model.visits.entries()) {
    for (const by of ['patient', 'doctor', 'admin'] as const) {
      const { actor } = product.actor(by, visit);
      const view = await clinic.readAppointment.execute(actor, product.ids[i]!);
      expect(view.allowedActions, `of visit ${i} to the ${by}`).toEqual(model.allowed(by, visit));
    }
  }
  const active = model.visits.filter(({ status }) => ['pending', 'confirmed', 'checked_in'].includes(status));
  for (const [i, a] of active.entries()) {
    for (const b of active.slice(i + 1)) {
      const meet = a.from < b.to && b.from < a.to;
      expect(meet && (a.doctor === b.doctor || a.patient === b.patient)).toBe(false);
    }
  }
}

type Command = fc.AsyncCommand<ReferenceClinic, Product>;

function command(name: string, run: Command['run'], check: Command['check'] = () => true): Command {
  return { check, run, toString: () => name };
}

const needsVisits = ({ visits }: Readonly<ReferenceClinic>): boolean => visits.length > 0;

const roles = fc.constantFrom<Role>('patient', 'patient', 'doctor', 'admin');
const whichever = fc.nat({ max: 99 });
const wanted = fc.record({
  day: fc.constantFrom(0, 0, 0, 1, 2),
  time: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }).map((i) => 9 * 60 + i * 15) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 287 }).map((i) => i * 5) },
    { weight: 1, arbitrary: fc.constant(9 * 60 + 2) },
  ),
  type: fc.constantFrom(undefined, undefined, 'first', 'control', 'procedure', 'surgery'),
  minutes: fc.option(
    fc.integer({ min: 1, max: 18 }).map((i) => i * 5),
    { nil: undefined },
  ),
  exempt: fc.boolean(),
});

/** What a role may say of it: a doctor is always exempt, a patient never, an admin who says why. */
function wantedBy(by: Role, { day, time, type, minutes, exempt }: WantedParts): Wanted {
  const isExempt = by === 'doctor' || (by === 'admin' && exempt);
  return { from: day * 1440 + time, type, minutes: isExempt ? minutes : undefined, exempt: isExempt };
}

interface WantedParts {
  day: number;
  time: number;
  type: string | undefined;
  minutes: number | undefined;
  exempt: boolean;
}

interface BookWish {
  by: Role;
  doctor: number;
  patient: number;
  parts: WantedParts;
}

function toBook({ by, doctor, patient, parts }: BookWish): Command {
  const wish = JSON.stringify({ by, doctor, patient, parts });
  return command(`book ${wish}`, async (model, product) => {
    const want = wantedBy(by, parts);
    const told = model.book(by, doctor, patient, want);
    await agree(`book by ${by}`, model, product, told, product.book(by, doctor, patient, want));
  });
}

function toMove(by: Role, which: number, parts: WantedParts): Command {
  const moved: Command['run'] = async (model, product) => {
    const i = which % model.visits.length;
    const want = wantedBy(by, parts);
    const visit = model.visits[i]!;
    const told = model.move(by, visit, want);
    await agree(`move by ${by}`, model, product, told, product.move(by, i, visit, want));
  };
  return command(`move ${JSON.stringify({ by, which, parts })}`, moved, needsVisits);
}

function toPlan({ by, doctor, patient, parts }: BookWish, rounds: Rounds): Command {
  const wish = JSON.stringify({ by, doctor, patient, parts, rounds });
  return command(`plan ${wish}`, async (model, product) => {
    const want = wantedBy(by, parts);
    const told = model.plan(by, doctor, patient, want, rounds);
    await agree(`plan by ${by}`, model, product, told, product.plan(by, doctor, patient, want, rounds));
  });
}

function toCancelFollowing(by: Role, which: number, day: number): Command {
  const cancelled: Command['run'] = async (model, product) => {
    const series = which % model.seriesMade;
    const visit = model.visits.find((one) => one.series === series)!;
    const told = model.cancelFollowing(by, series, day);
    const work = product.cancelFollowing(by, series, visit, day);
    await agree(`cancel series by ${by}`, model, product, told, work);
  };
  const name = `cancel series ${JSON.stringify({ by, which, day })}`;
  return command(name, cancelled, ({ seriesMade }) => seriesMade > 0);
}

function toLeave(doctor: number, from: number, minutes: number): Command {
  return command(`leave ${JSON.stringify({ doctor, from, minutes })}`, async (model, product) => {
    const before = model.conflicts(doctor);
    const told = model.leave(doctor, from, from + minutes);
    const work = product.leave(doctor, from, from + minutes);
    await agree('leave', model, product, told, work);
    if (told === undefined) await expectConflicts(before, model, product, doctor, await work);
  });
}

/** First only asked for: the answer is the same, and nothing is changed. */
function toSetHours(doctor: number, day: number, hours: Rules['open']): Command {
  return command(`hours ${JSON.stringify({ doctor, day, hours })}`, async (model, product) => {
    const asked = await product.setHours(doctor, day, hours, true).catch(() => undefined);
    await compare(model, product);
    const before = model.conflicts(doctor);
    const told = model.open(doctor, day, hours);
    const work = product.setHours(doctor, day, hours, false);
    await agree('hours', model, product, told, work);
    if (told !== undefined) return;
    await expectConflicts(before, model, product, doctor, await work);
    expect(asked).toEqual(await work);
  });
}

/** Told are those of the conflicts that have a reason which they had not before. */
async function expectConflicts(
  before: Told,
  model: ReferenceClinic,
  product: Product,
  doctor: number,
  told: Told,
): Promise<void> {
  const conflicts = model.conflicts(doctor);
  expect(await product.conflictsOf(doctor)).toEqual(conflicts);
  const known = new Map(before);
  const isNew = ([which, reasons]: Told[number]) =>
    reasons.some((reason) => !known.get(which)?.includes(reason));
  expect(told).toEqual(conflicts.filter(isNew));
  for (const reason of conflicts.flatMap(([, reasons]) => reasons)) {
    const what = `conflict: ${reason}`;
    answers.set(what, (answers.get(what) ?? 0) + 1);
  }
}

function toWait(minutes: number): Command {
  return command(`wait ${minutes} minutes`, async (model, product) => {
    model.now += minutes;
    product.clinic.clock.set(MIDNIGHT + model.now * MINUTE);
    await compare(model, product);
  });
}

function toRule(change: Partial<Rules>): Command {
  return command(`rules ${JSON.stringify(change)}`, async (model, product) => {
    model.rules = { ...model.rules, ...change };
    product.ruledBy(model.rules);
    await compare(model, product);
  });
}

const book = fc
  .record({ by: roles, doctor: fc.nat({ max: 1 }), patient: fc.nat({ max: 2 }), parts: wanted })
  .map(toBook);

const plan = fc
  .record({
    by: fc.constantFrom<Role>('doctor', 'doctor', 'admin'),
    doctor: fc.nat({ max: 1 }),
    patient: fc.nat({ max: 2 }),
    parts: wanted,
    rounds: fc.record({ everyWeeks: fc.constantFrom(1, 2), count: fc.constantFrom(2, 3) }),
  })
  .map(({ rounds, ...wish }) => toPlan(wish, rounds));

const cancelFollowing = fc
  .record({ by: roles, which: whichever, day: fc.constantFrom(0, 2, 7, 8) })
  .map(({ by, which, day }) => toCancelFollowing(by, which, day));

const leave = fc
  .record({
    doctor: fc.nat({ max: 1 }),
    from: fc.integer({ min: -4, max: 4 * 24 * 4 }).map((quarters) => quarters * 15),
    minutes: fc.constantFrom(15, 30, 120, 24 * 60),
  })
  .map(({ doctor, from, minutes }) => toLeave(doctor, from, minutes));

const setHours = fc
  .record({
    doctor: fc.nat({ max: 1 }),
    day: fc.constantFrom(-1, 0, 0, 1, 2, 7),
    hours: fc.constantFrom<Rules['open']>([], [[9 * 60, 10 * 60]], [[10 * 60 + 10, 16 * 60]]),
  })
  .map(({ doctor, day, hours }) => toSetHours(doctor, day, hours));

const move = fc
  .record({ by: roles, which: whichever, parts: wanted })
  .map(({ by, which, parts }) => toMove(by, which, parts));

const deeds = fc.constantFrom<Deed>('confirm', 'confirm', 'cancel', 'check-in', 'complete', 'no-show');
function toDo(deed: Deed, by: Role, which: number): Command {
  const done: Command['run'] = async (model, product) => {
    const i = which % model.visits.length;
    const visit = model.visits[i]!;
    const told = model.do(deed, by, visit);
    await agree(`${deed} by ${by}`, model, product, told, product.do(deed, by, i, visit));
  };
  return command(`${deed} ${JSON.stringify({ by, which })}`, done, needsVisits);
}

const act = fc
  .record({
    deed: deeds,
    by: fc.constantFrom<Role>('patient', 'doctor', 'doctor', 'admin'),
    which: whichever,
  })
  .map(({ deed, by, which }) => toDo(deed, by, which));

const wait = fc.integer({ min: 1, max: 40 }).map((steps) => toWait(steps * 15));

const EXPIRE = command('expire', async (model, product) => {
  const cancelled = (): number => model.visits.filter(({ status }) => status === 'cancelled').length;
  const before = cancelled();
  model.expire();
  const what = cancelled() > before ? 'expire' : 'nothing to expire';
  await agree(what, model, product, undefined, product.clinic.expireAppointments.execute());
});
const expire = fc.constant(EXPIRE);

const RULES: Rules = {
  types: [
    { name: 'first', minutes: 30, for: 'everyone' },
    { name: 'control', minutes: 15, for: 'seen' },
    { name: 'procedure', minutes: 45, for: 'doctor' },
  ],
  open: [
    [9 * 60, 12 * 60],
    [13 * 60, 17 * 60],
  ],
  grid: 15,
  notice: 60,
  buffer: 0,
  dailyMaximum: null,
  limit: 2,
  automatic: false,
  confirmWithin: 24 * 60,
  changeNotice: 4 * 60,
};

const changeRules = fc
  .record({
    buffer: fc.constantFrom(0, 5, 10),
    dailyMaximum: fc.constantFrom(null, null, 2),
    limit: fc.constantFrom(1, 2, 3),
    automatic: fc.boolean(),
    confirmWithin: fc.constantFrom(120, 24 * 60),
    changeNotice: fc.constantFrom(0, 4 * 60),
  })
  .map(toRule);

/** One walk in which each answer is given, so that none is left to chance. */
function aFullWeek(): Command[] {
  const plain = { type: undefined, minutes: undefined, exempt: false };
  const booked = (patient: number, time: number, doctor = 0, day = 0): Command =>
    toBook({ by: 'patient', doctor, patient, parts: { ...plain, day, time } });
  return [
    booked(0, 9 * 60),
    booked(0, 9 * 60, 1),
    toRule({ dailyMaximum: 2, limit: 1, changeNotice: 4 * 60 }),
    booked(1, 10 * 60),
    booked(2, 11 * 60),
    booked(0, 9 * 60, 0, 1),
    toWait(18 * 60),
    toMove('patient', 0, { ...plain, day: 1, time: 9 * 60 }),
    toMove('patient', 0, { ...plain, day: 1, time: 9 * 60 }),
    toDo('confirm', 'doctor', 0),
    toWait(3 * 60),
    toDo('check-in', 'doctor', 0),
    toDo('complete', 'doctor', 0),
    toDo('no-show', 'doctor', 0),
    booked(2, 9 * 60 + 45),
    ...[14, 15].map((hour) =>
      toBook({ by: 'doctor', doctor: 1, patient: 2, parts: { ...plain, day: 1, time: hour * 60 } }),
    ),
    toWait(60),
    EXPIRE,
    toDo('confirm', 'patient', 2),
    toMove('doctor', 2, { ...plain, day: 1, time: 15 * 60 }),
    toMove('admin', 2, { ...plain, day: 1, time: 16 * 60 }),
    toMove('patient', 2, { ...plain, day: 2, time: 10 * 60 }),
    toDo('confirm', 'admin', 2),
    toDo('confirm', 'admin', 2),
    booked(1, 10 * 60, 1, 2),
    booked(1, 9 * 60, 1),
    booked(1, 12 * 60 + 15, 1, 1),
    booked(1, 9 * 60 + 2, 1, 1),
    toBook({ by: 'patient', doctor: 1, patient: 1, parts: { ...plain, day: 1, time: 600, type: 'surgery' } }),
    toBook({ by: 'admin', doctor: 1, patient: 1, parts: { ...plain, day: 2, time: 11 * 60 } }),
    toDo('cancel', 'admin', 2),
    toDo('complete', 'doctor', 0),
    ...aSeries('doctor', plain),
    ...aSeries('admin', { ...plain, exempt: true }),
    toBook({ by: 'admin', doctor: 1, patient: 1, parts: { ...plain, exempt: true, day: 8, time: 9 * 60 } }),
    toSetHours(1, 8, [[13 * 60, 14 * 60]]),
    toLeave(1, 8 * 1440, 1440),
    toLeave(1, 0, 15),
    toBook({ by: 'admin', doctor: 1, patient: 2, parts: { ...plain, day: 8, time: 13 * 60 } }),
    ...[540, 570, 630].map((time) =>
      toBook({ by: 'admin', doctor: 1, patient: 1, parts: { ...plain, exempt: true, day: 9, time } }),
    ),
    toRule({ buffer: 10, dailyMaximum: 2 }),
    toSetHours(1, 9, [[9 * 60, 12 * 60]]),
    toBook({ by: 'admin', doctor: 1, patient: 2, parts: { ...plain, exempt: true, day: 10, time: 20 * 60 } }),
    toSetHours(1, 10, [[9 * 60, 12 * 60]]),
    toSetHours(1, 10, []),
  ];
}

/** Made once, refused a second time, and cancelled in two steps. */
function aSeries(by: Role, plain: Omit<WantedParts, 'day' | 'time'>): Command[] {
  const wish = { by, doctor: 0, patient: 0, parts: { ...plain, day: 7, time: by === 'doctor' ? 600 : 660 } };
  const rounds = { everyWeeks: 1, count: 3 };
  const made = by === 'doctor' ? 0 : 1;
  return [
    toPlan(wish, rounds),
    toPlan(wish, rounds),
    toCancelFollowing('patient', made, 21),
    toCancelFollowing(by, made, 14),
  ];
}

/** Whatever else people can do joins here: its command, and its sentence in the model. */
const COMMANDS = [
  book,
  book,
  book,
  plan,
  plan,
  cancelFollowing,
  move,
  move,
  act,
  act,
  act,
  act,
  act,
  wait,
  wait,
  wait,
  expire,
  changeRules,
  leave,
  setHours,
];

const EXPECTED = [
  [
    'book by patient',
    'book by doctor',
    'book by admin',
    'move by patient',
    'move by doctor',
    'move by admin',
  ],
  ['confirm by patient', 'confirm by doctor', 'confirm by admin', 'cancel by admin'],
  ['check-in by doctor', 'complete by doctor', 'no-show by doctor', 'expire'],
  ['action-not-allowed', 'too-late-to-change', 'proposal-limit', 'unknown-visit-type', 'in-the-past'],
  [
    'plan by doctor',
    'plan by admin',
    'series-refused',
    'cancel series by patient',
    'cancel series by doctor',
  ],
  [
    'leave',
    'hours',
    'conflict: outside-hours',
    'conflict: doctor-absent',
    'conflict: too-close',
    'conflict: day-full',
    'doctor-absent',
    'invalid-request',
  ],
  ['too-soon', 'outside-hours', 'off-grid', 'slot-taken', 'day-full', 'patient-limit', 'patient-busy'],
].flat();

const walks = fc.commands(COMMANDS, { maxCommands: 40, size: 'max' });

async function run(Model: typeof ReferenceClinic, commands: Iterable<Command>): Promise<void> {
  const real = await new Product().open(RULES);
  await fc.asyncModelRun(() => ({ model: new Model({ ...RULES }, SUNDAY_NOON), real }), commands);
}

test('whatever people do in whatever order, the clinic answers and is as the rules say', async () => {
  answers.clear();
  await run(ReferenceClinic, aFullWeek());
  await fc.assert(
    fc.asyncProperty(walks, (commands) => run(ReferenceClinic, commands)),
    { numRuns: 40 },
  );
  expect(EXPECTED.filter((answer) => !answers.has(answer))).toEqual([]);
});

test('control: a model whose doctors are always there is found out', async () => {
  class RestlessClinic extends ReferenceClinic {
    override leave(): undefined {}
  }
  await expect(run(RestlessClinic, aFullWeek())).rejects.toThrow('to deeply equal');
});

test('control: a model that lets a patient move at any time is found out', async () => {
  class ForgetfulClinic extends ReferenceClinic {
    override allowed(by: Role, visit: Visit): string[] {
      return super.allowed(by === 'patient' ? 'admin' : by, visit);
    }
  }
  const property = fc.asyncProperty(walks, (commands) => run(ForgetfulClinic, commands));
  const { failed } = await fc.check(property, { numRuns: 20, endOnFailure: true });
  expect(failed).toBe(true);
});
