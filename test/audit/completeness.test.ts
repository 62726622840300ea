import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { DAY } from '#libs/kernel/clock.js';
import { KeptMail } from '../../src/identity/ports.js';
import { MailPasswordResets } from '../../src/identity/use-cases/mail-password-resets.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { ExpireAppointments } from '../../src/scheduling/index.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import {
  Clinic,
  DOCTOR_PROFILE,
  PASSWORD,
  PATIENT_PROFILE,
  SLOT_POLICY,
  type Member,
  type Person,
} from '../support/clinic.js';
import { fileForm } from '../support/forms.js';
import { at, operationsIn } from '../support/operations.js';
import { picture } from '../support/pictures.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

const NOW = Date.parse('2030-01-07T07:00:00Z');
const NEXT = 'nine clouds over the lake';
const AWAY = { date_from: '2030-06-03', date_to: '2030-06-03', reason: 'Holiday' };
const DATE = '2030-06-04';

interface Row {
  id: string;
  action: string;
  actor_id: string | null;
  actor_role: string;
  entity_type: string;
  entity_id: string;
  patient_id: string | null;
  request_id: string | null;
}

/** Who calls what, and whose row is expected: the caller's unless told. */
interface Call {
  client: Client;
  actor?: string;
  params?: Record<string, string>;
  payload?: object;
  /** In place of a payload. */
  form?: ReturnType<typeof fileForm>;
  /** The thing that it is done to, and the patient whom it concerns; of the answer where it is new. */
  entity?: string | ((answer: Answer) => unknown);
  patient?: string;
}

