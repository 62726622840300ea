import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY } from '#libs/kernel/clock.js';
import { demoId } from '../../src/demo/demo-time.js';
import { DEMO_PASSWORD } from '../../src/demo/people.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { DOCTOR_PROFILE, PASSWORD, PATIENT_PROFILE, SLOT_POLICY } from '../support/clinic.js';
import { fileForm } from '../support/forms.js';
import { at, operationsIn, type OperationAt } from '../support/operations.js';
import { picture } from '../support/pictures.js';

/**
 * Lena is Clara's patient; James has nothing to do with the two, nor has Amina, who is Oliver's patient. Oliver's approval is
 * withdrawn. A doctor and a patient of theirs were deactivated after their last login.
 */
const PRINCIPALS = {
  anonymous: undefined,
  patient: 'lena.fischer',
  'other patient': 'amina.diallo',
  doctor: 'clara.sommer',
  'other doctor': 'james.whitfield',
  admin: 'admin',
  'unapproved doctor': 'oliver.hayes',
  'deactivated doctor': undefined,
  'deactivated patient': undefined,
} as const;
type Principal = keyof typeof PRINCIPALS;
const NAMES = Object.keys(PRINCIPALS) as Principal[];

const CLARA = demoId(0xd1);
const [JAMES, OLIVER] = [demoId(0xd2), demoId(0xd4)];
const [LENA, TOMAS, AMINA, NOAH] = [demoId(0xc1), demoId(0xc2), demoId(0xc3), demoId(0xc4)];
const [PRIYAS_USER, OLIVERS_USER] = [demoId(0xd83), demoId(0xd84)];
const NOBODY = demoId(0xdead);
const PHOTO = await picture().jpeg().toBuffer();

/** Beyond the horizon, so that no other row meets it. */
const FAR_OFF = new Date(Date.now() + 200 * DAY).toISOString().slice(0, 10);
const AWAY = { date_from: FAR_OFF, date_to: FAR_OFF, reason: 'Holiday' };
const CLOSED = { hours: [] };

interface Row {
  /** Made anew after each call that is done, since most can be made once. */
  payload?: (of: Pair) => object | Promise<object>;
  /** In its place. */
  form?: () => ReturnType<typeof fileForm>;
  /** What `{id}` stands for. */
  id?: (of: Pair) => string | Promise<string>;
  /** What stands in the other braces. */
  beside?: (of: Pair) => Promise<Record<string, string>>;
  query?: string;
  /** The principal is to sign in again. */
  endsSession?: true;
  /**
   * Of what is Lena's and Clara's, in the order of PRINCIPALS. An unapproved doctor is answered as any other, and who is
   * deactivated as nobody.
   */
  answers: readonly [number, number, number, number, number, number];
  /** What a doctor who is not approved is answered of their own, where it is not what Clara is answered of hers. */
  unapproved?: number;
}

const EVERYONE = [200, 200, 200, 200, 200, 200] as const;
const ACCEPTED = [202, 202, 202, 202, 202, 202] as const;
const SIGNED_IN = [401, 200, 200, 200, 200, 200] as const;
const DOCTORS = [401, 403, 403, 200, 200, 403] as const;
const PATIENTS = [401, 200, 200, 403, 403, 403] as const;
const CONCERNED = [401, 200, 404, 200, 404, 200] as const;
const ADMINS = [401, 403, 403, 403, 403, 200] as const;
/** Clara's rules are Clara's. */
const HER_OWN = [401, 403, 403, 200, 404, 200] as const;

const clock = new FixedClock(Date.now());
let running: TestApp;
let anyone: Client;
const clients = {} as Record<Principal, Client>;

let isUntidy = false;

/** A doctor, a patient of theirs, and what is theirs. */
class Pair {
  constructor(
    readonly doctor: string,
    readonly patient: string,
    /** Of a user whom an admin may change. */
    readonly account: string,
    private readonly names: { doctor: Principal; patient: Principal },
  ) {}

  private get doctors(): Client {
    return clients[this.names.doctor];
  }

  private get patients(): Client {
    return clients[this.names.patient];
  }

  async session(): Promise<string> {
    const client = await signIn(this.names.patient);
    const { body } = await client.get('/api/auth/sessions/');
    return (body.results as { id: string; current: boolean }[]).find(({ current }) => current)!.id;
  }

