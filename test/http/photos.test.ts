import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HTTP_LIMITS } from '#libs/nest/http-door.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { Clinic, PASSWORD, type Member, type Person } from '../support/clinic.js';
import { fileForm, form } from '../support/forms.js';
import { at, operationsIn } from '../support/operations.js';
import { colourful, picture } from '../support/pictures.js';
import { withQuickPasswords } from '../support/quick-passwords.js';
import { portOf, requestOf, say } from '../support/raw.js';

const PHOTO_URL = '/api/auth/me/photo/';
const PHOTO = await picture().jpeg().toBuffer();
const MIB = 1024 * 1024;

let running: TestApp;
let clinic: Clinic;
let admin: Person;
let doctor: Member;
let stranger: Member;
let patient: Member;

beforeAll(async () => {
  const limits = { ...HTTP_LIMITS, requestTimeout: 1500, headersTimeout: 1000, checkEvery: 50 };
  running = await startApp({ limits, wire: withQuickPasswords });
  clinic = new Clinic(running.app);
  admin = await clinic.admin();
});
afterAll(() => running.close());
beforeEach(async () => {
  [doctor, stranger, patient] = [await clinic.doctor(), await clinic.doctor(), await clinic.patient()];
});

const put = (client: Client, request: ReturnType<typeof form>): Promise<Answer> =>
  client.send({ method: 'PUT', url: PHOTO_URL, ...request });
const set = (client: Client, file: Buffer | string = PHOTO) => put(client, fileForm(file));
const photoOf = ({ user }: Person) => `/api/users/${user}/photo/`;
const files = () => readdirSync(join(running.config.dataDir, 'photos'));

describe('a photo', () => {
  test('is set, read, replaced and taken away', async () => {
    expect((await patient.client.get('/api/auth/me/')).body.photo).toBeNull();
    const { status, body } = await set(patient.client);
    expect([status, body.photo]).toEqual([200, photoOf(patient)]);
    expect((await patient.client.get(photoOf(patient))).status).toBe(200);
    const before = files();
    expect((await set(patient.client, await picture(30, 30).png().toBuffer())).status).toBe(200);
    expect(files()).toHaveLength(before.length);
    expect(files()).not.toEqual(before);
    for (let i = 0; i < 2; i++) expect((await patient.client.delete(PHOTO_URL)).status).toBe(204);
    expect((await patient.client.get(photoOf(patient))).status).toBe(404);
    expect((await patient.client.get('/api/auth/me/')).body.photo).toBeNull();
    expect(files()).toHaveLength(before.length - 1);
  });

  test('of an account that is closed is gone with it', async () => {
    await set(doctor.client);
    const before = files();
    expect((await doctor.client.post('/api/auth/me/close/', { password: PASSWORD })).status).toBe(204);
    expect(files()).toHaveLength(before.length - 1);
  });

  test('is answered as a WebP that runs nothing and is kept by nobody', async () => {
    await set(patient.client);
    const token = { authorization: `Bearer ${await tokenOf(patient)}` };
    const answer = await running.app.inject({ url: photoOf(patient), headers: token });
    expect(answer.headers).toMatchObject({
      'content-type': 'image/webp',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'inline; filename="photo.webp"',
      'cache-control': 'no-store',
      'content-length': String(answer.rawPayload.length),
    });
    expect(answer.headers['content-security-policy']).toContain(`default-src 'none'`);
    expect(await sharp(answer.rawPayload).metadata()).toMatchObject({
      format: 'webp',
      width: 60,
      height: 40,
    });
    const head = await running.app.inject({ method: 'HEAD', url: photoOf(patient), headers: token });
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([
      200,
      '',
      answer.headers['content-length'],
    ]);
  });

  test('of a patient is seen by the patient, a doctor who treats them and admins; by nobody else', async () => {
    await set(patient.client);
    const other = await clinic.patient();
    const statusTo = async ({ client }: Person) => (await client.get(photoOf(patient))).status;
    expect(await statusTo(doctor)).toBe(404);
    const { body } = await admin.client.post('/api/appointments/', {
      doctor: doctor.id,
      patient: patient.id,
      ...(await firstFree()),
    });
    expect(body.status).toBe('confirmed');
    const seen = [patient, doctor, admin, other, stranger].map(statusTo);
    expect(await Promise.all(seen)).toEqual([200, 200, 200, 404, 404]);
    expect((await clinic.anyone.get(photoOf(patient))).status).toBe(401);
    const card = await doctor.client.get(`/api/patients/${patient.id}/`);
    expect(card.body.photo).toBe(photoOf(patient));
  });

  test('of a doctor is seen by everybody who is signed in, while patients can find the doctor', async () => {
    await set(doctor.client);
    const { body } = await patient.client.get(`/api/doctors/${doctor.id}/`);
    expect(body.photo).toBe(photoOf(doctor));
    const statusTo = async ({ client }: Person) => (await client.get(photoOf(doctor))).status;
    expect(await Promise.all([patient, stranger, admin, doctor].map(statusTo))).toEqual([200, 200, 200, 200]);
    await admin.client.post(`/api/admin/users/${doctor.user}/withdraw-approval/`);
    expect(await Promise.all([patient, stranger, admin, doctor].map(statusTo))).toEqual([404, 404, 200, 200]);
    await admin.client.post(`/api/admin/users/${doctor.user}/approve/`);
    expect(await statusTo(patient)).toBe(200);
    await admin.client.post(`/api/admin/users/${doctor.user}/deactivate/`);
    expect(await Promise.all([patient, stranger, admin].map(statusTo))).toEqual([404, 404, 200]);
  });

  test('of somebody without a profile is seen by themself and admins, and of an admin by admins', async () => {
    const newcomer = await clinic.user('patient');
    await set(newcomer.client);
    await set(admin.client);
    const statuses = async (of: Person) =>
      Promise.all(
        [newcomer, admin, doctor, patient].map(async ({ client }) => (await client.get(photoOf(of))).status),
      );
    expect(await statuses(newcomer)).toEqual([200, 200, 404, 404]);
    expect(await statuses(admin)).toEqual([404, 200, 404, 404]);
  });

  test('whose file is lost, as after a restore without its folder, is 404 and can be set anew', async () => {
    await set(patient.client);
    rmSync(join(running.config.dataDir, 'photos'), { recursive: true });
    expect((await patient.client.get(photoOf(patient))).status).toBe(404);
    expect((await set(patient.client)).status).toBe(200);
    expect((await patient.client.get(photoOf(patient))).status).toBe(200);
  });

  async function firstFree(): Promise<object> {
    const { body } = await patient.client.get(`/api/doctors/${doctor.id}/slots/`);
    const { date, time } = (body.results as { date: string; time: string }[])[0]!;
    return { date, time };
  }
});