/** Every operation that changes something, as it succeeds. */
const CHANGES: Record<string, { action: string; call: () => Promise<Call> }> = {
  registerUser: { action: 'account.open', call: newAccount },
  verifyEmail: { action: 'account.verify', call: unverified },
  logIn: { action: 'session.open', call: async () => loginOf(await clinic.patient()) },
  logOut: { action: 'session.end', call: async () => own(await clinic.patient()) },
  endOwnSession: { action: 'session.end', call: oneSession },
  endOwnSessions: { action: 'session.end-all', call: async () => ofUser(await clinic.patient()) },
  updateOwnAccount: {
    action: 'account.change',
    call: async () => ({ ...ofUser(await clinic.patient()), payload: { gender: 'other' } }),
  },
  setOwnPhoto: {
    action: 'account.change-photo',
    call: async () => ({
      ...ofPatient(await clinic.patient()),
      form: fileForm(await picture().png().toBuffer()),
    }),
  },
  removeOwnPhoto: { action: 'account.change-photo', call: async () => ofPatient(await shown()) },
  closeOwnAccount: {
    action: 'account.close',
    call: async () => ({ ...ofPatient(await clinic.patient()), payload: { password: PASSWORD } }),
  },
  changeOwnPassword: {
    action: 'password.change',
    call: async () => ({
      ...ofUser(await clinic.patient()),
      payload: { current_password: PASSWORD, new_password: NEXT },
    }),
  },
  resetPassword: { action: 'password.reset', call: forgotten },

  saveOwnDoctorProfile: {
    action: 'doctor.create',
    call: async () => ({ ...own(await clinic.user('doctor')), payload: DOCTOR_PROFILE, entity: newId }),
  },
  updateOwnDoctorProfile: {
    action: 'doctor.change',
    call: async () => {
      const one = await clinic.doctor();
      return { ...own(one), payload: { qualifications: 'MD' }, entity: one.id };
    },
  },
  saveOwnPatientProfile: {
    action: 'patient.create',
    call: async () => ({ ...own(await clinic.user('patient')), payload: PATIENT_PROFILE, entity: newId }),
  },
  updateOwnPatientProfile: {
    action: 'patient.change',
    call: async () => {
      const { id, ...one } = await clinic.patient();
      return { ...own(one), payload: { allergies: 'Dust' }, entity: id, patient: id };
    },
  },

  setSlotPolicy: {
    action: 'slot-policy.change',
    call: async () => hers({}, { ...SLOT_POLICY, notice_minutes: 30 }, doctor.id),
  },
  addAbsence: { action: 'absence.add', call: async () => hers({}, AWAY, (answer) => answer.body.id) },
  removeAbsence: {
    action: 'absence.remove',
    call: async () => {
      const { body } = await doctor.client.post(`/api/doctors/${doctor.id}/absences/`, AWAY);
      return hers({ absence: body.id as string }, undefined, body.id as string);
    },
  },
  setOverride: {
    action: 'override.set',
    call: async () => hers({ date: DATE }, { hours: [] }, `${doctor.id}/${DATE}`),
  },
  removeOverride: {
    action: 'override.remove',
    call: async () => {
      await doctor.client.put(`/api/doctors/${doctor.id}/overrides/${DATE}/`, { hours: [] });
      return hers({ date: DATE }, undefined, `${doctor.id}/${DATE}`);
    },
  },

  bookAppointment: {
    action: 'appointment.book',
    call: async () => ({ ...own(patient), payload: await aTime(), entity: newId, patient: patient.id }),
  },
  confirmAppointment: { action: 'appointment.confirm', call: async () => onAppointment(await pending()) },
  cancelAppointment: { action: 'appointment.cancel', call: async () => onAppointment(await pending()) },
  rescheduleAppointment: {
    action: 'appointment.reschedule',
    call: async () => ({ ...onAppointment(await pending()), payload: await elsewhere() }),
  },
  checkInAppointment: { action: 'appointment.check-in', call: async () => onAppointment(await begun()) },
  completeAppointment: { action: 'appointment.complete', call: async () => onAppointment(await begun()) },
  missAppointment: { action: 'appointment.no-show', call: async () => onAppointment(await begun()) },
  scheduleSeries: {
    action: 'series.schedule',
    call: async () => ({
      ...own(admin),
      payload: await series(),
      entity: (answer) => answer.body.id,
      patient: patient.id,
    }),
  },
  cancelSeries: {
    action: 'series.cancel',
    call: async () => {
      const { body } = await admin.client.post('/api/series/', await series());
      const id = body.id as string;
      return { ...own(admin), params: { id }, entity: id, patient: patient.id };
    },
  },

  activateUser: {
    action: 'account.activate',
    call: async () => {
      const person = await clinic.user('patient');
      await admin.client.post(`/api/admin/users/${person.user}/deactivate/`);
      return onUser(person);
    },
  },
  deactivateUser: { action: 'account.deactivate', call: async () => onUser(await clinic.user('patient')) },
  approveDoctor: {
    action: 'doctor.approve',
    call: async () => {
      const one = await clinic.doctor();
      await admin.client.post(`/api/admin/users/${one.user}/withdraw-approval/`);
      return { ...onUser(one), entity: one.id };
    },
  },
  withdrawApproval: {
    action: 'doctor.withdraw-approval',
    call: async () => {
      const one = await clinic.doctor();
      return { ...onUser(one), entity: one.id };
    },
  },
  endSessionsOfUser: { action: 'session.end-all', call: async () => onUser(await clinic.user('patient')) },
  admitPatient: {
    action: 'patient.admit',
    call: async () => {
      const email = clinic.email('desk');
      const payload = { email, first_name: 'Otto', last_name: 'Brandt', ...PATIENT_PROFILE };
      return { ...own(admin), payload, entity: (answer) => answer.body.patient?.id ?? answer.body.id };
    },
  },
};

/** They change nothing that is recorded: see the decision on the audit trail. */
const UNRECORDED = ['refreshSession', 'forgetPassword', 'previewSeries'];

const newId = (answer: Answer) => answer.body.id as string;
const own = ({ client, user }: Person): Call => ({ client, actor: user });
const ofUser = (person: Person): Call => ({ ...own(person), entity: person.user });
const ofPatient = (one: Member): Call => ({ ...ofUser(one), patient: one.id });
const onUser = ({ user }: Person): Call => ({ ...own(admin), params: { id: user }, entity: user });
const hers = (params: Record<string, string>, payload: object | undefined, entity: Call['entity']): Call => ({
  ...own(doctor),
  params: { id: doctor.id, ...params },
  ...(payload && { payload }),
  entity,
});
const onAppointment = (id: string): Call => ({
  ...own(doctor),
  params: { id },
  entity: id,
  patient: patient.id,
});