  async photo(): Promise<string> {
    const photo = { method: 'PUT', url: '/api/auth/me/photo/', ...fileForm(PHOTO) } as const;
    return (await this.patients.send(photo)).body.id as string;
  }

  async visit(): Promise<object> {
    isUntidy = true;
    return { doctor: this.doctor, patient: this.patient, ...(await this.#time(0)) };
  }

  /** The last time of a fortnight: a patient can move a visit there, and from there. */
  elsewhere(): Promise<object> {
    return this.#time(-1);
  }

  async visits(): Promise<object> {
    return { ...(await this.visit()), every_weeks: 1, count: 2 };
  }

  async pending(): Promise<string> {
    return this.#booked(await this.visit());
  }

  async farOff(): Promise<string> {
    isUntidy = true;
    return this.#booked({ doctor: this.doctor, ...(await this.elsewhere()) });
  }

  async begun(): Promise<string> {
    const id = await this.pending();
    const { body } = await this.doctors.post(`/api/appointments/${id}/confirm/`);
    clock.set(Date.parse(body.starts_at as string));
    return id;
  }

  async series(): Promise<string> {
    const { status, body } = await clients.admin.post('/api/series/', await this.visits());
    expect(status).toBe(201);
    return body.id as string;
  }

  async absence(): Promise<{ absence: string }> {
    const { body } = await this.doctors.post(`/api/doctors/${this.doctor}/absences/`, AWAY);
    return { absence: body.id as string };
  }

  async override(): Promise<{ date: string }> {
    await this.doctors.put(`/api/doctors/${this.doctor}/overrides/${FAR_OFF}/`, CLOSED);
    return { date: FAR_OFF };
  }

  async #booked(visit: object): Promise<string> {
    const { status, body } = await this.patients.post('/api/appointments/', visit);
    expect(status).toBe(201);
    return body.id as string;
  }

  async #time(index: number): Promise<{ date: string; time: string }> {
    const { body } = await this.patients.get(`/api/doctors/${this.doctor}/slots/`);
    const { date, time } = (body.results as { date: string; time: string }[]).at(index)!;
    return { date, time };
  }
}

/** What is theirs was made before they were deactivated. */
class Left extends Pair {
  constructor(
    ids: readonly [doctor: string, patient: string, account: string],
    private readonly own: Record<'session' | 'photo' | 'appointment' | 'series' | 'absence', string>,
  ) {
    super(...ids, LEAVERS);
  }

  override session = async () => this.own.session;
  override photo = async () => this.own.photo;
  override visit = async () => ({ ...(await this.elsewhere()), doctor: this.doctor, patient: this.patient });
  override elsewhere = async () => ({ date: FAR_OFF, time: '09:00' });
  override pending = async () => this.own.appointment;
  override farOff = async () => this.own.appointment;
  override begun = async () => this.own.appointment;
  override series = async () => this.own.series;
  override absence = async () => ({ absence: this.own.absence });
  override override = async () => ({ date: FAR_OFF });
}

const LEAVERS = { doctor: 'deactivated doctor', patient: 'deactivated patient' } as const;
const CLARA_AND_LENA = new Pair(CLARA, LENA, PRIYAS_USER, { doctor: 'doctor', patient: 'patient' });
const OLIVER_AND_AMINA = new Pair(OLIVER, AMINA, OLIVERS_USER, {
  doctor: 'unapproved doctor',
  patient: 'other patient',
});
let theLeft: Left;

