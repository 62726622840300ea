import type { INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Temporal } from 'temporal-polyfill';
import { DAY } from '#libs/kernel/clock.js';
import { SetApproval } from '../admin/index.js';
import { AppModule } from '../app.module.js';
import type { Config } from '../config.js';
import { SaveDoctorProfile } from '../doctors/index.js';
import {
  RegisterUser,
  type Actor,
  type RegisterUserInput,
  type Role,
  type Users,
} from '../identity/index.js';
import { SavePatientProfile } from '../patients/index.js';
import {
  AddAbsence,
  BookAppointment,
  CancelAppointment,
  CompleteAppointment,
  ConfirmAppointment,
  ScheduleSeries,
  SetOverride,
  SetSlotPolicy,
} from '../scheduling/index.js';
import { AFTERNOON, JAMES_POLICY, MORNING, OLIVER_POLICY, type Hours } from './availability.js';
import { DemoClock, DemoIds } from './demo-time.js';
import { ADMIN, DEMO_PASSWORD, DOCTORS, PATIENTS } from './people.js';

export interface DemoClinic {
  password: string;
  accounts: readonly { role: Role; email: string; who: string }[];
}

const SUMMARY: DemoClinic = {
  password: DEMO_PASSWORD,
  accounts: [
    { role: 'patient', email: PATIENTS[0].email, who: 'has visits behind and ahead' },
    {
      role: 'doctor',
      email: DOCTORS[0].email,
      who: `${DOCTORS[0].profile.specialty}, ${DOCTORS[0].profile.timeZone}`,
    },
    {
      role: 'doctor',
      email: DOCTORS[1].email,
      who: `${DOCTORS[1].profile.specialty}, ${DOCTORS[1].profile.timeZone}`,
    },
    { role: 'admin', email: ADMIN.email, who: 'sees appointments, accounts and the audit trail' },
  ],
};

/** A person of the demo, signed in. */
interface Member {
  actor: Actor;
  profile: string;
}

interface DoctorMember extends Member {
  timeZone: string;
}

type Person = Omit<RegisterUserInput, 'password'>;

/**
 * Fills an empty database through the use cases, on a clock of its own. Answers what the demo is, or undefined where
 * the data is not the demo's.
 */
export async function fillDemoClinic(config: Config, users: Users): Promise<DemoClinic | undefined> {
  if (await users.isEmpty()) await writeDemoClinic(config, new DemoClock());
  return (await users.findByEmail(ADMIN.email)) && SUMMARY;
}

/** The story of the demo clinic, up to the clock's present. */
export async function writeDemoClinic(config: Config, clock: DemoClock): Promise<void> {
  const ids = new DemoIds();
  const context = await NestFactory.createApplicationContext(AppModule.with(config, clock, ids), {
    logger: ['error', 'fatal'],
    abortOnError: false,
  });
  await new DemoStory(context, clock, ids).tell();
  await context.close();
}

/** Some weeks in the life of a clinic, up to today. */
class DemoStory {
  readonly #today: Temporal.Instant;

  constructor(
    private readonly context: INestApplicationContext,
    private readonly clock: DemoClock,
    private readonly ids: DemoIds,
  ) {
    this.#today = Temporal.Instant.fromEpochMilliseconds(clock.now());
  }

  async tell(): Promise<void> {
    this.clock.set(this.#today.epochMilliseconds - 60 * DAY);
    this.ids.after(0xa0);
    await this.#register({ ...ADMIN, role: 'admin' });
    const [clara, james, priya, oliver] = [
      await this.#doctor(DOCTORS[0], 0),
      await this.#doctor(DOCTORS[1], 1),
      await this.#doctor(DOCTORS[2], 2),
      await this.#doctor(DOCTORS[3], 3),
    ] as const;
    await this.#use(SetSlotPolicy).execute({ actor: james.actor, doctor: james.profile, ...JAMES_POLICY });
    await this.#use(SetSlotPolicy).execute({ actor: oliver.actor, doctor: oliver.profile, ...OLIVER_POLICY });
    const [lena, tomas, amina, noah] = [
      await this.#patient(PATIENTS[0], 0),
      await this.#patient(PATIENTS[1], 1),
      await this.#patient(PATIENTS[2], 2),
      await this.#patient(PATIENTS[3], 3),
    ] as const;

    this.ids.after(0xf0);
    await this.#seen(lena, clara, -30, '09:30', 'Palpitations');
    await this.#confirmed(lena, clara, 7, '10:00', 'Follow-up of the ECG');
    await this.#booked(lena, clara, 9, '11:00', 'Blood pressure check');
    await this.#confirmed(tomas, clara, -1, '09:00', 'Chest pain after exercise');
    await this.#seen(tomas, james, -21, '14:00', 'General Checkup');
    await this.#confirmed(tomas, james, 3, '09:00', 'General Checkup');
    await this.#seen(amina, james, -14, '10:30', 'Asthma control');
    await this.#confirmed(amina, james, 6, '15:00', 'Asthma control');
    await this.#booked(amina, priya, 4, '12:00', 'Rash');
    await this.#cancelled(noah, priya, -7, '15:30', 'Mole check');
    await this.#confirmed(noah, clara, 2, '13:30', 'Family history of heart disease');
    await this.#proposed(noah, james, 5, '11:30', 'Vaccination');
    // Seen before, and so confirmed: can be checked in.
    await this.#proposed(amina, james, 0, '16:00', 'Asthma control');
    await this.#confirmed(noah, clara, -1, '11:00', 'Results of the ECG');
    this.ids.after(0xe0);
    await this.#series(tomas, james, 20, '15:30', 'Physiotherapy');

    this.clock.set(this.#today.epochMilliseconds);
    this.ids.after(0xb0);
    // On the day of Amina's visit: it is a conflict.
    await this.#away(james, 6, AFTERNOON, 'Training');
    // The date of the examples.
    await this.#open(james, 14, [MORNING]);
  }

  async #register(person: Person): Promise<Actor> {
    const user = await this.#use(RegisterUser).execute({ ...person, password: DEMO_PASSWORD });
    return { userId: user.id, role: user.role, sessionId: '' };
  }

  async #doctor(
    { profile: change, ...person }: (typeof DOCTORS)[number],
    index: number,
  ): Promise<DoctorMember> {
    this.ids.after(0xd80 + index);
    const actor = await this.#register({ ...person, role: 'doctor' });
    this.ids.after(0xd0 + index);
    const { doctor } = await this.#use(SaveDoctorProfile).execute({ userId: actor.userId, change });
    await this.#use(SetApproval).execute({ userId: actor.userId, approved: true });
    return { actor, profile: doctor.id, timeZone: doctor.timeZone };
  }

