import { DomainError } from '#libs/kernel/errors.js';
import { UuidIds } from '#libs/nest/system.js';
import type { Doctor } from '../../../src/doctors/domain/doctor.js';
import type { Actor, Role, User } from '../../../src/identity/index.js';
import { DirectoryPeople } from '../../../src/scheduling/adapters/directory-people.js';
import { SchedulingCareRelationship } from '../../../src/scheduling/adapters/scheduling-care-relationship.js';
import { SchedulingDoctorAgendas } from '../../../src/scheduling/adapters/scheduling-doctor-agendas.js';
import { CareAccess } from '../../../src/scheduling/domain/care.js';
import { ActOnAppointment } from '../../../src/scheduling/use-cases/act-on-appointment.js';
import { AddAbsence } from '../../../src/scheduling/use-cases/add-absence.js';
import { AppointmentViews } from '../../../src/scheduling/use-cases/appointment-views.js';
import {
  BookAppointment,
  type BookAppointmentInput,
} from '../../../src/scheduling/use-cases/book-appointment.js';
import { CancelAppointment } from '../../../src/scheduling/use-cases/cancel-appointment.js';
import { CancelSeries, type CancelSeriesInput } from '../../../src/scheduling/use-cases/cancel-series.js';
import { ChangeRules } from '../../../src/scheduling/use-cases/change-rules.js';
import { ChangeStanding } from '../../../src/scheduling/use-cases/change-standing.js';
import { CheckInAppointment } from '../../../src/scheduling/use-cases/check-in-appointment.js';
import { CompleteAppointment } from '../../../src/scheduling/use-cases/complete-appointment.js';
import { ConfirmAppointment } from '../../../src/scheduling/use-cases/confirm-appointment.js';
import { ExpireAppointments } from '../../../src/scheduling/use-cases/expire-appointments.js';
import { ExplainSlot } from '../../../src/scheduling/use-cases/explain-slot.js';
import { FindConflicts } from '../../../src/scheduling/use-cases/find-conflicts.js';
import { ListAppointments } from '../../../src/scheduling/use-cases/list-appointments.js';
import { ListFirstFreeSlots } from '../../../src/scheduling/use-cases/list-first-free-slots.js';
import { ListFreeSlots } from '../../../src/scheduling/use-cases/list-free-slots.js';
import { MissAppointment } from '../../../src/scheduling/use-cases/miss-appointment.js';
import { OncePerKey } from '../../../src/scheduling/use-cases/once-per-key.js';
import { PreviewSeries } from '../../../src/scheduling/use-cases/preview-series.js';
import { OwnRules } from '../../../src/scheduling/use-cases/own-rules.js';
import { ReadAppointment } from '../../../src/scheduling/use-cases/read-appointment.js';
import { ReadSeries } from '../../../src/scheduling/use-cases/read-series.js';
import { ReadRules } from '../../../src/scheduling/use-cases/read-rules.js';
import { RemoveAbsence } from '../../../src/scheduling/use-cases/remove-absence.js';
import { RemoveOverride } from '../../../src/scheduling/use-cases/remove-override.js';
import {
  RescheduleAppointment,
  type RescheduleAppointmentInput,
} from '../../../src/scheduling/use-cases/reschedule-appointment.js';
import { ScheduleSeries } from '../../../src/scheduling/use-cases/schedule-series.js';
import { SeriesRequests, type SeriesInput } from '../../../src/scheduling/use-cases/series-requests.js';
import { SeriesViews } from '../../../src/scheduling/use-cases/series-views.js';
import { SetOverride } from '../../../src/scheduling/use-cases/set-override.js';
import { SetSlotPolicy } from '../../../src/scheduling/use-cases/set-slot-policy.js';
import { SlotRequests } from '../../../src/scheduling/use-cases/slot-requests.js';
import { parseTime } from '../../../src/scheduling/domain/calendar.js';
import { FixedClock } from '../../support/app.js';
import { MemoryPorts } from '../../support/memory/memory-ports.js';
import { admitDoctor, admitPatient, aUser } from '../../support/memory/people.js';
import { MONDAY, NOON_BEFORE } from '../domain/builders.js';

export interface Member {
  actor: Actor;
  /** Of the profile. */
  id: string;
}

type Asked = Partial<Omit<BookAppointmentInput, 'actor' | 'time'>>;
type Planned = Partial<Omit<SeriesInput, 'actor' | 'time'>>;
type Moved = Partial<Omit<RescheduleAppointmentInput, 'actor' | 'id' | 'time'>>;