/** Every operation of the OpenAPI document. */
const MATRIX: Record<string, Row> = {
  getLiveness: { answers: EVERYONE },
  getReadiness: { answers: EVERYONE },

  registerUser: { payload: newAccount, answers: [201, 201, 201, 201, 201, 201] },
  logIn: { payload: () => credentials('lena.fischer'), answers: EVERYONE },
  refreshSession: { payload: refreshToken, answers: EVERYONE },
  logOut: { endsSession: true, answers: [401, 204, 204, 204, 204, 204] },
  listOwnSessions: { answers: SIGNED_IN },
  endOwnSession: { id: (of) => of.session(), answers: [401, 204, 404, 404, 404, 404] },
  endOwnSessions: { endsSession: true, answers: [401, 204, 204, 204, 204, 204] },
  getOwnAccount: { answers: SIGNED_IN },
  setOwnPhoto: { form: () => fileForm(PHOTO), answers: SIGNED_IN },
  removeOwnPhoto: { answers: [401, 204, 204, 204, 204, 204] },
  getPhoto: { id: (of) => of.photo(), answers: CONCERNED, unapproved: 404 },
  updateOwnAccount: { payload: () => ({ gender: 'other' }), answers: SIGNED_IN },

  verifyEmail: { payload: () => ({ token: 'nobody has it' }), answers: [422, 422, 422, 422, 422, 422] },
  forgetPassword: { payload: () => ({ email: 'nobody@example.org' }), answers: ACCEPTED },
  resetPassword: {
    payload: () => ({ token: 'nobody has it', new_password: PASSWORD }),
    answers: [422, 422, 422, 422, 422, 422],
  },
  // Not their password: it does not change.
  changeOwnPassword: {
    payload: () => ({ current_password: PASSWORD, new_password: PASSWORD }),
    answers: [401, 422, 422, 422, 422, 422],
  },

  exportOwnData: { answers: SIGNED_IN },
  // Nor is this: the account stays.
  closeOwnAccount: { payload: () => ({ password: PASSWORD }), answers: [401, 422, 422, 422, 422, 422] },

  saveOwnDoctorProfile: { payload: () => ({ qualifications: 'MD' }), answers: DOCTORS },
  getOwnDoctorProfile: { answers: DOCTORS },
  updateOwnDoctorProfile: { payload: () => ({ qualifications: null }), answers: DOCTORS },
  saveOwnPatientProfile: { payload: () => ({ allergies: 'Dust' }), answers: PATIENTS },
  getOwnPatientProfile: { answers: PATIENTS },
  updateOwnPatientProfile: { payload: () => ({ allergies: null }), answers: PATIENTS },

  listDoctors: { answers: SIGNED_IN },
  getDoctor: { id: (of) => of.doctor, answers: SIGNED_IN, unapproved: 404 },
  listFreeSlots: { id: (of) => of.doctor, answers: SIGNED_IN, unapproved: 404 },
  explainSlot: {
    id: (of) => of.doctor,
    query: `?date=${FAR_OFF}&time=09:00`,
    answers: SIGNED_IN,
    unapproved: 404,
  },
  listFirstFreeSlots: { query: '?specialty=Cardiology', answers: SIGNED_IN },

  getSlotPolicy: { id: (of) => of.doctor, answers: HER_OWN },
  setSlotPolicy: { id: (of) => of.doctor, payload: () => SLOT_POLICY, answers: HER_OWN },
  listConflicts: { id: (of) => of.doctor, answers: HER_OWN },
  listAbsences: { id: (of) => of.doctor, answers: HER_OWN },
  addAbsence: { id: (of) => of.doctor, payload: () => AWAY, answers: [401, 403, 403, 201, 404, 201] },
  removeAbsence: { id: (of) => of.doctor, beside: (of) => of.absence(), answers: HER_OWN },
  listOverrides: { id: (of) => of.doctor, answers: HER_OWN },
  getOverride: { id: (of) => of.doctor, beside: (of) => of.override(), answers: HER_OWN },
  setOverride: {
    id: (of) => of.doctor,
    beside: async () => ({ date: FAR_OFF }),
    payload: () => CLOSED,
    answers: HER_OWN,
  },
  removeOverride: { id: (of) => of.doctor, beside: (of) => of.override(), answers: HER_OWN },

  listUsers: { answers: ADMINS },
  getUser: { id: (of) => of.account, answers: ADMINS },
  deactivateUser: { id: (of) => of.account, answers: ADMINS },
  activateUser: { id: (of) => of.account, answers: ADMINS },
  withdrawApproval: { id: (of) => of.account, answers: ADMINS },
  approveDoctor: { id: (of) => of.account, answers: ADMINS },
  endSessionsOfUser: { id: (of) => of.account, answers: [401, 403, 403, 403, 403, 204] },

  listAudit: { answers: ADMINS },
  listOwnAccesses: { answers: PATIENTS },

  listPatients: { answers: [401, 403, 403, 200, 200, 200] },
  admitPatient: { payload: atTheDesk, answers: [401, 403, 403, 403, 403, 201] },
  getPatient: { id: (of) => of.patient, answers: CONCERNED, unapproved: 404 },

  listAppointments: { answers: SIGNED_IN },
  bookAppointment: {
    payload: (of) => of.visit(),
    answers: [401, 201, 403, 201, 403, 201],
    unapproved: 409,
  },
  getAppointment: { id: (of) => of.pending(), answers: CONCERNED },
  getAppointmentHistory: { id: (of) => of.pending(), answers: CONCERNED },
  confirmAppointment: {
    id: (of) => of.pending(),
    payload: () => ({ reason: 'Told by phone' }),
    answers: [401, 409, 404, 200, 404, 200],
    unapproved: 409,
  },
  cancelAppointment: { id: (of) => of.pending(), answers: CONCERNED },
  rescheduleAppointment: {
    id: (of) => of.farOff(),
    payload: (of) => of.elsewhere(),
    answers: CONCERNED,
    unapproved: 409,
  },
  checkInAppointment: { id: (of) => of.begun(), answers: [401, 403, 403, 200, 404, 200], unapproved: 409 },
  completeAppointment: { id: (of) => of.begun(), answers: [401, 403, 403, 200, 404, 200], unapproved: 409 },
  previewSeries: { payload: (of) => of.visits(), answers: [401, 403, 403, 200, 403, 200], unapproved: 409 },
  scheduleSeries: { payload: (of) => of.visits(), answers: [401, 403, 403, 201, 403, 201], unapproved: 409 },
  getSeries: { id: (of) => of.series(), answers: CONCERNED },
  cancelSeries: { id: (of) => of.series(), answers: CONCERNED },
  missAppointment: { id: (of) => of.begun(), answers: [401, 403, 403, 200, 404, 200], unapproved: 409 },
};

