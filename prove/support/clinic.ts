import { Unanswered, type Client } from './client.js';
import type { ProofDatabase } from './databases.js';

const PASSWORD = 'a tree in the wind';
/** Access tokens live ten minutes. */
const RENEW_AFTER = 8 * 60_000;
/** Hashing is slow on purpose; more at once would only wait for each other. */
const AT_ONCE = 4;

type Role = 'doctor' | 'patient' | 'admin';

/** Somebody of the clinic, with a profile unless an admin. */
export class Member {
  #renewing: Promise<string> | undefined;

  constructor(
    readonly role: Role,
    /** Of the profile; of an admin that of the user. */
    readonly id: string,
    readonly user: string,
    readonly email: string,
    private readonly password: string,
    private login = { token: '', at: 0 },
  ) {}

  /** An access token that still lives for minutes: a login at some node whenever the last one grows old. */
  token(node: Client): Promise<string> | string {
    if (Date.now() - this.login.at < RENEW_AFTER) return this.login.token;
    this.#renewing ??= this.#renew(node).finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renew(node: Client): Promise<string> {
    const at = Date.now();
    this.login = { token: await logIn(node, this.email, this.password), at };
    return this.login.token;
  }
}

const DOCTOR = { specialty: 'Cardiology', phone_number: '+49 30 901820', experience_years: 12 };
const PATIENT = {
  date_of_birth: '1990-05-17',
  address: 'Turmstraße 21, 10559 Berlin',
  emergency_contact_name: 'Noa Newman',
  emergency_contact_phone: '+49 30 901820',
};

/** Brings people in through HTTP, and signs them in. */
export class Clinic {
  #people = 0;

  constructor(
    private readonly node: Client,
    private readonly password = PASSWORD,
  ) {}

  doctors(count: number, profile: object = {}): Promise<Member[]> {
    return this.#many(count, () => this.#member('doctor', '/api/doctor-profile/', { ...DOCTOR, ...profile }));
  }

  patients(count: number): Promise<Member[]> {
    return this.#many(count, () => this.#member('patient', '/api/patient-profile/', PATIENT));
  }

  /** Nobody registers as an admin: one who registered is made one in the database. */
  async admin(database: ProofDatabase): Promise<Member> {
    const { user, email } = await this.#user('patient');
    await database.query(`UPDATE users SET role = 'admin' WHERE id = ?`, [user]);
    return new Member('admin', user, user, email, this.password);
  }

  async #member(role: 'doctor' | 'patient', path: string, profile: object): Promise<Member> {
    const { user, email } = await this.#user(role);
    const at = Date.now();
    const token = await logIn(this.node, email, this.password);
    const { status, body } = await this.node.post(path, profile, token);
    if (status !== 201) throw new Error(`no profile was made: ${JSON.stringify(body)}`);
    return new Member(role, body.id!, user, email, this.password, { token, at });
  }

  async #user(role: 'doctor' | 'patient'): Promise<{ user: string; email: string }> {
    const email = `${role}-${++this.#people}-${process.pid}@example.org`;
    const person = { email, password: this.password, first_name: 'Ada', last_name: 'Newman', role };
    const { status, body } = await this.node.post('/api/auth/register/', person);
    if (status !== 201) throw new Error(`nobody was registered: ${JSON.stringify(body)}`);
    return { user: body.id!, email };
  }

  async #many(count: number, bring: () => Promise<Member>): Promise<Member[]> {
    const members: Member[] = [];
    let left = count;
    const oneAfterAnother = async () => {
      while (left-- > 0) members.push(await bring());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, oneAfterAnother));
    return members;
  }
}

async function logIn(node: Client, email: string, password: string): Promise<string> {
  const { status, body } = await node.post('/api/auth/login/', { email, password });
  if (status === 503) throw new Unanswered('not now', true);
  if (status !== 200) throw new Error(`${email} cannot log in: ${status} ${body.code}`);
  return body.access!;
}