/** The use cases of scheduling over one store in memory, on a Sunday noon. */
export class MemoryClinic extends MemoryPorts {
  readonly clock = new FixedClock(NOON_BEFORE);
  readonly #ids = new UuidIds();
  readonly #people = new DirectoryPeople(this.doctorDirectory, this.patientDirectory);
  readonly #care = new CareAccess(365);
  readonly #views = new AppointmentViews(
    this.appointments,
    this.#people,
    this.policies,
    this.#care,
    this.clock,
  );
  readonly #slots = new SlotRequests(this.appointments, this.policies, this.#people, this.#care, this.clock);
  readonly #once = new OncePerKey(this.transactions, this.idempotencyKeys, this.appointments, this.clock);
  readonly #bookAppointment = new BookAppointment(
    this.#once,
    this.agendas,
    this.appointments,
    this.#slots,
    this.#people,
    this.#views,
    this.clock,
    this.#ids,
    this.audit,
  );
  readonly #actOn = new ActOnAppointment(
    this.#once,
    this.agendas,
    this.appointments,
    this.policies,
    this.#people,
    this.#views,
    this.clock,
    this.audit,
  );
  readonly confirmAppointment = new ConfirmAppointment(this.#actOn);
  readonly cancelAppointment = new CancelAppointment(this.#actOn);
  readonly rescheduleAppointment = new RescheduleAppointment(this.#actOn, this.appointments, this.#slots);
  readonly checkInAppointment = new CheckInAppointment(this.#actOn);
  readonly completeAppointment = new CompleteAppointment(this.#actOn);
  readonly missAppointment = new MissAppointment(this.#actOn);
  readonly expireAppointments = new ExpireAppointments(
    this.transactions,
    this.agendas,
    this.appointments,
    this.clock,
    this.audit,
  );
  readonly #seriesRequests = new SeriesRequests(this.#slots, this.#people, this.#views);
  readonly #seriesViews = new SeriesViews(this.seriesRegister, this.appointments, this.#views);
  readonly #previewSeries = new PreviewSeries(this.#seriesRequests, this.clock);
  readonly #scheduleSeries = new ScheduleSeries(
    this.#once,
    this.agendas,
    this.appointments,
    this.seriesRegister,
    this.#seriesRequests,
    this.#slots,
    this.#seriesViews,
    this.clock,
    this.#ids,
    this.audit,
  );
  readonly readSeries = new ReadSeries(this.#views, this.#seriesViews);
  readonly #cancelSeries = new CancelSeries(
    this.#once,
    this.agendas,
    this.appointments,
    this.policies,
    this.#views,
    this.#seriesViews,
    this.clock,
    this.audit,
  );
  readonly listAppointments = new ListAppointments(this.appointments, this.#views, this.clock);
  readonly readAppointment = new ReadAppointment(this.appointments, this.#views);
  readonly listFreeSlots = new ListFreeSlots(
    this.appointments,
    this.policies,
    this.#people,
    this.#care,
    this.clock,
  );
  readonly listFirstFreeSlots = new ListFirstFreeSlots(
    this.appointments,
    this.policies,
    this.#people,
    this.#care,
    this.clock,
  );
  readonly #ownRules = new OwnRules(this.#people);
  readonly explainSlot = new ExplainSlot(
    this.appointments,
    this.policies,
    this.#people,
    this.#ownRules,
    this.#care,
    this.clock,
  );
  readonly #conflicts = new FindConflicts(
    this.appointments,
    this.policies,
    this.absences,
    this.#people,
    this.#views,
  );
  readonly #changeRules = new ChangeRules(
    this.transactions,
    this.agendas,
    this.#ownRules,
    this.#conflicts,
    this.clock,
    this.audit,
  );
  readonly readRules = new ReadRules(
    this.#ownRules,
    this.policies,
    this.overrides,
    this.absences,
    this.#conflicts,
    this.clock,
  );
  readonly setSlotPolicy = new SetSlotPolicy(this.#changeRules, this.policies);
  readonly setOverride = new SetOverride(this.#changeRules, this.overrides);
  readonly removeOverride = new RemoveOverride(this.#changeRules, this.overrides);
  readonly addAbsence = new AddAbsence(this.#changeRules, this.absences, this.#ids);
  readonly removeAbsence = new RemoveAbsence(this.#changeRules, this.absences);
  readonly doctorAgendas = new SchedulingDoctorAgendas(this.agendas, this.#conflicts, this.clock);
  readonly changeStanding = new ChangeStanding(
    this.transactions,
    this.agendas,
    this.#people,
    this.#conflicts,
    this.clock,
  );
  readonly careRelationship = new SchedulingCareRelationship(
    this.appointments,
    this.#people,
    this.#care,
    this.clock,
  );

  async doctor(profile: Partial<Doctor> = {}, account: Partial<User> = {}): Promise<Member> {
    const named = { firstName: 'Clara', lastName: 'Sommer', ...account };
    const { id, userId } = await admitDoctor(this, profile, named);
    return { id, actor: actorOf('doctor', userId) };
  }

  async patient(account: Partial<User> = {}): Promise<Member> {
    const named = { firstName: 'Lena', lastName: 'Fischer', ...account };
    const { id, userId } = await admitPatient(this, {}, named);
    return { id, actor: actorOf('patient', userId) };
  }

  /** A user who has not filled in a profile. */
  async newcomer(role: Role): Promise<Actor> {
    const user = aUser({ role });
    await this.transactions.run(() => this.users.add(user));
    return actorOf(role, user.id);
  }

  /** Asks for a time of Monday, unless told otherwise. */
  async book({ actor }: Pick<Member, 'actor'>, time: string, asked: Asked = {}) {
    const input = { actor, date: MONDAY, time: parseTime(time), reasonForVisit: 'General Checkup', ...asked };
    return (await this.#bookAppointment.execute(input)).view;
  }

  async confirm({ actor }: Pick<Member, 'actor'>, id: string, reason: string | null = null) {
    return (await this.confirmAppointment.execute({ actor, id, reason })).view;
  }

  async cancel({ actor }: Pick<Member, 'actor'>, id: string, reason: string | null = null) {
    return (await this.cancelAppointment.execute({ actor, id, reason })).view;
  }

  /** Moves it to a time of Monday, unless told otherwise. */
  async reschedule({ actor }: Pick<Member, 'actor'>, id: string, time: string, asked: Moved = {}) {
    const input = { actor, id, date: MONDAY, time: parseTime(time), reason: null, ...asked };
    return (await this.rescheduleAppointment.execute(input)).view;
  }

  /** What a weekly series of three from a time of Monday would meet, unless told otherwise. */
  async preview({ actor }: Pick<Member, 'actor'>, time: string, planned: Planned = {}) {
    return (await this.#previewSeries.execute(seriesInput(actor, time, planned))).visits;
  }

  /** A weekly series of three from a time of Monday, unless told otherwise. */
  schedule({ actor }: Pick<Member, 'actor'>, time: string, planned: Planned = {}) {
    return this.#scheduleSeries.execute(seriesInput(actor, time, planned));
  }

  cancelSeries({ actor }: Pick<Member, 'actor'>, id: string, more: Partial<CancelSeriesInput> = {}) {
    return this.#cancelSeries.execute({ actor, id, reason: null, ...more });
  }

  async checkIn({ actor }: Pick<Member, 'actor'>, id: string) {
    return (await this.checkInAppointment.execute({ actor, id })).view;
  }

  async miss({ actor }: Pick<Member, 'actor'>, id: string) {
    return (await this.missAppointment.execute({ actor, id })).view;
  }

  async complete({ actor }: Pick<Member, 'actor'>, id: string) {
    return (await this.completeAppointment.execute({ actor, id })).view;
  }

  /** All that is stored, in the order of time. */
  async stored() {
    const { results } = await this.appointments.list({ order: 'asc', limit: 1000 }, this.clock.now());
    return results.map(({ state }) => state);
  }
}

function seriesInput(actor: Actor, time: string, planned: Planned): SeriesInput {
  const usual = { date: MONDAY, everyWeeks: 1, count: 3, reasonForVisit: 'General Checkup' };
  return { actor, time: parseTime(time), ...usual, ...planned };
}

export const ADMIN: Pick<Member, 'actor'> = { actor: actorOf('admin', 'the admin') };

function actorOf(role: Role, userId: string): Actor {
  return { role, userId, sessionId: 'session' };
}

/** The code of the problem that the work ends with. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DomainError) return error.problem.code;
    throw error;
  }
  return 'nothing was refused';
}