async function tokenOf({ email }: Person): Promise<string> {
  const { body } = await clinic.anyone.post('/api/auth/login/', { email, password: 'a tree in the wind' });
  return body.access as string;
}

describe('what is sent', () => {
  test.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['GIF', 'GIF89a'],
    ['PDF', '%PDF-1.7'],
    ['HTML', '<!doctype html>'],
    ['text', 'me at the lake'],
    ['nothing', ''],
  ])('as an image and is %s is 415', async (_, file) => {
    const { status, body } = await set(patient.client, file);
    expect([status, body.code]).toEqual([415, 'unsupported-image']);
  });

  test('as text and is an image is taken: its name and declared type are not looked at', async () => {
    const odd = form({ name: 'photo', filename: 'x.html', type: 'text/html', value: PHOTO });
    expect((await put(patient.client, odd)).status).toBe(200);
  });

  test('and is damaged is 422', async () => {
    const { status, body } = await set(patient.client, PHOTO.subarray(0, PHOTO.length / 2));
    expect([status, body.code]).toEqual([422, 'unusable-image']);
  });

  test('and is a bomb is 422', async () => {
    const bomb = await picture(10_000, 10_000).png({ compressionLevel: 9 }).toBuffer();
    const { status, body } = await set(patient.client, bomb);
    expect([status, body.code]).toEqual([422, 'unusable-image']);
    expect(body.detail).toContain('25 megapixels');
  });

  test('of 5 MiB is looked at, and of one byte more is 413', async () => {
    const padded = (bytes: number) => Buffer.concat([PHOTO, Buffer.alloc(bytes - PHOTO.length)]);
    expect((await set(patient.client, padded(5 * MIB))).status).toBe(200);
    for (const bytes of [5 * MIB + 1, 6 * MIB]) {
      const { status, body } = await set(patient.client, padded(bytes));
      expect([status, body.code]).toEqual([413, 'body-too-large']);
    }
  });

  const file = { name: 'photo', filename: 'me.jpg', value: PHOTO };
  test.each([
    ['of no field', form(), '/photo', 'required'],
    ['of two photos', form(file, file), '/photo', 'twice'],
    ['of a text in the place of the photo', form({ name: 'photo', value: 'me' }), '/photo', 'file'],
    ['of one field more', form(file, { name: 'role', value: 'admin' }), '/role', 'unknown-field'],
    ['of one file more', form(file, { ...file, name: 'other' }), '/other', 'unknown-field'],
    [
      'without its end',
      { ...fileForm(PHOTO), payload: fileForm(PHOTO).payload.subarray(0, 300) },
      '',
      'form',
    ],
    [
      'of another boundary',
      { ...fileForm(PHOTO), headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      '',
      'form',
    ],
    [
      'of no boundary',
      { ...fileForm(PHOTO), headers: { 'content-type': 'multipart/form-data' } },
      '',
      'form',
    ],
  ])('as a form %s is 400', async (_, request, pointer, code) => {
    const { status, body } = await put(patient.client, request);
    expect([status, body.errors[0].pointer, body.errors[0].code]).toEqual([400, pointer, code]);
  });

  test('as no form is 415, and as nothing 400', async () => {
    for (const type of [
      'application/json',
      'image/jpeg',
      'application/x-www-form-urlencoded',
      'multipart/mixed; boundary=a',
    ]) {
      const payload = type === 'application/json' ? '{"photo":"x"}' : PHOTO;
      const { status, body } = await patient.client.send({
        method: 'PUT',
        url: PHOTO_URL,
        payload,
        headers: { 'content-type': type },
      });
      expect([type, status, body.code]).toEqual([type, 415, 'unsupported-media-type']);
    }
    expect((await patient.client.send({ method: 'PUT', url: PHOTO_URL })).status).toBe(400);
  });

  test('as a form is 415 on every other route', async () => {
    const others = operationsIn(running.app).filter(
      ({ method, file }) => method !== 'GET' && file === undefined,
    );
    expect(others.length).toBeGreaterThan(30);
    for (const { method, path } of others) {
      const answer = await running.app.inject({ method, url: at(path), ...fileForm(PHOTO) });
      expect([method, path, answer.statusCode]).toEqual([method, path, 415]);
    }
  });

  test('without a token is not read', async () => {
    expect((await set(clinic.anyone, Buffer.alloc(20 * MIB))).status).toBe(401);
  });
});

