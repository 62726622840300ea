import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import {
  Clinic,
  DOCTOR_PROFILE,
  PASSWORD,
  PATIENT_PROFILE,
  SLOT_POLICY,
  type Member,
} from '../support/clinic.js';
import { fileForm } from '../support/forms.js';
import { at, operationsIn, type OperationAt } from '../support/operations.js';

/** Names that every object has; a library that looks them up finds something. */
const INHERITED = [
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'toInput',
  'toFilter',
];

const clock = new FixedClock(Date.parse('2030-01-07T07:00:00Z'));
let running: TestApp;
let clinic: Clinic;
let doctor: Member;
let patient: Member;
let admin: Client;

beforeAll(async () => {
  running = await startApp({ clock });
  clinic = new Clinic(running.app);
  doctor = await clinic.doctor({ time_zone: 'Europe/Berlin' });
  patient = await clinic.patient();
  admin = (await clinic.admin()).client;
});
afterAll(() => running.close());

/** A form is no JSON, and what it holds is read elsewhere. */
const takingJson = () =>
  operationsIn(running.app).filter(({ method, file }) => method !== 'GET' && file === undefined);

/** As somebody who may call it, about nobody in particular. */
function call(
  { method, path, roles, file }: OperationAt,
  { query = '', body }: { query?: string; body?: object | undefined },
) {
  const client =
    roles === undefined
      ? clinic.anyone
      : { patient: patient.client, doctor: doctor.client, admin }[roles[0]!];
  const url = `${at(path)}${query}`;
  if (file !== undefined) return client.send({ method, url, ...fileForm('', file) });
  const payload = body ?? (method === 'GET' ? undefined : {});
  return client.send({ method, url, ...(payload && { payload }) });
}

function pointersOf({ status, body }: Answer): string[] {
  expect([status, body.code]).toEqual([400, 'invalid-request']);
  return (body.errors as { pointer: string }[]).map(({ pointer }) => pointer);
}

describe('what is not known is refused, by every operation', () => {
  test('a query parameter, also where none is read', async () => {
    for (const operation of operationsIn(running.app)) {
      for (const name of ['unknown', 'limit[]', ...INHERITED, '__proto__']) {
        const pointers = pointersOf(await call(operation, { query: `?${name}=1` }));
        expect([operation.operationId, pointers]).toEqual([
          operation.operationId,
          expect.arrayContaining([name]),
        ]);
      }
    }
  });

  test('a field, also where no body is read', async () => {
    for (const operation of takingJson()) {
      for (const name of ['unknown', 'a/b~c', ...INHERITED]) {
        const pointers = pointersOf(await call(operation, { body: { [name]: 1 } }));
        const pointer = `/${name.replace('~', '~0').replace('/', '~1')}`;
        expect([operation.operationId, pointers]).toEqual([
          operation.operationId,
          expect.arrayContaining([pointer]),
        ]);
      }
    }
  });

  test('a query parameter and a field of one request, both', async () => {
    for (const operation of takingJson()) {
      const pointers = pointersOf(await call(operation, { query: '?unknown=1', body: { unknown: 1 } }));
      expect([operation.operationId, pointers]).toEqual([
        operation.operationId,
        expect.arrayContaining(['unknown', '/unknown']),
      ]);
    }
  });

  test('every fault is named at once', async () => {
    const answer = await clinic.anyone.post('/api/auth/register/', {
      email: 'ada',
      is_doctor: 'yes',
      nickname: 'A',
    });
    expect(new Set(pointersOf(answer))).toEqual(
      new Set(['/email', '/is_doctor', '/nickname', '/password', '/first_name', '/last_name']),
    );
    expect(answer.body.errors).toEqual(
      expect.arrayContaining([
        { pointer: '/nickname', code: 'unknown-field', message: 'is not known here' },
        { pointer: '/password', code: 'required', message: 'is required' },
        { pointer: '/email', code: 'email', message: 'must be an email address' },
      ]),
    );
  });
});

