import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY } from '#libs/kernel/clock.js';
import { demoId } from '../../src/demo/demo-time.js';
import { DEMO_PASSWORD } from '../../src/demo/people.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { PASSWORD, SLOT_POLICY } from '../support/clinic.js';
import { fileForm } from '../support/forms.js';
import { at, operationsIn, type OperationAt } from '../support/operations.js';
import { picture } from '../support/pictures.js';

/**
 * Lena is Clara's patient; Amina and James have nothing to do with the two. Oliver's approval is withdrawn, and Nora's
 * account was deactivated after her last login.
 */
const PRINCIPALS = {
  anonymous: undefined,
  patient: 'lena.fischer',
  'other patient': 'amina.diallo',
  doctor: 'clara.sommer',
  'other doctor': 'james.whitfield',
  admin: 'admin',
  'unapproved doctor': 'oliver.hayes',
  deactivated: undefined,
} as const;
type Principal = keyof typeof PRINCIPALS;
const NAMES = Object.keys(PRINCIPALS) as Principal[];

const CLARA = demoId(0xd1);
const JAMES = demoId(0xd2);
const [LENA, TOMAS, AMINA, NOAH] = [demoId(0xc1), demoId(0xc2), demoId(0xc3), demoId(0xc4)];
const [PRIYAS_USER, OLIVERS_USER] = [demoId(0xd83), demoId(0xd84)];
const NOBODY = demoId(0xdead);
const PHOTO = await picture().jpeg().toBuffer();

/** Beyond the horizon, so that no other row meets it. */
const FAR_OFF = new Date(Date.now() + 200 * DAY).toISOString().slice(0, 10);
const AWAY = { date_from: FAR_OFF, date_to: FAR_OFF, reason: 'Holiday' };
const CLOSED = { hours: [] };