describe('over the wire', () => {
  const head = (token: string, more: readonly string[]) =>
    requestOf(`PUT ${PHOTO_URL}`, [
      `Authorization: Bearer ${token}`,
      `Content-Type: ${fileForm('').headers['content-type']}`,
      ...more,
    ]);

  let port: number;
  beforeAll(async () => {
    port = await portOf(running);
  });

  test('a client that sends too slowly is told 408, one that goes is forgotten, and both leave their place', async () => {
    const token = await tokenOf(patient);
    const { payload } = fileForm(await colourful(600, 600).png().toBuffer());
    const length = `Content-Length: ${payload.length}`;
    const slow = await say(port, [head(token, [length]), payload.subarray(0, 5000)], 5000);
    expect(slow.statuses).toEqual([408]);
    await say(port, [head(token, [length]), payload.subarray(0, 5000)], 100);
    await expect.poll(async () => (await set(patient.client)).status, { timeout: 5000 }).toBe(200);
    const whole = await say(port, [head(token, [length, 'Connection: close']), payload], 5000);
    expect(whole.statuses).toEqual([200]);
  });

  test('a body without end is refused when it is too much', async () => {
    const token = await tokenOf(patient);
    const chunk = `${MIB.toString(16)}\r\n${'x'.repeat(MIB)}\r\n`;
    const { statuses } = await say(
      port,
      [head(token, ['Transfer-Encoding: chunked']), ...Array<string>(7).fill(chunk)],
      2000,
    );
    // Its rest never comes, which is then said too.
    expect(statuses[0]).toBe(413);
  });

  test('nobody sends two at once, and no more than eight do', async () => {
    const token = await tokenOf(patient);
    const waiting = say(port, [head(token, ['Content-Length: 9999']), 'x'], 1000);
    await sleep(300);
    expect((await set(patient.client)).status).toBe(503);
    expect((await set(doctor.client)).status).toBe(200);
    await waiting;
    const others = await Promise.all(
      Array.from({ length: 8 }, async () => tokenOf(await clinic.user('patient'))),
    );
    const all = others.map((one) => say(port, [head(one, ['Content-Length: 9999']), 'x'], 1000));
    await sleep(300);
    expect((await set(doctor.client)).status).toBe(503);
    await Promise.all(all);
    await expect.poll(async () => (await set(doctor.client)).status, { timeout: 5000 }).toBe(200);
  });
});
