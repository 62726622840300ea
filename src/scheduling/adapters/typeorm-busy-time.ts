import { In } from 'typeorm';
import { MINUTE, type Instant } from '#libs/kernel/clock.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Agenda } from '../domain/agenda.js';
import { isActive, STATUSES, type AppointmentStatus } from '../domain/appointment.js';
import { MAX_VISIT_MINUTES, TimeSlot } from '../domain/time-slot.js';
import type { DoctorsTime } from '../ports.js';

/** Edges of a time as a raw query answers them: 64-bit integers are text on the servers. */
interface StoredTime {
  doctor: string;
  starts: number | string;
  ends: number | string;
}

interface TimeOf {
  doctor: string;
  patient: string;
  status: AppointmentStatus;
  slot: TimeSlot;
}

/** What appointments and absences keep of people's time, read in two queries and without the rest of them. */
export class TypeOrmBusyTime {
  constructor(private readonly transactions: TypeOrmTransactions) {}

  /** Of each doctor, read at once however many they are. */
  async of(
    doctors: readonly string[],
    patient: string | undefined,
    span: TimeSlot,
    now: Instant,
  ): Promise<ReadonlyMap<string, DoctorsTime>> {
    if (doctors.length === 0) return new Map();
    const times = await this.#timesOf(doctors, patient, span);
    const inSpan = times.filter(({ slot }) => slot.overlaps(span));
    const ofPatient = inSpan.filter((time) => time.patient === patient && isActive(time));
    const agendaOfPatient = new Agenda(ofPatient.map(({ slot }) => slot));
    const ofPair = byDoctor(times.filter((time) => time.patient === patient));
    const ofDoctor = byDoctor(inSpan);
    const absences = byDoctor(await this.#absencesOf(doctors, span));
    const timeOf = (doctor: string): DoctorsTime => {
      const own = ofDoctor.get(doctor) ?? [];
      const earlier = ofPair.get(doctor) ?? [];
      const busy = {
        doctor: new Agenda(own.filter(isActive).map(({ slot }) => slot)),
        starts: own.map(({ slot }) => slot.startsAt),
        absences: new Agenda((absences.get(doctor) ?? []).map(({ slot }) => slot)),
        patient: agendaOfPatient,
        openWithDoctor: earlier.filter((time) => isActive(time) && time.slot.startsAt > now).length,
      };
      return { busy, earlier };
    };
    return new Map(doctors.map((doctor) => [doctor, timeOf(doctor)]));
  }

  /** All but the cancelled appointments: of the doctors, those that overlap the span; of the patient, every one. */
  async #timesOf(
    doctors: readonly string[],
    patient: string | undefined,
    { startsAt, endsAt }: TimeSlot,
  ): Promise<TimeOf[]> {
    // The lower bound of the start lets an index on it serve.
    const earliest = startsAt - MAX_VISIT_MINUTES * MINUTE;
    const ofDoctors = `a.doctor IN (:...doctors) AND a.startsAt >= :earliest AND a.startsAt < :endsAt AND a.endsAt > :startsAt`;
    const rows = await this.transactions.manager
      .createQueryBuilder('Appointment', 'a')
      .select(['a.doctor AS doctor', 'a.patient AS patient', 'a.status AS status'])
      .addSelect(['a.startsAt AS starts', 'a.endsAt AS ends'])
      .where(patient === undefined ? ofDoctors : `((${ofDoctors}) OR a.patient = :patient)`, {
        doctors,
        patient,
        earliest,
        startsAt,
        endsAt,
      })
      .andWhere({ status: In(STATUSES.filter((status) => status !== 'cancelled')) })
      .getRawMany<StoredTime & { patient: string; status: AppointmentStatus }>();
    return rows.map(({ doctor, patient, status, ...edges }) => ({
      doctor,
      patient,
      status,
      slot: slotOf(edges),
    }));
  }

  async #absencesOf(
    doctors: readonly string[],
    { startsAt, endsAt }: TimeSlot,
  ): Promise<{ doctor: string; slot: TimeSlot }[]> {
    const rows = await this.transactions.manager
      .createQueryBuilder('Absence', 'absence')
      .select('absence.doctor', 'doctor')
      .addSelect(['absence.startsAt AS starts', 'absence.endsAt AS ends'])
      .where('absence.doctor IN (:...doctors) AND absence.endsAt > :startsAt', { doctors, startsAt })
      .andWhere('absence.startsAt < :endsAt', { endsAt })
      .getRawMany<StoredTime>();
    return rows.map(({ doctor, ...edges }) => ({ doctor, slot: slotOf(edges) }));
  }
}

function byDoctor<T extends { doctor: string }>(times: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const time of times) {
    const others = found.get(time.doctor);
    if (others === undefined) found.set(time.doctor, [time]);
    else others.push(time);
  }
  return found;
}

function slotOf({ starts, ends }: Pick<StoredTime, 'starts' | 'ends'>): TimeSlot {
  return new TimeSlot(Number(starts), Number(ends));
}