const clock = new FixedClock(NOW);
let running: TestApp;
let clinic: Clinic;
let verifying: TestApp;
let doctor: Member;
let patient: Member;
let admin: Person;

beforeAll(async () => {
  running = await startApp({ clock, wire: withQuickPasswords, env: { DEMO: 'true' } });
  clinic = new Clinic(running.app);
  [doctor, patient, admin] = [await clinic.doctor(), await clinic.patient(), await clinic.admin()];
  verifying = await startApp({
    clock,
    wire: withQuickPasswords,
    env: { DEMO: 'true', EMAIL_VERIFICATION: 'required', DATABASE_URL: running.url },
  });
});
afterAll(async () => {
  await verifying?.close();
  await running?.close();
});

const rows = () =>
  running.app
    .get(TypeOrmTransactions, { strict: false })
    .manager.query<Row[]>('SELECT * FROM audit_records ORDER BY id');

/** The rows that the work left. */
async function left(work: () => Promise<unknown>): Promise<Row[]> {
  const before = new Set((await rows()).map(({ id }) => id));
  await work();
  return (await rows()).filter(({ id }) => !before.has(id));
}

async function newAccount(): Promise<Call> {
  const payload = {
    email: clinic.email('new'),
    password: PASSWORD,
    first_name: 'Ada',
    last_name: 'Newman',
    role: 'patient',
  };
  return { client: clinic.anyone, payload, entity: newId };
}

async function loginOf({ email, user }: Person): Promise<Call> {
  return { client: clinic.anyone, actor: user, payload: { email, password: PASSWORD } };
}

/** A patient with a photo. */
async function shown(): Promise<Member> {
  const person = await clinic.patient();
  await send('setOwnPhoto', { ...own(person), form: fileForm(await picture().png().toBuffer()) });
  return person;
}

async function oneSession(): Promise<Call> {
  const person = await clinic.patient();
  const { body } = await person.client.get('/api/auth/sessions/');
  const { id } = (body.results as { id: string }[])[0]!;
  return { ...own(person), params: { id }, entity: id };
}

async function tokenMailedTo(email: string, app = running.app): Promise<string> {
  await app.get(MailPasswordResets, { strict: false }).execute();
  const kept = (await app.get(KeptMail, { strict: false }).newest(50))!;
  return /^[\w-]{43}$/m.exec(kept.find(({ to }) => to === email)!.text)![0];
}

async function forgotten(): Promise<Call> {
  const { email, user } = await clinic.patient();
  await clinic.anyone.post('/api/auth/password/forgot/', { email });
  const token = await tokenMailedTo(email);
  return { client: clinic.anyone, actor: user, payload: { token, new_password: NEXT }, entity: user };
}

async function unverified(): Promise<Call> {
  const there = new Clinic(verifying.app);
  const { payload } = await newAccount();
  await there.anyone.post('/api/auth/register/', payload);
  const token = await tokenMailedTo((payload as { email: string }).email, verifying.app);
  return { client: there.anyone, payload: { token } };
}

const slots = async () =>
  (await patient.client.get(`/api/doctors/${doctor.id}/slots/?date_from=2030-01-07&date_to=2030-02-28`)).body
    .results as { date: string; time: string }[];

/** Each is asked for once. */
async function aTime(): Promise<object> {
  clock.set(NOW);
  const [{ date, time }] = (await slots()) as [{ date: string; time: string }];
  return { doctor: doctor.id, date, time };
}

async function elsewhere(): Promise<object> {
  const { date, time } = (await slots()).at(-1)!;
  return { date, time };
}

async function pending(): Promise<string> {
  const { body, status } = await patient.client.post('/api/appointments/', await aTime());
  expect([status, body.status]).toEqual([201, 'pending']);
  return body.id as string;
}

async function begun(): Promise<string> {
  const id = await pending();
  const { body } = await doctor.client.post(`/api/appointments/${id}/confirm/`);
  clock.set(Date.parse(body.starts_at as string));
  return id;
}

async function series(): Promise<object> {
  return {
    ...(await aTime()),
    ...(await elsewhere()),
    patient: patient.id,
    every_weeks: 1,
    count: 2,
    exemption_reason: 'Agreed',
  };
}