describe('nothing is coerced', () => {
  const WRONG: Record<string, unknown[]> = {
    string: [0, 1.5, true, [], ['x'], {}, { length: 1 }],
    integer: ['12', '', 1.5, true, [], [12], {}, 1e300],
    boolean: ['true', '', 0, 1, [], {}],
    array: ['text', 0, true, {}, [0], [[]], { length: 1 }],
  };

  test('a list that is none is told to be none, whatever stands in its place', async () => {
    const url = `/api/doctors/${doctor.id}/slot-policy/`;
    const fault = { code: 'list', message: 'must be a list of objects' };
    for (const field of ['visit_types', 'weekly_hours']) {
      for (const value of [null, 'a', ['a'], ['a', {}], [[]], [null], {}, { monday: [] }]) {
        const { body } = await doctor.client.put(url, { ...SLOT_POLICY, [field]: value });
        expect([value, body.errors]).toEqual([value, [{ pointer: `/${field}`, ...fault }]]);
      }
      const { body } = await doctor.client.put(url, { ...SLOT_POLICY, [field]: undefined });
      expect(body.errors).toEqual([{ pointer: `/${field}`, code: 'required', message: 'is required' }]);
    }
  });

  test('every field of every operation refuses values of other types, and null where it cannot be cleared', async () => {
    for (const operation of operationsIn(running.app)) {
      for (const [name, schema] of Object.entries(operation.fields ?? {})) {
        const [type = 'string', canBeNull] = [schema.type ?? 'string'].flat();
        const isNullable = canBeNull === 'null' || JSON.stringify(schema).includes('"null"');
        for (const value of [...WRONG[type]!, ...(isNullable ? [] : [null])]) {
          const pointers = pointersOf(await call(operation, { body: { [name]: value } }));
          const what = `${operation.operationId} ${name} ${JSON.stringify(value)}`;
          expect([what, pointers]).toEqual([what, expect.arrayContaining([`/${name}`])]);
        }
      }
    }
  });

  test.each([
    ...['0', '-1', '101', '1.0', '1e1', '0x10', '+5', '%205', '5%20', '', 'NaN', '9007199254740993'].map(
      (limit) => `limit=${limit}`,
    ),
    ...['01', '0050', '-0'].map((limit) => `limit=${limit}`),
    'limit=1&limit=2',
    'limit=1&limit=1',
    ...['1', 'yes', 'TRUE', '', 'null'].map((flag) => `needs_outcome=${flag}`),
    ...['ASC', 'descending', ''].map((order) => `order=${order}`),
    ...['Pending', 'none', ''].map((status) => `status=${status}`),
    'status=pending&status=none',
    'order=asc&order=desc',
    'date_from=2030-01-01&date_from=2030-01-01',
    'doctor=1',
  ])('of the list of appointments ?%s is refused', async (query) => {
    const [pointer] = pointersOf(await patient.client.get(`/api/appointments/?${query}`));
    expect(pointer).toBe(query.split('=')[0]);
  });
});

