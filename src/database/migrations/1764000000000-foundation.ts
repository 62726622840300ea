import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  flag,
  id,
  index,
  instant,
  integer,
  longText,
  nullable,
  primary,
  reference,
  text,
} from './columns.js';

const TABLES = [
  new Table({
    name: 'users',
    columns: [
      id('id', primary),
      text('email', 254),
      text('email_key', 254),
      text('password_hash', 255),
      text('first_name', 100),
      text('last_name', 100),
      text('gender', 10, nullable),
      text('role', 10),
      flag('active'),
      instant('created_at'),
    ],
    indices: [index('users_email_key', ['email_key'], true)],
  }),
  new Table({
    name: 'sessions',
    columns: [
      id('id', primary),
      id('user_id'),
      text('nonce', 64),
      integer('counter'),
      instant('opened_at'),
      instant('refreshed_at'),
      instant('ended_at', nullable),
    ],
    indices: [index('sessions_user_id', ['user_id'])],
    foreignKeys: [reference('sessions', 'user_id', 'users')],
  }),
  new Table({
    name: 'doctors',
    columns: [
      id('id', primary),
      id('user_id'),
      text('specialty', 100),
      text('specialty_key', 200),
      text('phone_number', 40),
      integer('experience_years'),
      longText('qualifications', nullable),
      text('hospital_affiliation', 200, nullable),
      text('time_zone', 64),
      instant('created_at'),
    ],
    indices: [index('doctors_user_id', ['user_id'], true)],
    foreignKeys: [reference('doctors', 'user_id', 'users')],
  }),
  new Table({
    name: 'patients',
    columns: [
      id('id', primary),
      id('user_id', nullable),
      text('date_of_birth', 10),
      longText('address'),
      text('emergency_contact_name', 200),
      text('emergency_contact_phone', 40),
      text('phone_number', 40, nullable),
      longText('medical_history', nullable),
      longText('allergies', nullable),
      instant('created_at'),
    ],
    indices: [index('patients_user_id', ['user_id'], true)],
    foreignKeys: [reference('patients', 'user_id', 'users')],
  }),
  new Table({ name: 'agendas', columns: [id('person', primary)] }),
  new Table({
    name: 'appointments',
    columns: [
      id('id', primary),
      id('doctor_id'),
      id('patient_id'),
      instant('starts_at'),
      instant('ends_at'),
      text('time_zone', 64),
      text('local_date', 10),
      text('visit_type', 100),
      longText('reason_for_visit'),
      text('status', 12),
      text('awaits', 10, nullable),
      instant('confirm_by', nullable),
      text('booked_by', 10),
      text('confirmed_by', 10, nullable),
      text('time_chosen_by', 10),
      instant('time_chosen_at'),
      text('cancelled_by', 10, nullable),
      instant('cancelled_at', nullable),
      longText('cancellation_reason', nullable),
      flag('cancelled_late'),
      longText('exemption_reason', nullable),
      instant('created_at'),
      instant('updated_at'),
      integer('version'),
    ],
    indices: [
      index('appointments_doctor_starts', ['doctor_id', 'starts_at']),
      index('appointments_patient_starts', ['patient_id', 'starts_at']),
      index('appointments_starts', ['starts_at', 'id']),
    ],
    foreignKeys: [
      reference('appointments', 'doctor_id', 'doctors'),
      reference('appointments', 'patient_id', 'patients'),
    ],
  }),
  new Table({
    name: 'appointment_history',
    columns: [
      id('appointment_id', primary),
      integer('version', primary),
      instant('changed_at'),
      text('from_status', 12, nullable),
      text('to_status', 12),
      text('changed_by', 10),
      longText('reason', nullable),
    ],
    foreignKeys: [reference('appointment_history', 'appointment_id', 'appointments')],
  }),
  new Table({
    name: 'occupied_time',
    columns: [id('person', primary), instant('tick', primary), id('appointment_id')],
  }),
  new Table({
    name: 'idempotency_keys',
    columns: [
      id('user_id', primary),
      text('idempotency_key', 255, primary),
      text('fingerprint', 64),
      instant('taken_at'),
      integer('status', nullable),
      id('appointment_id', nullable),
    ],
  }),
];

export class Foundation1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.createTable(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES.toReversed()) await runner.dropTable(table);
  }
}