beforeAll(async () => {
  running = await startApp({ data: 'demo', clock });
  anyone = new Client(running.app);
  for (const principal of NAMES) clients[principal] = await signIn(principal);
  operations = new Map(operationsIn(running.app).map((one) => [one.operationId, one]));
  theLeft = await leavers();
  treating = await OLIVER_AND_AMINA.farOff();
  await clients['unapproved doctor'].post(`/api/appointments/${treating}/confirm/`);
  await setApproval('withdraw-approval');
});
afterAll(() => running.close());

async function signIn(principal: Principal): Promise<Client> {
  const name = PRINCIPALS[principal];
  return name === undefined ? (clients[principal] ?? anyone) : anyone.as(name);
}

const setApproval = (action: 'approve' | 'withdraw-approval') =>
  clients.admin.post(`/api/admin/users/${OLIVERS_USER}/${action}/`);

function credentials(name: string) {
  return { email: `${name}@demo.cybermed.example`, password: DEMO_PASSWORD };
}

/** Two whose tokens are not old, but who may not come any more. */
async function leavers(): Promise<Left> {
  const enter = async (role: 'doctor' | 'patient', profile: object) => {
    const account = { ...newAccount(), role };
    const { body } = await anyone.post('/api/auth/register/', account);
    const client = await anyone.logIn(account.email, PASSWORD);
    clients[`deactivated ${role}`] = client;
    const { id } = (await client.post(`/api/${role}-profile/`, profile)).body;
    return { user: body.id as string, id: id as string };
  };
  const doctor = await enter('doctor', DOCTOR_PROFILE);
  const patient = await enter('patient', PATIENT_PROFILE);
  const ids = [doctor.id, patient.id, doctor.user] as const;
  const pair = new Pair(...ids, LEAVERS);
  const own = {
    session: await pair.session(),
    photo: await pair.photo(),
    appointment: await pair.pending(),
    series: await pair.series(),
    ...(await pair.absence()),
    ...(await pair.override()),
  };
  for (const { user } of [doctor, patient])
    expect((await clients.admin.post(`/api/admin/users/${user}/deactivate/`)).status).toBe(200);
  return new Left(ids, own);
}

/** What the row says of a principal. */
function answerTo(name: Principal, { answers }: Row): number {
  const like: Partial<Record<Principal, Principal>> = {
    'unapproved doctor': 'other doctor',
    'deactivated doctor': 'anonymous',
    'deactivated patient': 'anonymous',
  };
  return answers[NAMES.indexOf(like[name] ?? name)]!;
}