/** What is booked is cancelled, so that the next finds room. */
async function tidyUp(): Promise<void> {
  clock.set(NOW);
  const active = 'status=pending&status=confirmed&status=checked_in';
  const { body } = await admin.client.get(`/api/appointments/?patient=${patient.id}&${active}`);
  for (const { id } of body.results as { id: string }[]) {
    await admin.client.post(`/api/appointments/${id}/cancel/`, { reason: 'Tidied up' });
  }
}

async function send(operationId: string, { client, params, payload, form }: Call): Promise<Answer> {
  const { method, path } = operationsIn(running.app).find((one) => one.operationId === operationId)!;
  return client.send({ method, url: at(path, params), ...(payload && { payload }), ...form });
}

test('every operation that may change something is among those that are tried', () => {
  const changing = operationsIn(running.app).filter(({ method }) => method !== 'GET');
  const named = changing.map(({ operationId }) => operationId).toSorted();
  expect([...Object.keys(CHANGES), ...UNRECORDED].toSorted()).toEqual(named);
});

describe('one row tells who did what to which thing:', () => {
  test.each(Object.keys(CHANGES))('%s', async (operationId) => {
    await tidyUp();
    const { action, call } = CHANGES[operationId]!;
    const asked = await call();
    let answer: Answer | undefined;
    const found = await left(async () => {
      answer = await send(operationId, asked);
    });
    expect(answer!.status, JSON.stringify(answer!.body)).toBeLessThan(300);
    expect(found.map((row) => row.action)).toEqual([action]);
    const [row] = found as [Row];
    const { entity, patient: concerned } = asked;
    const expected = typeof entity === 'function' ? entity(answer!) : entity;
    if (expected !== undefined) expect(row.entity_id).toBe(expected);
    if (concerned !== undefined) expect(row.patient_id).toBe(concerned);
    if (asked.actor !== undefined) expect(row.actor_id).toBe(asked.actor);
    else expect(row.actor_id).not.toBeNull();
    expect(row.actor_role).toMatch(/^(patient|doctor|admin)$/);
    expect(row.request_id).toBe(answer!.headers['x-request-id']);
  });

  test('a trail that records nothing is found by it (control)', async () => {
    class Forgetful extends AuditTrail {
      async record(): Promise<void> {}
    }
    const control = await startApp({
      clock,
      env: { DATABASE_URL: running.url },
      wire: (builder) => withQuickPasswords(builder).overrideProvider(AuditTrail).useClass(Forgetful),
    });
    const { payload } = await newAccount();
    const found = await left(() => new Clinic(control.app).anyone.post('/api/auth/register/', payload));
    expect(found).toEqual([]);
    await control.close();
  });
});

