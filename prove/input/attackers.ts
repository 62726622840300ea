import { DEMO_PASSWORD } from '../../src/demo/people.js';
import type { Role } from '../../src/identity/index.js';
import { Client } from '../support/client.js';
import { Clinic } from '../support/clinic.js';
import type { ProofDatabase } from '../support/databases.js';

const PEOPLE: Readonly<Record<Role, string>> = {
  patient: 'lena.fischer',
  doctor: 'clara.sommer',
  admin: 'admin',
};
/** Access tokens live ten minutes. */
const RENEW_AFTER = 8 * 60_000;

/** One of each role, signed in. What they send may end their sessions, or more: somebody else takes their place then. */
export class Attackers {
  readonly #logins = new Map<Role, { token: string; at: number }>();
  readonly #renewing = new Map<Role, Promise<string>>();
  readonly #clinic: Clinic;
  #logIns = 0;

  constructor(
    private readonly node: Client,
    private readonly database: ProofDatabase,
  ) {
    // One, so that nobody is registered twice.
    this.#clinic = new Clinic(node);
  }

  token(role: Role): Promise<string> | string {
    const login = this.#logins.get(role);
    if (login !== undefined && Date.now() - login.at < RENEW_AFTER) return login.token;
    const renewing = this.#renewing.get(role) ?? this.#renewed(role);
    this.#renewing.set(role, renewing);
    return renewing;
  }

  /** The session of this token may be at its end. */
  distrust(role: Role, token: string): void {
    if (this.#logins.get(role)?.token === token) this.#logins.delete(role);
  }

  async #renewed(role: Role): Promise<string> {
    try {
      const token = (await this.#logIn(PEOPLE[role])) ?? (await this.#somebodyElse(role));
      this.#logins.set(role, { token, at: Date.now() });
      return token;
    } finally {
      this.#renewing.delete(role);
    }
  }

  async #logIn(name: string): Promise<string | undefined> {
    const { status, body } = await this.node.send({
      path: '/api/auth/login/',
      body: { email: `${name}@demo.cybermed.example`, password: DEMO_PASSWORD },
      // Each from a network of its own, since those who attack use up what one may try.
      headers: { 'x-forwarded-for': `10.${(this.#logIns++ >> 8) % 256}.${this.#logIns % 256}.1` },
    });
    return status === 200 ? body.access : undefined;
  }

  async #somebodyElse(role: Role): Promise<string> {
    const clinic = this.#clinic;
    if (role === 'admin') return (await clinic.admin(this.database)).token(this.node);
    const [one] = await (role === 'doctor' ? clinic.doctors(1) : clinic.patients(1));
    return one!.token(this.node);
  }
}