let accounts = 0;
function newAccount() {
  const email = `matrix-${++accounts}@example.org`;
  return { email, password: PASSWORD, first_name: 'Ada', last_name: 'Newman', role: 'patient' };
}

function atTheDesk(): object {
  const email = `desk-${++accounts}@example.org`;
  const profile = {
    date_of_birth: '1951-09-30',
    address: 'Kastanienallee 12, 10435 Berlin',
    emergency_contact_name: 'Marta Brandt',
    emergency_contact_phone: '+49 30 901820',
  };
  return { email, first_name: 'Otto', last_name: 'Brandt', ...profile };
}

async function refreshToken(): Promise<object> {
  const { body } = await anyone.post('/api/auth/login/', credentials('lena.fischer'));
  return { refresh: body.refresh as string };
}

/** By which Oliver treats Amina. */
let treating: string;

/** Leaves the agendas as they were. */
async function tidyUp(): Promise<void> {
  if (!isUntidy) return;
  isUntidy = false;
  clock.set(Date.now());
  const demo = demoId(0xff);
  for (const patient of [LENA, AMINA]) {
    const { body } = await clients.admin.get(
      `/api/appointments/?patient=${patient}&status=pending&status=confirmed&status=checked_in`,
    );
    for (const { id } of body.results as { id: string }[])
      if (id > demo && id !== treating) await clients.admin.post(`/api/appointments/${id}/cancel/`);
  }
}

/** What a call is about. */
interface Things {
  id: string;
  beside: Record<string, string>;
  payload: object | undefined;
}

async function thingsOf(pair: Pair, row: Row): Promise<Things> {
  const id = (await row.id?.(pair)) ?? '';
  return { id, beside: (await row.beside?.(pair)) ?? {}, payload: await row.payload?.(pair) };
}

/** Of nobody. */
async function nothingOf(row: Row): Promise<Things> {
  const beside = row.beside && { absence: NOBODY, date: FAR_OFF };
  return { id: NOBODY, beside: beside ?? {}, payload: await row.payload?.(CLARA_AND_LENA) };
}

async function ask(
  principal: Principal,
  { method, path }: OperationAt,
  row: Row,
  { id, beside, payload }: Things,
): Promise<Answer> {
  const url = at(path, { ...beside, id }) + (row.query ?? '');
  const answer = await clients[principal].send({ method, url, ...(payload && { payload }), ...row.form?.() });
  if (row.endsSession) clients[principal] = await signIn(principal);
  return answer;
}

let operations: ReadonlyMap<string, OperationAt>;
const operation = (operationId: string): OperationAt => operations.get(operationId)!;

test('the matrix names every operation of the OpenAPI document', () => {
  const documented = operationsIn(running.app).map(({ operationId }) => operationId);
  expect(new Set(Object.keys(MATRIX))).toEqual(new Set(documented));
  expect(new Set(documented).size).toBe(documented.length);
});

describe('lists hold only what each may see', () => {
  const ids = async (principal: Principal, url: string): Promise<string[]> =>
    ((await clients[principal].get(url)).body.results as { id: string }[]).map(({ id }) => id).toSorted();

  test('appointments: one’s own; to an admin all', async () => {
    const url = '/api/appointments/?date_from=1900-01-01';
    const all = (await clients.admin.get(url)).body.results as {
      id: string;
      doctor: string;
      patient: string;
    }[];
    const of = (side: 'doctor' | 'patient', profile: string) =>
      all
        .filter((one) => one[side] === profile)
        .map(({ id }) => id)
        .toSorted();
    expect(await ids('patient', url)).toEqual(of('patient', LENA));
    expect(await ids('other patient', url)).toEqual(of('patient', AMINA));
    expect(await ids('doctor', url)).toEqual(of('doctor', CLARA));
    expect(await ids('other doctor', url)).toEqual(of('doctor', JAMES));
    expect(await ids('unapproved doctor', url)).toEqual(of('doctor', OLIVER));
    const everybody = new Set([LENA, TOMAS, AMINA, NOAH, theLeft.patient]);
    expect(new Set(all.map(({ patient }) => patient))).toEqual(everybody);
  });

  test('a filter opens nothing', async () => {
    expect(await ids('other patient', `/api/appointments/?patient=${LENA}`)).toEqual([]);
    expect(await ids('other patient', `/api/appointments/?doctor=${CLARA}`)).toEqual([]);
    expect(await ids('other doctor', `/api/appointments/?doctor=${CLARA}`)).toEqual([]);
    expect(await ids('other doctor', `/api/appointments/?patient=${LENA}`)).toEqual([]);
    expect(await ids('other doctor', '/api/patients/?q=Lena')).toEqual([]);
  });

  test('patients: those whom the doctor treats; to an admin all', async () => {
    expect(await ids('doctor', '/api/patients/')).toEqual([LENA, TOMAS, NOAH]);
    expect(await ids('other doctor', '/api/patients/')).toEqual([TOMAS, AMINA]);
    expect(await ids('admin', '/api/patients/')).toEqual([LENA, TOMAS, AMINA, NOAH, theLeft.patient]);
    expect(await ids('unapproved doctor', '/api/patients/')).toEqual([]);
  });
});