describe('no row tells of what did not happen:', () => {
  const dry = '?dry_run=true';

  test('a dry run', async () => {
    const base = `/api/doctors/${doctor.id}`;
    const found = await left(async () => {
      const answers = [
        await doctor.client.put(`${base}/slot-policy/${dry}`, SLOT_POLICY),
        await doctor.client.post(`${base}/absences/${dry}`, AWAY),
        await doctor.client.put(`${base}/overrides/${DATE}/${dry}`, { hours: [] }),
        await doctor.client.patch(`/api/doctor-profile/${dry}`, { time_zone: 'Asia/Kolkata' }),
        await admin.client.post(`/api/admin/users/${doctor.user}/withdraw-approval/${dry}`),
        await admin.client.post(`/api/admin/users/${doctor.user}/deactivate/${dry}`),
      ];
      expect(answers.map(({ status }) => Math.floor(status / 100))).toEqual(answers.map(() => 2));
    });
    expect(found).toEqual([]);
  });

  test('a refusal', async () => {
    const stranger = await clinic.patient();
    const id = await pending();
    const found = await left(async () => {
      const answers = [
        await stranger.client.post(`/api/appointments/${id}/cancel/`),
        await patient.client.post(`/api/appointments/${id}/confirm/`),
        await stranger.client.get(`/api/patients/${patient.id}/`),
        await clinic.anyone.post('/api/auth/login/', { email: patient.email, password: NEXT }),
        await admin.client.post(`/api/admin/users/${admin.user}/deactivate/`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 409, 404, 401, 409]);
    });
    expect(found).toEqual([]);
  });

  test('a request that changes nothing', async () => {
    await patient.client.patch('/api/patient-profile/', { allergies: 'Dust' });
    const override = `/api/doctors/${doctor.id}/overrides/${DATE}/`;
    const hours = [
      { from: '09:00', to: '12:00' },
      { from: '14:00', to: '18:00' },
    ];
    await doctor.client.put(override, { hours });
    const found = await left(async () => {
      await patient.client.patch('/api/patient-profile/', { allergies: 'Dust' });
      await patient.client.patch('/api/patient-profile/', {});
      await patient.client.patch('/api/auth/me/', { first_name: 'Pat' });
      await doctor.client.patch('/api/doctor-profile/', { specialty: DOCTOR_PROFILE.specialty });
      await doctor.client.put(override, { hours: hours.toReversed() });
      await admin.client.post(`/api/admin/users/${doctor.user}/activate/`);
      await admin.client.post(`/api/admin/users/${doctor.user}/approve/`);
    });
    expect(found).toEqual([]);
  });

  test('a repeated request under its key', async () => {
    await tidyUp();
    const booking = {
      method: 'POST',
      url: '/api/appointments/',
      payload: await aTime(),
      headers: { 'idempotency-key': 'one-row-for-both' },
    } as const;
    const found = await left(async () => {
      const answers = [await patient.client.send(booking), await patient.client.send(booking)];
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    });
    expect(found.map(({ action }) => action)).toEqual(['appointment.book']);
  });
});

test('what the clock does is told, too: nobody did it', async () => {
  await tidyUp();
  const id = await pending();
  clock.set(NOW + 60 * DAY);
  const found = await left(() => running.app.get(ExpireAppointments, { strict: false }).execute());
  expect(found).toMatchObject([
    {
      action: 'appointment.expire',
      actor_id: null,
      actor_role: 'system',
      entity_id: id,
      patient_id: patient.id,
      request_id: null,
    },
  ]);
  clock.set(NOW);
});

test('a copied refresh token that comes back is told', async () => {
  const person = await clinic.patient();
  const { body } = await clinic.anyone.post('/api/auth/login/', { email: person.email, password: PASSWORD });
  const refresh = (token: string) => clinic.anyone.post('/api/auth/login/refresh/', { refresh: token });
  const next = await refresh(body.refresh as string);
  await refresh(next.body.refresh as string);
  const found = await left(async () => {
    expect((await refresh(body.refresh as string)).status).toBe(401);
  });
  expect(found.map(({ action }) => action)).toEqual(['session.revoke']);
});