describe('text', () => {
  const rename = (first_name: string) => patient.client.patch('/api/auth/me/', { first_name });

  test('is trimmed and bounded', async () => {
    expect((await rename('  Ada \t')).body.first_name).toBe('Ada');
    expect((await rename('\u00a0Ada\u3000')).body.first_name).toBe('Ada');
    for (const longest of ['a'.repeat(100), '🦉'.repeat(100)])
      expect((await rename(longest)).status).toBe(200);
    for (const refused of ['', '   ', 'a'.repeat(101)])
      expect(pointersOf(await rename(refused))).toEqual(['/first_name']);
  });

  test.each(['\u200b', '\u200b\u2060', '\ufeff \u00ad', '\u3164', '\u115f', '\u2800', '\ufe0f', '\u{e0020}'])(
    'of what nobody can see alone is none: %j',
    async (invisible) => {
      expect(pointersOf(await rename(invisible))).toEqual(['/first_name']);
      expect((await rename(`A${invisible}`)).status).toBe(200);
      const visit = { doctor: doctor.id, patient: patient.id, date: '2030-01-08', time: '06:00' };
      const exempt = { ...visit, exemption_reason: invisible };
      expect(pointersOf(await admin.post('/api/appointments/', exempt))).toEqual(['/exemption_reason']);
    },
  );

  test('is kept in composed letters, however it was typed', async () => {
    expect((await rename('Jose\u0301')).body.first_name).toBe('Jos\u00e9');
    const [visitType] = SLOT_POLICY.visit_types;
    const types = (...names: string[]) => ({
      ...SLOT_POLICY,
      visit_types: names.map((name) => ({ ...visitType, name })),
    });
    const url = `/api/doctors/${doctor.id}/slot-policy/`;
    const { body } = await doctor.client.put(url, types('Pre\u0301vention'));
    expect(body.visit_types[0].name).toBe('Pr\u00e9vention');
    for (const typed of ['Pre\u0301vention', 'Pr\u00e9vention']) {
      const slots = `/api/doctors/${doctor.id}/slots/?visit_type=${encodeURIComponent(typed)}`;
      expect((await patient.client.get(slots)).status).toBe(200);
    }
    expect((await doctor.client.put(url, types('Pre\u0301vention', 'Pr\u00e9vention'))).status).toBe(400);
    expect((await doctor.client.put(url, SLOT_POLICY)).status).toBe(200);
  });

  test.each([
    'José',
    'Nguyễn Thị Ánh',
    '李',
    'O’Brien',
    'Ada 🦉',
    "Robert'); DROP TABLE users;--",
    '<b>Ada</b>',
    '%s',
    '\\',
  ])('of people is kept as it is: %s', async (name) => {
    expect((await rename(name)).body.first_name).toBe(name);
  });

  test.each([
    '\0',
    '\u0007',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\n',
    '\r',
    '\t',
    '\ud83e',
    '\udd89',
  ])('of one line has no %j inside', async (character) => {
    expect(pointersOf(await rename(`A${character}b`))).toEqual(['/first_name']);
  });

  test('of many lines keeps its lines and has no other control characters', async () => {
    const write = (address: string) => patient.client.patch('/api/patient-profile/', { address });
    expect((await write('Uferweg 9\n\t12435 Berlin')).body.address).toBe('Uferweg 9\n\t12435 Berlin');
    expect((await write('a'.repeat(500))).status).toBe(200);
    for (const refused of ['a\0b', 'a\u0008b', 'a\u001bb', 'a\u009fb', 'a\ud800b', 'a'.repeat(501)]) {
      expect(pointersOf(await write(refused))).toEqual(['/address']);
    }
  });

  test('with half of a character is told to be none, and of control characters only what has some', async () => {
    const register = (change: object) =>
      clinic.anyone.post('/api/auth/register/', {
        email: clinic.email('words'),
        password: 'lamp river seven',
        first_name: 'Ada',
        last_name: 'Newman',
        role: 'patient',
        ...change,
      });
    const illFormed = 'must be valid Unicode text, without a lone surrogate';
    const told = [
      ['first_name', 'A\ud800', illFormed],
      ['first_name', '\udc00\0', illFormed],
      ['first_name', 'A\0', 'must not contain control characters'],
      ['password', 'lamp river \ud800', illFormed],
      ['password', 'lamp river \0', 'must not contain a NUL character'],
    ] as const;
    for (const [field, value, message] of told) {
      const { body } = await register({ [field]: value });
      expect([field, value, body.errors?.[0].message]).toEqual([field, value, message]);
    }
    const logIn = { email: 'ada@example.org', password: '\ud800' };
    const { body } = await clinic.anyone.post('/api/auth/login/', logIn);
    expect(body.errors).toEqual([{ pointer: '/password', code: 'text', message: illFormed }]);
  });

  test.each([
    ['/api/patient-profile/', 'medical_history', 10_000],
    ['/api/patient-profile/', 'allergies', 2000],
    ['/api/patient-profile/', 'emergency_contact_name', 200],
  ])('of %s %s has at most %i characters', async (url, field, max) => {
    expect((await patient.client.patch(url, { [field]: 'a'.repeat(max) })).status).toBe(200);
    expect(pointersOf(await patient.client.patch(url, { [field]: 'a'.repeat(max + 1) }))).toEqual([
      `/${field}`,
    ]);
  });
});

