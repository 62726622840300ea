import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RegisterUser } from '../../src/identity/index.js';
import { Client } from './client.js';
import { signIn } from './sign-in.js';

/** A person whom a test brought to the clinic, signed in. */
export interface Person {
  client: Client;
  email: string;
  /** Of the user. */
  user: string;
}

/** One with a profile, of this id. */
export interface Member extends Person {
  id: string;
}

export const PASSWORD = 'a tree in the wind';

/** Brings people to a clinic, through the HTTP API wherever it lets them in, and signs them in at once. */
export class Clinic {
  readonly anyone: Client;
  #people = 0;

  constructor(private readonly app: NestFastifyApplication) {
    this.anyone = new Client(app);
  }

  async user(
    role: 'doctor' | 'patient',
    name: { first_name?: string; last_name?: string } = {},
  ): Promise<Person> {
    const email = this.email(role);
    const request = { email, password: PASSWORD, first_name: 'Ada', last_name: 'Newman', role, ...name };
    const { body } = await this.anyone.post('/api/auth/register/', request);
    return this.#signedIn(email, body.id as string);
  }

  async doctor(profile: object = {}): Promise<Member> {
    const person = await this.user('doctor', { first_name: 'Dora', last_name: 'Hale' });
    return this.#member(person, '/api/doctor-profile/', { ...DOCTOR_PROFILE, ...profile });
  }

  async patient(profile: object = {}): Promise<Member> {
    const person = await this.user('patient', { first_name: 'Pat', last_name: 'Quill' });
    return this.#member(person, '/api/patient-profile/', { ...PATIENT_PROFILE, ...profile });
  }

  /** Not through the API: nobody registers as an admin. */
  async admin(): Promise<Person> {
    const email = this.email('admin');
    const registration = { email, firstName: 'Addy', lastName: 'Moss', gender: null, role: 'admin' as const };
    const { id: user } = await this.app
      .get(RegisterUser, { strict: false })
      .execute({ ...registration, password: PASSWORD });
    return this.#signedIn(email, user);
  }

  /** An email that nobody has yet. */
  email(name: string): string {
    return `${name}-${++this.#people}@example.org`;
  }

  async #signedIn(email: string, user: string): Promise<Person> {
    return { client: this.anyone.with(await signIn(this.app, user)), email, user };
  }

  async #member(person: Person, path: string, profile: object): Promise<Member> {
    const { status, body } = await person.client.post(path, profile);
    if (status !== 201) throw new Error(`no profile was made: ${JSON.stringify(body)}`);
    return { ...person, id: body.id as string };
  }
}

export const DOCTOR_PROFILE = {
  specialty: 'Cardiology',
  phone_number: '+49 30 901820',
  experience_years: 12,
};

export const PATIENT_PROFILE = {
  date_of_birth: '1990-05-17',
  address: 'Turmstraße 21, 10559 Berlin',
  emergency_contact_name: 'Noa Newman',
  emergency_contact_phone: '+49 30 901820',
};

/** The default one, as it is written to be set. */
export const SLOT_POLICY = {
  visit_types: [{ name: 'consultation', duration_minutes: 30, bookable_by: 'everyone' }],
  weekly_hours: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].map((weekday) => ({
    weekday,
    from: '09:00',
    to: '17:00',
  })),
  grid_minutes: null,
  notice_minutes: 60,
  horizon_days: 90,
  buffer_before_minutes: 0,
  buffer_after_minutes: 0,
  daily_maximum: null,
  patient_limit: 5,
  confirmation: 'manual',
  confirm_within_minutes: 4320,
  cancellation_notice_minutes: 1440,
};