describe('looks at a card', () => {
  test('are as many as the rows of others', async () => {
    await tidyUp();
    const id = await pending();
    await doctor.client.post(`/api/appointments/${id}/confirm/`);
    const card = `/api/patients/${patient.id}/`;
    const looks = [doctor, doctor, admin, patient, doctor, admin];
    const found = await left(async () => {
      for (const { client } of looks) expect((await client.get(card)).status).toBe(200);
      await patient.client.get('/api/patient-profile/');
    });
    expect(found.map((row) => [row.action, row.actor_id, row.patient_id])).toEqual(
      looks.filter((who) => who !== patient).map(({ user }) => ['patient.read', user, patient.id]),
    );
  });

  test('are looks at the photo too, which is a part of it', async () => {
    const { user, id } = patient;
    await send('setOwnPhoto', { ...own(patient), form: fileForm(await picture().png().toBuffer()) });
    const found = await left(async () => {
      for (const { client } of [doctor, admin, patient])
        expect((await client.get(`/api/users/${user}/photo/`)).status).toBe(200);
    });
    expect(found.map((row) => [row.action, row.actor_id, row.patient_id])).toEqual([
      ['photo.read', doctor.user, id],
      ['photo.read', admin.user, id],
    ]);
  });

  test('at the photo of somebody who has no profile yet are told them once they have one', async () => {
    const person = await clinic.user('patient');
    await send('setOwnPhoto', { ...own(person), form: fileForm(await picture().png().toBuffer()) });
    const found = await left(() => admin.client.get(`/api/users/${person.user}/photo/`));
    expect(found).toMatchObject([{ action: 'photo.read', entity_id: person.user, patient_id: null }]);
    await person.client.post('/api/patient-profile/', PATIENT_PROFILE);
    await admin.client.get(`/api/users/${person.user}/photo/`);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = `?limit=1${cursor && `&cursor=${cursor}`}`;
      const { body } = await person.client.get(`/api/patient-profile/access-log/${page}`);
      expect(body.results).toMatchObject([{ action: 'photo.read', role: 'admin' }]);
      seen.push((body.results as [{ id: string }])[0].id);
      cursor = body.next_cursor as string | null;
    }
    expect(seen).toHaveLength(2);
    expect(seen).toEqual([...new Set(seen)].toSorted().toReversed());
  });

  test('are shown to the patient, the newest first: doctors by name, admins by role', async () => {
    const one = await clinic.patient();
    await admin.client.get(`/api/patients/${one.id}/`);
    await admin.client.get(`/api/patients/${one.id}/`);
    const first = await one.client.get('/api/patient-profile/access-log/?limit=1');
    expect(first.body.results).toMatchObject([{ action: 'patient.read', role: 'admin', name: null }]);
    const cursor = first.body.next_cursor as string;
    const second = await one.client.get(`/api/patient-profile/access-log/?limit=1&cursor=${cursor}`);
    expect(second.body.results).toHaveLength(1);
    expect(second.body.next_cursor).toBeNull();
    const { body } = await patient.client.get('/api/patient-profile/access-log/');
    expect(body.results).toContainEqual(
      expect.objectContaining({ action: 'patient.read', role: 'doctor', name: 'Dora Hale' }),
    );
    expect((await (await clinic.user('patient')).client.get('/api/patient-profile/access-log/')).status).toBe(
      404,
    );
  });

  test('and no other read leaves a row, but that of the trail itself', async () => {
    const reads = operationsIn(running.app).filter(({ method }) => method === 'GET');
    const found = await left(async () => {
      for (const { path, operationId } of reads) {
        if (operationId === 'getPatient') continue;
        for (const { client } of [patient, doctor, admin])
          await client.send({ method: 'GET', url: at(path) });
      }
    });
    expect(found.map(({ action, actor_id }) => [action, actor_id])).toEqual([['audit.read', admin.user]]);
  });
});

describe('an admin reads the trail', () => {
  const list = async (query: string) => {
    const { status, body } = await admin.client.get(`/api/admin/audit/?${query}`);
    expect(status).toBe(200);
    return body as { results: Record<string, string | null>[]; next_cursor: string | null };
  };

  test('in pages, the newest first, each of which is recorded', async () => {
    const all = (await rows()).map(({ id }) => id).toReversed();
    const seen: (string | null)[] = [];
    let cursor: string | null = '';
    do {
      const page = await list(`limit=50${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.results.map(({ id }) => id!));
      cursor = page.next_cursor;
    } while (cursor !== null);
    // Beside the rows that the reading itself left.
    expect(seen.filter((id) => all.includes(id!))).toEqual(all);
    const { results } = await list('action=audit.read');
    expect(results.length).toBeGreaterThanOrEqual(Math.ceil(all.length / 50));
  });

  test('by actor, action, patient, thing and date', async () => {
    const known = await rows();
    const count = (keep: (row: Row) => boolean) => Math.min(100, known.filter(keep).length);
    const size = async (query: string) => (await list(`limit=100&${query}`)).results.length;
    expect(await size(`actor=${doctor.user}`)).toBe(count((row) => row.actor_id === doctor.user));
    expect(await size('action=patient.admit')).toBe(count((row) => row.action === 'patient.admit'));
    expect(await size(`patient=${patient.id}`)).toBe(count((row) => row.patient_id === patient.id));
    expect(await size(`entity=${doctor.id}`)).toBe(count((row) => row.entity_id === doctor.id));
    expect(await size('date_to=2030-01-06')).toBe(0);
    expect(await size('date_from=2030-01-07&date_to=2030-01-07')).toBe(100);
    const { status } = await admin.client.get('/api/admin/audit/?date_from=2030-01-08&date_to=2030-01-07');
    expect(status).toBe(400);
  });
});