describe('numbers', () => {
  test.each([0, 80])('%i years of experience are accepted', async (experience_years) => {
    expect((await doctor.client.patch('/api/doctor-profile/', { experience_years })).status).toBe(200);
  });

  test.each([-1, 81, 0.5, Number.MAX_SAFE_INTEGER + 1])(
    '%f years of experience are refused',
    async (experience_years) => {
      expect(pointersOf(await doctor.client.patch('/api/doctor-profile/', { experience_years }))).toEqual([
        '/experience_years',
      ]);
    },
  );

  test.each([0, 1, 4, 7, 481, 485, -5])('a length of %i minutes is refused', async (duration_minutes) => {
    const visit = { patient: patient.id, date: '2030-01-08', time: '09:00', duration_minutes };
    expect(pointersOf(await doctor.client.post('/api/appointments/', visit))).toEqual(['/duration_minutes']);
  });
});

describe('passwords', () => {
  const register = (password: string) =>
    clinic.anyone.post('/api/auth/register/', {
      email: clinic.email('password'),
      password,
      first_name: 'Ada',
      last_name: 'Newman',
      role: 'patient',
    });

  /** So many characters that follow each other, and make no pattern. */
  const row = (first: string, length: number) =>
    Array.from({ length }, (_, i) => String.fromCodePoint(first.codePointAt(0)! + i)).join('');

  test.each([
    row('a', 12),
    row('ā', 128),
    ' twelve char ',
    '           .',
    'with\tcontrol\u0007',
    'пароль из слов',
    row('🐀', 12),
    row('🐀', 128),
  ])('%j is accepted and logs in', async (password) => {
    const { status, body } = await register(password);
    expect(status).toBe(201);
    await clinic.anyone.logIn(body.email as string, password);
  });

  test.each(['a'.repeat(11), 'a'.repeat(129), 'twelve\0chars', '🦉'.repeat(11), 'twelve chars \ud800', ''])(
    '%j is refused',
    async (password) => {
      const answer = await register(password);
      expect(pointersOf(answer)).toEqual(['/password']);
      if (password) expect(JSON.stringify(answer.body)).not.toContain(password);
    },
  );
});

