import { NotFound } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import { People, type KnownDoctor } from '../ports.js';
import type { Party } from './appointment-views.js';

/** A doctor's rules are the doctor's own, and an admin's to mind; to everybody else they are not there. */
export class OwnRules {
  constructor(private readonly people: People) {}

  /** The doctor, also one who cannot be booked now. Throws NotFound. */
  async doctor(actor: Actor, id: string): Promise<KnownDoctor> {
    const doctor = await this.people.findAnyDoctor(id);
    if (doctor === undefined || !(await this.areOf(actor, id))) throw new NotFound('doctor');
    return doctor;
  }

  async areOf({ role, userId }: Actor, doctor: string): Promise<boolean> {
    if (role !== 'doctor') return role === 'admin';
    return (await this.people.profileOf({ userId, role })) === doctor;
  }
}

/** Of an actor whose rules they are. */
export function partyAt(doctor: string, { role }: Actor): Party {
  return role === 'admin' ? { side: 'admin' } : { side: 'doctor', profile: doctor };
}