  async #patient({ profile: change, ...person }: (typeof PATIENTS)[number], index: number): Promise<Member> {
    this.ids.after(0xc80 + index);
    const actor = await this.#register({ ...person, role: 'patient' });
    this.ids.after(0xc0 + index);
    const { patient } = await this.#use(SavePatientProfile).execute({ userId: actor.userId, change });
    return { actor, profile: patient.id };
  }

  /** The patient books some days ahead, or just now, and the doctor has not answered yet. */
  #booked(patient: Member, doctor: DoctorMember, days: number, time: string, reason: string) {
    return this.#book(patient.actor, { doctor: doctor.profile }, doctor.timeZone, days, time, reason);
  }

  #proposed(patient: Member, doctor: DoctorMember, days: number, time: string, reason: string) {
    return this.#book(doctor.actor, { patient: patient.profile }, doctor.timeZone, days, time, reason);
  }

  async #confirmed(patient: Member, doctor: DoctorMember, days: number, time: string, reason: string) {
    const appointment = await this.#booked(patient, doctor, days, time, reason);
    await this.#use(ConfirmAppointment).execute({ actor: doctor.actor, id: appointment.id, reason: null });
    return appointment;
  }

  async #seen(patient: Member, doctor: DoctorMember, days: number, time: string, reason: string) {
    const { id, state } = await this.#confirmed(patient, doctor, days, time, reason);
    this.clock.set(state.slot.endsAt);
    await this.#use(CompleteAppointment).execute({ actor: doctor.actor, id });
  }

  async #cancelled(patient: Member, doctor: DoctorMember, days: number, time: string, reason: string) {
    const { id, state } = await this.#booked(patient, doctor, days, time, reason);
    this.clock.set(state.slot.startsAt - 2 * DAY);
    await this.#use(CancelAppointment).execute({ actor: patient.actor, id, reason: 'On holiday' });
  }

  /** Three visits, one every week. */
  async #series(patient: Member, doctor: DoctorMember, days: number, time: string, reasonForVisit: string) {
    this.clock.set(this.#today.epochMilliseconds);
    const choice = choiceOf(this.#start(days, doctor.timeZone, time));
    const input = { actor: doctor.actor, patient: patient.profile, ...choice, reasonForVisit };
    await this.#use(ScheduleSeries).execute({ ...input, everyWeeks: 1, count: 3 });
  }

  async #book(
    actor: Actor,
    other: { doctor: string } | { patient: string },
    zone: string,
    days: number,
    time: string,
    reasonForVisit: string,
  ) {
    const start = this.#start(days, zone, time);
    this.clock.set(Math.min(start.epochMilliseconds - 5 * DAY, this.#today.epochMilliseconds));
    const input = { actor, ...other, ...choiceOf(start), reasonForVisit };
    return (await this.#use(BookAppointment).execute(input)).view.appointment;
  }

  #start(days: number, zone: string, plainTime: string): Temporal.ZonedDateTime {
    return this.#workday(days, zone).toZonedDateTime({ timeZone: zone, plainTime });
  }

  /** The working day nearest to so many days from today, away from today; today itself whatever day it is. */
  #workday(days: number, zone: string): Temporal.PlainDate {
    let date = this.#today.toZonedDateTimeISO(zone).toPlainDate().add({ days });
    if (days === 0) return date;
    while (date.dayOfWeek > 5) date = date.add({ days: Math.sign(days) });
    return date;
  }

  async #away(
    { actor, profile: doctor, timeZone }: DoctorMember,
    days: number,
    times: Hours,
    reason: string,
  ) {
    const date = this.#workday(days, timeZone).toString();
    const absence = { fromDate: date, toDate: date, times };
    await this.#use(AddAbsence).execute({ actor, doctor, absence, reason });
  }

  async #open({ actor, profile: doctor }: DoctorMember, days: number, hours: readonly Hours[]) {
    const override = { date: this.#workday(days, 'UTC').toString(), hours };
    await this.#use(SetOverride).execute({ actor, doctor, override });
  }

  #use<T>(useCase: Type<T>): T {
    return this.context.get(useCase, { strict: false });
  }
}

function choiceOf(start: Temporal.ZonedDateTime): { date: string; time: number } {
  return { date: start.toPlainDate().toString(), time: start.hour * 60 + start.minute };
}
