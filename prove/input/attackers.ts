import { DEMO_PASSWORD } from '../../src/demo/people.js';
import type { Role } from '../../src/identity/index.js';
import type { Client } from '../support/client.js';
import { Clinic } from '../support/clinic.js';
import type { ProofDatabase } from '../support/databases.js';

/** Access tokens live ten minutes. */
const RENEW_AFTER = 8 * 60_000;

/** Of each role somebody of the demo clinic, to whom much belongs, and a newcomer for what may end an account. */
const DEMO: Readonly<Record<Role, string>> = {
  patient: 'lena.fischer',
  doctor: 'clara.sommer',
  admin: 'admin',
};

/** One who sends requests: the same person while they can sign in, and a newcomer afterwards. */
export class Attacker {
  #login: { token: string; at: number } | undefined;
  #renewing: Promise<string> | undefined;

  constructor(
    private readonly node: Client,
    private readonly newcomer: () => Promise<string>,
    private email?: string,
  ) {}

  token(): Promise<string> | string {
    if (this.#login !== undefined && Date.now() - this.#login.at < RENEW_AFTER) return this.#login.token;
    return (this.#renewing ??= this.#renewed().finally(() => (this.#renewing = undefined)));
  }

  /** The session of this token may be at its end, or the account too. */
  distrust(token: string): void {
    if (this.#login?.token === token) this.#login = undefined;
  }

  async #renewed(): Promise<string> {
    const at = Date.now();
    let token = this.email && (await this.#logIn(this.email));
    if (!token) {
      this.email = await this.newcomer();
      token = await this.#logIn(this.email);
    }
    if (!token) throw new Error(`${this.email} cannot log in`);
    this.#login = { token, at };
    return token;
  }

  async #logIn(email: string): Promise<string | undefined> {
    const { body } = await this.node.post('/api/auth/login/', { email, password: DEMO_PASSWORD });
    return body.access;
  }
}

/** Those who send requests to a demo clinic. All have the password that the examples of the document name. */
export class Attackers {
  readonly #stay: Record<Role, Attacker>;
  readonly #leave: Record<Role, Attacker>;

  constructor(node: Client, database: ProofDatabase) {
    const clinic = new Clinic(node, DEMO_PASSWORD);
    const newcomers: Record<Role, () => Promise<string>> = {
      patient: async () => (await clinic.patients(1))[0]!.email,
      doctor: async () => (await clinic.doctors(1))[0]!.email,
      admin: async () => (await clinic.admin(database)).email,
    };
    const each = (make: (role: Role) => Attacker): Record<Role, Attacker> => ({
      patient: make('patient'),
      doctor: make('doctor'),
      admin: make('admin'),
    });
    this.#stay = each((role) => new Attacker(node, newcomers[role], `${DEMO[role]}@demo.cybermed.example`));
    this.#leave = each((role) => new Attacker(node, newcomers[role]));
  }

  /** Who calls this operation: `isAnEnd` where it may succeed and end the account, or make its password another. */
  of(role: Role, isAnEnd: boolean): Attacker {
    return (isAnEnd ? this.#leave : this.#stay)[role];
  }
}
