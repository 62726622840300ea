import type { AuditEvent } from '#libs/kernel/audit-trail.js';
import type { Doctor } from '../../../src/doctors/domain/doctor.js';
import type { PasswordReset } from '../../../src/identity/domain/password-reset.js';
import type { Session } from '../../../src/identity/domain/session.js';
import type { User } from '../../../src/identity/domain/user.js';
import type { Patient } from '../../../src/patients/domain/patient.js';
import type { Absence } from '../../../src/scheduling/domain/absence.js';
import type { AppointmentState, HistoryLine } from '../../../src/scheduling/domain/appointment.js';
import type { Series } from '../../../src/scheduling/domain/series.js';
import type { SlotRules } from '../../../src/scheduling/domain/slot-policy.js';
import type { Override } from '../../../src/scheduling/ports.js';

/** Rows by key. A row is replaced, never changed in place, so that a copy of the maps is a copy of all. */
export interface Tables {
  users: Map<string, User>;
  sessions: Map<string, Session>;
  /** By email key. */
  passwordResets: Map<string, PasswordReset>;
  doctors: Map<string, Doctor>;
  patients: Map<string, Patient>;
  appointments: Map<string, AppointmentState>;
  series: Map<string, Series>;
  /** Oldest line first, by appointment. */
  history: Map<string, readonly HistoryLine[]>;
  /** The appointment that occupies five minutes of a person, by `<person> <tick>`. */
  occupied: Map<string, string>;
  /** By `<user> <key>`. */
  keys: Map<string, KeptKey>;
  /** By doctor. */
  policies: Map<string, { rules: SlotRules; version: number }>;
  /** By `<doctor> <date>`. */
  overrides: Map<string, Override & { doctor: string }>;
  absences: Map<string, Absence>;
  /** By name. */
  leases: Map<string, HeldLease>;
  /** When all tries of a budget are back, by its key. */
  budgets: Map<string, number>;
  /** In the order of time. */
  auditEvents: Map<number, AuditEvent>;
  /** Since when, by key. */
  discardedPhotos: Map<string, number>;
}

export interface KeptKey {
  request: string;
  takenAt: number;
  answer: { status: number; appointment: string } | undefined;
}

export interface HeldLease {
  holder: string;
  until: number;
}

/** What a database would keep, in memory. */
export class MemoryStore {
  #tables: Tables = {
    users: new Map(),
    sessions: new Map(),
    passwordResets: new Map(),
    doctors: new Map(),
    patients: new Map(),
    appointments: new Map(),
    series: new Map(),
    history: new Map(),
    occupied: new Map(),
    keys: new Map(),
    policies: new Map(),
    overrides: new Map(),
    absences: new Map(),
    leases: new Map(),
    budgets: new Map(),
    auditEvents: new Map(),
    discardedPhotos: new Map(),
  };

  get tables(): Tables {
    return this.#tables;
  }

  snapshot(): Tables {
    const copies = Object.entries(this.#tables).map(([name, rows]) => [name, new Map(rows)]);
    return Object.fromEntries(copies) as Tables;
  }

  restore(tables: Tables): void {
    this.#tables = tables;
  }
}