const ROWS = Object.entries(MATRIX);
const ABOUT_SOMETHING = ROWS.filter(([, { id }]) => id !== undefined);

test.each(ROWS)('who may call, of what is Lena’s and Clara’s: %s', async (operationId, row) => {
  const answered: Record<string, number> = {};
  let things: Things | undefined;
  for (const principal of NAMES) {
    things ??= await thingsOf(CLARA_AND_LENA, row);
    const answer = await ask(principal, operation(operationId), row, things);
    answered[principal] = answer.status;
    if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    // What was refused has changed nothing: the next finds it as it was made.
    if (answer.status >= 400) continue;
    await tidyUp();
    things = undefined;
  }
  await tidyUp();
  expect(answered).toEqual(Object.fromEntries(NAMES.map((name) => [name, answerTo(name, row)])));
});

describe('what is there for nobody, or not for you, is answered exactly alike', () => {
  test.each(ABOUT_SOMETHING)('%s', async (operationId, row) => {
    const answered: Record<string, number> = {};
    const isHidden = NAMES.some((name) => answerTo(name, row) === 404);
    const nothing = await nothingOf(row);
    const things = isHidden ? await thingsOf(CLARA_AND_LENA, row) : undefined;
    for (const principal of NAMES) {
      const notThere = await ask(principal, operation(operationId), row, nothing);
      answered[principal] = notThere.status;
      if (answerTo(principal, row) !== 404) continue;
      const notYours = await ask(principal, operation(operationId), row, things!);
      expect(withoutRequestId(notYours)).toEqual(withoutRequestId(notThere));
    }
    await tidyUp();
    const expected = NAMES.map((name) => {
      const answer = answerTo(name, row);
      return [name, answer === 401 || answer === 403 ? answer : 404];
    });
    expect(answered).toEqual(Object.fromEntries(expected));
  });
});

describe('a doctor who is not approved, of what is theirs', () => {
  const own = ROWS.filter(([, { id, unapproved }]) => (id ?? unapproved) !== undefined);
  test.each(own)('%s', async (operationId, row) => {
    await setApproval('approve');
    const things = await thingsOf(OLIVER_AND_AMINA, row);
    await setApproval('withdraw-approval');
    const answer = await ask('unapproved doctor', operation(operationId), row, things);
    expect(answer.status).toBe(row.unapproved ?? row.answers[NAMES.indexOf('doctor')]);
    if (answer.status === 404) {
      const notThere = await ask('unapproved doctor', operation(operationId), row, await nothingOf(row));
      expect(withoutRequestId(answer)).toEqual(withoutRequestId(notThere));
    }
    await tidyUp();
  });
});

test('a doctor and a patient who are deactivated are nobody, of what is theirs too', async () => {
  const wrong: [string, string, number][] = [];
  for (const [operationId, row] of ABOUT_SOMETHING) {
    for (const name of ['deactivated doctor', 'deactivated patient'] as const) {
      const { status } = await ask(name, operation(operationId), row, await thingsOf(theLeft, row));
      if (status !== 401) wrong.push([operationId, name, status]);
    }
  }
  expect(wrong).toEqual([]);
});

function withoutRequestId({ status, headers, body }: Answer) {
  return {
    status,
    headers: Object.keys(headers).toSorted(),
    body: { ...body, request_id: null } as object,
  };
}