interface Row {
  /** Made anew for each principal, since most calls can be made once. */
  payload?: () => object | Promise<object>;
  /** In its place. */
  form?: () => ReturnType<typeof fileForm>;
  /** What `{id}` stands for. */
  id?: () => string | Promise<string>;
  /** What stands in the other braces. */
  beside?: () => Record<string, string> | Promise<Record<string, string>>;
  query?: string;
  /** The principal is to sign in again. */
  endsSession?: true;
  /** In the order of PRINCIPALS; an unapproved doctor is answered as any other, and who is deactivated as nobody. */
  answers: readonly [number, number, number, number, number, number];
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

/** Every operation of the OpenAPI document. What a test calls Lena's is hers with Clara. */
const MATRIX: Record<string, Row> = {
  getLiveness: { answers: EVERYONE },
  getReadiness: { answers: EVERYONE },

  registerUser: { payload: newAccount, answers: [201, 201, 201, 201, 201, 201] },
  logIn: { payload: () => credentials('lena.fischer'), answers: EVERYONE },
  refreshSession: { payload: refreshToken, answers: EVERYONE },
  logOut: { endsSession: true, answers: [401, 204, 204, 204, 204, 204] },
  listOwnSessions: { answers: SIGNED_IN },
  endOwnSession: { id: lenasSession, answers: [401, 204, 404, 404, 404, 404] },
  endOwnSessions: { endsSession: true, answers: [401, 204, 204, 204, 204, 204] },
  getOwnAccount: { answers: SIGNED_IN },
  setOwnPhoto: { form: () => fileForm(PHOTO), answers: SIGNED_IN },
  removeOwnPhoto: { answers: [401, 204, 204, 204, 204, 204] },
  getPhoto: { id: lenasPhoto, answers: CONCERNED },
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
  getDoctor: { id: () => CLARA, answers: SIGNED_IN },
  listFreeSlots: { id: () => CLARA, answers: SIGNED_IN },
  explainSlot: { id: () => CLARA, query: `?date=${FAR_OFF}&time=09:00`, answers: SIGNED_IN },
  listFirstFreeSlots: { query: '?specialty=Cardiology', answers: SIGNED_IN },

  getSlotPolicy: { id: () => CLARA, answers: HER_OWN },
  setSlotPolicy: { id: () => CLARA, payload: () => SLOT_POLICY, answers: HER_OWN },
  listConflicts: { id: () => CLARA, answers: HER_OWN },
  listAbsences: { id: () => CLARA, answers: HER_OWN },
  addAbsence: { id: () => CLARA, payload: () => AWAY, answers: [401, 403, 403, 201, 404, 201] },
  removeAbsence: { id: () => CLARA, beside: clarasAbsence, answers: HER_OWN },
  listOverrides: { id: () => CLARA, answers: HER_OWN },
  getOverride: { id: () => CLARA, beside: clarasOverride, answers: HER_OWN },
  setOverride: {
    id: () => CLARA,
    beside: () => ({ date: FAR_OFF }),
    payload: () => CLOSED,
    answers: HER_OWN,
  },
  removeOverride: { id: () => CLARA, beside: clarasOverride, answers: HER_OWN },

  listUsers: { answers: ADMINS },
  getUser: { id: () => PRIYAS_USER, answers: ADMINS },
  deactivateUser: { id: () => PRIYAS_USER, answers: ADMINS },
  activateUser: { id: () => PRIYAS_USER, answers: ADMINS },
  withdrawApproval: { id: () => PRIYAS_USER, answers: ADMINS },
  approveDoctor: { id: () => PRIYAS_USER, answers: ADMINS },
  endSessionsOfUser: { id: () => PRIYAS_USER, answers: [401, 403, 403, 403, 403, 204] },

  listAudit: { answers: ADMINS },
  listOwnAccesses: { answers: PATIENTS },

  listPatients: { answers: [401, 403, 403, 200, 200, 200] },
  admitPatient: { payload: atTheDesk, answers: [401, 403, 403, 403, 403, 201] },
  getPatient: { id: () => LENA, answers: CONCERNED },

  listAppointments: { answers: SIGNED_IN },
  bookAppointment: {
    payload: lenaWithClara,
    answers: [401, 201, 403, 201, 403, 201],
  },
  getAppointment: { id: lenasPending, answers: CONCERNED },
  getAppointmentHistory: { id: lenasPending, answers: CONCERNED },
  confirmAppointment: {
    id: lenasPending,
    payload: () => ({ reason: 'Told by phone' }),
    answers: [401, 409, 404, 200, 404, 200],
  },
  cancelAppointment: { id: lenasPending, answers: CONCERNED },
  rescheduleAppointment: { id: lenasFarOff, payload: elsewhere, answers: CONCERNED },
  checkInAppointment: { id: lenasBegun, answers: [401, 403, 403, 200, 404, 200] },
  completeAppointment: { id: lenasBegun, answers: [401, 403, 403, 200, 404, 200] },
  previewSeries: { payload: lenasSeries, answers: [401, 403, 403, 200, 403, 200] },
  scheduleSeries: { payload: lenasSeries, answers: [401, 403, 403, 201, 403, 201] },
  getSeries: { id: lenasScheduled, answers: CONCERNED },
  cancelSeries: { id: lenasScheduled, answers: CONCERNED },
  missAppointment: { id: lenasBegun, answers: [401, 403, 403, 200, 404, 200] },
};

beforeAll(async () => {
  running = await startApp({ data: 'demo', clock });
  anyone = new Client(running.app);
  for (const principal of NAMES) clients[principal] = await signIn(principal);
  await clients.admin.post(`/api/admin/users/${OLIVERS_USER}/withdraw-approval/`);
});
afterAll(() => running.close());

async function signIn(principal: Principal): Promise<Client> {
  if (principal === 'deactivated') return (clients.deactivated ??= await leaver());
  const name = PRINCIPALS[principal];
  return name === undefined ? anyone : anyone.as(name);
}

function credentials(name: string) {
  return { email: `${name}@demo.cybermed.example`, password: DEMO_PASSWORD };
}

/** Somebody whose tokens are not old, but who may not come any more. */
async function leaver(): Promise<Client> {
  const { body } = await anyone.post('/api/auth/register/', newAccount());
  const client = await anyone.logIn(body.email as string, PASSWORD);
  const { status } = await clients.admin.post(`/api/admin/users/${body.id as string}/deactivate/`);
  expect(status).toBe(200);
  return client;
}

/** What the row says of a principal. */
function answerTo(name: Principal, { answers }: Row): number {
  const like = { 'unapproved doctor': 'other doctor', deactivated: 'anonymous' } as const;
  const known = name === 'unapproved doctor' || name === 'deactivated' ? like[name] : name;
  return answers[NAMES.indexOf(known)]!;
}

async function lenasPhoto(): Promise<string> {
  const { body } = await clients.patient.send({
    method: 'PUT',
    url: '/api/auth/me/photo/',
    ...fileForm(PHOTO),
  });
  return body.id as string;
}

let accounts = 0;
function newAccount(): object {
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

async function lenasSession(): Promise<string> {
  const client = await anyone.as('lena.fischer');
  const { body } = await client.get('/api/auth/sessions/');
  return (body.results as { id: string; current: boolean }[]).find(({ current }) => current)!.id;
}

async function refreshToken(): Promise<object> {
  const { body } = await anyone.post('/api/auth/login/', credentials('lena.fischer'));
  return { refresh: body.refresh as string };
}

let isUntidy = false;
async function lenaWithClara(): Promise<object> {
  isUntidy = true;
  const { body } = await clients.patient.get(`/api/doctors/${CLARA}/slots/`);
  const { date, time } = body.results[0] as { date: string; time: string };
  return { doctor: CLARA, patient: LENA, date, time };
}

/** The last time of a fortnight: a patient can move it there, and from there. */
async function elsewhere(): Promise<object> {
  const { body } = await clients.patient.get(`/api/doctors/${CLARA}/slots/`);
  const { date, time } = (body.results as { date: string; time: string }[]).at(-1)!;
  return { date, time };
}

async function lenasFarOff(): Promise<string> {
  isUntidy = true;
  const request = { doctor: CLARA, ...(await elsewhere()) };
  return (await clients.patient.post('/api/appointments/', request)).body.id as string;
}

async function lenasSeries(): Promise<object> {
  return { ...(await lenaWithClara()), every_weeks: 1, count: 2 };
}

async function lenasScheduled(): Promise<string> {
  return (await clients.doctor.post('/api/series/', await lenasSeries())).body.id as string;
}

async function lenasPending(): Promise<string> {
  return (await clients.patient.post('/api/appointments/', await lenaWithClara())).body.id as string;
}

async function lenasBegun(): Promise<string> {
  const id = await lenasPending();
  const { body } = await clients.doctor.post(`/api/appointments/${id}/confirm/`);
  clock.set(Date.parse(body.starts_at as string));
  return id;
}

async function clarasAbsence(): Promise<{ absence: string }> {
  const { body } = await clients.doctor.post(`/api/doctors/${CLARA}/absences/`, AWAY);
  return { absence: body.id as string };
}

async function clarasOverride(): Promise<{ date: string }> {
  await clients.doctor.put(`/api/doctors/${CLARA}/overrides/${FAR_OFF}/`, CLOSED);
  return { date: FAR_OFF };
}

/** Leaves Lena's agenda as the demo made it. */
async function tidyUp(): Promise<void> {
  if (!isUntidy) return;
  isUntidy = false;
  clock.set(Date.now());
  const { body } = await clients.admin.get(
    `/api/appointments/?patient=${LENA}&status=pending&status=confirmed&status=checked_in`,
  );
  const demo = demoId(0xff);
  for (const { id } of body.results as { id: string }[]) {
    if (id > demo) await clients.admin.post(`/api/appointments/${id}/cancel/`);
  }
}

async function ask(principal: Principal, operation: OperationAt, row: Row, id: string): Promise<Answer> {
  const { method, path } = operation;
  const url = at(path, { ...(await row.beside?.()), id }) + (row.query ?? '');
  const answer = await clients[principal].send({
    method,
    url,
    payload: await row.payload?.(),
    ...row.form?.(),
  });
  if (row.endsSession) clients[principal] = await signIn(principal);
  return answer;
}

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
    expect(new Set(all.map(({ patient }) => patient))).toEqual(new Set([LENA, TOMAS, AMINA, NOAH]));
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
    expect(await ids('admin', '/api/patients/')).toEqual([LENA, TOMAS, AMINA, NOAH]);
  });
});