describe('emails', () => {
  const logIn = (email: string) => clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD });

  test.each([
    'a@b.co',
    'first.last+tag@sub.example.org',
    "o'brien@example.org",
    `${'a'.repeat(64)}@example.org`,
  ])('%s is one', async (email) => {
    expect((await logIn(email)).status).toBe(401);
  });

  test.each([
    'ada',
    '@example.org',
    'ada@',
    'ada@localhost',
    'ada@example',
    'ada@-example.org',
    'ada@example.org.',
    'ada@exam ple.org',
    'a b@example.org',
    'ada@example.org\n',
    'ada@example.org\0',
    'ada@example.org,eve@example.org',
    'Ada <ada@example.org>',
    'ada@[127.0.0.1]',
    'ädä@example.org',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'a'.repeat(250)}.org`,
  ])('%j is none', async (email) => {
    const answer = await logIn(email);
    if (email.trim() === 'ada@example.org') expect(answer.status).toBe(401);
    else expect(pointersOf(answer)).toEqual(['/email']);
  });
});

describe('phone numbers', () => {
  const call = (client: Client, phone_number: string) =>
    client.patch('/api/patient-profile/', { phone_number });

  test.each(['+49 30 901820', '+4930901820', '+1 (212) 555-0123', '+44 20 7946 0101'])(
    '%s is one',
    async (phone) => {
      expect((await call(patient.client, phone)).body.phone_number).toBe(phone);
    },
  );

  test.each([
    '',
    '030 901820',
    '+49',
    '+999 123456',
    'phone',
    '+49 30 901820 ; drop',
    '+49 30 901820\0',
    'call +49 30 901820',
    'tel:+49-30-901820',
    '+'.repeat(41),
    '0'.repeat(40),
  ])('%j is none', async (phone) => {
    expect(pointersOf(await call(patient.client, phone))).toEqual(['/phone_number']);
  });

  test('without a country code are those of the clinic’s region, where one is set', async () => {
    const german = await startApp({ env: { DEFAULT_PHONE_REGION: 'DE' } });
    const { client } = await new Clinic(german.app).patient();
    expect((await call(client, '030 901820')).status).toBe(200);
    await german.close();
    await (await startApp()).close();
  });
});

describe('time zones', () => {
  const move = (time_zone: string) => doctor.client.patch('/api/doctor-profile/', { time_zone });

  test.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata', 'Etc/GMT+1'])(
    '%s is one',
    async (zone) => {
      expect((await move(zone)).body.time_zone).toBe(zone);
    },
  );

  test.each([
    '',
    '+01:00',
    '+0100',
    '+01',
    '-05:00',
    'UTC+1',
    'GMT+01:00',
    'Z',
    'Mars/Base',
    'Europe',
    '../etc/localtime',
    'a'.repeat(65),
  ])('%j is none', async (zone) => {
    expect(pointersOf(await move(zone))).toEqual(['/time_zone']);
  });

  test.each([
    ['EUROPE/berlin', 'Europe/Berlin'],
    ['asia/KOLKATA', 'Asia/Kolkata'],
    ['america/PORT-AU-PRINCE', 'America/Port-au-Prince'],
    ['utc', 'UTC'],
  ])('%s is kept as %s', async (sent, kept) => {
    expect((await move(sent)).body.time_zone).toBe(kept);
  });
});

describe('ids', () => {
  test.each(['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'])(
    'are UUIDs of some version, and %s is told to be of none',
    async (id) => {
      const visit = { doctor: id, date: '2030-01-08', time: '09:00' };
      const message = 'must be an id (a UUID of version 1 to 8)';
      const { body } = await patient.client.post('/api/appointments/', visit);
      expect(body.errors).toEqual([{ pointer: '/doctor', code: 'id', message }]);
      const list = await admin.get(`/api/appointments/?doctor=${id}`);
      expect(list.body.errors).toEqual([{ pointer: 'doctor', code: 'id', message }]);
    },
  );

  test('in capitals mean the same in a path, a query and a body', async () => {
    const [upper, who] = [doctor.id.toUpperCase(), patient.id.toUpperCase()];
    expect((await patient.client.get(`/api/doctors/${upper}/`)).body.id).toBe(doctor.id);
    const visit = { date: '2030-01-09', time: '10:00', exemption_reason: 'Agreed' };
    const key = { 'idempotency-key': 'one-visit-in-two-spellings' };
    const send = (payload: object, url: string) => admin.send({ method: 'POST', url, payload, headers: key });
    const { status, body } = await send({ doctor: upper, patient: who, ...visit }, '/api/appointments/');
    expect([status, body.doctor, body.patient]).toEqual([201, doctor.id, patient.id]);
    const again = await send({ doctor: doctor.id, patient: patient.id, ...visit }, '/api/appointments/');
    expect([again.status, again.body.id, again.headers['idempotency-replayed']]).toEqual([
      201,
      body.id,
      'true',
    ]);
    const list = await admin.get(`/api/appointments/?doctor=${upper}&patient=${who}`);
    expect(list.body.results).toHaveLength(1);
  });
});

describe('versions', () => {
  test.each(['"01"', '"00"', '"0001"', '"+1"', '"1.0"'])(
    'are written in one way, and %s is none',
    async (tag) => {
      const url = `/api/doctors/${doctor.id}/slot-policy/`;
      const { body } = await doctor.client.get(url);
      expect([0, 1, 2]).toContain(body.version);
      const written = tag === '"01"' ? `"0${body.version}"` : tag;
      expect((await doctor.client.put(url, SLOT_POLICY, { 'if-match': written })).status).toBe(412);
    },
  );
});

describe('times', () => {
  const book = (time: string) =>
    patient.client.post('/api/appointments/', { doctor: doctor.id, date: '2030-01-08', time });

  beforeAll(() => doctor.client.patch('/api/doctor-profile/', { time_zone: 'Europe/Berlin' }));

  test.each([
    ['10:00', '10:00'],
    ['10:30:00', '10:30'],
  ])('%s is accepted and answered as %s', async (sent, answered) => {
    const { status, body } = await book(sent);
    expect([status, body.time]).toEqual([201, answered]);
  });

  test.each([
    '',
    '9:00',
    '24:00',
    '09:60',
    '09:00:01',
    '09:00:00.000',
    '09:00Z',
    '09:00+01:00',
    '09',
    '0900',
    ' 09:00',
    '09:00 ',
    '٠٩:٠٠',
    '09:00\n',
  ])('%j is refused', async (time) => {
    expect(pointersOf(await book(time))).toEqual(['/time']);
  });
});

describe('dates', () => {
  const UNREAL = [
    '',
    '2030-02-30',
    '2029-02-29',
    '2030-13-01',
    '2030-00-10',
    '2030-01-00',
    '0000-00-00',
    '2030-1-7',
    '20300107',
    '2030-01-07T00:00:00Z',
    '+002030-01-01',
    '-002030-01-01',
    '9999-12-31',
    '1899-12-31',
    '2200-01-01',
    '07.01.2030',
    'tomorrow',
    '2030-01-07 ',
    '２０３０-01-07',
  ];

  test.each(UNREAL)('%j is none, in a body and in a query', async (date) => {
    const visit = { doctor: doctor.id, date, time: '09:00' };
    expect(pointersOf(await patient.client.post('/api/appointments/', visit))).toEqual(['/date']);
    const query = `date_to=${encodeURIComponent(date)}`;
    expect(pointersOf(await patient.client.get(`/api/appointments/?${query}`))).toEqual(['date_to']);
    expect(pointersOf(await patient.client.get(`/api/doctors/${doctor.id}/slots/?${query}`))).toEqual([
      'date_to',
    ]);
  });

  test('in a path are those of a clinic too', async () => {
    const set = (date: string) =>
      doctor.client.put(`/api/doctors/${doctor.id}/overrides/${date}/`, { hours: [] });
    expect((await set('2199-12-31')).status).toBe(200);
    const faultOf = async (date: string) => {
      const { body } = await set(date);
      return [date, body.code, body.errors?.[0]];
    };
    const fault = (message: string) => ({ pointer: 'date', code: 'date', message });
    for (const date of ['2030-02-30', '2029-02-29', '2030-13-01', '0000-00-00']) {
      const none = fault('must be a calendar date, YYYY-MM-DD');
      expect(await faultOf(date)).toEqual([date, 'invalid-request', none]);
    }
    for (const date of ['2200-01-01', '9999-12-31', '1899-12-31', '0000-01-01']) {
      const far = fault('must be a date from 1900-01-01 to 2199-12-31');
      expect(await faultOf(date)).toEqual([date, 'invalid-request', far]);
    }
    for (const name of ['tomorrow', '2030-1-7', '20300107'])
      expect(await faultOf(name)).toEqual([name, 'not-found', undefined]);
  });

  test('the 29th of February is one in a leap year', async () => {
    expect((await patient.client.get('/api/appointments/?date_from=2028-02-29')).status).toBe(200);
  });

  test('nobody is born before 1900 or after today', async () => {
    const born = (date_of_birth: string) => patient.client.patch('/api/patient-profile/', { date_of_birth });
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    expect((await born('1900-01-01')).status).toBe(200);
    expect((await born(inDays(0))).status).toBe(200);
    for (const date of ['1899-12-31', inDays(2), '2023-02-29'])
      expect(pointersOf(await born(date))).toEqual(['/date_of_birth']);
  });
});

describe('what is refused changes nothing', () => {
  test('one bad field keeps the good ones from being written', async () => {
    const before = (await doctor.client.get('/api/doctor-profile/')).body as object;
    const change = { ...DOCTOR_PROFILE, specialty: 'Surgery', experience_years: 81 };
    expect(pointersOf(await doctor.client.post('/api/doctor-profile/', change))).toEqual([
      '/experience_years',
    ]);
    expect((await doctor.client.get('/api/doctor-profile/')).body).toEqual(before);
    const other = { ...PATIENT_PROFILE, address: 'Elsewhere', phone_number: 'none' };
    const kept = (await patient.client.get('/api/patient-profile/')).body as object;
    expect((await patient.client.patch('/api/patient-profile/', other)).status).toBe(400);
    expect((await patient.client.get('/api/patient-profile/')).body).toEqual(kept);
  });
});
