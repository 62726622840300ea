import { Clock } from '#libs/kernel/clock.js';
import { CareRelationship } from '../../patients/index.js';
import { CareAccess } from '../domain/care.js';
import { mayBeBooked } from '../domain/standing.js';
import { Appointments, People } from '../ports.js';

/** Tells the patients module whom a doctor treats, from their appointments: nobody, while the clinic has not approved them. */
export class SchedulingCareRelationship extends CareRelationship {
  constructor(
    private readonly appointments: Appointments,
    private readonly people: People,
    private readonly care: CareAccess,
    private readonly clock: Clock,
  ) {
    super();
  }

  async treats(doctorUserId: string, patientId: string): Promise<boolean> {
    return (await this.#treated(doctorUserId, [patientId])).length > 0;
  }

  patientsOf(doctorUserId: string): Promise<readonly string[]> {
    return this.#treated(doctorUserId);
  }

  async #treated(userId: string, among?: readonly string[]): Promise<readonly string[]> {
    const doctor = await this.people.profileOf({ userId, role: 'doctor' });
    if (doctor === undefined) return [];
    const standing = await this.people.findAnyDoctor(doctor);
    if (standing === undefined || !mayBeBooked(standing)) return [];
    return this.appointments.patientsTreatedBy(doctor, this.care.since(this.clock.now()), among);
  }
}