describe('who may call what', () => {
  test.each(Object.entries(MATRIX))('%s', async (operationId, row) => {
    const operation = operationsIn(running.app).find((one) => one.operationId === operationId)!;
    const answered: Record<string, number> = {};
    for (const principal of NAMES) {
      const answer = await ask(principal, operation, row, (await row.id?.()) ?? '');
      await tidyUp();
      answered[principal] = answer.status;
      if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
    expect(answered).toEqual(Object.fromEntries(NAMES.map((name) => [name, answerTo(name, row)])));
  });
});

describe('what is not yours answers exactly like what does not exist', () => {
  const hidden = Object.entries(MATRIX).filter(([, { answers }]) => answers.includes(404));
  test.each(hidden)('%s', async (operationId, row) => {
    const operation = operationsIn(running.app).find((one) => one.operationId === operationId)!;
    const blind = NAMES.filter((name) => answerTo(name, row) === 404);
    for (const principal of blind) {
      const notYours = await ask(principal, operation, row, await row.id!());
      const notThere = await ask(principal, operation, row, NOBODY);
      await tidyUp();
      expect(withoutRequestId(notYours)).toEqual(withoutRequestId(notThere));
    }
  });

  function withoutRequestId({ status, headers, body }: Answer) {
    return {
      status,
      headers: Object.keys(headers).toSorted(),
      body: { ...body, request_id: null } as object,
    };
  }
});
